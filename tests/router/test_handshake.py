"""From HELLO to WELCOME, and all the ways it can end before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotline.errors import Unavailable
from hotline.protocols.limits import SessionLimits
from tests.router.outside import ROLES, House, Peer

Connect = Callable[[], Peer]

BROKER_FEATURES = (
    "event_history",
    "payload_passthru_mode",
    "pattern_based_subscription",
    "publisher_exclusion",
    "publisher_identification",
    "session_meta_api",
    "subscriber_blackwhite_listing",
    "subscription_meta_api",
    "subscription_revocation",
)
DEALER_FEATURES = (
    "call_canceling",
    "call_timeout",
    "caller_identification",
    "payload_passthru_mode",
    "progressive_call_results",
    "registration_meta_api",
    "registration_revocation",
    "session_meta_api",
    "shared_registration",
    "testament_meta_api",
)
"""Each of these has its tests; what is not in the lists is not announced."""


def test_anonymous_is_welcomed(house: House, connect: Connect) -> None:
    """An anonymous peer is welcomed with what the router can do and an authid it did not choose."""
    peer = connect()
    (welcome,) = peer.say(1, "acme", {"roles": ROLES, "authid": "root", "authrole": "manager", "x": [1]})
    assert welcome[0] == 2
    assert 1 <= welcome[1] <= 2**53
    assert welcome[1] == peer.session.id
    assert welcome[2] == {
        "realm": "acme",
        "authid": "anonymous1",
        "authrole": "client",
        "authmethod": "anonymous",
        "authprovider": "hotline",
        "roles": {
            "broker": {"features": dict.fromkeys(BROKER_FEATURES, True)},
            "dealer": {"features": dict.fromkeys(DEALER_FEATURES, True)},
        },
    }
    assert house.outside.news == [("joined", welcome[1])]
    assert [each.id for each in house.router.realms["acme"].sessions] == [welcome[1]]
    assert house.router.realms["acme"].tenant == "tenant-1"


def test_ticket_is_asked_for_and_checked(connect: Connect) -> None:
    """HELLO with ticket is challenged, the right ticket is welcomed with its role."""
    peer = connect()
    hello = {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"}
    assert peer.say(1, "acme", hello) == [[4, "ticket", {}]]
    (welcome,) = peer.say(5, "secret", {})
    assert (welcome[2]["authid"], welcome[2]["authrole"], welcome[2]["authmethod"]) == (
        "bob",
        "staff",
        "ticket",
    )


@pytest.mark.parametrize(
    ("authid", "ticket"),
    [("bob", "wrong"), ("nobody", "secret"), (None, "secret"), ("bob", "a\0"), ("a\0", "a")],
)
def test_wrong_tickets_look_alike(house: House, connect: Connect, authid: str | None, ticket: str) -> None:
    """A wrong ticket, an unknown authid and none at all get the same answer, and no realm appears."""
    peer = connect()
    peer.say(1, "acme", {"roles": ROLES, "authmethods": ["ticket"], "authid": authid})
    answer = peer.say(5, ticket, {})
    assert answer == [[3, {"message": "This ticket is not valid."}, "wamp.error.authentication_denied"]]
    assert peer.link.closed is not None
    assert not house.router.realms


@pytest.mark.parametrize("realm", ["nowhere", "", "a b", "acme.", "\0"])
def test_unknown_realm(connect: Connect, realm: str) -> None:
    """An unknown or impossible realm is aborted, before any ticket is asked for."""
    peer = connect()
    (abort,) = peer.say(1, realm, {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"})
    assert (abort[0], abort[2]) == (3, "wamp.error.no_such_realm")
    assert peer.link.closed is not None


@pytest.mark.parametrize(
    ("offered", "answer"),
    [
        (["ticket", "anonymous"], 4),
        (["anonymous", "ticket"], 2),
        (["tls", "anonymous"], 2),
        ([], 2),
        (None, 2),
        (["wampcra"], 4),
        (["tls", "cryptosign", "ticket"], 4),
        (["tls"], 3),
    ],
)
def test_the_clients_order_of_methods_counts(connect: Connect, offered: Any, answer: int) -> None:
    """The first method both sides know is taken; none at all means anonymous."""
    ((code, *rest),) = connect().say(1, "acme", {"roles": ROLES, "authmethods": offered, "authid": "bob"})
    assert code == answer
    if code == 3:
        assert rest[1] == "wamp.error.no_matching_auth_method"


@pytest.mark.parametrize(
    "array",
    [
        [1, "acme"],
        [1, "acme", {}],
        [1, "acme", {"roles": {}}],
        [1, "acme", {"roles": {"singer": {}}}],
        [1, "acme", {"roles": []}],
        [1, "acme", {"roles": ROLES}, "more"],
        [1, 5, {"roles": ROLES}],
        [1, "acme", {"roles": ROLES, "authmethods": "ticket"}],
        [1, "acme", {"roles": ROLES, "authid": 5}],
        [32, 1, {}, "hotline.a"],
        [5, "secret", {}],
        [6, {}, "wamp.close.normal"],
        [2, 1, {}],
        [4, "ticket", {}],
        [8, 48, 1, {}, "a.b"],
        [70, 1, {}],
        [99],
        [],
    ],
)
def test_anything_but_a_good_hello_is_a_violation(house: House, connect: Connect, array: list[Any]) -> None:
    """The first message has to be a well-formed HELLO with a role; else ABORT, then the link is dropped."""
    peer = connect()
    (abort,) = peer.say(*array)
    assert (abort[0], abort[2]) == (3, "wamp.error.protocol_violation")
    assert peer.link.closed is not None
    assert not house.router.realms
    assert peer.say(1, "acme", {"roles": ROLES}) == []


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"\x80", b"\xa0", b"null", b"\xc1\xff", b"[1,", b"\xff" * 100]
)
def test_garbage_is_a_violation(connect: Connect, payload: bytes) -> None:
    """Bytes that are no message end in ABORT, whatever they are."""
    peer = connect()
    (abort,) = peer.say_bytes(payload)
    assert (abort[0], abort[2]) == (3, "wamp.error.protocol_violation")
    assert peer.link.closed is not None


@pytest.mark.parametrize("array", [[1, "acme", {"roles": ROLES}], [32, 1, {}, "hotline.a"], [6, {}, "a.b"]])
def test_challenged_peers_only_authenticate(connect: Connect, array: list[Any]) -> None:
    """While challenged, anything but AUTHENTICATE and ABORT is a violation."""
    peer = connect()
    peer.say(1, "acme", {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"})
    (abort,) = peer.say(*array)
    assert abort[2] == "wamp.error.protocol_violation"


def test_second_hello(house: House, connect: Connect) -> None:
    """A second HELLO ends the session at once, subscriptions and all."""
    peer = connect().join()
    peer.subscribe("hotline.a")
    (abort,) = peer.say(1, "acme", {"roles": ROLES})
    assert abort[2] == "wamp.error.protocol_violation"
    assert not house.router.realms
    assert house.outside.news[-2:] == [("abandoned", "acme", "hotline.a"), ("left", peer.session.id)]


def test_abort_is_never_answered(house: House, connect: Connect) -> None:
    """A client's ABORT ends the session without a word, in every state."""
    greeted, challenged, joined = connect(), connect(), connect().join()
    challenged.say(1, "acme", {"roles": ROLES, "authmethods": ["ticket"]})
    challenged.heard()
    for peer, more in ((greeted, []), (challenged, [["why"]]), (joined, [["why"], {"k": 1}])):
        assert peer.say(3, {}, "client.is.\ud800.gone" if peer.link.name == "json" else "gone", *more) == []
        assert peer.link.closed is not None
    assert not house.router.realms


