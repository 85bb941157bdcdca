"""Meta procedures, testaments and event history, message by message, in all three serializers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotline.protocols.departures import SEEN_TO_AT_ONCE
from hotline.protocols.limits import SessionLimits
from tests.router.outside import House, Peer

Connect = Callable[[], Peer]

NOT_AUTHORIZED = "wamp.error.not_authorized"
INVALID_ARGUMENT = "wamp.error.invalid_argument"


def ask(peer: Peer, procedure: str, *args: Any, **kwargs: Any) -> Any:
    """CALL; the one value of the RESULT, or the URI of the ERROR."""
    answer = peer.say(48, 77, {}, procedure, list(args), kwargs)[-1]
    assert answer[0] in (50, 8)
    return answer[3][0] if answer[0] == 50 else answer[4]


INSPECTIONS = (
    *(
        f"wamp.session.{name}"
        for name in ("count", "list", "get", "kill", "kill_by_authid", "kill_by_authrole")
    ),
    "wamp.session.kill_all",
    *(
        f"wamp.subscription.{name}"
        for name in ("list", "lookup", "match", "get", "list_subscribers", "count_subscribers")
    ),
    *(
        f"wamp.registration.{name}"
        for name in ("list", "lookup", "match", "get", "list_callees", "count_callees")
    ),
)


def test_only_for_those_who_may_inspect(connect: Connect) -> None:
    """Everybody else is refused, whatever they ask for; and what does not exist is refused to all."""
    visitor, script = connect().join(), connect().log_in()
    for procedure in INSPECTIONS:
        assert ask(visitor, procedure, 1) == NOT_AUTHORIZED
    for peer in (visitor, script):
        assert ask(peer, "wamp.session.nothing") == NOT_AUTHORIZED
    assert visitor.session.is_open


@pytest.mark.parametrize("procedure", [each for each in INSPECTIONS if not each.endswith((".list", "_all"))])
def test_wrong_arguments(connect: Connect, procedure: str) -> None:
    """An argument of the wrong kind is told so."""
    script = connect().log_in()
    assert ask(script, procedure, {}) == INVALID_ARGUMENT
    if not procedure.endswith("count"):
        assert ask(script, procedure) == INVALID_ARGUMENT
        assert ask(script, procedure, True) == INVALID_ARGUMENT


def test_sessions(connect: Connect) -> None:
    """count, list and get of this realm's sessions, filtered by role if asked to."""
    script, ann = connect().log_in(), connect().join()
    connect().join("other")
    assert ask(script, "wamp.session.count") == 2
    assert set(ask(script, "wamp.session.list")) == {script.session.id, ann.session.id}
    assert ask(script, "wamp.session.count", ["client", "staff"]) == 1
    assert ask(script, "wamp.session.list", filter_authroles=["client"]) == [ann.session.id]
    assert ask(script, "wamp.session.count", []) == 0
    assert ask(script, "wamp.session.get", ann.session.id) == {
        "session": ann.session.id,
        "authid": ann.session.identity.authid,
        "authrole": "client",
        "authmethod": "anonymous",
        "authprovider": "hotline",
    }
    assert ask(script, "wamp.session.get", 12345) == "wamp.error.no_such_session"


def test_kill(connect: Connect) -> None:
    """One session, with the reason and message given; not oneself, not a stranger's, not for a bad reason."""
    script, ann, bob = connect().log_in(), connect().join(), connect().join()
    stranger = connect().join("other")
    assert ask(script, "wamp.session.kill", ann.session.id) is None
    assert ann.heard() == [[6, {}, "wamp.close.killed"]]
    assert ann.link.closed is not None
    for number in (ann.session.id, script.session.id, stranger.session.id, 5):
        assert ask(script, "wamp.session.kill", number) == "wamp.error.no_such_session"
    for reason in ("", "a b", 5):
        assert ask(script, "wamp.session.kill", bob.session.id, reason=reason) == "wamp.error.invalid_uri"
    assert ask(script, "wamp.session.kill", bob.session.id, message=5) == INVALID_ARGUMENT
    assert bob.session.is_open
    ask(script, "wamp.session.kill", bob.session.id, reason="org.bye", message="Go.")
    assert bob.heard() == [[6, {"message": "Go."}, "org.bye"]]


def test_kill_several(connect: Connect) -> None:
    """By authid, by authrole, all: never the caller itself."""
    script, twin, bob = connect().log_in(), connect().log_in(), connect().log_in("bob", "secret")
    ann, stranger = connect().join(), connect().join("other")
    assert ask(script, "wamp.session.kill_by_authid", "mary") == [twin.session.id]
    assert ask(script, "wamp.session.kill_by_authid", "nobody") == []
    assert ask(script, "wamp.session.kill_by_authrole", "staff") == 1
    assert bob.link.closed is not None
    assert ask(script, "wamp.session.kill_all") == 1
    assert ann.link.closed is not None
    assert stranger.link.closed is None
    assert script.session.is_open


