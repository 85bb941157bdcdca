"""What a welcomed session may ask for, message by message, in all three serializers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from hotline.errors import AlreadyClaimed, HotlineError, Invalid
from hotline.protocols.limits import SessionLimits
from hotline.router.ports import Identity
from tests.router.outside import ROLES, House, Peer, uri_of

Connect = Callable[[], Peer]

VIOLATION = "wamp.error.protocol_violation"
NOT_AUTHORIZED = "wamp.error.not_authorized"


def error(code: int, request: int, uri: str, *sentences: str, **details: Any) -> list[Any]:
    """The ERROR one expects."""
    return [8, code, request, {}, uri, list(sentences), details]


# SUBSCRIBE and UNSUBSCRIBE


def test_same_topic_has_the_same_subscription(house: House, connect: Connect) -> None:
    """Two sessions, or one twice, get the same subscription id; the watcher hears of the first."""
    ann, bob = connect().join(), connect().join()
    first = ann.subscribe("hotline.a")
    assert bob.subscribe("hotline.a") == first
    assert ann.subscribe("hotline.a", 2) == first
    assert ann.subscribe("hotline.b", 3) != first
    assert house.outside.news[2:] == [("observed", "acme", "hotline.a"), ("observed", "acme", "hotline.b")]
    assert list(ann.session.topics) == ["hotline.a", "hotline.b"]


def test_unsubscribe(house: House, connect: Connect) -> None:
    """After UNSUBSCRIBED nothing comes any more, and the watcher hears of the last to go."""
    ann, bob = connect().join(), connect().join()
    subscription = ann.subscribe("plain.a")
    bob.subscribe("plain.a")
    assert ann.say(34, 2, subscription) == [[35, 2]]
    bob.say(16, 3, {"exclude_me": False}, "plain.a", ["x"])
    assert ann.heard() == []
    assert house.outside.news[-1] == ("observed", "acme", "plain.a")
    bob.say(34, 4, subscription)
    assert house.outside.news[-1] == ("abandoned", "acme", "plain.a")


def test_unsubscribe_of_somebody_else(connect: Connect) -> None:
    """Neither an unknown id nor another session's subscription can be ended."""
    ann, bob = connect().join(), connect().join()
    subscription = ann.subscribe("plain.a")
    for each in (subscription, 12345):
        assert bob.say(34, 7, each) == [error(34, 7, "wamp.error.no_such_subscription")]
    bob.say(16, 3, {}, "plain.a", ["x"])
    assert len(ann.heard()) == 1


def test_forbidden_topics(connect: Connect) -> None:
    """A topic the outside does not grant, and any pattern, is not authorized; the session lives."""
    peer = connect().join()
    for options, topic in (
        ({}, "nobodys.topic"),
        ({"match": "prefix"}, "hotline"),
        ({"match": "prefix"}, ""),
        ({"match": "wildcard"}, "hotline..a"),
        ({"match": "sideways"}, "hotline.a"),
    ):
        (answer,) = peer.say(32, 5, options, topic)
        assert answer[:3] + answer[4:5] == [8, 32, 5, NOT_AUTHORIZED]
    assert peer.subscribe("hotline.a", 6)


@pytest.mark.parametrize(
    "uri", ["", "a b", "hotline..a", "hotline.", "#", "hotline.a\n", "plain." + 507 * "a"]
)
def test_bad_uris(connect: Connect, uri: str) -> None:
    """A bad URI is an ERROR for its request; an unacknowledged PUBLISH is passed over in silence."""
    peer = connect().join()
    sentence = "This is not a URI."
    assert peer.say(32, 1, {}, uri) == [error(32, 1, "wamp.error.invalid_uri", sentence)]
    assert peer.say(48, 2, {}, uri) == [error(48, 2, "wamp.error.invalid_uri", sentence)]
    assert peer.say(64, 3, {}, uri) == [error(64, 3, "wamp.error.invalid_uri", sentence)]
    assert peer.say(16, 4, {"acknowledge": True}, uri) == [error(16, 4, "wamp.error.invalid_uri", sentence)]
    assert peer.say(16, 5, {}, uri) == []
    assert peer.subscribe("hotline.a", 6)


