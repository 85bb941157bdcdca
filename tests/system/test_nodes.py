"""Two daemons on one PostgreSQL are one hotline: order, races, places, each other's sessions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg2
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList

from hotline.store.database import Database
from tests.helpers import make_client
from tests.system.conftest import Nodes, as_consultant, enter, house_with_tokens
from tests.system.daemon import sleep, until
from tests.system.peers import connect, failure


@ensureDeferred
async def test_messages_cross_in_order(nodes: Nodes, shared_database: Database, reactor: Any) -> None:
    """Members on different nodes who talk at the same time all see the one sequence, gapless, in order."""
    house = await house_with_tokens(shared_database)
    peer, entered = await enter(reactor, nodes[0], house)
    room = entered["room"]
    staff = await as_consultant(reactor, nodes[1], house)
    manager = await as_consultant(reactor, nodes[0], house, "manager")
    await staff.call("hotline.room.claim", room=room)
    await manager.call("hotline.room.join", room=room)
    seen = [await each.collect(f"hotline.room.{room}") for each in (peer, staff, manager)]
    count = 100
    await DeferredList(
        [
            Deferred.fromCoroutine(each.say(room, f"{name} {number}", f"{name}{number}"))
            for number in range(count)
            for name, each in (("client", peer), ("staff", staff), ("manager", manager))
        ],
        fireOnOneErrback=True,
    )
    history: list[dict[str, Any]] = []
    while len(history) < 3 * count + 3:
        page = await staff.call("hotline.room.history", room=room, after=len(history), limit=200)
        history += page["messages"]
    assert [message["seq"] for message in history] == list(range(1, 3 * count + 4))
    for events, name in zip(seen, ("client", "staff", "manager"), strict=True):
        # Nobody hears what they published themselves: that was acknowledged.
        heard = [message for message in history[3:] if not message["text"].startswith(name + " ")]
        await until(
            reactor, lambda events=events: (events and events[-1] == history[-1]) or len(events) >= 2 * count
        )
        await sleep(reactor, 0.1)
        assert [event for event in events if event["seq"] > 3] == heard


@ensureDeferred
async def test_claims_race_across_nodes(nodes: Nodes, shared_database: Database, reactor: Any) -> None:
    """Of many who claim at once on both nodes exactly one wins, and all others are told who."""
    house = await house_with_tokens(shared_database)
    people = [
        await as_consultant(reactor, node, house, name)
        for node in nodes
        for name in ("staff", "colleague", "manager")
    ]
    for _ in range(5):
        client = await make_client(shared_database, house, datetime.now(UTC))
        results = await DeferredList(
            [person.call("hotline.room.claim", room=client.room_id) for person in people], consumeErrors=True
        )
        listed = await people[0].call("hotline.clientlist.get")
        winner = next(room["served_by"] for room in listed if room["room"] == client.room_id)
        for person, (won, result) in zip(people, results, strict=True):
            own = (await person.call("hotline.me.get"))["id"]
            assert won == (own == winner["id"])
            if not won:
                assert result.value.error == "hotline.error.already_claimed"
                assert result.value.kwargs == {"by": winner}


@ensureDeferred
async def test_the_clientlist_and_places_cross(nodes: Nodes, shared_database: Database, reactor: Any) -> None:
    """Who enters on one node appears on the other's clientlist; places in the queue are pushed to all."""
    house = await house_with_tokens(shared_database)
    staff = await as_consultant(reactor, nodes[1], house)
    clientlist = await staff.collect("hotline.clientlist")
    first, first_entered = await enter(reactor, nodes[0], house, "First")
    second, second_entered = await enter(reactor, nodes[1], house, "Second")
    assert (first_entered["position"], second_entered["position"]) == (1, 2)
    places = await second.collect(f"hotline.room.{second_entered['room']}.place")

    def told(places: list[dict[str, Any]]) -> dict[str, Any]:
        return {name: places[-1][name] for name in ("position", "waiting", "served")}

    await until(
        reactor,
        lambda: (
            {
                event["room"]["name"]
                for event in clientlist
                if event["change"] == "added" and event["room"]["present"]
            }
            <= {event["room"].get("name") for event in clientlist}
            and len([event for event in clientlist if event["change"] == "added"]) == 2
        ),
        what="both on the clientlist",
    )
    await staff.call("hotline.room.claim", room=first_entered["room"])
    await until(
        reactor,
        lambda: places and told(places) == {"position": 1, "waiting": 1, "served": 1},
        what="the place",
    )
    await first.call("hotline.room.leave", room=first_entered["room"])
    await until(
        reactor,
        lambda: any(
            event["change"] == "removed" and event["room"]["room"] == first_entered["room"]
            for event in clientlist
        ),
        what="the one who left",
    )
    await until(
        reactor, lambda: told(places) == {"position": 1, "waiting": 1, "served": 0}, what="one served less"
    )
    again = await staff.call("hotline.clientlist.get")
    assert [(room["name"], room["position"]) for room in again] == [("Second", 1)]


