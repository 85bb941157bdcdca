"""Errors of the driver, turned into hotline's own.

In comes what psycopg2, or its connection, raised; out comes AlreadyExists or Unavailable, or the same error,
which nobody expected. The only place where an error of psycopg2 is known by name.
"""

from __future__ import annotations

from typing import Any

import psycopg2
from psycopg2 import errors as pg
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionLost

from hotline.errors import AlreadyExists, HotlineError, Unavailable

AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError, ConnectionDone, ConnectionLost, CancelledError)
"""The database did not answer."""
BROKEN = (psycopg2.Error, ConnectionDone, ConnectionLost)
"""A statement failed, whatever the reason."""

# Which field of a form or call a unique constraint speaks of.
_FIELD_OF_CONSTRAINT = {
    "organisations_slug_key": "organisation",
    "consultants_email_key": "email",
    "data_keys_pkey": "nonce",
    "tokens_organisation_id_name_key": "name",
    "ready_answers_shortcut": "shortcut",
}


class translated:
    """Driver errors raised in the block leave it as hotline's own."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, HotlineError) or error is None:
            return
        if isinstance(error, pg.UniqueViolation):
            field = _FIELD_OF_CONSTRAINT.get(error.diag.constraint_name or "", "name")
            raise AlreadyExists(**{field: "is already taken"}) from error
        if isinstance(error, AWAY):
            raise Unavailable() from error


def reason_of(error: BaseException) -> str:
    """What it says, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