def test_subscriptions_are_limited(serializer: str) -> None:
    """A session has only so many subscriptions, also if it asks for several before the first answer."""
    house = House(SessionLimits(subscriptions=2))
    peer = Peer(house, serializer).join()
    house.outside.held = {"may_subscribe"}
    for number in (1, 2, 3):
        peer.say(32, number, {}, f"plain.{number}")
    for _ in range(3):
        house.outside.let_go()
    heard = peer.heard()
    assert [each[0] for each in heard] == [33, 33, 8]
    assert heard[2][4] == "hotline.error.not_allowed"
    house.outside.held = set()
    assert peer.say(32, 4, {}, "plain.4")[0][0] == 8
    peer.say(34, 5, heard[0][2])
    assert peer.subscribe("plain.4", 6)


# PUBLISH


def test_publish_to_others(connect: Connect) -> None:
    """A publication reaches the other subscribers, with what the outside made of it, and nobody else."""
    ann, bob, cy = connect().join(), connect().join(), connect().join()
    ann.subscribe("plain.a")
    subscription = bob.subscribe("plain.a")
    cy.subscribe("plain.b")
    (published,) = ann.say(
        16, 9, {"acknowledge": True}, "plain.a", ["hi", 1.5, None], {"sender": "root", "k": [1]}
    )
    assert published[:2] == [17, 9]
    assert 1 <= published[2] <= 2**53
    assert bob.heard() == [
        [36, subscription, published[2], {}, ["hi", 1.5, None], {"sender": "anonymous1", "k": [1]}]
    ]
    assert cy.heard() == []


def test_exclude_me(connect: Connect) -> None:
    """Its own event comes only with exclude_me=false, PUBLISHED only with acknowledge."""
    ann = connect().join()
    ann.subscribe("plain.a")
    assert ann.say(16, 2, {}, "plain.a") == []
    assert ann.say(16, 3, {"exclude_me": True, "acknowledge": False, "nonsense": {}}, "plain.a") == []
    assert [each[0] for each in ann.say(16, 4, {"exclude_me": False}, "plain.a")] == [36]
    assert [each[0] for each in ann.say(16, 5, {"exclude_me": False, "acknowledge": True}, "plain.a")] == [
        36,
        17,
    ]


def test_realms_never_meet(connect: Connect) -> None:
    """The same topic in another realm is another topic."""
    ann, bob = connect().join("acme"), connect().join("other")
    bob.subscribe("plain.a")
    bob.subscribe("hotline.a", 2)
    ann.say(16, 1, {}, "plain.a", ["x"])
    ann.say(16, 2, {}, "hotline.a", ["x"])
    assert bob.heard() == []


def test_publish_where_it_is_not_allowed(house: House, connect: Connect) -> None:
    """Topics not granted, and all of WAMP's own, are refused if an answer is wanted."""
    peer = connect().join()
    house.outside.may = lambda session, topic: topic.startswith("wamp.")
    for topic in ("plain.a", "wamp.session.on_join"):
        (answer,) = peer.say(16, 3, {"acknowledge": True}, topic)
        assert answer[:3] + answer[4:5] == [8, 16, 3, NOT_AUTHORIZED]
        assert peer.say(16, 4, {}, topic) == []


def test_durable_topics_go_to_the_store(house: House, connect: Connect) -> None:
    """A durable PUBLISH is acknowledged when the store has it, not before, and goes out as the store says."""
    ann, bob = connect().join(), connect().join()
    bob.subscribe("hotline.room.x")
    house.outside.held = {"append"}
    assert ann.say(16, 1, {"acknowledge": True}, "hotline.room.x", ["hi"], {"nonce": "n"}) == []
    assert house.outside.stored == [("hotline.room.x", ["hi"], {"nonce": "n"})]
    assert bob.heard() == []
    house.outside.let_go()
    (published,) = ann.heard()
    assert published[:2] == [17, 1]
    (event,) = bob.heard()
    assert event[4:] == [["hi"], {"nonce": "n", "seq": 1}]


