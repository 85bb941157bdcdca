"""What scripted sessions may do beyond the built-in procedures and topics, and what managers may look into.

In come an actor, the organisation's slug and a name; out comes a decision. Deny by default. A script is a
session that came in by an API token of a manager; its names begin with `org.<slug>.`.
"""

from __future__ import annotations

from hotline.domain.model import Actor, Scope
from hotline.domain.topics import ANSWERS, CLIENTLIST, ORGANISATION, REFERRALS, STAFF

_PRIVATE = ("hotline.room.", "hotline.me.")
# What a manager's script may see all of: names of its own, the lists, what a router tells of itself.
_LISTS = (CLIENTLIST, STAFF, ORGANISATION, ANSWERS, REFERRALS)
_META = ("wamp.session.", "wamp.subscription.", "wamp.registration.")


def _is_script(actor: Actor) -> bool:
    """Whether a session of this actor runs a manager's script."""
    return actor.token_id is not None and actor.is_manager and actor.may(Scope.MANAGE)


def own_names(slug: str) -> str:
    """What the names of an organisation's scripts begin with."""
    return f"org.{slug}."


def may_offer(actor: Actor, slug: str, procedure: str) -> bool:
    """Whether the actor may register this procedure."""
    return _is_script(actor) and procedure.startswith(own_names(slug))


def may_call(actor: Actor, slug: str, procedure: str) -> bool:
    """Consultants may call what their organisation's scripts offer; clients may not."""
    return actor.is_consultant and actor.may(Scope.SPEAK) and procedure.startswith(own_names(slug))


def may_use_topic(actor: Actor, slug: str, topic: str) -> bool:
    """Scripts may talk among themselves."""
    return _is_script(actor) and topic.startswith(own_names(slug))


def may_match(actor: Actor, slug: str, pattern: str, match: str) -> bool:
    """Whether nothing that a pattern can match is more than the actor may see.

    Rooms never: who may follow one is a question of each room.
    """
    if match == "wildcard":
        # What every match begins with.
        pattern = pattern.partition("..")[0].rstrip(".") + "."
    begins = (own_names(slug), *_LISTS, *_META)
    return _is_script(actor) and pattern.startswith(begins)


def may_inspect(actor: Actor) -> bool:
    """Managers see who is connected, and what is subscribed to and offered."""
    return actor.is_manager and actor.may(Scope.MANAGE)


def may_be_shown(uri: str) -> bool:
    """Who listens in which room is the business of its members, also from managers."""
    return not uri.startswith(_PRIVATE)
