"""Any messages in any order, of several peers over all serializers at once.

In come messages as Hypothesis makes them of WAMP's words, with ids that were really given out; out comes a
router that nobody broke, that serves others all the time, and that has nothing left when all are gone.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.pace import paced
from tests.fuzz.talk import Visited
from tests.fuzz.watch import tells_nothing, unbroken
from tests.router.outside import CALLEE_ROLES, DUMPS, Peer

WAYS = (("json", "mary"), ("msgpack", "mary"), ("cbor", "bob"), ("json", None))
"""The serializer of each peer, and as whom it logs in: two scripts, one of the staff, one anonymous."""

HEARD = "an id that this peer was told"
"""Stands in messages for the latest but so many; which, says the number with it."""

URIS = """
hotline.room.x hotline.echo hotline.none plain.a plain.a.b plain. plain org.acme.add org.asked.x org.secret.x
wamp.session.list wamp.session.get wamp.session.kill wamp.session.kill_all wamp.session.kill_by_authrole
wamp.session.add_testament wamp.session.flush_testaments wamp.session.on_join wamp.registration.match .. #
wamp.subscription.list_subscribers wamp.subscription.get_events wamp.registration.list_callees wamp.error.x
"""
uris = st.sampled_from([*URIS.split(), "", "a b"])
ids = (
    st.integers(1, 9)
    | st.tuples(st.just(HEARD), st.integers(1, 4))
    | st.sampled_from([0, -1, 2**53, 2**53 + 1, None])
)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=9)
    | ids.filter(lambda one: one is not None)
    | uris,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=2)
    ),
    max_leaves=6,
)
args = st.lists(plain | uris, max_size=3)
kwargs = st.dictionaries(
    st.sampled_from(["reason", "message", "scope", "limit", "match", "publish_options", "x"]),
    plain,
    max_size=2,
)
few = st.lists(ids.filter(lambda one: one is not None) | uris, max_size=2)
subscribing = st.fixed_dictionaries(
    {}, optional={"match": st.sampled_from(["exact", "prefix", "wildcard", "odd"])}
)
publishing = st.fixed_dictionaries(
    {},
    optional={
        "acknowledge": st.booleans(),
        "exclude_me": st.booleans(),
        "disclose_me": st.booleans(),
        "eligible": few,
        "exclude": few,
        "eligible_authrole": few,
        "exclude_authid": few,
        "ppt_scheme": st.just("x_a"),
        "odd": plain,
    },
)
calling = st.fixed_dictionaries(
    {},
    optional={
        "timeout": st.sampled_from([0, 5, 2**40, -1]),
        "receive_progress": st.booleans(),
        "disclose_me": st.booleans(),
    },
)
registering = st.fixed_dictionaries(
    {},
    optional={
        "invoke": st.sampled_from(["single", "roundrobin", "random", "first", "last", "odd"]),
        "match": st.just("prefix"),
    },
)
messages = st.one_of(
    st.tuples(st.just(32), ids, subscribing, uris),
    st.tuples(st.just(34), ids, ids),
    st.tuples(st.just(16), ids, publishing, uris, args, kwargs),
    st.tuples(st.just(48), ids, calling, uris, args, kwargs),
    st.tuples(st.just(48), ids, calling, st.just("org.acme.add"), args, kwargs),
    st.tuples(
        st.just(49),
        ids,
        st.fixed_dictionaries({"mode": st.sampled_from(["skip", "kill", "killnowait", "odd"])}),
    ),
    st.tuples(st.just(64), ids, registering, st.just("org.acme.add") | uris),
    st.tuples(st.just(66), ids, ids),
    st.tuples(
        st.just(70), ids, st.fixed_dictionaries({}, optional={"progress": st.booleans()}), args, kwargs
    ),
    st.tuples(st.just(8), st.just(68), ids, st.just({}), uris, args, kwargs),
    st.tuples(st.sampled_from([3, 6]), st.just({}), uris),
    st.tuples(st.just(5), uris, st.just({})),
    st.tuples(st.just(1), uris, st.just({"roles": {"caller": {}}})),
    st.lists(plain, max_size=4).map(tuple),
)
steps = st.lists(
    st.tuples(st.integers(0, len(WAYS) - 1), messages | st.sampled_from([(), ("gone",), ("later",)])),
    min_size=5,
    max_size=40,
)


def entered(visited: Visited, way: int) -> Peer:
    """A peer that is in."""
    serializer, authid = WAYS[way]
    peer = Peer(visited.house, serializer)
    return (
        peer.join(roles=CALLEE_ROLES)
        if authid is None
        else peer.log_in(authid, {"mary": "hidden", "bob": "secret"}[authid])
    )


def with_ids(value: Any, heard: list[int]) -> Any:
    """The same, with ids in the place of what stands for them."""
    if isinstance(value, tuple) and value[:1] == (HEARD,):
        return heard[-value[1]] if len(heard) >= value[1] else value[1]
    if isinstance(value, list | tuple):
        return [with_ids(each, heard) for each in value]
    return {name: with_ids(each, heard) for name, each in value.items()} if isinstance(value, dict) else value


@paced(40)
@given(steps)
def test_any_messages(said: list[tuple[int, tuple[Any, ...]]]) -> None:
    """Nothing breaks, whatever they say to each other; and when they are gone, nothing of it is left."""
    with unbroken():
        visited = Visited()
        peers = [entered(visited, way) for way in range(len(WAYS))]
        heard: list[list[int]] = [[] for _ in WAYS]
        for way, message in said:
            if message == ("later",):
                visited.house.clock.advance(3)
            elif message == ("gone",):
                peers[way].session.link_lost()
                peers[way] = entered(visited, way)
            else:
                link = peers[way].link
                payload = DUMPS[link.name](with_ids(message, heard[way])) if message else b""
                link.sent[:0] = peers[way].say_bytes(payload)
            for each, peer in enumerate(peers):
                for answer in peer.heard():
                    tells_nothing(repr(answer).encode(), repr(said).encode())
                    heard[each] += [one for one in answer[1:3] if isinstance(one, int)]
                if peer.link.closed is not None:
                    peer.session.link_lost()
                    peers[each] = entered(visited, each)
        for peer in peers:
            peer.session.link_lost()
        visited.left()