def test_durable_publications_keep_their_order(house: House, connect: Connect) -> None:
    """The store is handed the publications of a session as they came, the first still on its way."""
    peer = connect().join()
    house.outside.held = {"append"}
    for number in range(5):
        peer.say(16, number + 1, {"acknowledge": True}, "hotline.room.x", [number])
    assert [args for _, args, _ in house.outside.stored] == [[0], [1], [2], [3], [4]]
    for _ in range(5):
        house.outside.let_go(-1)
    assert [each[1] for each in peer.heard()] == [5, 4, 3, 2, 1]


def test_store_says_no(house: House, connect: Connect) -> None:
    """An error of the store is the answer to an acknowledged PUBLISH, and nobody's to another one."""
    peer = connect().join()
    house.outside.problem = Invalid(text="too long")
    assert peer.say(16, 1, {"acknowledge": True}, "hotline.a") == [
        error(16, 1, "hotline.error.invalid", Invalid.sentence, text="too long")
    ]
    assert peer.say(16, 2, {}, "hotline.a") == []
    assert peer.say(16, 3, {"acknowledge": True}, "plain.a")[0][4] == "hotline.error.invalid"
    assert peer.say(32, 4, {}, "plain.a")[0][4] == "hotline.error.invalid"


def test_plain_publications_keep_their_order(house: House, connect: Connect) -> None:
    """Publications of a session go out in the order they came, however their authorizations return."""
    ann, bob = connect().join(), connect().join()
    bob.subscribe("plain.a")
    house.outside.held = {"may_publish"}
    for number in range(4):
        ann.say(16, number + 1, {"acknowledge": True}, "plain.a", [number])
    house.outside.let_go(2)
    house.outside.let_go(1)
    assert (ann.heard(), bob.heard()) == ([], [])
    house.outside.let_go(0)
    assert [each[4] for each in bob.heard()] == [[0], [1], [2]]
    house.outside.let_go()
    assert [each[4] for each in bob.heard()] == [[3]]
    assert [each[1] for each in ann.heard()] == [1, 2, 3, 4]


# CALL


def test_call(connect: Connect) -> None:
    """A RESULT carries the one value the procedure gave."""
    peer = connect().join()
    expected = {"args": ["a", 1], "kwargs": {"b": [None, True]}}
    assert peer.say(48, 1, {}, "hotline.echo", ["a", 1], {"b": [None, True]}) == [[50, 1, {}, [expected]]]
    assert peer.say(48, 2, {"timeout": 5, "x": {}}, "hotline.echo") == [
        [50, 2, {}, [{"args": [], "kwargs": {}}]]
    ]


@pytest.mark.parametrize("uri", ["hotline.nothing", "wamp.session.count", "com.example.add"])
def test_call_of_anything_else(connect: Connect, uri: str) -> None:
    """What is not built in may not be called."""
    (answer,) = connect().join().say(48, 3, {}, uri)
    assert answer[:3] + answer[4:5] == [8, 48, 3, NOT_AUTHORIZED]


def test_calls_wait_side_by_side(house: House, connect: Connect) -> None:
    """A slow call keeps nothing else waiting."""
    peer = connect().join()
    house.outside.held = {"call"}
    peer.say(48, 1, {}, "hotline.echo")
    peer.say(48, 2, {}, "hotline.echo")
    assert peer.subscribe("plain.a", 3)
    house.outside.let_go(1)
    house.outside.let_go(0)
    assert [each[1] for each in peer.heard()] == [2, 1]


def test_expected_errors_of_a_procedure(house: House, connect: Connect) -> None:
    """A HotlineError becomes an ERROR with its URI, sentence and details."""
    peer = connect().join()
    house.outside.problem = AlreadyClaimed(by={"id": "x", "name": "Ann"})
    assert peer.say(48, 1, {}, "hotline.echo") == [
        error(48, 1, "hotline.error.already_claimed", AlreadyClaimed.sentence, by={"id": "x", "name": "Ann"})
    ]


