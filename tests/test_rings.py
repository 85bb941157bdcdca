"""What rings on one node, as another one hears it: there, too, no key outlives what it was for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs, formatEvent

from hotline.domain.audit import Action
from hotline.store import audit, blocks, data_keys, forgetting, organisations, surveys
from hotline.store.database import Database
from hotline.store.journal import Journal
from hotline.store.keys import Owner
from tests.conftest import Now
from tests.helpers import House, add_block, make_client, make_house
from tests.procedures.wired import Wired
from tests.store.test_database import end_all_connections
from tests.store.test_doorbell import until
from tests.store.test_journal import Offered, said


@pytest.fixture
def other_node(reactor: Any, dsn: str, tmp_path: Path, now: Now) -> Iterator[Wired]:
    """A node beside `database`, with a memory of its own."""
    node = Wired(reactor, dsn, tmp_path, now)
    pytest_twisted.blockon(Deferred.fromCoroutine(node.start()))
    yield node
    pytest_twisted.blockon(Deferred.fromCoroutine(node.stop()))


async def remembered(node: Wired, house: House) -> list[Owner]:
    """The owners of all the organisation's keys, which the node has in memory now."""
    async with node.database.transaction(house.organisation_id) as tx:
        rows = await tx.rows("SELECT owner_id FROM data_keys")
        owners = [(house.organisation_id, row.owner_id) for row in rows]
        await data_keys.of_organisation(tx, house.organisation_id)
        assert len(await data_keys.load(tx, owners)) == len(owners)
    owners.append((house.organisation_id, ""))
    assert not gone(node, owners)
    return owners


def gone(node: Wired, owners: list[Owner]) -> set[Owner]:
    """Those of them that the node does not have in memory."""
    assert node.database.keys is not None
    return {owner for owner in owners if node.database.keys.find(owner) is None}


@ensureDeferred
async def test_deleted_keys_are_forgotten_everywhere(
    database: Database, other_node: Wired, reactor: Any, now: Now
) -> None:
    """Of a room and its client, a survey, a block, and at last of the organisation; of nothing else."""
    house, spared = await make_house(database, now()), await make_house(database, now(), "other")
    organisation_id = house.organisation_id
    client, kept = [await make_client(database, house, now(), name) for name in ("Robin", "Kim")]
    await make_client(database, spared, now())
    async with database.transaction(organisation_id) as tx:
        await surveys.add(tx, organisation_id, {"how": "well"}, now())
        await add_block(tx, house, kept, "block", now())
    owners, of_others = await remembered(other_node, house), await remembered(other_node, spared)
    assert len(owners) == 2 + 2 + 1 + 1 + 1
    lost: set[Owner] = set()

    async def forgotten(*owner_ids: str) -> None:
        lost.update((organisation_id, owner_id) for owner_id in owner_ids)
        await until(reactor, lambda: gone(other_node, owners + of_others) == lost)
        assert database.keys is not None

    async with database.transaction(organisation_id) as tx:
        await forgetting.delete_room(tx, organisation_id, client.room_id, "client", now())
    await forgotten(client.room_id, client.actor.id)
    async with database.transaction(organisation_id) as tx:
        [survey], _ = await surveys.list_before(tx, organisation_id, None, 10)
        await forgetting.expire_survey(tx, organisation_id, survey.survey_id, now() + timedelta(days=91))
    await forgotten(survey.survey_id)
    async with database.transaction(organisation_id) as tx:
        await blocks.lift(tx, organisation_id, "block")
    await forgotten("block")
    async with database.transaction(organisation_id) as tx:
        await organisations.delete(tx, organisation_id)
    await forgotten(kept.room_id, kept.actor.id, "")


