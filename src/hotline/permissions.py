"""What is more than single topics and built-in procedures: the router's questions, answered by `procedures`.

In come sessions and names; out come decisions, at once. It never waits and never asks the database.
"""

from __future__ import annotations

from hotline.procedures import scripts
from hotline.router.ports import Disclosure, Session
from hotline.wiring import actor_of


class Permissions:
    """The policy of all organisations' realms."""

    def may_register(self, session: Session, procedure: str) -> bool:
        return scripts.may_offer(actor_of(session), session.realm.name, procedure)

    def may_call(self, session: Session, procedure: str) -> bool:
        return scripts.may_call(actor_of(session), session.realm.name, procedure)

    def may_match(self, session: Session, pattern: str, match: str) -> bool:
        return scripts.may_match(actor_of(session), session.realm.name, pattern, match)

    def may_inspect(self, session: Session) -> bool:
        return scripts.may_inspect(actor_of(session))

    def may_be_shown(self, session: Session, uri: str) -> bool:
        return scripts.may_be_shown(uri)

    def disclosure(self, session: Session, uri: str) -> Disclosure:
        # Scripts know whom they work for and with; of rooms, the sender is in the event as the room knows it.
        is_own = uri.startswith(scripts.own_names(session.realm.name))
        return Disclosure.ALWAYS if is_own else Disclosure.NEVER
