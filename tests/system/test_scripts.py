"""A manager's script on a real daemon: it offers, watches, inspects, and stops when it may no longer."""

from __future__ import annotations

from typing import Any

from autobahn.wamp.types import RegisterOptions, SubscribeOptions
from pytest_twisted import ensureDeferred

from hotline.store.database import Database
from tests.system.conftest import as_consultant, enter, house_with_tokens
from tests.system.daemon import Daemon, until
from tests.system.peers import ACKNOWLEDGED, failure


@ensureDeferred
async def test_a_script_at_work(daemon: Daemon, shared_database: Database, reactor: Any) -> None:
    """REGISTER, CALL, patterns, meta API and event history through the house's own rules."""
    house = await house_with_tokens(shared_database)
    script = await as_consultant(reactor, daemon, house, "manager", serializer="cbor")
    staff = await as_consultant(reactor, daemon, house)
    client, entered = await enter(reactor, daemon, house)
    room, name = entered["room"], f"org.{house.slug}.add"

    def add(a: int, b: int, details: Any) -> list[Any]:
        return [a + b, details.caller_authrole]

    await script.register(add, name, RegisterOptions(details=True))
    assert await staff.call(name, 1, 2) == [3, "staff"]
    for refused in (
        client.call(name, 1, 2),
        staff.register(lambda: None, f"org.{house.slug}.other"),
        script.register(lambda: None, "org.elsewhere.add"),
        script.subscribe(lambda: None, "hotline.room.", SubscribeOptions(match="prefix")),
        staff.call("wamp.session.count"),
        client.call("wamp.session.list"),
    ):
        assert (await failure(refused)).error == "wamp.error.not_authorized"
    assert (await failure(staff.call(f"org.{house.slug}.none"))).error == "wamp.error.no_such_procedure"

    assert await script.call("wamp.session.count") == 3
    assert await script.call("wamp.session.count", ["client"]) == 1
    joined: list[str] = []
    await script.subscribe(
        lambda session: joined.append(session["authrole"]),
        "wamp.session.on_jo",
        SubscribeOptions(match="prefix"),
    )
    await enter(reactor, daemon, house, "Kim")
    await until(reactor, lambda: joined == ["client"], 5.0, "the meta event")

    subscription = await client.subscribe(lambda *_, **__: None, f"hotline.room.{room}")
    said = await client.publish(f"hotline.room.{room}", "hello", nonce="n1", options=ACKNOWLEDGED)
    events = await client.call("wamp.subscription.get_events", subscription.id, reverse=True, limit=1)
    assert [(event["args"], event["publication"]) for event in events] == [(["hello"], said.id)]
    assert await script.call("wamp.subscription.lookup", f"hotline.room.{room}") is None
    foreign = staff.call("wamp.subscription.get_events", subscription.id)
    assert (await failure(foreign)).error == "wamp.error.no_such_subscription"

    await client.call("wamp.session.add_testament", f"hotline.room.{room}.typing", [], {"typing": False})
    await script.call("hotline.room.join", room=room)
    signs = await script.collect(f"hotline.room.{room}.typing")
    await client.end()
    await until(reactor, lambda: bool(signs), 5.0, "the testament")
    assert signs[0]["typing"] is False


@ensureDeferred
async def test_a_script_that_may_no_longer(daemon: Daemon, shared_database: Database, reactor: Any) -> None:
    """When its manager becomes staff, what it offers is gone, live, and so is what it inspected."""
    house = await house_with_tokens(shared_database)
    script = await as_consultant(reactor, daemon, house, "manager")
    staff = await as_consultant(reactor, daemon, house)
    name = f"org.{house.slug}.add"
    await script.register(lambda: 1, name)
    assert await staff.call(name) == 1
    await script.call("hotline.staff.set_role", id=house.staff.id, role="manager")
    second = await as_consultant(reactor, daemon, house)
    await second.call("hotline.staff.set_role", id=house.manager.id, role="staff")
    errors: list[str] = []

    async def is_gone() -> None:
        while not errors:
            try:
                await second.call(name)
            except Exception as error:
                errors.append(error.error)  # type: ignore[attr-defined]

    await is_gone()
    assert errors == ["wamp.error.no_such_procedure"]
    assert (await failure(script.call("wamp.session.count"))).error == "wamp.error.not_authorized"
    assert (await failure(script.register(lambda: 2, name))).error == "wamp.error.not_authorized"
