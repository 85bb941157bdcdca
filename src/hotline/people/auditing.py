"""What managers read of the audit log, and what a consultant is told about rooms they serve or served.

In come an actor and filters, out come entries, newest first. Writes nothing: who does something says so in
the transaction in which it is done.
"""

from __future__ import annotations

from hotline.domain import checks
from hotline.domain.audit import OPENINGS, Action, Entry
from hotline.domain.model import Actor
from hotline.errors import Invalid, NotAllowed
from hotline.people.base import AccountsBase
from hotline.store import audit, invitations, records, tokens

_MOST_OPENINGS = 200


class Auditing(AccountsBase):
    """The part of Accounts about who did what."""

    async def list_audit(
        self,
        actor: Actor,
        before: object = None,
        limit: object = 50,
        *,
        action: object = None,
        person: object = None,
        room: object = None,
    ) -> tuple[list[Entry], bool]:
        """For managers: entries before this number, of one action, by one person, about one room (whether it
        is still there or not); and whether there are more.

        :raises Invalid: fields `before`, `limit`, `action`, `actor`, `room`.
        """
        checked = checks.gathered(
            before=lambda: None if before is None else checks.seq(before, "before"),
            limit=lambda: checks.limit(limit),
            action=lambda: None if action is None else [_action(action)],
            actor=lambda: None if person is None else checks.identifier(person, "actor"),
            room=lambda: None if room is None else checks.identifier(room, "room"),
        )
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return await audit.list_before(
                tx,
                actor.organisation_id,
                checked["before"],
                checked["limit"],
                actions=checked["action"],
                actor_id=checked["actor"],
                subject_id=checked["room"],
            )

    async def list_subjects(self, actor: Actor) -> dict[str, str]:
        """For managers: what tokens and invitations that are still there are called, by their ids."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            named = await tokens.list_all(tx, actor.organisation_id)
            invited = await invitations.list_all(tx, actor.organisation_id, self._now())
        return {each.token_id: each.name for each in named} | {
            each.invitation_id: each.email for each in invited
        }

    async def list_openings(self, actor: Actor, room: object) -> list[Entry]:
        """Who opened a room or what its client filled in: for managers, and who is or was in the room.

        :raises NotFound: there is no such room (any more). :raises NotAllowed: it is somebody else's.
        """
        room_id = checks.identifier(room, "room")
        async with self._database.transaction(actor.organisation_id) as tx:
            who = await self._acting(tx, actor)
            standing = await records.get_standing(tx, actor.organisation_id, room_id, actor.id)
            if not (standing.was_member or who.actor().is_manager):
                raise NotAllowed(reason="you are not in this room")
            found, _ = await audit.list_before(
                tx, actor.organisation_id, None, _MOST_OPENINGS, actions=OPENINGS, subject_id=room_id
            )
            return found


def _action(value: object) -> Action:
    try:
        return Action(value)  # type: ignore[arg-type]  # whatever it is
    except ValueError:
        raise Invalid(action="is none that is noted") from None
