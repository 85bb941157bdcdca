"""The open realm beside those of organisations: everything goes, and nothing crosses."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from hotline.open_realm import OpenRealm
from hotline.protocols.limits import SessionLimits
from hotline.router.router import Router
from tests.router.outside import CALLEE_ROLES, House, Outside, Peer


class OpenHouse(House):
    """A house with two organisations, and the open realm `free`."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.outside = Outside()
        realm = OpenRealm(
            "free",
            authenticator=self.outside,
            calls=self.outside,
            topics=self.outside,
            policy=self.outside,
            watcher=self.outside,
        )
        self.router = Router(
            clock=self.clock,
            limits=SessionLimits(),
            authenticator=realm,
            calls=realm,
            topics=realm,
            policy=realm,
            watcher=realm,
        )


@pytest.fixture
def house() -> OpenHouse:
    """A house with an open realm."""
    return OpenHouse()


def uri_of(answers: list[Any]) -> str:
    """The URI of the one ERROR or ABORT that came."""
    (answer,) = answers
    return str(answer[4] if answer[0] == 8 else answer[2])


@pytest.fixture(params=["json", "msgpack", "cbor"])
def free(request: pytest.FixtureRequest, house: OpenHouse) -> tuple[Peer, Peer]:
    """Two anonymous peers in the open realm."""
    first, second = (Peer(house, str(request.param)).join("free", roles=CALLEE_ROLES) for _ in range(2))
    return first, second


def test_everybody_may_do_everything(free: tuple[Peer, Peer]) -> None:
    """Any topic, any pattern, any procedure, disclosure, inspection; only what is WAMP's own stays so."""
    first, second = free
    subscription = first.subscribe("com.example.a", 1)
    (everything,) = first.say(32, 2, {"match": "prefix"}, "")
    second.say(16, 1, {"disclose_me": True}, "com.example.a", ["hi"], {"k": 1})
    events = first.heard()
    assert [(event[1], event[4], event[5]) for event in events] == [
        (subscription, ["hi"], {"k": 1}),
        (everything[2], ["hi"], {"k": 1}),
    ]
    assert events[0][3]["publisher"] == second.session.id
    first.register("com.example.add", 3)
    second.say(48, 2, {"disclose_me": True}, "com.example.add", [1])
    (invocation,) = (each for each in first.heard() if each[0] == 68)
    assert invocation[3]["caller"] == second.session.id
    first.say(70, invocation[1], {}, [2])
    assert second.heard() == [[50, 2, {}, [2], {}]]
    assert second.say(48, 3, {}, "wamp.session.count")[0][3] == [2]
    assert uri_of(second.say(48, 4, {}, "com.example.nothing")) == "wamp.error.no_such_procedure"
    assert uri_of(second.say(64, 5, {}, "wamp.session.count")) == "wamp.error.not_authorized"
    assert uri_of(second.say(16, 6, {"acknowledge": True}, "wamp.a")) == "wamp.error.not_authorized"


def test_no_chat_in_it(house: OpenHouse, free: tuple[Peer, Peer]) -> None:
    """The procedures of organisations refuse, room topics are plain ones, nothing is stored or watched."""
    first, second = free
    assert uri_of(first.say(48, 1, {}, "hotline.echo")) == "hotline.error.not_allowed"
    number = first.subscribe("hotline.room.x", 2)
    assert second.say(16, 1, {"acknowledge": True}, "hotline.room.x", ["hi"])[0][0] == 17
    assert [event[4] for event in first.heard()] == [["hi"]]
    assert first.say(48, 3, {}, "wamp.subscription.get_events", [number])[0][3] == [[]]
    assert house.outside.stored == []
    first.session.link_lost()
    second.session.link_lost()
    assert house.outside.news == []


@pytest.mark.parametrize("method", ["ticket", "wampcra", "cryptosign"])
def test_anonymous_only(house: OpenHouse, method: str) -> None:
    """There is nobody to be in it."""
    peer = Peer(house)
    peer.say(1, "free", {"roles": CALLEE_ROLES, "authmethods": [method], "authid": "mary"})
    assert uri_of(peer.say(5, "hidden", {})) == "wamp.error.authentication_denied"


def test_others_are_as_before(house: OpenHouse, free: tuple[Peer, Peer]) -> None:
    """An organisation's realm beside it has its rules, and hears nothing of it."""
    visitor, script = Peer(house).join("acme"), Peer(house).log_in()
    assert uri_of(visitor.say(32, 1, {}, "nobodys.topic")) == "wamp.error.not_authorized"
    assert uri_of(visitor.say(48, 2, {}, "wamp.session.count")) == "wamp.error.not_authorized"
    assert script.say(48, 3, {}, "wamp.session.count")[0][3] == [2]
    assert visitor.say(48, 4, {}, "hotline.whoami")[0][0] == 50
    visitor.subscribe("plain.a", 5)
    free[0].say(16, 6, {}, "plain.a")
    assert visitor.heard() == []
    assert [news[0] for news in house.outside.news] == ["joined", "joined", "observed"]