def test_details_no_serializer_can_express(house: House, connect: Connect) -> None:
    """An ERROR whose details cannot be sent goes without them."""
    peer = connect().join()
    house.outside.problem = Invalid(name="\ud800")
    (answer,) = peer.say(48, 1, {}, "hotline.echo")
    assert answer[4] == "hotline.error.invalid"
    assert peer.session.is_open


@pytest.mark.parametrize(
    "problem", [ZeroDivisionError("secret"), HotlineError(secret=1), RecursionError(), "\ud800", object()]
)
def test_mistakes_of_a_procedure(
    house: House, connect: Connect, problem: Any, no_logged_failures: list[str]
) -> None:
    """Anything unexpected, also a value that cannot be sent, is an incident to the peer, a failure to us."""

    def fail(*_: Any) -> Any:
        if isinstance(problem, Exception):
            raise problem
        return problem

    house.outside.procedures["hotline.fail"] = fail
    peer = connect().join()
    (answer,) = peer.say(48, 1, {}, "hotline.fail")
    assert answer[:6] == error(48, 1, "hotline.error.internal", HotlineError.sentence)[:6]
    assert list(answer[6]) == ["incident"]
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()
    assert peer.subscribe("plain.a", 2)


def test_same_request_id_twice(house: House, connect: Connect) -> None:
    """The id of a call that waits for its answer cannot be used again; afterwards it can."""
    peer = connect().join()
    assert peer.say(48, 1, {}, "hotline.echo")[0][0] == 50
    assert peer.say(48, 1, {}, "hotline.echo")[0][0] == 50
    house.outside.held = {"call"}
    peer.say(48, 1, {}, "hotline.echo")
    (abort,) = peer.say(48, 1, {}, "hotline.echo")
    assert abort[2] == VIOLATION


def test_too_many_at_once(serializer: str) -> None:
    """Requests that wait for their answer are limited; each answer makes room."""
    house = House(SessionLimits(pending_calls=2))
    peer = Peer(house, serializer).join()
    house.outside.held = {"call"}
    peer.say(48, 1, {}, "hotline.echo")
    peer.say(48, 2, {}, "hotline.echo")
    (answer,) = peer.say(48, 3, {}, "hotline.echo")
    assert (answer[2], answer[4]) == (3, "hotline.error.too_fast")
    house.outside.let_go()
    assert peer.heard()[0][1] == 1
    assert peer.say(48, 4, {}, "hotline.echo") == []
    assert peer.session.is_open


def test_cancel_and_registrations(connect: Connect) -> None:
    """CANCEL of whatever is ignored, REGISTER not authorized, UNREGISTER finds nothing."""
    peer = connect().log_in("bob", "secret")
    assert peer.say(49, 77, {"mode": "kill"}) == []
    (answer,) = peer.say(64, 1, {}, "org.acme.add")
    assert answer[:3] + answer[4:5] == [8, 64, 1, NOT_AUTHORIZED]
    assert peer.say(66, 2, 12345) == [error(66, 2, "wamp.error.no_such_registration")]
    assert peer.session.is_open


# Violations


