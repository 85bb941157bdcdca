"""Who may do what with a room they name: members, who was asked in, managers, who are seen to join."""

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


def may_join(actor: Actor, is_asked: bool) -> bool:
    """Of those who are not in the room: who was asked in, and a manager at any time; they are seen to."""
    return is_asked or actor.is_manager


def check_notes_writer(actor: Actor, is_member: bool) -> None:
    """Notes are for the consultants in the room and for managers; never for clients, members or not.

    :raises NotAllowed, NotFound: the actor is neither.
    """
    check_notes_reader(actor, is_member, is_asked=False)


def check_notes_reader(actor: Actor, is_member: bool, is_asked: bool) -> None:
    """As for writers; whoever is asked in may read first. :raises NotAllowed, NotFound: the actor may not."""
    if not actor.is_consultant or not (is_member or is_asked or actor.is_manager):
        raise outsider(actor)
