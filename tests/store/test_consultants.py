"""Consultants in a real PostgreSQL: found by address anywhere, read and changed only at home."""

from __future__ import annotations

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from hotline.domain.model import Presence, Role
from hotline.errors import AlreadyExists, NotFound
from hotline.store import consultants, presence, workload
from hotline.store.ids import new_id
from tests.helpers import NAUGHTY, make_house


@ensureDeferred
async def test_added_consultant_comes_back(database, now):
    """All values, with the hash only when it is asked for."""
    house = await make_house(database, now())
    for number, name in enumerate(NAUGHTY):
        async with database.transaction(house.organisation_id) as tx:
            added = await consultants.add(
                tx,
                house.organisation_id,
                new_id(),
                name=name,
                email=f"n{number}@example.org",
                role=Role.STAFF,
                password="scheme$hash",
                now=now(),
            )
            assert await consultants.get(tx, house.organisation_id, added.consultant_id) == added
            found = await consultants.find_by_email(tx, house.organisation_id, f"n{number}@example.org")
            assert found == (added, "scheme$hash")
            assert (
                await consultants.get_password(tx, house.organisation_id, added.consultant_id)
                == "scheme$hash"
            )
        assert (added.name, added.online, added.created_at) == (name, False, now())


@ensureDeferred
async def test_address_is_known_everywhere_and_used_once_in_each(database, now):
    """Where an address has accounts can be asked without an organisation; it has one in each at most."""
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    async with database.transaction() as tx:
        assert await consultants.list_organisations(tx, "staff@other.example") == [two.organisation_id]
        assert await consultants.list_organisations(tx, "nobody@other.example") == []
    with pytest.raises(AlreadyExists) as caught:
        async with database.transaction(one.organisation_id) as tx:
            await consultants.change_profile(
                tx, one.organisation_id, one.staff.id, name="x", email=f"manager@{one.slug}.example"
            )
    assert set(caught.value.details) == {"email"}
    async with database.transaction(one.organisation_id) as tx:
        await consultants.change_profile(
            tx, one.organisation_id, one.staff.id, name="x", email="staff@other.example"
        )
        # Two rows that were made in the same moment: in the order of their ids.
        found = await consultants.list_organisations(tx, "staff@other.example")
    assert found == sorted([one.organisation_id, two.organisation_id])


@ensureDeferred
async def test_presence_shown_needs_a_session(database, now):
    """Others see what somebody chose while a node has a session of theirs, else away."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as tx:
        await consultants.set_presence(tx, house.organisation_id, house.staff.id, Presence.BUSY)
        before = await consultants.get(tx, house.organisation_id, house.staff.id)
        await presence.attach(tx, house.organisation_id, True, [house.staff.id], "node1", now())
        after = await consultants.get(tx, house.organisation_id, house.staff.id)
    assert (before.presence, before.shown_presence) == (Presence.BUSY, Presence.AWAY)
    assert (after.presence, after.shown_presence) == (Presence.BUSY, Presence.BUSY)


@ensureDeferred
async def test_managers_are_locked(database, now):
    """Roles change, and the managers are those of the organisation."""
    house, _ = await make_house(database, now()), await make_house(database, now(), "other")
    async with database.transaction(house.organisation_id) as tx:
        assert await consultants.lock_managers(tx, house.organisation_id) == {house.manager.id}
        await consultants.set_role(tx, house.organisation_id, house.staff.id, Role.MANAGER, now())
        assert await consultants.lock_managers(tx, house.organisation_id) == {
            house.manager.id,
            house.staff.id,
        }


@ensureDeferred
async def test_another_organisations_people_are_not_there(database, now):
    """A transaction for one organisation neither reads, changes nor removes consultants of another."""
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    theirs = two.organisation_id
    async with database.transaction(one.organisation_id) as tx:
        assert await consultants.find(tx, theirs, two.staff.id) is None
        assert await consultants.find(tx, one.organisation_id, two.staff.id) is None
        assert await consultants.find_by_email(tx, theirs, "staff@other.example") is None
        assert await consultants.list_all(tx, theirs) == []
        assert await consultants.lock_managers(tx, theirs) == set()
        with pytest.raises(NotFound):
            await consultants.get_password(tx, theirs, two.staff.id)
        await consultants.set_role(tx, theirs, two.staff.id, Role.MANAGER, now())
        await consultants.set_password(tx, theirs, two.staff.id, "mine")
        await consultants.set_presence(tx, theirs, two.staff.id, Presence.BUSY)
        await consultants.change_profile(tx, theirs, two.staff.id, name="mine", email="mine@example.org")
        assert await consultants.remove(tx, theirs, two.staff.id) is False
    async with database.transaction(theirs) as tx:
        found = await consultants.get(tx, theirs, two.staff.id)
        assert (found.name, found.role, found.presence) == ("staff of other", Role.STAFF, Presence.HERE)
        assert await consultants.get_password(tx, theirs, two.staff.id) != "mine"
        assert await consultants.remove(tx, theirs, two.staff.id) is True


@ensureDeferred
async def test_who_is_relied_on_is_not_removed_meanwhile(database, now, reactor):
    """Removal waits for whoever relies on a consultant, and whoever comes later finds nobody."""
    house = await make_house(database, now())
    organisation_id = house.organisation_id

    async def remove():
        async with database.transaction(organisation_id) as tx:
            await consultants.lock(tx, organisation_id, house.staff.id)
            await consultants.remove(tx, organisation_id, house.staff.id)

    async with database.transaction(organisation_id) as tx:
        await workload.engage(tx, organisation_id, house.staff.id)
        removal = Deferred.fromCoroutine(remove())
        await deferLater(reactor, 0.1)
        assert not removal.called
        await consultants.get(tx, organisation_id, house.staff.id)
    await removal
    for reach in (workload.engage, consultants.lock):
        with pytest.raises(NotFound):
            async with database.transaction(organisation_id) as tx:
                await reach(tx, organisation_id, house.staff.id)