@ensureDeferred
async def test_a_removed_consultant_is_thrown_out_elsewhere(
    nodes: Nodes, shared_database: Database, reactor: Any
) -> None:
    """Removal on one node ends the sessions on the other; the room served waits again, for all to see."""
    house = await house_with_tokens(shared_database)
    peer, entered = await enter(reactor, nodes[0], house)
    staff = await as_consultant(reactor, nodes[1], house)
    manager = await as_consultant(reactor, nodes[0], house, "manager")
    await staff.call("hotline.room.claim", room=entered["room"])
    events = await peer.collect(f"hotline.room.{entered['room']}")
    people = await manager.collect("hotline.staff")
    await manager.call("hotline.staff.remove", id=house.staff.id)
    await until(reactor, lambda: staff.gone.called, what="the end of the session")
    assert staff.left is not None
    assert staff.left.reason == "wamp.close.killed"
    await until(
        reactor, lambda: any(event["change"] == "removed" for event in people), what="the staff topic"
    )
    await until(reactor, lambda: any(event["kind"] == "left" for event in events), what="the room's entry")
    listed = await manager.call("hotline.clientlist.get")
    assert [(room["status"], room["served_by"]) for room in listed] == [("waiting", None)]


@ensureDeferred
async def test_a_changed_role_works_elsewhere_at_once(
    nodes: Nodes, shared_database: Database, reactor: Any
) -> None:
    """A manager made staff on one node is staff in live sessions on the other."""
    house = await house_with_tokens(shared_database)
    manager = await as_consultant(reactor, nodes[0], house, "manager")
    await manager.call("hotline.staff.set_role", id=house.colleague.id, role="manager")
    colleague = await as_consultant(reactor, nodes[1], house, "colleague")
    assert "link" in await colleague.call("hotline.staff.invite", email="x@y.example", role="staff")
    people = await colleague.collect("hotline.staff")
    await manager.call("hotline.staff.set_role", id=house.colleague.id, role="staff")
    await until(
        reactor,
        lambda: any(
            event["consultant"]["id"] == house.colleague.id and event["consultant"]["role"] == "staff"
            for event in people
        ),
        what="the new role",
    )
    error = await failure(colleague.call("hotline.staff.invite", email="z@y.example", role="staff"))
    assert error.error == "hotline.error.not_allowed"


@ensureDeferred
async def test_listen_alone_is_cut(
    nodes: Nodes, shared_database: Database, shared_dsn: str, reactor: Any
) -> None:
    """With LISTEN cut again and again, events between the nodes still come, each once, in order."""
    house = await house_with_tokens(shared_database)
    peer, entered = await enter(reactor, nodes[0], house)
    room = entered["room"]
    staff = await as_consultant(reactor, nodes[1], house)
    await staff.call("hotline.room.claim", room=room)
    events = await staff.collect(f"hotline.room.{room}")
    said = 0
    for _ in range(4):
        assert cut_listening(shared_dsn) == 2
        for _ in range(10):
            said += 1
            await peer.say(room, f"number {said}", f"n{said}")
            await sleep(reactor, 0.02)
    await until(reactor, lambda: len(events) >= said, what="all messages")
    assert [event["text"] for event in events] == [f"number {number + 1}" for number in range(said)]
    await until(
        reactor,
        lambda: all("listening to PostgreSQL again" in node.log for node in nodes),
        what="LISTEN",
    )


def cut_listening(dsn: str) -> int:
    """End the connections whose last word was LISTEN or the beat; gives how many."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        for _ in range(200):
            cursor.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND (query LIKE 'LISTEN%%' OR query LIKE '%%pg_notification_queue_usage%%')"
            )
            found = [row[0] for row in cursor.fetchall()]
            if len(found) == 2:
                break
            cursor.execute("SELECT pg_sleep(0.02)")
        for pid in found:
            cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))
        return len(found)
    finally:
        connection.close()


@ensureDeferred
async def test_the_same_nonce_on_both_nodes(nodes: Nodes, shared_database: Database, reactor: Any) -> None:
    """A message said again on another node is acknowledged again, stored once and shown once."""
    house = await house_with_tokens(shared_database)
    peer, entered = await enter(reactor, nodes[0], house)
    room = entered["room"]
    again = await connect(reactor, nodes[1].url, house.slug, authid=entered["client"], ticket=entered["key"])
    staff = await as_consultant(reactor, nodes[1], house)
    await staff.call("hotline.room.claim", room=room)
    events = await staff.collect(f"hotline.room.{room}")
    for number in range(20):
        await DeferredList(
            [
                Deferred.fromCoroutine(each.say(room, f"text {number}", f"n{number}"))
                for each in (peer, again)
            ],
            fireOnOneErrback=True,
        )
    error = await failure(again.say(room, "something else", "n3"))
    assert error.error == "hotline.error.nonce_reused"
    await peer.say(room, "the end", "end")
    await until(reactor, lambda: events and events[-1]["text"] == "the end", what="the end")
    assert [event["text"] for event in events] == [*(f"text {number}" for number in range(20)), "the end"]