def test_goodbye_is_answered_and_final(house: House, connect: Connect) -> None:
    """GOODBYE gets goodbye_and_out; what comes afterwards is ignored."""
    peer = connect().join()
    assert peer.say(6, {}, "wamp.close.close_realm") == [[6, {}, "wamp.close.goodbye_and_out"]]
    assert peer.link.closed is not None
    assert peer.say(48, 1, {}, "hotline.echo") == []
    peer.session.link_lost()
    assert house.outside.news == [("joined", peer.session.id), ("left", peer.session.id)]
    assert not house.router.sessions


def test_hello_has_a_deadline(house: House, connect: Connect) -> None:
    """Who is not welcomed within the limit is aborted, be it silent, challenged or waiting for us."""
    silent, challenged, waiting, welcomed = connect(), connect(), connect(), connect().join()
    challenged.say(1, "acme", {"roles": ROLES, "authmethods": ["ticket"]})
    house.outside.held = {"anonymous"}
    waiting.say(1, "acme", {"roles": ROLES})
    house.clock.advance(9.9)
    assert silent.link.closed is None
    house.clock.advance(0.2)
    for peer in (silent, challenged, waiting):
        assert peer.heard()[-1][2] == "wamp.error.timeout"
        assert peer.link.closed is not None
    house.outside.let_go()
    assert waiting.heard() == []
    assert welcomed.link.closed is None
    assert house.router.joined_count == 1
    assert not house.clock.getDelayedCalls()