@ensureDeferred
async def test_a_deleted_organisation_is_in_the_log(
    database: Database, other_node: Wired, reactor: Any, now: Now
) -> None:
    """Of every node, whoever deleted it: its address, and where what goes with it ended."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as tx:
        await audit.add(tx, house.organisation_id, audit.OPERATOR, Action.KEY_ROTATED, now())
    with capturedLogs() as logged:
        async with database.transaction(house.organisation_id) as tx:
            left = await organisations.delete(tx, house.organisation_id)
        assert left is not None
        line = f"haven was deleted: its audit log ends with 1:{left.audit.mark}, its receipts with nothing"
        await until(reactor, lambda: line in [formatEvent(event) for event in logged])


@ensureDeferred
async def test_a_key_that_is_deleted_while_it_is_read(
    database: Database, other_node: Wired, reactor: Any, now: Now
) -> None:
    """Who has just read it reads with it to the end, and does not remember it afterwards."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    where = (house.organisation_id, client.room_id)
    keys = other_node.database.keys
    assert keys is not None
    before = keys.forgotten
    async with other_node.database.transaction(house.organisation_id) as tx:
        assert await data_keys.find(tx, *where) is not None
        async with database.transaction(house.organisation_id) as deleting:
            await forgetting.delete_room(deleting, *where, "client", now())
        await until(reactor, lambda: keys.forgotten == before + 2)
        assert await data_keys.find(tx, *where) is not None
    assert keys.find(where) is None


@ensureDeferred
async def test_rings_that_were_missed(
    database: Database, other_node: Wired, dsn: str, reactor: Any, now: Now
) -> None:
    """Whoever did not hear for a moment has no key in memory afterwards, and finds those that are there."""
    house = await make_house(database, now())
    await make_client(database, house, now())
    owners = await remembered(other_node, house)
    assert await other_node.realms.find("haven") == house.organisation_id
    assert await looks(other_node, "haven") == 0
    end_all_connections(dsn)
    await until(reactor, lambda: gone(other_node, owners) == set(owners))
    assert await remembered(other_node, house) == owners
    assert await looks(other_node, "haven") == 1


async def looks(node: Wired, name: str) -> int:
    """How often the directory is asked for the realm of this name."""
    times = 0
    reading = node.database.reading

    def counted(*organisations: str) -> Any:
        nonlocal times
        times += 1
        return reading(*organisations)

    node.database.reading = counted  # type: ignore[method-assign]
    try:
        await node.realms.find(name)
    finally:
        del node.database.reading  # type: ignore[method-assign]
    return times


@ensureDeferred
async def test_a_name_that_passes_to_another_organisation(
    database: Database, other_node: Wired, reactor: Any, now: Now
) -> None:
    """Remembered until its organisation rings, then the other's; one that is nobody's never is."""
    first = await make_house(database, now())
    for expected in (1, 0):
        assert await looks(other_node, "haven") == expected
        assert await looks(other_node, "nowhere") == 1
    assert await other_node.realms.find("haven") == first.organisation_id
    assert await other_node.realms.find("nowhere") is None
    async with database.transaction(first.organisation_id) as tx:
        await organisations.delete(tx, first.organisation_id)
    while await looks(other_node, "haven") == 0:
        await deferLater(reactor, 0.01)
    assert await other_node.realms.find("haven") is None
    second = await make_house(database, now())
    assert await other_node.realms.find("haven") == second.organisation_id
    assert second.organisation_id != first.organisation_id


@ensureDeferred
async def test_a_name_that_is_deleted_while_it_is_looked_up(other_node: Wired, now: Now) -> None:
    """What rang meanwhile may have been about it: it is looked up again the next time."""
    house = await make_house(other_node.database, now())
    looking = Deferred.fromCoroutine(other_node.realms.find("haven"))
    other_node.realms.forget("another")
    assert await looking == house.organisation_id
    assert await looks(other_node, "haven") == 1
    assert await looks(other_node, "haven") == 0


@ensureDeferred
async def test_how_far_rooms_are_is_heard(
    database: Database, other_node: Wired, reactor: Any, now: Now
) -> None:
    """What another node stores, the next number is foreseen by."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    where = (house.organisation_id, client.room_id)
    async with other_node.database.reading(house.organisation_id) as tx:
        assert await data_keys.find(tx, *where) is not None
    keys = other_node.database.keys
    assert keys is not None
    assert keys.find_last_seq(where) == 1
    await Journal(database, "here", now, Offered()).append(said(client.actor, client.room_id))
    await until(reactor, lambda: keys.find_last_seq(where) == 2)