@pytest.mark.parametrize(
    "array",
    [
        [32, 0, {}, "hotline.a"],
        [32, 2**53 + 1, {}, "hotline.a"],
        [32, -1, {}, "hotline.a"],
        [32, "1", {}, "hotline.a"],
        [32, 1.5, {}, "hotline.a"],
        [32, True, {}, "hotline.a"],
        [32, 1, [], "hotline.a"],
        [32, 1, {}, 5],
        [32, 1, {}],
        [32, 1, {}, "hotline.a", []],
        [32, 1, {"match": 5}, "hotline.a"],
        [16, 1, {"acknowledge": 1}, "hotline.a"],
        [16, 1, {"exclude_me": "no"}, "hotline.a"],
        [16, 1, {}, "hotline.a", {}],
        [16, 1, {}, "hotline.a", [], []],
        [16, 1, {}, "hotline.a", None],
        [48, 1, {}, "hotline.echo", [], {}, []],
        [48, 1, None, "hotline.echo"],
        [34, 1, 0],
        [34, 1, "x"],
        [8, 48, 1, {}, "a.b"],
        [70, 1, {}],
        [5, "x", {}],
        [36, 1, 1, {}],
        [2, 1, {}],
        [100, 1],
        ["32", 1, {}, "hotline.a"],
        [[32], 1],
    ],
)
def test_violations(house: House, connect: Connect, array: list[Any]) -> None:
    """Ids out of range, wrong types, missing and extra elements, messages that are not a client's: ABORT."""
    peer, witness = connect().join(), connect().join()
    peer.subscribe("hotline.a", 9)
    (abort,) = peer.say(*array)
    assert (abort[0], abort[2]) == (3, VIOLATION)
    assert peer.link.closed is not None
    assert ("abandoned", "acme", "hotline.a") in house.outside.news
    assert peer.say(48, 1, {}, "hotline.echo") == []
    assert witness.say(48, 1, {}, "hotline.echo")[0][0] == 50


def test_roles_that_were_not_announced(connect: Connect) -> None:
    """Who announced a role cannot act in another."""
    for role, array in (
        ("caller", [32, 1, {}, "plain.a"]),
        ("caller", [34, 1, 1]),
        ("caller", [16, 1, {}, "plain.a"]),
        ("caller", [66, 1, 1]),
        ("callee", [48, 1, {}, "hotline.echo"]),
        ("callee", [49, 1, {}]),
    ):
        peer = connect()
        peer.say(1, "acme", {"roles": {role: {}}})
        (abort,) = peer.say(*array)
        assert abort[2] == VIOLATION


# Speed


def test_too_fast(house: House, connect: Connect) -> None:
    """Over the rate there is an ERROR that says how long to wait, or silence for what wants no answer."""
    peer = connect().join()
    for number in range(10):
        peer.say(16, number + 1, {}, "plain.a")
        peer.say(48, number + 1, {}, "hotline.echo")
        subscription = peer.say(32, number + 1, {}, "plain.a")[0][2]
        peer.say(34, number + 1, subscription)
    peer.heard()
    for array in ([48, 50, {}, "hotline.echo"], [32, 51, {}, "plain.a"], [34, 52, 1], [64, 53, {}, "a.b"]):
        (answer,) = peer.say(*array)
        assert answer[:3] + answer[4:5] == [8, array[0], array[1], "hotline.error.too_fast"]
        assert answer[6] == {"retry_after": 0.05}
    assert peer.say(16, 60, {}, "plain.a") == []
    assert peer.say(16, 61, {"acknowledge": True}, "plain.a")[0][4] == "hotline.error.too_fast"
    house.clock.advance(0.06)
    assert peer.say(48, 70, {}, "hotline.echo")[0][0] == 50
    assert peer.session.is_open


# Length


def test_what_is_longer_than_a_peer_takes(connect: Connect) -> None:
    """Its event is dropped for this peer only, its answer becomes an ERROR; anything else ends the link."""
    small, other, script = connect().join(), connect().join(), connect().log_in()
    for peer in (small, other):
        peer.subscribe("plain.a")
    script.register("org.add")
    small.link.longest = 512
    script.say(16, 1, {}, "plain.a", ["x" * 600])
    assert (small.heard(), [each[0] for each in other.heard()]) == ([], [36])
    assert uri_of(small.say(48, 1, {}, "hotline.echo", ["x" * 600])) == "wamp.error.invalid_argument"
    for number, answer in enumerate(([70, 1, {}, ["x" * 600]], [8, 68, 2, {}, "a.b", ["x" * 600]]), 2):
        small.say(48, number, {}, "org.add")
        script.heard()
        script.say(*answer)
        assert uri_of(small.heard()) == "wamp.error.invalid_argument"
    script.link.longest = 512
    assert uri_of(other.say(48, 1, {}, "org.add", ["x" * 600])) == "wamp.error.invalid_argument"
    assert small.session.is_open
    assert script.session.is_open
    small.session.close("wamp.close.killed", "x" * 600)
    assert (small.heard(), small.link.closed) == ([], "too long for this peer")