def test_no_deadline_if_the_limit_is_0() -> None:
    """0 lifts the deadline."""
    house = House(SessionLimits(hello_seconds=0))
    Peer(house)
    assert not house.clock.getDelayedCalls()


@pytest.mark.parametrize(
    ("method", "port"),
    [
        ("anonymous", "find_realm"),
        ("anonymous", "anonymous"),
        ("ticket", "find_realm"),
        ("ticket", "ticket"),
    ],
)
def test_link_lost_while_asking(house: House, connect: Connect, method: str, port: str) -> None:
    """Who is gone before the authenticator answers leaves no trace."""
    house.outside.held = {port}
    peer = connect()
    peer.say(1, "acme", {"roles": ROLES, "authmethods": [method], "authid": "bob"})
    if port == "ticket":
        peer.say(5, "secret", {})
    peer.heard()
    peer.session.link_lost()
    house.outside.let_go()
    assert peer.heard() == []
    assert (house.router.realms, house.router.sessions, len(house.router.tasks)) == ({}, set(), 0)
    assert house.outside.news == []


def test_message_while_asking_is_a_violation(house: House, connect: Connect) -> None:
    """A client that does not wait for its answer is aborted, and is not let in later."""
    house.outside.held = {"find_realm"}
    peer = connect()
    peer.say(1, "acme", {"roles": ROLES})
    (abort,) = peer.say(48, 1, {}, "hotline.echo")
    assert abort[2] == "wamp.error.protocol_violation"
    house.outside.let_go()
    assert peer.heard() == []
    assert not house.router.realms


def test_problems_of_the_outside_are_told(house: House, connect: Connect) -> None:
    """An expected error of the authenticator becomes ABORT with its URI and details."""
    house.outside.problem = Unavailable(retry_after=2)
    (abort,) = connect().say(1, "acme", {"roles": ROLES})
    assert abort == [3, {"message": Unavailable.sentence, "retry_after": 2}, "hotline.error.unavailable"]


def test_mistakes_of_the_outside_are_hidden(
    house: House, connect: Connect, no_logged_failures: list[str]
) -> None:
    """An unexpected error becomes ABORT with an incident, under which the log has the failure."""
    house.outside.tickets = None  # type: ignore[assignment]  # the mistake
    peer = connect()
    peer.say(1, "acme", {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"})
    (abort,) = peer.say(5, "secret", {})
    assert abort[2] == "hotline.error.internal"
    assert set(abort[1]) == {"message", "incident"}
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()


def test_name_that_passed_to_another_tenant(house: House, connect: Connect) -> None:
    """Sessions of two tenants never share a realm, even if both had the same name."""
    first = connect().join()
    house.outside.tenants["acme"] = "tenant-3"
    (abort,) = connect().say(1, "acme", {"roles": ROLES})
    assert abort[2] == "wamp.error.no_such_realm"
    first.session.close("wamp.close.killed")
    second = connect().join()
    assert second.session.realm.tenant == "tenant-3"
