"""What one client, one session and one organisation may take of a node, and that nobody else waits for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.task import Clock

from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor, Role
from hotline.errors import TooFast
from hotline.procedures.shares import Shares
from tests.conftest import Now
from tests.procedures.test_matrix import make_scene
from tests.procedures.wired import Wired, uri_of

TOO_FAST = "hotline.error.too_fast"


def somebody(organisation_id: str, actor_id: str, role: Role = Role.CLIENT) -> Actor:
    return Actor(organisation_id=organisation_id, id=actor_id, name=actor_id, role=role)


def test_messages_of_a_client_and_of_an_organisation() -> None:
    """A client has a share over all its sessions, all clients of an organisation have one together; what is
    refused for the one costs nothing of the other."""
    clock = Clock()
    shares = Shares(DomainLimits(messages_per_client=3, messages_per_organisation=6), clock.seconds)
    robin, kim = somebody("a", "robin"), somebody("a", "kim")
    for _ in range(3):
        shares.message(robin)
    for _ in range(5):
        with pytest.raises(TooFast) as caught:
            shares.message(robin)
    assert caught.value.details == {"retry_after": 20.0}
    for who in (kim, kim, somebody("a", "toni")):
        shares.message(who)
    for who in (kim, somebody("a", "toni")):
        with pytest.raises(TooFast) as caught:
            shares.message(who)
    assert caught.value.details == {"retry_after": 10.0}
    shares.message(somebody("b", "robin"))
    clock.advance(10)
    shares.message(kim)
    with pytest.raises(TooFast):
        shares.message(robin)
    clock.advance(10)
    shares.message(robin)


def test_no_crowd_of_clients_keeps_consultants_from_answering() -> None:
    """Consultants have no share of their own, and one all together, apart from the clients'."""
    limits = DomainLimits(
        messages_per_client=1,
        messages_per_organisation=2,
        histories_per_organisation=1,
        histories_per_session=0,
    )
    shares = Shares(limits, Clock().seconds)
    mara = somebody("a", "mara", Role.STAFF)
    for name in ("robin", "kim"):
        shares.message(somebody("a", name))
    shares.history(1, somebody("a", "robin"))
    for _ in range(2):
        shares.message(mara)
    shares.history(2, mara)
    for refused in (
        lambda: shares.message(somebody("a", "toni")),
        lambda: shares.message(somebody("a", "olga", Role.MANAGER)),
        lambda: shares.history(3, mara),
    ):
        with pytest.raises(TooFast):
            refused()


def test_histories_of_a_session_and_of_an_organisation() -> None:
    """Likewise; another session of the same organisation, and another organisation, read on."""
    clock = Clock()
    shares = Shares(DomainLimits(histories_per_session=2, histories_per_organisation=3), clock.seconds)
    robin = somebody("a", "robin")
    for _ in range(2):
        shares.history(1, robin)
    with pytest.raises(TooFast) as caught:
        shares.history(1, robin)
    assert caught.value.details == {"retry_after": 30.0}
    shares.history(2, robin)
    with pytest.raises(TooFast):
        shares.history(3, robin)
    shares.history(1, somebody("b", "robin"))
    clock.advance(30)
    shares.history(1, robin)


def test_no_limit() -> None:
    """0 lifts each of them."""
    lifted = DomainLimits(
        messages_per_client=0,
        messages_per_organisation=0,
        histories_per_session=0,
        histories_per_organisation=0,
    )
    shares = Shares(lifted, Clock().seconds)
    for _ in range(1000):
        shares.message(somebody("a", "robin"))
        shares.history(1, somebody("a", "robin"))


@ensureDeferred
async def test_too_much_over_the_wire(reactor: Any, dsn: str, tmp_path: Path, now: Now) -> None:
    """Refused with the time to wait, by a procedure, a topic and the history of events; nothing is stored,
    the session goes on, and the other one does not notice."""
    shares = Shares(DomainLimits(messages_per_client=1, histories_per_session=2), Clock().seconds)
    wired = Wired(reactor, dsn, tmp_path, now, shares=shares)
    await wired.start()
    try:
        scene = await make_scene(wired, now(), "own")
        client, staff, room = scene.guests["client"], scene.guests["staff"], scene.served.room_id
        topic = f"hotline.room.{room}"
        before = (await staff.result("hotline.room.history", room=room))["messages"]
        subscription = (await client.subscribe(topic))[2]
        assert (await client.publish(topic, "one", nonce="n1"))[0] == 17
        refused = await client.publish(topic, "two", nonce="n2")
        assert (uri_of(refused), refused[6]) == (TOO_FAST, {"retry_after": 60.0})
        assert (await staff.publish(topic, "three", nonce="n3"))[0] == 17
        read = await client.result("hotline.room.history", room=room)
        assert len(read["messages"]) == len(before) + 2
        assert (await client.call("wamp.subscription.get_events", subscription))[0] == 50
        for refused in (
            await client.call("hotline.room.history", room=room),
            await client.call("wamp.subscription.get_events", subscription),
        ):
            assert (uri_of(refused), refused[6]) == (TOO_FAST, {"retry_after": 30.0})
        said = (await staff.result("hotline.room.history", room=room))["messages"][len(before) :]
        assert [message["text"] for message in said] == ["one", "three"]
        assert client.is_open
    finally:
        await wired.stop()
