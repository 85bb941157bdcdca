"""The topics: who may follow which, who may say what on which, and which are stored first.

In come an actor and a topic; out comes a decision. Deny by default: a topic that is not named here does
not exist for anybody.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, wire
from hotline.domain.access import check_notes_writer
from hotline.domain.model import Actor
from hotline.domain.rooms import sender_of
from hotline.domain.topics import (
    ANSWERS,
    BLOCKS,
    CLIENTLIST,
    GROUPS,
    ORGANISATION,
    REFERRALS,
    STAFF,
    is_own_topic,
    parse_room_topic,
)
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.store import members
from hotline.store.database import Database
from hotline.store.members import Standing

_LISTS = (CLIENTLIST, STAFF, ORGANISATION, ANSWERS, REFERRALS, BLOCKS, GROUPS)


def is_durable(topic: str) -> bool:
    """Whether what is said there is stored before it is sent: on the room's own topic."""
    parsed = parse_room_topic(topic)
    return parsed is not None and parsed[1] == ""


def may_follow_list(actor: Actor, topic: str) -> bool:
    """The lists, and what becomes of the organisation, are for consultants; what is one's own for oneself."""
    return actor.is_consultant and (topic in _LISTS or is_own_topic(topic, actor.id))


async def find_standing(database: Database, actor: Actor, room_id: str) -> Standing | None:
    """Where the room stands for the actor; None: there is no such room, or the actor is not in it."""
    if not actor.id:
        return None
    try:
        checks.identifier(room_id, "room")
        async with database.reading(actor.organisation_id) as tx:
            standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
    except (NotFound, Invalid):
        return None
    return standing if standing.is_member else None


async def may_follow_notes(database: Database, actor: Actor, room_id: str) -> bool:
    """Whether the room's notes are for the actor: never for clients, whatever room they are in."""
    if not actor.is_consultant:
        return False
    try:
        checks.identifier(room_id, "room")
        async with database.transaction(actor.organisation_id) as tx:
            standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
        check_notes_writer(actor, standing.is_member)
    except (NotFound, NotAllowed, Invalid):
        return False
    return True


def check_spoken(args: list[Any], kwargs: dict[str, Any]) -> tuple[str, str]:
    """(text, nonce) of a PUBLISH to a room. :raises Invalid: with every problem."""
    if len(args) == 1 and len(kwargs) == 1 and "nonce" in kwargs:
        try:
            return checks.text(args[0]), checks.nonce(kwargs["nonce"])
        except Invalid:
            pass  # below, where all that is wrong is gathered
    problems: dict[str, Any] = {str(key)[:40]: "is not known here" for key in kwargs if key != "nonce"}
    if len(args) != 1:
        problems["text"] = "must be the one and only argument"
    if "nonce" not in kwargs:
        problems["nonce"] = "is missing"
    if problems:
        raise Invalid(**problems)
    checked = checks.gathered(text=lambda: checks.text(args[0]), nonce=lambda: checks.nonce(kwargs["nonce"]))
    return checked["text"], checked["nonce"]


def check_sign(kind: str, actor: Actor, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What is sent on of a passing sign: `{typing, sender}` or `{seq, id, sender}`. :raises Invalid."""
    key = {"typing": "typing", "seen": "seq"}[kind]
    problems: dict[str, Any] = {str(name)[:40]: "is not known here" for name in kwargs if name != key}
    if args:
        problems["arguments"] = "must be given by name"
    if key not in kwargs:
        problems[key] = "is missing"
    elif kind == "typing" and not isinstance(kwargs[key], bool):
        problems[key] = "must be true or false"
    if problems:
        raise Invalid(**problems)
    if kind == "typing":
        return {"typing": kwargs[key], "sender": wire.sender(sender_of(actor))}
    return {"seq": checks.seq(kwargs[key]), "id": actor.id, "sender": wire.sender(sender_of(actor))}