# What the outside does with a session


def test_close(house: House, connect: Connect) -> None:
    """The outside closes a session: GOODBYE, out of the realm, and nothing afterwards."""
    ann, bob = connect().join(), connect().join()
    ann.subscribe("plain.a")
    ann.session.close("wamp.close.killed", "You were removed.")
    assert ann.heard() == [[6, {"message": "You were removed."}, "wamp.close.killed"]]
    assert (ann.link.closed, ann.session.is_open) == ("wamp.close.killed", False)
    ann.session.close("wamp.close.killed")
    bob.say(16, 1, {}, "plain.a")
    assert ann.heard() == []
    assert [each.id for each in house.router.realms["acme"].sessions] == [bob.session.id]


def test_drop_subscriptions(house: House, connect: Connect) -> None:
    """The outside ends subscriptions, and the peer is told which and why."""
    peer = connect().join()
    first, second = peer.subscribe("plain.a", 1), peer.subscribe("plain.b", 2)
    assert peer.session.drop_subscriptions(lambda topic: topic == "plain.a", "hotline.close.left") == 1
    assert peer.heard() == [[35, 0, {"subscription": first, "reason": "hotline.close.left"}]]
    assert list(peer.session.topics) == ["plain.b"]
    assert house.outside.news[-1] == ("abandoned", "acme", "plain.a")
    assert peer.say(34, 3, first)[0][4] == "wamp.error.no_such_subscription"
    assert peer.say(34, 4, second) == [[35, 4]]


@pytest.mark.parametrize(
    "features", [{}, {"subscription_revocation": True, "payload_encryption_cryptobox": True}]
)
def test_drop_subscriptions_of_a_client_that_would_not_understand(
    connect: Connect, features: dict[str, bool]
) -> None:
    """A client that did not announce the feature, or is Autobahn, would take it for a violation."""
    peer = connect()
    peer.say(1, "acme", {"roles": {"subscriber": {"features": features}}})
    peer.subscribe("plain.a")
    assert peer.session.drop_subscriptions(lambda topic: True) == 1
    assert peer.heard() == []


def test_become(house: House, connect: Connect) -> None:
    """From `become` on the session is somebody else to everything the outside is asked."""
    peer = connect().join()
    new = Identity(authid="client7", authrole="client", authmethod="x", authprovider="hotline", principal=7)
    peer.session.become(new)
    assert peer.say(48, 1, {}, "hotline.whoami") == [[50, 1, {}, [{"authid": "client7"}]]]


@pytest.mark.parametrize("revoke", ["drop", "become"])
def test_right_that_is_taken_while_it_is_asked_for(house: House, connect: Connect, revoke: str) -> None:
    """If rights change while an authorization is awaited, its answer does not count: it is asked again."""
    peer = connect().join()
    answers = [True, False]
    house.outside.may = lambda session, topic: answers.pop(0)
    house.outside.held = {"may_subscribe", "may_publish"}
    peer.say(32, 1, {}, "plain.a")
    if revoke == "drop":
        peer.session.drop_subscriptions(lambda topic: True)
    else:
        peer.session.become(peer.session.identity)
    house.outside.let_go()
    assert peer.heard() == []
    house.outside.let_go()
    assert peer.heard()[0][4] == NOT_AUTHORIZED
    assert not peer.session.topics

    answers.extend([True, False])
    peer.say(16, 2, {"acknowledge": True}, "plain.a")
    peer.session.drop_subscriptions(lambda topic: True)
    house.outside.let_go()
    house.outside.let_go()
    assert peer.heard()[0][4] == NOT_AUTHORIZED


