"""Who may do what with a room they name: members, managers who join visibly, nobody else."""

from __future__ import annotations

from hotline.domain.model import Actor
from hotline.errors import HotlineError, NotAllowed, NotFound


def outsider(actor: Actor) -> HotlineError:
    """What somebody is told who names a room they are not in.

    A client must not even learn that the room exists; a consultant sees it on the clientlist anyway.
    """
    return NotAllowed(reason="you are not in this room") if actor.is_consultant else NotFound()


def check_member(actor: Actor, is_member: bool) -> None:
    """:raises NotAllowed, NotFound: the actor is not in the room."""
    if not is_member:
        raise outsider(actor)


def may_join(actor: Actor, is_member: bool) -> bool:
    """Members come back in; a manager may come in at any time, and is seen to."""
    return is_member or actor.is_manager
