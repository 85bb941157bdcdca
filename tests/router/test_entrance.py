"""How many are let in at once, and what becomes of the others."""

from __future__ import annotations

from typing import Any

from hotline.protocols.limits import NodeLimits, SessionLimits
from hotline.router.session import State
from tests.router.outside import ROLES, House, Peer

BUSY = "hotline.close.busy"
BUSY_WORDS = "Too many want to come in just now."
HELLO = (1, "acme", {"roles": ROLES})
TICKET = (1, "acme", {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"})


def house_with(limits: SessionLimits | None = None, **node: Any) -> House:
    return House(limits, node_limits=NodeLimits(**node))


def turned_away(peer: Peer) -> bool:
    """Whether a peer was told to come again."""
    heard = peer.heard()
    return bool(heard) and heard[-1][0] == 3 and heard[-1][2] == BUSY and heard[-1][1]["retry_after"] > 0


def test_no_more_sessions_than_allowed(serializer: str) -> None:
    """The one too many is told when to come again, and a place that gets free is taken."""
    house = house_with(sessions=2, retry_seconds=7)
    joined = [Peer(house, serializer).join() for _ in range(2)]
    late = Peer(house, serializer)
    assert late.heard()[-1] == [3, {"message": BUSY_WORDS, "retry_after": 7}, BUSY]
    assert late.link.closed == BUSY
    late.session.link_lost()
    joined[0].session.link_lost()
    Peer(house, serializer).join()
    assert house.router.joined_count == 2


def test_the_one_silent_longest_makes_room(serializer: str) -> None:
    """Whoever says nothing is turned away by the next; whoever has said hello is not."""
    house = house_with(newcomers=2)
    spoken = Peer(house, serializer).join()
    silent = [Peer(house, serializer) for _ in range(2)]
    Peer(house, serializer)
    assert [turned_away(each) for each in silent] == [True, False]
    challenged = silent[1]
    assert challenged.say(*TICKET)[0][0] == 4
    Peer(house, serializer)
    assert not turned_away(challenged)
    Peer(house, serializer)
    Peer(house, serializer)
    assert turned_away(challenged)
    assert spoken.session.is_open


def test_those_who_have_gone_take_no_room(serializer: str) -> None:
    """Neither a lost link nor one that said something wrong counts."""
    house = house_with(newcomers=1)
    for _ in range(3):
        Peer(house, serializer).session.link_lost()
    violating = Peer(house, serializer)
    violating.say(8, 48, 1, {}, "x.y")
    violating.session.link_lost()
    last = Peer(house, serializer)
    assert last.say(*HELLO)[0][0] == 2


def test_authentication_in_turn(serializer: str) -> None:
    """So many at once, the others in line, whoever was challenged before those who have just come."""
    house = house_with(joins_under_way=1)
    challenged = Peer(house, serializer)
    assert challenged.say(*TICKET)[0][0] == 4
    house.outside.held = {"find_realm", "ticket"}
    first, second = Peer(house, serializer), Peer(house, serializer)
    for peer in (first, second):
        assert peer.say(*HELLO) == []
    assert len(house.outside.waiting) == 1
    challenged.say(5, "secret", {})
    house.outside.let_go()
    assert [first.session.state, challenged.session.state] == [State.OPEN, State.ASKING]
    house.outside.let_go()
    assert [challenged.session.state, second.session.state] == [State.OPEN, State.ASKING]
    house.outside.let_go()
    assert second.session.state is State.OPEN
    assert not house.outside.waiting


def test_a_full_line(serializer: str) -> None:
    """Who finds the line full is told to come again; who leaves it is not looked up."""
    house = house_with(joins_under_way=1, joins_waiting=2)
    house.outside.held = {"find_realm"}
    peers = [Peer(house, serializer) for _ in range(4)]
    told = [peer.say(*HELLO) for peer in peers]
    assert told[:3] == [[], [], []]
    assert told[3][0][2] == BUSY
    peers[1].session.link_lost()
    house.outside.held = set()
    house.outside.let_go()
    assert [peer.session.state is State.OPEN for peer in peers] == [True, False, True, False]


def test_a_long_line_of_those_who_need_not_wait(serializer: str) -> None:
    """It is served in a loop: no recursion, however long it is."""
    house = house_with(joins_under_way=1)
    house.outside.held = {"find_realm"}
    peers = []
    for _ in range(1500):
        peers.append(Peer(house, serializer))
        peers[-1].say(*HELLO)
    house.outside.held = set()
    house.outside.let_go()
    assert all(peer.session.is_open for peer in peers)


def test_limits_of_zero_are_none(serializer: str) -> None:
    """Everybody at once."""
    house = house_with(sessions=0, newcomers=0, joins_under_way=0, joins_waiting=0)
    house.outside.held = {"find_realm"}
    peers = [Peer(house, serializer) for _ in range(50)]
    for peer in peers:
        peer.say(*HELLO)
    assert len(house.outside.waiting) == 50


def test_a_network_waits_and_others_do_not() -> None:
    """Before anything is looked up: so long as the outside says, and neither others nor those inside."""
    house = house_with()
    inside = Peer(house, network=b"crowded").join()
    house.outside.delays[b"crowded"] = 7.5
    house.outside.held = {"find_realm"}
    late = Peer(house, network=b"crowded")
    assert late.say(*HELLO) == [
        [3, {"message": "Too many want to come in just now.", "retry_after": 7.5}, BUSY]
    ]
    assert late.link.closed == BUSY
    assert house.outside.waiting == []
    house.outside.held = set()
    for network in (b"another", None):
        Peer(house, network=network).join()
    assert inside.say(48, 1, {}, "hotline.echo")[0][0] == 50


def test_a_transport_that_says_nothing_of_networks() -> None:
    """Its sessions come from nowhere in particular, and come in."""
    house = house_with()
    house.outside.delays[b"crowded"] = 7.5
    peer = Peer(house, network=b"crowded")
    del peer.link.network
    assert peer.join().session.network is None


def test_who_insists_is_closed(serializer: str) -> None:
    """Requests too many are refused; so many that they are a flood end the session, and no other."""
    house = house_with(SessionLimits(messages_per_second=1, burst=2, refusals=3))
    witness, flooder = Peer(house, serializer).join(), Peer(house, serializer).join()
    answers = [flooder.say(48, number, {}, "hotline.echo") for number in range(1, 6)]
    assert [answer[0][0] for answer in answers] == [50, 50, 8, 8, 8]
    assert flooder.say(16, 6, {}, "hotline.a")[0][::2] == [6, "hotline.close.too_fast"]
    assert flooder.link.closed == "hotline.close.too_fast"
    assert flooder.say(48, 7, {}, "hotline.echo") == []
    assert witness.say(48, 1, {}, "hotline.echo")[0][0] == 50


def test_who_waits_is_forgiven(serializer: str) -> None:
    """A session that is refused now and then goes on for ever."""
    house = house_with(SessionLimits(messages_per_second=1, burst=1, refusals=1))
    peer = Peer(house, serializer).join()
    for number in range(1, 21):
        answer = peer.say(48, number, {}, "hotline.echo")
        assert answer[0][0] == (50 if number % 2 else 8)
        house.clock.advance(0.5)
    assert peer.session.is_open