def test_session_that_ends_while_it_waits(house: House, connect: Connect) -> None:
    """Answers for a session that is gone go nowhere and change nothing, failures among them."""
    peer = connect().join()
    house.outside.held = {"may_subscribe", "may_publish", "append", "call"}
    peer.say(32, 1, {}, "plain.a")
    peer.say(16, 2, {"acknowledge": True}, "plain.a")
    peer.say(16, 3, {"acknowledge": True}, "hotline.a")
    peer.say(48, 4, {}, "hotline.echo")
    peer.session.link_lost()
    house.outside.problem = Invalid()
    house.outside.let_go()
    house.outside.problem = None
    while house.outside.waiting:
        house.outside.let_go()
    assert peer.heard() == []
    assert (house.router.realms, house.router.sessions, len(house.router.tasks)) == ({}, set(), 0)
    assert house.outside.news[-1] == ("left", peer.session.id)


def test_reader_that_is_too_slow(house: House, connect: Connect) -> None:
    """A peer that reads too slowly is told so and closed."""
    peer = connect().join()
    peer.session.overflowed()
    assert peer.heard()[0][2] == "hotline.close.too_slow"
    assert peer.link.closed is not None
    assert not house.router.realms


def test_realm_publish(house: House, connect: Connect) -> None:
    """The outside publishes into a realm, and hears how many it went to."""
    ann, bob = connect().join(), connect().join()
    realm = ann.session.realm
    assert realm.publish("hotline.a", [1], {}) == 0
    ann.subscribe("hotline.a")
    bob.subscribe("hotline.a")
    assert realm.is_observed("hotline.a")
    assert realm.publish("hotline.a", [1], {"x": 2}) == 2
    assert realm.publish("hotline.a", [1], {}, ann.session.id) == 1
    assert realm.publish("hotline.a", [1], {}, 5) == 2
    assert (len(ann.heard()), len(bob.heard())) == (2, 3)


def test_watcher_that_fails(house: House, connect: Connect, no_logged_failures: list[str]) -> None:
    """A mistake in the watcher is logged and stops nothing."""

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    for news in ("session_joined", "session_left", "topic_observed", "topic_abandoned"):
        setattr(house.outside, news, fail)
    peer = connect().join()
    peer.subscribe("plain.a")
    peer.say(6, {}, "wamp.close.normal")
    assert not house.router.realms
    assert len(no_logged_failures) == 4
    no_logged_failures.clear()


def test_close_all(house: House, connect: Connect) -> None:
    """A stop says GOODBYE to all, aborts those on their way in, and waits for what is being worked on."""
    ann, bob = connect().join(), connect().join("other")
    newcomer = connect()
    house.outside.held = {"call"}
    ann.say(48, 1, {}, "hotline.echo")
    stopped: list[None] = []
    house.router.close_all().addCallback(stopped.append)
    assert ann.heard()[0][2] == bob.heard()[0][2] == newcomer.heard()[0][2] == "wamp.close.system_shutdown"
    late = connect()
    assert late.heard()[0][2] == "wamp.close.system_shutdown"
    for peer in (ann, bob, newcomer, late):
        assert peer.link.closed is not None
        peer.session.link_lost()
    assert not stopped
    house.outside.let_go()
    assert stopped
    assert house.router.close_all().called


def test_close_all_in_a_while(house: House, connect: Connect) -> None:
    """GOODBYEs are spread evenly over the time; whoever is still there works on, newcomers go at once."""
    peers = [connect().join() for _ in range(100)]
    stopped: list[None] = []
    house.router.close_all(seconds=2.0).addCallback(stopped.append)
    said = []
    for _ in range(44):
        said.append(sum(peer.link.closed is not None for peer in peers))
        assert connect().heard()[0][2] == "wamp.close.system_shutdown"
        house.clock.advance(0.05)
    assert said[0] <= 3
    assert 45 <= said[20] <= 55
    assert said[-1] == 100
    assert max(later - earlier for earlier, later in itertools.pairwise(said)) <= 3
    for session in list(house.router.sessions):
        session.link_lost()
    assert stopped


def test_clients_without_features_are_fine(connect: Connect) -> None:
    """Unknown roles, features and details are ignored."""
    peer = connect()
    roles = {**ROLES, "caller": {"features": {"call_canceling": True, "x": 5}}, "dancer": 1}
    assert peer.say(1, "acme", {"roles": roles, "agent": "test", "authextra": {"a": 1}})[0][0] == 2
