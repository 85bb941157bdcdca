"""News: what the doorbell rings for, told to the sessions it concerns.

In come the words of a ring; the row they name is read, and out go events on the clientlist, staff and
place topics, or sessions are changed or closed. Rings of the same thing that wait are one errand. Rooms'
messages are the relay's. A change made by another node, the command line or psql arrives here like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from twisted.internet.task import deferLater
from twisted.logger import Logger

from hotline.aids_news import Listeners, tell_answers, tell_missed, tell_referrals
from hotline.appointment_news import tell_appointments
from hotline.domain import service, wire
from hotline.domain.model import Actor, Status
from hotline.domain.staff import StaffEntry
from hotline.domain.topics import (
    BLOCKS,
    CLIENTLIST,
    GROUPS,
    ORGANISATION,
    STAFF,
    drafts_topic,
    notes_topic,
    place_topic,
    seen_topic,
)
from hotline.domain.waiting import ListedRoom
from hotline.errands import Errands
from hotline.errors import NotFound
from hotline.store import (
    appointments,
    blocks,
    clientlist,
    consultants,
    drafts,
    groups,
    members,
    notes,
    organisations,
    presence,
    zones,
)
from hotline.store.database import Database

ROOMS_IN_A_TURN = 10


class Audience(Listeners, Protocol):
    """The sessions of this node, as `wiring` shows them; nothing happens for an organisation without any."""

    def organisations(self) -> Iterable[str]: ...

    def actors(self, organisation_id: str) -> list[Actor]:
        """Who has a session here, each session's."""

    def followed(self, organisation_id: str) -> set[tuple[str, str]]:
        """Who follows which room, as a member of it."""

    def become(self, organisation_id: str, change: Callable[[Actor], Actor]) -> None:
        """Sessions whose actor the function changes go on as the changed one."""

    def close(self, organisation_id: str, concerned: Callable[[Actor], bool], message: str) -> None:
        """End the sessions of these actors, with a sentence for people."""

    def expel(self, organisation_id: str, actor_id: str, room_id: str) -> None:
        """The actor's sessions follow nothing of this room any more."""


