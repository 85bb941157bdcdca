"""What stands sealed in which column: each kind of text with what it is about.

In come texts and answers with a cipher, out come what is stored, and back. What cannot be opened any more is
shown as one sign that stands for it, and told to the log without its content: one damaged row makes nobody
wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg2.extras import Json

from hotline.logs import SampledLogger
from hotline.store.seals import FIRST, NUMBERED, Broken, Cipher, about, version_of

LOST = "\N{REPLACEMENT CHARACTER}"
"""Stands for a text that cannot be opened."""

_log = SampledLogger()


def seal(cipher: Cipher, table: str, *row: str, text: str) -> str:
    """What to store of a text, in this table and row."""
    return cipher.seal_text(text, about(table, *row))


def open_(cipher: Cipher | None, table: str, *row: str, stored: str) -> str:
    """The text. LOST: there is no key for it, or it is not what was stored there."""
    try:
        if cipher is not None:
            return cipher.open_text(stored, about(table, *row))
    except Broken:
        pass
    # Whose it is, and the next id: what else a text is bound to, its sender may have chosen.
    _log.error("what is stored in {table} cannot be opened: {row}", table=table, row=" ".join(row[:2]))
    return LOST


def seal_numbered(
    cipher: Cipher, table: str, organisation_id: str, room_id: str, seq: int, *row: str, text: str
) -> str:
    """What to store of a text that has this number in its room."""
    return cipher.seal_text(text, about(table, organisation_id, room_id, str(seq), *row), NUMBERED)


def open_numbered(
    cipher: Cipher | None,
    table: str,
    organisation_id: str,
    room_id: str,
    seq: int,
    *row: str,
    stored: str,
) -> str:
    """Such a text. Older ones of the first version are bound to all but the number."""
    number = () if version_of(stored) == FIRST else (str(seq),)
    return open_(cipher, table, organisation_id, room_id, *number, *row, stored=stored)


def seal_json(cipher: Cipher, table: str, *row: str, value: Any) -> Json:
    """What to store of answers, in a column for JSON."""
    return Json(seal(cipher, table, *row, text=msgspec.json.encode(value).decode()))


def open_json(cipher: Cipher | None, table: str, *row: str, stored: Any, lost: Any) -> Any:
    """The answers, or what stands for lost ones."""
    text = open_(cipher, table, *row, stored=stored if isinstance(stored, str) else "")
    return lost if text == LOST else msgspec.json.decode(text)


def stamp(at: datetime) -> str:
    """A time as texts are bound to it: the same for the same moment in any time zone."""
    return f"{at.timestamp():.6f}"
