"""The page of the audit log: who did what in the organisation, for managers.

Visits come in, answers go out. The page filters, and shows a hundred entries at a time; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from hotline.domain.audit import SAID, Action, Entry, said_of
from hotline.domain.model import Actor
from hotline.errors import Invalid
from hotline.web.answers import Answer
from hotline.web.forms import Form
from hotline.web.visit import Visit

_PATH = "/organisation/audit"
_PAGE = 100
_FORM = Form(
    labels={"action": "What", "actor": "Who", "room": "Conversation", "before": "Before number"},
    prefix="filter",
)
_KINDS = {"room": "conversation", "person": "", "invitation": "invitation of"}
_PEOPLE = ("to", "vanished")
_SHORT = 6
"""So much of the id of something that is gone tells it from others."""
_STEPS = {
    "password": "at the log-in",
    "code": "the second factor",
    "passkey": "the passkey",
    "proof": "to prove who they are",
    "factors": "to give a second factor up",
}


async def audit(visit: Visit) -> Answer:
    """The newest entries, or those that are asked for."""
    actor = visit.manager()
    wanted = {name: visit.query.get(name, "").strip() for name in _FORM.labels}
    form = _FORM.filled(wanted)
    try:
        listed, more = await _found(visit, actor, wanted)
    except Invalid as error:
        form = form.refused(error)
        listed, more = [], False
    staff = await visit.house.accounts.list_staff(actor)
    names = {each.consultant_id: each.name for each in staff}
    subjects = names | await visit.house.accounts.list_subjects(actor)
    kept = {name: value for name, value in wanted.items() if value and name != "before"}
    return visit.page(
        "audit",
        status=form.status,
        refused=form if form.status != 200 else None,
        form=form,
        actions=[("", "Anything"), *((action.value, SAID[action]) for action in Action)],
        people=[("", "Anybody"), *names.items()],
        rows=[(each, said_of(each.action), _about(each, names, subjects)) for each in listed],
        older=f"{_PATH}?{urlencode(kept | {'before': listed[-1].number})}" if more else "",
    )


async def _found(visit: Visit, actor: Actor, wanted: Mapping[str, str]) -> tuple[list[Entry], bool]:
    before = wanted["before"]
    if before and not (before.isascii() and before.isdigit() and len(before) < 16):
        raise Invalid(before="must be a number")
    return await visit.house.accounts.list_audit(
        actor,
        int(before) if before else None,
        _PAGE,
        action=wanted["action"] or None,
        person=wanted["actor"] or None,
        room=wanted["room"] or None,
    )


def _about(entry: Entry, names: Mapping[str, str], subjects: Mapping[str, str]) -> str:
    """What an entry is about and what it tells beside, for people to read."""
    told = []
    if entry.subject is not None:
        kind, id_ = entry.subject.kind, entry.subject.id
        if id_ in subjects or kind == "room":  # the filter takes the whole id of a conversation
            told.append(f"{_KINDS.get(kind, kind)} {subjects.get(id_, id_)}".strip())
        else:
            told.append(f"{kind} {id_[:_SHORT]}…")
    told += [
        _detail(name, names.get(value, value) if name in _PEOPLE else value)
        for name, value in sorted(entry.details.items())
        if (name, value) != ("days", 0)  # a token without an end has none to tell of
    ]
    return "; ".join(told)


def _detail(name: str, value: Any) -> str:
    if name == "step":
        return _STEPS.get(value, str(value))
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return shown.replace("_", " ") if name == "names" else f"{name.replace('_', ' ')} {shown}"