def test_many_are_closed_some_at_a_time(house: House, connect: Connect) -> None:
    """All ids are told at once; of very many sessions some are closed in each turn, in the end all."""
    script = connect().log_in()
    many = [connect().join() for _ in range(2 * SEEN_TO_AT_ONCE + 1)]
    assert ask(script, "wamp.session.kill_all") == len(many)
    assert len([peer for peer in many if peer.link.closed is not None]) == SEEN_TO_AT_ONCE
    house.clock.advance(0)
    assert all(peer.link.closed == "wamp.close.killed" for peer in many)
    assert script.session.is_open


def test_subscriptions(connect: Connect) -> None:
    """list, lookup, match, get, subscribers; null for what is not there; hidden topics are not there."""
    script, ann = connect().log_in(), connect().join()
    exact = ann.subscribe("plain.a.b")
    script.subscribe("plain.a.b")
    prefix = script.say(32, 2, {"match": "prefix"}, "plain.")[0][2]
    hidden = ann.subscribe("hotline.room.x", 3)
    own = script.subscribe("wamp.session.on_join", 4)
    assert ask(script, "wamp.subscription.list") == {"exact": [exact], "prefix": [prefix], "wildcard": []}
    assert ask(script, "wamp.subscription.lookup", "plain.a.b") == exact
    assert ask(script, "wamp.subscription.lookup", "plain.", {"match": "prefix"}) == prefix
    for topic in ("plain.a", "plain.", "hotline.room.x", "wamp.session.on_join"):
        assert ask(script, "wamp.subscription.lookup", topic) is None
    assert ask(script, "wamp.subscription.lookup", "plain.", {"match": "x"}) == INVALID_ARGUMENT
    assert ask(script, "wamp.subscription.match", "plain.a.b") == [exact, prefix]
    assert ask(script, "wamp.subscription.match", "other") is None
    assert ask(script, "wamp.subscription.get", prefix) == {
        "id": prefix,
        "created": "1970-01-01T00:00:00.000Z",
        "uri": "plain.",
        "match": "prefix",
    }
    assert ask(script, "wamp.subscription.list_subscribers", exact) == [ann.session.id, script.session.id]
    assert ask(script, "wamp.subscription.count_subscribers", exact) == 2
    for name in ("get", "list_subscribers", "count_subscribers"):
        for number in (hidden, own, 5):
            assert ask(script, f"wamp.subscription.{name}", number) == "wamp.error.no_such_subscription"


def test_registrations(connect: Connect) -> None:
    """The same of registrations."""
    script, other = connect().log_in(), connect().log_in()
    number = script.register("org.add", invoke="last")
    other.register("org.add", invoke="last")
    assert ask(script, "wamp.registration.list") == {"exact": [number], "prefix": [], "wildcard": []}
    for name in ("lookup", "match"):
        assert ask(script, f"wamp.registration.{name}", "org.add") == number
        assert ask(script, f"wamp.registration.{name}", "org.sub") is None
    assert ask(script, "wamp.registration.lookup", "org.add", {"match": "exact"}) == number
    assert ask(script, "wamp.registration.lookup", "org.add", {"match": "prefix"}) is None
    assert ask(script, "wamp.registration.lookup", "org.add", {"match": "x"}) == INVALID_ARGUMENT
    assert ask(script, "wamp.registration.get", number) == {
        "id": number,
        "created": "1970-01-01T00:00:00.000Z",
        "uri": "org.add",
        "match": "exact",
        "invoke": "last",
    }
    assert ask(script, "wamp.registration.list_callees", number) == [script.session.id, other.session.id]
    assert ask(script, "wamp.registration.count_callees", number) == 2
    for name in ("get", "list_callees", "count_callees"):
        assert ask(script, f"wamp.registration.{name}", 5) == "wamp.error.no_such_registration"


# Testaments


def test_testaments(house: House, connect: Connect) -> None:
    """However a session goes, what it left is published: detached before destroyed, each in order."""
    for leave in (
        lambda peer: peer.say(6, {}, "wamp.close.close_realm"),
        lambda peer: peer.say(2, 1, {}),
        lambda peer: peer.session.link_lost(),
    ):
        ann, bob = connect().join(), connect().join()
        ann.subscribe("plain.a")
        bob.subscribe("plain.a")
        for number, scope in ((1, "destroyed"), (2, "detached"), (3, None), (4, "detached")):
            kwargs = {} if scope is None else {"scope": scope}
            assert (
                ask(ann, "wamp.session.add_testament", "plain.a", [number], {"k": number}, **kwargs) is None
            )
        assert bob.heard() == []
        leave(ann)
        events = bob.heard()
        assert [event[4][0] for event in events] == [2, 4, 1, 3]
        assert events[0][5] == {"k": 2, "sender": ann.session.identity.authid}


