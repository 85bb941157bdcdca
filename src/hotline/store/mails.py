"""Mails that wait to be sent: in come recipient and text, out come Mail values, one sender at a time.

A row lives from the transaction that wanted the mail until a mail server has taken it; subject and text stand
in it sealed, because of the links in them. Adding one rings the doorbell. Knows nothing of SMTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.errors import Unavailable
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.ids import new_id
from hotline.store.sealed import LOST, open_, seal
from hotline.store.seals import Broken

# No mail is without a subject: one that has none here has it in its body, before it, and both are sealed.
_ADD = """
INSERT INTO mails (organisation_id, mail_id, recipient, subject, body, due_at)
VALUES (%(organisation_id)s, %(mail_id)s, %(recipient)s, '', %(sealed)s, %(now)s)
"""
_DUE = "SELECT organisation_id, mail_id FROM due_mails(%(now)s)"
# Due is asked again: another node may have tried and postponed it since it was listed.
_TAKE = """
SELECT mail_id, recipient, subject, body, attempts FROM mails
WHERE organisation_id = %(organisation_id)s AND mail_id = %(mail_id)s AND due_at <= %(now)s
FOR UPDATE SKIP LOCKED
"""
_SENT = "DELETE FROM mails WHERE organisation_id = %(organisation_id)s AND mail_id = %(mail_id)s"
# Counts as an attempt at once: so a mail that brings the sender down is not tried for ever.
_POSTPONE = """
UPDATE mails SET attempts = attempts + 1, due_at = %(due_at)s
WHERE organisation_id = %(organisation_id)s AND mail_id = %(mail_id)s
"""

_RETRY = """
UPDATE mails SET due_at = %(due_at)s
WHERE organisation_id = %(organisation_id)s AND mail_id = %(mail_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to be sent; `attempts` counts how often that was begun."""

    mail_id: str
    recipient: str
    subject: str
    body: str
    attempts: int


async def add(
    tx: Transaction, organisation_id: str, recipient: str, subject: str, body: str, now: datetime
) -> None:
    """Have this sent once the transaction is committed."""
    mail_id = new_id()
    cipher = await data_keys.of_organisation(tx, organisation_id)
    sealed = seal(cipher, "mails", organisation_id, mail_id, recipient, text=f"{subject}\0{body}")
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        mail_id=mail_id,
        recipient=recipient,
        sealed=sealed,
        now=now,
    )


async def due(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """What is to be sent now, of all organisations: (organisation id, mail id), at most 100."""
    return [(row.organisation_id, row.mail_id) for row in await tx.rows(_DUE, now=now)]


async def take(tx: Transaction, organisation_id: str, mail_id: str, now: datetime) -> Mail | None:
    """The mail, nobody else's until the transaction ends; None: somebody else has it or had it. Subject and
    body are LOST if they cannot be opened."""
    row = await tx.find(_TAKE, organisation_id=organisation_id, mail_id=mail_id, now=now)
    if row is None:
        return None
    found = row._asdict()
    if not row.subject:  # else it is of an older hotline
        found["subject"], found["body"] = await _opened(tx, organisation_id, row)
    return Mail(**found)


async def _opened(tx: Transaction, organisation_id: str, row: Any) -> tuple[str, str]:
    try:
        cipher = await data_keys.find_of_organisation(tx, organisation_id)
    except (Unavailable, Broken):
        cipher = None  # its key cannot be opened: other organisations' mails are not to wait for it
    text = open_(cipher, "mails", organisation_id, row.mail_id, row.recipient, stored=row.body)
    if text == LOST:
        return LOST, LOST
    subject, _, body = text.partition("\0")
    return subject, body


async def sent(tx: Transaction, organisation_id: str, mail_id: str) -> None:
    """A mail server has it."""
    await tx.run(_SENT, organisation_id=organisation_id, mail_id=mail_id)


async def postpone(tx: Transaction, organisation_id: str, mail_id: str, due_at: datetime) -> None:
    """Nobody else sees it as due before then; counts as an attempt to send it."""
    await tx.run(_POSTPONE, organisation_id=organisation_id, mail_id=mail_id, due_at=due_at)


async def retry(tx: Transaction, organisation_id: str, mail_id: str, due_at: datetime) -> None:
    """The attempt that was counted when it was postponed has failed: try again then."""
    await tx.run(_RETRY, organisation_id=organisation_id, mail_id=mail_id, due_at=due_at)
