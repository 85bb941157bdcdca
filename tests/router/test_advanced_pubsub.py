"""Lists, patterns, identification, passthru and meta events, message by message, in all three serializers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotline.router.ports import Identity
from tests.router.outside import CALLEE_ROLES, ROLES, House, Peer, uri_of

Connect = Callable[[], Peer]

VIOLATION = "wamp.error.protocol_violation"
NOT_AUTHORIZED = "wamp.error.not_authorized"
NOT_SUPPORTED = "wamp.error.feature_not_supported"

PASSTHRU = {"ppt_scheme": "x_mine", "ppt_serializer": "cbor", "ppt_cipher": "aes256gcm", "ppt_keyid": "7"}
PASSING = {role: {"features": {"payload_passthru_mode": True}} for role in CALLEE_ROLES}


# Black- and whitelists


def test_lists(connect: Connect) -> None:
    """All six lists have to agree; one that is there and empty lets nobody through, or keeps nobody out."""
    ann, bob, mary = connect().join(), connect().log_in("bob", "secret"), connect().log_in()
    peers = {"ann": ann, "bob": bob, "mary": mary}
    publisher = connect().join()
    for peer in peers.values():
        peer.subscribe("plain.a")
    ids = {name: peer.session.id for name, peer in peers.items()}
    ann_authid = ann.session.identity.authid
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"exclude": [ids["ann"]]}, {"bob", "mary"}),
        ({"exclude": []}, {"ann", "bob", "mary"}),
        ({"exclude": [1]}, {"ann", "bob", "mary"}),
        ({"exclude_authid": ["bob", ann_authid]}, {"mary"}),
        ({"exclude_authrole": ["client"]}, {"bob", "mary"}),
        ({"eligible": [ids["bob"], 12345]}, {"bob"}),
        ({"eligible": []}, set()),
        ({"eligible_authid": []}, set()),
        ({"eligible_authrole": []}, set()),
        ({"eligible_authid": ["bob", "nobody"]}, {"bob"}),
        ({"eligible_authrole": ["staff", "manager"]}, {"bob", "mary"}),
        ({"eligible": [ids["bob"], ids["ann"]], "eligible_authrole": ["client"]}, {"ann"}),
        ({"eligible": list(ids.values()), "exclude_authid": ["bob"]}, {"ann", "mary"}),
        ({"eligible": [ids["bob"]], "exclude": [ids["bob"]]}, set()),
        ({"eligible_authrole": ["staff"], "eligible_authid": ["mary"]}, set()),
        ({"eligible": None}, {"ann", "bob", "mary"}),
    ]
    for options, expected in cases:
        (published,) = publisher.say(16, 1, {"acknowledge": True, **options}, "plain.a")
        assert published[0] == 17
        assert {name for name, peer in peers.items() if peer.heard()} == expected


def test_exclude_me_comes_first(connect: Connect) -> None:
    """Who publishes is left out even if listed as eligible, unless exclude_me is false."""
    peer = connect().join()
    peer.subscribe("plain.a")
    mine = {"eligible": [peer.session.id]}
    assert peer.say(16, 1, mine, "plain.a") == []
    assert peer.say(16, 2, {**mine, "exclude_me": False}, "plain.a")[0][0] == 36
    assert peer.say(16, 3, {"exclude": [peer.session.id], "exclude_me": False}, "plain.a") == []


def test_durable_topics_are_for_everybody(house: House, connect: Connect) -> None:
    """What would not hold for those who read the history later is refused, and nothing is stored."""
    ann, bob = connect().join(roles=PASSING), connect().join()
    bob.subscribe("hotline.a")
    for options in (
        {"exclude": []},
        {"eligible": [ann.session.id]},
        {"eligible_authrole": []},
        {"exclude_authid": ["x"]},
        {"disclose_me": True},
        {"ppt_scheme": "x_mine"},
    ):
        answer = ann.say(16, 1, {"acknowledge": True, **options}, "hotline.a")
        assert uri_of(answer) == "wamp.error.option_not_allowed"
        assert ann.say(16, 2, options, "hotline.a") == []
    assert house.outside.stored == []
    assert bob.heard() == []


@pytest.mark.parametrize(
    "options",
    [
        {"exclude": 5},
        {"exclude": ["x"]},
        {"exclude": [0]},
        {"eligible": {}},
        {"eligible_authid": [5]},
        {"eligible_authrole": "staff"},
        {"exclude_authid": "bob"},
        {"disclose_me": 1},
        {"ppt_scheme": 5},
        {"ppt_keyid": []},
    ],
)
def test_wrong_types(connect: Connect, options: dict[str, Any]) -> None:
    """A wrong type of a known option is a violation."""
    (abort,) = connect().join().say(16, 1, options, "plain.a")
    assert (abort[0], abort[2]) == (3, VIOLATION)


# Patterns


def test_patterns(connect: Connect) -> None:
    """Prefix and wildcard get an event each, with the topic in it; exact and prefix of one URI are two."""
    script, publisher = connect().log_in(), connect().join()
    exact = script.subscribe("plain.a.b")
    prefix = script.say(32, 2, {"match": "prefix"}, "plain.a.b")[0][2]
    trailing = script.say(32, 3, {"match": "prefix"}, "plain.")[0][2]
    wildcard = script.say(32, 4, {"match": "wildcard"}, "plain..b")[0][2]
    assert len({exact, prefix, trailing, wildcard}) == 4
    assert script.say(32, 5, {"match": "prefix"}, "plain.")[0] == [33, 5, trailing]
    (published,) = publisher.say(16, 1, {"acknowledge": True}, "plain.a.b", ["x"])
    events = {event[1]: event[2:] for event in script.heard()}
    topic = {"topic": "plain.a.b"}
    payload = [["x"], {"sender": publisher.session.identity.authid}]
    assert events == {
        exact: [published[2], {}, *payload],
        prefix: [published[2], topic, *payload],
        trailing: [published[2], topic, *payload],
        wildcard: [published[2], topic, *payload],
    }
    publisher.say(16, 2, {}, "plain.a.b-low")
    assert {event[1] for event in script.heard()} == {prefix, trailing}
    assert script.say(34, 6, prefix) == [[35, 6]]
    publisher.say(16, 3, {}, "plain.a.b-low")
    assert {event[1] for event in script.heard()} == {trailing}


def test_who_may_use_patterns(connect: Connect) -> None:
    """A pattern is granted by the policy, whatever single topics are; a bad one is a bad URI."""
    script, visitor = connect().log_in(), connect().join()
    for pattern, match in (("plain.", "prefix"), ("plain..a", "wildcard"), ("", "prefix")):
        assert uri_of(visitor.say(32, 1, {"match": match}, pattern)) == NOT_AUTHORIZED
    for pattern, match in (("", "prefix"), ("hotline.", "prefix"), ("..", "wildcard"), ("pl", "prefix")):
        assert uri_of(script.say(32, 2, {"match": match}, pattern)) == NOT_AUTHORIZED
    for pattern, match in (
        ("a b", "prefix"),
        ("a..b", "prefix"),
        ("#.", "wildcard"),
        ("plain. .", "wildcard"),
    ):
        assert uri_of(script.say(32, 3, {"match": match}, pattern)) == "wamp.error.invalid_uri"
    assert script.session.is_open


def test_patterns_of_a_session_that_has_become_somebody_else(house: House, connect: Connect) -> None:
    """With the right goes the pattern, and what WAMP tells; single topics stay."""
    script = connect().log_in()
    exact = script.subscribe("plain.a")
    pattern = script.say(32, 2, {"match": "prefix"}, "plain.")[0][2]
    joins = script.subscribe("wamp.session.on_join", 3)
    script.session.become(
        Identity(authid="mary", authrole="staff", authmethod="x", authprovider="hotline", principal=None)
    )
    assert [(each[0], each[2]["subscription"]) for each in script.heard()] == [(35, pattern), (35, joins)]
    connect().join().say(16, 1, {}, "plain.a")
    assert [each[1] for each in script.heard()] == [exact]


def test_watcher_hears_of_topics_only(house: House, connect: Connect) -> None:
    """A pattern is no topic that anybody follows."""
    script = connect().log_in()
    script.say(32, 2, {"match": "prefix"}, "plain.")
    script.session.link_lost()
    assert [news[0] for news in house.outside.news] == ["joined", "left"]


# Identification and passthru


def test_publisher_identification(connect: Connect) -> None:
    """Nothing of the publisher unless the policy says so or it asks where it may; refused aloud."""
    script, publisher = connect().log_in(), connect().join()
    disclosed = {
        "publisher": publisher.session.id,
        "publisher_authid": publisher.session.identity.authid,
        "publisher_authrole": "client",
    }
    for topic, options, expected in (
        ("plain.a", {"publisher": 5, "publisher_authid": "root"}, {}),
        ("plain.asked", {}, {}),
        ("plain.asked", {"disclose_me": True}, disclosed),
        ("plain.always", {}, disclosed),
    ):
        script.subscribe(topic)
        publisher.say(16, 1, options, topic)
        assert script.heard()[0][3] == expected
    answer = publisher.say(16, 1, {"disclose_me": True, "acknowledge": True}, "plain.a")
    assert uri_of(answer) == "wamp.error.option_disallowed.disclose_me"
    assert publisher.say(16, 1, {"disclose_me": True}, "plain.a") == []
    assert script.heard() == []


def test_payload_passthru(connect: Connect) -> None:
    """The attributes of payload passthru mode arrive as they were sent, in every message that has them."""
    script, peer = connect().log_in(roles=PASSING), connect().join(roles=PASSING)
    script.subscribe("plain.a")
    peer.say(16, 1, PASSTHRU, "plain.a", ["opaque"])
    assert script.heard()[0][3:5] == [PASSTHRU, ["opaque"]]
    script.register("org.add")
    peer.say(48, 1, PASSTHRU, "org.add", ["opaque"])
    assert script.heard()[0][3] == PASSTHRU
    script.say(70, 1, {"ppt_scheme": "x_mine"}, ["back"])
    assert peer.heard() == [[50, 1, {"ppt_scheme": "x_mine"}, ["back"], {}]]
    peer.say(48, 2, {}, "org.add")
    script.say(8, 68, 2, PASSTHRU, "org.error.bad", ["opaque"])
    assert peer.heard() == [[8, 48, 2, PASSTHRU, "org.error.bad", ["opaque"], {}]]


def test_payload_passthru_has_to_be_announced(connect: Connect) -> None:
    """Who uses it without having announced it is out; attributes without a scheme are nothing."""
    script = connect().log_in(roles=PASSING)
    script.register("org.add")
    for array in ([16, 1, PASSTHRU, "plain.a"], [16, 1, PASSTHRU, "hotline.a"], [48, 1, PASSTHRU, "org.add"]):
        (abort,) = connect().join().say(*array)
        assert (abort[0], abort[2]) == (3, VIOLATION)
    peer = connect().join()
    assert peer.say(16, 1, {"acknowledge": True, "ppt_scheme": "", "ppt_keyid": "7"}, "plain.a")[0][0] == 17
    for request, answer in enumerate(([70, 1, PASSTHRU], [8, 68, 1, PASSTHRU, "a.b"]), 1):
        callee = connect().log_in()
        callee.register(f"org.divide{request}")
        peer.say(48, request, {}, f"org.divide{request}")
        callee.heard()
        assert callee.say(*answer)[0][2] == VIOLATION
        assert uri_of(peer.heard()) == "wamp.error.canceled"


def test_payload_passthru_where_the_other_side_cannot(connect: Connect) -> None:
    """A call goes to who can read it, or fails; a result its caller cannot read is refused, and ends it."""
    able, unable = connect().log_in(roles=PASSING), connect().log_in()
    peer, simple = connect().join(roles=PASSING), connect().join()
    subscription = simple.subscribe("plain.a")
    peer.say(16, 1, PASSTHRU, "plain.a", ["opaque"])
    assert [each[1] for each in simple.heard()] == [subscription]
    for callee in (unable, able):
        callee.register("org.add", invoke="first")
    unable.register("org.alone", 2)
    peer.say(48, 1, PASSTHRU, "org.add", ["opaque"])
    assert (unable.heard(), [each[0] for each in able.heard()]) == ([], [68])
    for request, procedure in ((2, "org.alone"), (3, "hotline.echo"), (4, "wamp.session.count")):
        assert uri_of(peer.say(48, request, PASSTHRU, procedure)) == NOT_SUPPORTED
    able.register("org.progress", 2)
    for request, options in ((1, {}), (2, {"progress": True})):
        simple.say(48, request, {"receive_progress": True}, "org.progress")
        number = able.heard()[0][1]
        answers = able.say(70, number, {**PASSTHRU, **options}, ["opaque"])
        assert answers == [[8, 70, number, {}, NOT_SUPPORTED, [], {}]]
        assert simple.heard() == [[8, 48, request, {}, NOT_SUPPORTED, [], {}]]
    simple.say(48, 3, {}, "org.progress")
    able.say(8, 68, able.heard()[0][1], PASSTHRU, "org.error.bad", ["opaque"], {"k": 1})
    assert simple.heard() == [[8, 48, 3, {}, "org.error.bad", [], {}]]
    assert able.session.is_open


# Meta events


def test_session_meta_events(connect: Connect) -> None:
    """on_join and on_leave tell whoever may inspect; nobody else can subscribe to them."""
    script = connect().log_in()
    for number, topic in enumerate(("wamp.session.on_join", "wamp.session.on_leave"), 1):
        script.subscribe(topic, number)
    peer = connect().join()
    identity = peer.session.identity
    details = {
        "session": peer.session.id,
        "authid": identity.authid,
        "authrole": "client",
        "authmethod": "anonymous",
        "authprovider": "hotline",
    }
    assert [each[4] for each in script.heard()] == [[details]]
    assert uri_of(peer.say(32, 1, {}, "wamp.session.on_join")) == NOT_AUTHORIZED
    assert uri_of(script.say(32, 3, {}, "wamp.session.on_everything")) == NOT_AUTHORIZED
    connect().join("other")
    peer.session.link_lost()
    assert [each[4] for each in script.heard()] == [[peer.session.id, identity.authid, "client"]]


def test_subscription_meta_events(connect: Connect) -> None:
    """create before subscribe, unsubscribe before delete, also when a session vanishes; hidden ones never."""
    script = connect().log_in()
    names = {
        script.subscribe(f"wamp.subscription.{name}", number): name
        for number, name in enumerate(("on_create", "on_subscribe", "on_unsubscribe", "on_delete"), 1)
    }

    def told() -> list[tuple[str, list[Any]]]:
        return [(names[each[1]], each[4]) for each in script.heard()]

    assert told() == []
    ann, bob = connect().join(), connect().join()
    number = ann.subscribe("plain.a")
    details = {"id": number, "created": "1970-01-01T00:00:00.000Z", "uri": "plain.a", "match": "exact"}
    assert told() == [("on_create", [ann.session.id, details]), ("on_subscribe", [ann.session.id, number])]
    ann.subscribe("plain.a", 2)
    assert told() == []
    bob.subscribe("plain.a")
    assert told() == [("on_subscribe", [bob.session.id, number])]
    ann.say(34, 3, number)
    assert told() == [("on_unsubscribe", [ann.session.id, number])]
    bob.session.link_lost()
    assert told() == [("on_unsubscribe", [bob.session.id, number]), ("on_delete", [bob.session.id, number])]
    ann.subscribe("hotline.hidden", 4)
    ann.session.link_lost()
    assert told() == []


def test_registration_meta_events(connect: Connect) -> None:
    """The same for registrations."""
    script, other = connect().log_in(), connect().log_in()
    names = {
        script.subscribe(f"wamp.registration.{name}", number): name
        for number, name in enumerate(("on_create", "on_register", "on_unregister", "on_delete"), 1)
    }

    def told() -> list[tuple[str, list[Any]]]:
        return [(names[each[1]], each[4]) for each in script.heard()]

    number = other.register("org.add", invoke="first")
    details = {
        "id": number,
        "created": "1970-01-01T00:00:00.000Z",
        "uri": "org.add",
        "match": "exact",
        "invoke": "first",
    }
    session = other.session.id
    assert told() == [("on_create", [session, details]), ("on_register", [session, number])]
    third = connect().log_in()
    third.register("org.add", invoke="first")
    other.say(66, 2, number)
    third.session.link_lost()
    assert told() == [
        ("on_register", [third.session.id, number]),
        ("on_unregister", [session, number]),
        ("on_unregister", [third.session.id, number]),
        ("on_delete", [third.session.id, number]),
    ]


def test_meta_events_end_with_the_right(house: House, connect: Connect) -> None:
    """Nobody learns anything more who may not inspect any more, whatever they had subscribed to."""
    script = connect().log_in(roles={**ROLES, "callee": CALLEE_ROLES["callee"]})
    script.subscribe("wamp.session.on_join")
    script.session.become(
        Identity(authid="mary", authrole="staff", authmethod="x", authprovider="hotline", principal=None)
    )
    script.heard()
    connect().join()
    assert script.heard() == []