def test_flushed_testaments(connect: Connect) -> None:
    """What was flushed is not published, scope by scope."""
    ann, bob = connect().join(), connect().join()
    bob.subscribe("plain.a")
    for scope in ("detached", "destroyed"):
        ask(ann, "wamp.session.add_testament", "plain.a", [scope], {}, scope=scope)
    assert ask(ann, "wamp.session.flush_testaments") is None
    assert ask(ann, "wamp.session.flush_testaments", scope="x") == INVALID_ARGUMENT
    ann.session.link_lost()
    assert [event[4] for event in bob.heard()] == [["detached"]]


def test_testaments_are_publications(house: House, connect: Connect) -> None:
    """Options count; what could not be published cannot be left, and is not opened if the right is gone."""
    ann, bob, cy = connect().join(), connect().join(), connect().join()
    bob.subscribe("plain.a")
    cy.subscribe("plain.a")
    add = "wamp.session.add_testament"
    options = {"eligible": [bob.session.id]}
    ask(ann, add, "plain.a", ["for bob"], {}, publish_options=options)
    for topic in ("nobodys.topic", "wamp.session.on_join", "hotline.room.x"):
        assert ask(ann, add, topic, [], {}) == NOT_AUTHORIZED
    assert ask(ann, add, "a b", [], {}) == "wamp.error.invalid_uri"
    disclosing = {"disclose_me": True}
    assert ask(ann, add, "plain.a", publish_options=disclosing) == "wamp.error.option_disallowed.disclose_me"
    for args, kwargs in (
        ([], {}),
        ([5, [], {}], {}),
        (["plain.a", {}, []], {}),
        (["plain.a", [], [1]], {}),
        (["plain.a"], {"scope": "x"}),
        (["plain.a"], {"publish_options": {"exclude": "me"}}),
        (["plain.a"], {"publish_options": [1]}),
    ):
        assert ask(ann, add, *args, **kwargs) == INVALID_ARGUMENT
    ask(cy, add, "plain.a", ["not any more"], {})
    ann.session.link_lost()
    assert [event[4] for event in bob.heard()] == [["for bob"]]
    assert cy.heard() == []
    house.outside.may = lambda session, topic: False
    cy.session.link_lost()
    assert bob.heard() == []


def test_testaments_are_limited(serializer: str) -> None:
    """Only so many, and of both scopes together."""
    house = House(SessionLimits(testaments=2))
    peer = Peer(house, serializer).join()
    add = "wamp.session.add_testament"
    assert ask(peer, add, "plain.a", scope="detached") is None
    assert ask(peer, add, "plain.a") is None
    assert ask(peer, add, "plain.a") == "hotline.error.not_allowed"
    ask(peer, "wamp.session.flush_testaments")
    assert ask(peer, add, "plain.a") is None


# Event history


def test_event_history(house: House, connect: Connect) -> None:
    """Of an own subscription to a durable topic: events as they were, under their publications' ids."""
    ann, bob = connect().join(), connect().join()
    number = ann.subscribe("hotline.room.x")
    for text in ("one", "two"):
        (published,) = bob.say(16, 1, {"acknowledge": True}, "hotline.room.x", [text], {"nonce": text})
        (event,) = ann.heard()
        assert event[2] == published[2]
    events = ask(ann, "wamp.subscription.get_events", number)
    assert events[1] == {
        "subscription": number,
        "publication": event[2],
        "timestamp": "now",
        "details": {},
        "args": ["two"],
        "kwargs": {"nonce": "two"},
    }
    assert len(ask(ann, "wamp.subscription.get_events", subscription=number, limit=1)) == 1


def test_event_history_of_others(connect: Connect) -> None:
    """Not of somebody else's subscription, not of none; of topics that are not kept there is none."""
    ann, bob = connect().join(), connect().log_in()
    number = ann.subscribe("hotline.room.x")
    for other in (number, 5):
        assert ask(bob, "wamp.subscription.get_events", other) == "wamp.error.no_such_subscription"
    plain = bob.subscribe("plain.a", 2)
    pattern = bob.say(32, 3, {"match": "prefix"}, "plain.")[0][2]
    for own in (plain, pattern):
        assert ask(bob, "wamp.subscription.get_events", own) == []
    assert ask(bob, "wamp.subscription.get_events") == INVALID_ARGUMENT