class News:
    """One node's. `rang` takes a ring; everything else follows."""

    _log = Logger()

    def __init__(
        self, reactor: Any, database: Database, audience: Audience, now: Callable[[], datetime]
    ) -> None:
        self._reactor = reactor
        self._now = now
        self._database = database
        self._audience = audience
        self._listed: dict[str, set[str]] = {}
        self._limits: dict[str, int] = {}
        self._waiting: dict[str, tuple[str, ...]] = {}
        self._errands = Errands(
            reactor, self._tell, self._log, failed="news of kind {kind} could not be told"
        )

    def stop(self) -> None:
        self._errands.stop()

    def rang(self, words: list[str]) -> None:
        """A change: kind, organisation, ids."""
        if words[0] == "seen":
            _, organisation_id, room_id, member_id, seq, delivered = words
            self._audience.publish(
                organisation_id,
                seen_topic(room_id),
                {"id": member_id, "seq": int(seq), "delivered": int(delivered)},
            )
        elif words[1] in self._audience.organisations():
            self._errands.add(tuple(words))
        else:
            self._forget(words[1])

    def _forget(self, organisation_id: str) -> None:
        self._listed.pop(organisation_id, None)
        self._limits.pop(organisation_id, None)
        self._waiting.pop(organisation_id, None)

    def look(self) -> None:
        """Rings may have been lost: compare everything with the database."""
        for organisation_id in list(self._audience.organisations()):
            self._errands.add(("everything", organisation_id))

    async def _tell(self, kind: str, organisation_id: str, items: list[tuple[str, ...]]) -> None:
        match kind:
            case "room":
                rooms = [room_id for (room_id,) in items]
                await self._tell_rooms(organisation_id, rooms)
                await self._tell_places(organisation_id, rooms)
            case "client":
                async with self._database.reading(organisation_id) as tx:
                    concerned = await clientlist.find_rooms_of_clients(
                        tx, organisation_id, [client_id for (client_id,) in items]
                    )
                await self._tell_each(organisation_id, {room.room_id: room for room in concerned})
            case "member":
                for room_id, member_id in items:
                    await self._check_member(organisation_id, room_id, member_id)
            case "note":
                for room_id, seq in items:
                    await self._tell_note(organisation_id, room_id, int(seq))
            case "draft":
                for consultant_id, room_id in items:
                    await self._tell_draft(organisation_id, consultant_id, room_id)
            case "answer":
                await tell_answers(self._database, self._audience, organisation_id, items)
            case "referral":
                await tell_referrals(self._database, self._audience, organisation_id, items)
            case "consultant":
                await self._tell_consultants(organisation_id, {consultant_id for (consultant_id,) in items})
                await self._tell_places(organisation_id)  # with how many of them are here
            case "login":
                ended = {login_id for (login_id,) in items}
                self._audience.close(
                    organisation_id, lambda actor: actor.login_id in ended, "You have been logged out."
                )
            case "token":
                revoked = {token_id for (token_id,) in items}
                self._audience.close(
                    organisation_id, lambda actor: actor.token_id in revoked, "This token was revoked."
                )
            case "organisation":
                await self._check_organisation(organisation_id)
            case "block":
                await self._tell_blocks(organisation_id)
            case "appointment":
                clients = [client_id for (client_id,) in items]
                await tell_appointments(self._database, self._audience, organisation_id, clients, self._now())
            case "group":
                await self._tell_groups(organisation_id)
            case "everything":
                await self._tell_everything(organisation_id)

    async def _tell_rooms(self, organisation_id: str, room_ids: Sequence[str]) -> None:
        if not room_ids:
            return
        async with self._database.reading(organisation_id) as tx:
            found = await clientlist.find_rooms(tx, organisation_id, room_ids)
        await self._tell_each(organisation_id, {room_id: found.get(room_id) for room_id in room_ids})

    async def _tell_each(self, organisation_id: str, rooms: Mapping[str, ListedRoom | None]) -> None:
        for number, (room_id, room) in enumerate(rooms.items(), 1):
            self._tell_room(organisation_id, room_id, room)
            if not number % ROOMS_IN_A_TURN:
                # There may be thousands of them, and as many to whom each is told.
                await deferLater(self._reactor, 0)

    def _tell_room(self, organisation_id: str, room_id: str, room: ListedRoom | None) -> None:
        listed = self._listed.setdefault(organisation_id, set())
        if room is None or room.is_over:
            # Told even when not known here: a node that has just started cannot know.
            listed.discard(room_id)
            gone = {"room": room_id, "status": Status.CLOSED.value}
            self._publish_room(organisation_id, "removed", gone if room is None else wire.listed_room(room))
        else:
            change = "updated" if room_id in listed or room.status is not Status.WAITING else "added"
            listed.add(room_id)
            self._publish_room(organisation_id, change, wire.listed_room(room))

    def _publish_room(self, organisation_id: str, change: str, room: dict[str, Any]) -> None:
        self._audience.publish(organisation_id, CLIENTLIST, {"change": change, "room": room})

    async def _tell_places(self, organisation_id: str, changed: Sequence[str] = ()) -> None:
        async with self._database.transaction(organisation_id) as tx:
            queue = await clientlist.get_queue(tx, organisation_id)
        # Not known yet: any that changed may have waited until now.
        waited = self._waiting.get(organisation_id, changed)
        self._waiting[organisation_id] = queue.waiting
        for room_id in (*queue.waiting, *set(waited).difference(queue.waiting)):
            topic = place_topic(room_id)
            if self._audience.is_observed(organisation_id, topic):
                self._audience.publish(organisation_id, topic, wire.place(queue, room_id, self._now()))

    async def _tell_note(self, organisation_id: str, room_id: str, seq: int | None = None) -> None:
        """The note `seq`, or the last one: whoever lacks those before it sees that by its number."""
        topic = notes_topic(room_id)
        if not self._audience.is_observed(organisation_id, topic):
            return
        async with self._database.transaction(organisation_id) as tx:
            wanted = seq or await notes.get_last_seq(tx, organisation_id, room_id)
            found, _ = await notes.list_after(tx, organisation_id, room_id, wanted - 1, 1)
        for note in found:
            self._audience.publish(organisation_id, topic, wire.note(note))

    async def _tell_draft(self, organisation_id: str, consultant_id: str, room_id: str) -> None:
        topic = drafts_topic(consultant_id)
        if not self._audience.is_observed(organisation_id, topic):
            return
        async with self._database.transaction(organisation_id) as tx:
            draft = await drafts.find(tx, organisation_id, consultant_id, room_id)
        told = wire.no_draft(room_id) if draft is None else wire.draft(draft)
        self._audience.publish(organisation_id, topic, told)

    async def _check_member(self, organisation_id: str, room_id: str, member_id: str) -> None:
        try:
            async with self._database.reading(organisation_id) as tx:
                is_member = (await members.get_standing(tx, organisation_id, room_id, member_id)).is_member
        except NotFound:
            is_member = False
        if not is_member:
            self._audience.expel(organisation_id, member_id, room_id)

    async def _tell_consultants(self, organisation_id: str, consultant_ids: set[str]) -> None:
        async with self._database.reading(organisation_id) as tx:
            staff = {each.consultant_id: each for each in await consultants.list_all(tx, organisation_id)}
        removed = consultant_ids - staff.keys()
        if removed:
            self._audience.close(
                organisation_id, lambda actor: actor.id in removed, "This account does not exist any more."
            )
        for consultant_id in removed:
            self._audience.publish(
                organisation_id, STAFF, {"change": "removed", "consultant": {"id": consultant_id}}
            )
        changed = {each: staff[each] for each in staff.keys() & consultant_ids}

        def as_it_is(actor: Actor) -> Actor:
            entry = changed.get(actor.id)
            return actor if entry is None else replace(actor, name=entry.name, role=entry.role)

        if changed:
            self._audience.become(organisation_id, as_it_is)
        self._publish_staff(organisation_id, changed.values())

    def _publish_staff(self, organisation_id: str, staff: Iterable[StaffEntry]) -> None:
        for entry in staff:
            told = wire.consultant(entry)
            self._audience.publish(organisation_id, STAFF, {"change": "updated", "consultant": told})

    async def _check_organisation(self, organisation_id: str) -> None:
        try:
            async with self._database.transaction(organisation_id) as tx:
                organisation = await organisations.get(tx, organisation_id)
                queue = await clientlist.get_queue(tx, organisation_id)
                staff = await consultants.list_all(tx, organisation_id)
        except NotFound:
            self._forget(organisation_id)
            self._audience.close(organisation_id, lambda actor: True, "This organisation has been deleted.")
            return
        zone = zones.find(organisation.time_zone)
        standing = service.standing(organisation, zone, len(queue.waiting), self._now())
        self._audience.publish(
            organisation_id,
            ORGANISATION,
            {"name": organisation.name, "intake": organisation.intake.value, **wire.standing(standing)},
        )
        limit = organisation.rooms_per_consultant
        if self._limits.get(organisation_id) != limit:
            self._limits[organisation_id] = limit
            self._publish_staff(organisation_id, staff)

    async def _tell_blocks(self, organisation_id: str) -> None:
        async with self._database.reading(organisation_id) as tx:
            count, unagreed = await blocks.count(tx, organisation_id, self._now())
        self._audience.publish(organisation_id, BLOCKS, {"blocks": count, "unagreed": unagreed})

    async def _tell_groups(self, organisation_id: str) -> None:
        async with self._database.reading(organisation_id) as tx:
            count = await groups.count_open(tx, organisation_id)
        self._audience.publish(organisation_id, GROUPS, {"groups": count})

    async def _tell_everything(self, organisation_id: str) -> None:
        await self._check_organisation(organisation_id)
        actors = self._audience.actors(organisation_id)
        followed = self._audience.followed(organisation_id)
        async with self._database.transaction(organisation_id) as tx:
            open_rooms = await clientlist.list_rooms(tx, organisation_id)
            staff = {entry.consultant_id for entry in await consultants.list_all(tx, organisation_id)}
            appointed = await appointments.list_told(tx, organisation_id)
            ended = await presence.list_ended(tx, organisation_id, actors)
            followed -= await members.list_still_in(tx, organisation_id, followed)
        self._audience.close(
            organisation_id,
            lambda actor: bool({actor.login_id, actor.token_id} & ended),
            "You have been logged out.",
        )
        for member_id, room_id in followed:
            self._audience.expel(organisation_id, member_id, room_id)
        gone = self._listed.get(organisation_id, set()) - {room.room_id for room in open_rooms}
        await self._tell_rooms(organisation_id, list(gone))
        await self._tell_each(organisation_id, {room.room_id: room for room in open_rooms})
        await self._tell_consultants(
            organisation_id, staff | {actor.id for actor in actors if actor.is_consultant}
        )
        await self._tell_places(organisation_id)
        await tell_appointments(self._database, self._audience, organisation_id, appointed, self._now())
        for room in open_rooms:
            await self._tell_note(organisation_id, room.room_id)
        await self._tell_blocks(organisation_id)
        await self._tell_groups(organisation_id)
        tell_missed(self._audience, organisation_id, actors)
