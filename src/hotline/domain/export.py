"""All that an organisation has, as a text for programs and as one for people, piece by piece.

In come pieces in the order of SECTIONS, out come parts of one JSON document or of one HTML page that needs
nothing from anywhere. What somebody typed is text in both, never markup; nothing is kept but where we are.
"""

from __future__ import annotations

import html
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hotline.domain.times import wire_time

SECTIONS = {
    "organisation": "Organisation",
    "consultants": "Consultants",
    "invitations": "Invitations",
    "ready_answers": "Ready answers",
    "referrals": "Referrals",
    "blocks": "Blocks",
    "conversations": "Conversations",
    "surveys": "Surveys",
    "counts": "Counts, day by day",
    "receipts": "Receipts of deletions",
    "audit": "Who did what",
}
_ORDER = tuple(SECTIONS)
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
section > article {{ border-top: 1px solid #888; padding: .5rem 0 }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0 }}
dd {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }}
ol, ul {{ margin: 0; padding: 0 0 0 1rem }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>Made at {at}.</p>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing of a section, or (`inside`) one entry of the conversation before."""

    section: str
    value: Mapping[str, Any]
    inside: bool = False


class _Pages(ABC):
    """Where in the document we are: which section, and whether something is open."""

    def __init__(self) -> None:
        self._section = -1
        self._items = 0
        self._entries = 0

    def add(self, piece: Piece) -> str:
        """What this piece adds."""
        written = self._up_to(_ORDER.index(piece.section))
        if piece.inside:
            self._entries += 1
            return written + self._entry(piece.value, self._entries == 1)
        written += self._end_of_item()
        self._items += 1
        return written + self._item(piece.value, piece.section == "conversations", self._items == 1)

    def end(self) -> str:
        """What comes last."""
        return self._up_to(len(_ORDER)) + self._end()

    def _up_to(self, section: int) -> str:
        """Every section is there, also an empty one."""
        written = ""
        while self._section < section:
            if self._section >= 0:
                written += self._end_of_item() + self._end_of_section()
            self._section, self._items, self._entries = self._section + 1, 0, 0
            if self._section < len(_ORDER):
                written += self._begin_section(_ORDER[self._section])
        return written

    def _end_of_item(self) -> str:
        self._entries = 0
        is_open = self._items > 0 and _ORDER[self._section] == "conversations"
        return self._end_of_conversation() if is_open else ""

    @abstractmethod
    def begin(self, name: str, now: datetime) -> str: ...

    @abstractmethod
    def _begin_section(self, section: str) -> str: ...

    @abstractmethod
    def _item(self, value: Mapping[str, Any], has_entries: bool, is_first: bool) -> str: ...

    @abstractmethod
    def _entry(self, value: Mapping[str, Any], is_first: bool) -> str: ...

    @abstractmethod
    def _end_of_conversation(self) -> str: ...

    @abstractmethod
    def _end_of_section(self) -> str: ...

    @abstractmethod
    def _end(self) -> str: ...


class AsJson(_Pages):
    """An object with a list for each section; conversations have `entries`."""

    def begin(self, name: str, now: datetime) -> str:
        return f'{{"export": 1, "name": {_dumped(name)}, "made_at": {_dumped(now)}'

    def _begin_section(self, section: str) -> str:
        return f',\n"{section}": ['

    def _item(self, value: Mapping[str, Any], has_entries: bool, is_first: bool) -> str:
        written = ("\n" if is_first else ",\n") + _dumped(value)
        return written[:-1] + ', "entries": [' if has_entries else written

    def _entry(self, value: Mapping[str, Any], is_first: bool) -> str:
        return ("\n  " if is_first else ",\n  ") + _dumped(value)

    def _end_of_conversation(self) -> str:
        return "]}"

    def _end_of_section(self) -> str:
        return "]"

    def _end(self) -> str:
        return "}\n"


class AsHtml(_Pages):
    """A page to read: a heading for each section, what is in it below each other."""

    def begin(self, name: str, now: datetime) -> str:
        return _HEAD.format(title=html.escape(name), at=wire_time(now))

    def _begin_section(self, section: str) -> str:
        return f"<section>\n<h2>{SECTIONS[section]}</h2>\n"

    def _item(self, value: Mapping[str, Any], has_entries: bool, is_first: bool) -> str:
        return f"<article>{_shown(value)}" + ("<ol>\n" if has_entries else "</article>\n")

    def _entry(self, value: Mapping[str, Any], is_first: bool) -> str:
        return f"<li>{_shown(value)}</li>\n"

    def _end_of_conversation(self) -> str:
        return "</ol></article>\n"

    def _end_of_section(self) -> str:
        return "</section>\n"

    def _end(self) -> str:
        return "</main>\n</body>\n</html>\n"


FORMATS: dict[str, Callable[[], _Pages]] = {"json": AsJson, "html": AsHtml}


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        rows = (
            f'<dt>{html.escape(str(name).replace("_", " "))}</dt><dd dir="auto">{_shown(part)}</dd>'
            for name, part in value.items()
            if part is not None
        )
        return f"<dl>{''.join(rows)}</dl>"
    if isinstance(value, list | tuple):
        return f"<ul>{''.join(f'<li>{_shown(part)}</li>' for part in value)}</ul>" if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return html.escape(_plain(value) if isinstance(value, date) else str(value))
