"""Procedures that sessions offer each other, message by message, in all three serializers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotline.protocols.limits import SessionLimits
from hotline.router.ports import Identity
from tests.router.outside import CALLEE_ROLES, ROLES, House, Peer, uri_of

Connect = Callable[[], Peer]

VIOLATION = "wamp.error.protocol_violation"
NOT_AUTHORIZED = "wamp.error.not_authorized"


def test_call_result_and_error(connect: Connect) -> None:
    """CALL, INVOCATION, YIELD, RESULT; and CALL, INVOCATION, ERROR, ERROR; payloads unchanged."""
    script, caller = connect().log_in(), connect().join()
    registration = script.register("org.add")
    assert caller.say(48, 5, {}, "org.add", [1, 2.5], {"k": [None, True]}) == []
    assert script.heard() == [[68, 1, registration, {}, [1, 2.5], {"k": [None, True]}]]
    assert script.say(70, 1, {}, [3.5], {"x": "y"}) == []
    assert caller.heard() == [[50, 5, {}, [3.5], {"x": "y"}]]
    caller.say(48, 6, {}, "org.add")
    assert script.heard() == [[68, 2, registration, {}, [], {}]]
    script.say(8, 68, 2, {}, "org.error.bad", ["why"], {"n": 1})
    assert caller.heard() == [[8, 48, 6, {}, "org.error.bad", ["why"], {"n": 1}]]


def test_who_may_register_what(connect: Connect) -> None:
    """Only whom the policy lets, only names of their own, never WAMP's or built-in ones."""
    script, visitor = connect().log_in(roles=CALLEE_ROLES), connect().join(roles=CALLEE_ROLES)
    assert uri_of(visitor.say(64, 1, {}, "org.add")) == NOT_AUTHORIZED
    for procedure in ("com.add", "wamp.session.count", "wamp.x", "hotline.echo"):
        assert uri_of(script.say(64, 1, {}, procedure)) == NOT_AUTHORIZED
    assert uri_of(script.say(64, 1, {}, "org..add")) == "wamp.error.invalid_uri"
    for options in ({"invoke": "sideways"}, {"match": "prefix"}, {"match": "wildcard"}):
        assert uri_of(script.say(64, 1, options, "org.add")) == "wamp.error.invalid_argument"
    assert script.register("org.add", 2, nonsense={"x": 1})


def test_role_of_a_callee_has_to_be_announced(connect: Connect) -> None:
    """REGISTER without the role is a violation."""
    (abort,) = connect().log_in(roles=ROLES).say(64, 1, {}, "org.add")
    assert (abort[0], abort[2]) == (3, VIOLATION)


def test_who_may_call(connect: Connect) -> None:
    """What the policy does not grant is not authorized, offered or not; what nobody offers is told so."""
    script, visitor = connect().log_in(), connect().join()
    script.register("org.secret.add")
    assert uri_of(visitor.say(48, 1, {}, "org.secret.add")) == NOT_AUTHORIZED
    assert uri_of(visitor.say(48, 1, {}, "com.add")) == NOT_AUTHORIZED
    assert uri_of(visitor.say(48, 1, {}, "org.nobody")) == "wamp.error.no_such_procedure"


def test_realms_have_procedures_of_their_own(connect: Connect) -> None:
    """What is offered in one realm is not there in another."""
    script, stranger = connect().log_in(), connect().join("other")
    script.register("org.add")
    assert uri_of(stranger.say(48, 1, {}, "org.add")) == "wamp.error.no_such_procedure"
    assert script.heard() == []


def test_unregister(connect: Connect) -> None:
    """Afterwards nobody offers it; a call under way still gets its answer. Not somebody else's, not twice."""
    script, other, caller = connect().log_in(), connect().log_in(), connect().join()
    registration = script.register("org.add")
    caller.say(48, 1, {}, "org.add")
    assert uri_of(other.say(66, 2, registration)) == "wamp.error.no_such_registration"
    assert script.say(66, 2, registration)[-1] == [67, 2]
    assert uri_of(script.say(66, 3, registration)) == "wamp.error.no_such_registration"
    assert uri_of(caller.say(48, 2, {}, "org.add")) == "wamp.error.no_such_procedure"
    script.say(70, 1, {}, ["done"])
    assert caller.heard() == [[50, 1, {}, ["done"], {}]]


def test_shared_registration(connect: Connect) -> None:
    """Sharers have one id and are invoked in turn; another policy, and sharing a single one, are refused."""
    first, second, caller = connect().log_in(), connect().log_in(), connect().join()
    registration = first.register("org.add", invoke="roundrobin")
    assert second.register("org.add", invoke="roundrobin") == registration
    other_policy = "wamp.error.procedure_exists_with_different_invocation_policy"
    third = connect().log_in()
    assert uri_of(third.say(64, 1, {"invoke": "first"}, "org.add")) == other_policy
    assert uri_of(third.say(64, 1, {}, "org.add")) == "wamp.error.procedure_already_exists"
    for number in range(1, 5):
        caller.say(48, number, {}, "org.add")
    assert [each[1] for each in first.heard()] == [1, 2]
    assert [each[1] for each in second.heard()] == [1, 2]
    first.session.link_lost()
    assert [each[2] for each in caller.heard()] == [1, 3]
    second.say(70, 1, {})
    assert caller.heard() == [[50, 2, {}, [], {}]]


def test_callee_leaves(connect: Connect) -> None:
    """GOODBYE, ABORT or a lost link of the callee: whoever waits gets wamp.error.canceled."""
    for leave in (
        lambda peer: peer.say(6, {}, "wamp.close.close_realm"),
        lambda peer: peer.say(3, {}, "a.b"),
        lambda peer: peer.session.link_lost(),
        lambda peer: peer.session.close("wamp.close.killed"),
    ):
        script, caller = connect().log_in(), connect().join()
        script.register("org.add")
        caller.say(48, 1, {}, "org.add")
        leave(script)
        assert caller.heard() == [[8, 48, 1, {}, "wamp.error.canceled", [], {}]]
        assert uri_of(caller.say(48, 2, {}, "org.add")) == "wamp.error.no_such_procedure"


def test_caller_leaves(house: House, connect: Connect) -> None:
    """A callee that can be interrupted is; late answers are swallowed, a second late one is a violation."""
    script, simple, caller = (
        connect().log_in(),
        connect().log_in(roles={**ROLES, "callee": {}}),
        connect().join(),
    )
    script.register("org.add")
    simple.register("org.sub")
    caller.say(48, 1, {}, "org.add")
    caller.say(48, 2, {}, "org.sub")
    script.heard()
    simple.heard()
    caller.session.link_lost()
    assert script.heard() == [[69, 1, {"mode": "killnowait", "reason": "wamp.error.canceled"}]]
    assert simple.heard() == []
    assert script.say(70, 1, {}) == []
    assert simple.say(8, 68, 1, {}, "a.b") == []
    assert script.say(70, 1, {})[0][2] == VIOLATION


@pytest.mark.parametrize("mode", ["skip", "kill", "killnowait", None])
def test_cancel(connect: Connect, mode: str | None) -> None:
    """skip answers at once, kill waits for the callee, killnowait (also by default) does both."""
    script, caller = connect().log_in(), connect().join()
    script.register("org.add")
    caller.say(48, 1, {}, "org.add")
    script.heard()
    canceled = [[8, 48, 1, {}, "wamp.error.canceled", [], {}]]
    answer = caller.say(49, 1, {} if mode is None else {"mode": mode})
    assert answer == ([] if mode == "kill" else canceled)
    interrupt = [[69, 1, {"mode": mode or "killnowait", "reason": "wamp.error.canceled"}]]
    assert script.heard() == ([] if mode == "skip" else interrupt)
    script.say(8, 68, 1, {}, "wamp.error.canceled")
    assert caller.heard() == (canceled if mode == "kill" else [])
    assert caller.say(49, 1, {"mode": "kill"}) == []
    assert caller.session.is_open
    assert script.session.is_open


def test_cancel_with_a_callee_that_cannot(connect: Connect) -> None:
    """A callee without the feature hears nothing; the caller is answered at once in every mode."""
    script, caller = connect().log_in(roles={**ROLES, "callee": {}}), connect().join()
    script.register("org.add")
    for number, mode in enumerate(("skip", "kill", "killnowait"), 1):
        caller.say(48, number, {}, "org.add")
        script.heard()
        assert uri_of(caller.say(49, number, {"mode": mode})) == "wamp.error.canceled"
        assert script.heard() == []
        assert script.say(70, number, {}, ["late"]) == []
    assert caller.heard() == []


def test_cancel_of_a_built_in_procedure(house: House, connect: Connect) -> None:
    """It cannot be interrupted: the caller is answered at once, its result comes to nothing."""
    caller = connect().join()
    house.outside.held = {"call"}
    caller.say(48, 1, {}, "hotline.echo")
    assert uri_of(caller.say(49, 1, {"mode": "kill"})) == "wamp.error.canceled"
    caller.say(48, 1, {}, "hotline.echo", ["again"])
    house.outside.let_go()
    assert caller.heard() == []
    house.outside.let_go()
    assert caller.heard() == [[50, 1, {}, [{"args": ["again"], "kwargs": {}}]]]


def test_timeout(house: House, connect: Connect) -> None:
    """The caller's timeout counts, but not beyond the router's; the callee is interrupted."""
    script, caller = connect().log_in(), connect().join()
    script.register("org.add")
    for number, timeout, seconds in ((1, 2500, 2.5), (2, 0, 60), (3, 100_000_000, 60)):
        caller.say(48, number, {"timeout": timeout}, "org.add")
        script.heard()
        house.clock.advance(seconds - 0.01)
        assert caller.heard() == []
        house.clock.advance(0.02)
        assert caller.heard() == [[8, 48, number, {}, "wamp.error.timeout", [], {}]]
        assert script.heard() == [[69, number, {"mode": "killnowait", "reason": "wamp.error.timeout"}]]
        assert script.say(70, number, {}) == []
    assert not house.clock.getDelayedCalls()


@pytest.mark.parametrize("seconds", [7, 0])
def test_time_for_an_answer(seconds: int, serializer: str) -> None:
    """As an operator says; with 0 for ever, unless the caller is in a hurry."""
    house = House(SessionLimits(call_seconds=seconds))
    script, caller = Peer(house, serializer).log_in(), Peer(house, serializer).join()
    script.register("org.add")
    caller.say(48, 1, {}, "org.add")
    house.clock.advance(6.9)
    assert caller.heard() == []
    house.clock.advance(1000)
    assert len(caller.heard()) == (1 if seconds else 0)


def test_timeout_of_a_built_in_procedure(house: House, connect: Connect) -> None:
    """A timeout counts for these too; nothing of it is left if the answer was in time."""
    caller = connect().join()
    house.outside.held = {"call"}
    caller.say(48, 1, {"timeout": 1000}, "hotline.echo")
    caller.say(48, 2, {"timeout": 5000}, "hotline.echo")
    house.clock.advance(1.1)
    assert uri_of(caller.heard()) == "wamp.error.timeout"
    house.outside.let_go()
    assert caller.heard() == []
    house.outside.let_go()
    assert caller.heard()[0][:2] == [50, 2]
    assert not house.clock.getDelayedCalls()


def test_progressive_results(house: House, connect: Connect) -> None:
    """Parts come if they are asked for, each starts the clock again; the last one is an ordinary RESULT."""
    script, caller = connect().log_in(), connect().join()
    registration = script.register("org.count")
    caller.say(48, 1, {"receive_progress": True, "timeout": 1000}, "org.count")
    assert script.heard() == [[68, 1, registration, {"receive_progress": True}, [], {}]]
    for number in range(3):
        house.clock.advance(0.9)
        script.say(70, 1, {"progress": True}, [number])
        assert caller.heard() == [[50, 1, {"progress": True}, [number], {}]]
    script.say(70, 1, {}, ["end"])
    assert caller.heard() == [[50, 1, {}, ["end"], {}]]
    assert script.say(70, 1, {"progress": True})[0][2] == VIOLATION


def test_progress_not_asked_for(connect: Connect) -> None:
    """Without receive_progress, or from a callee that did not announce it, parts are dropped."""
    script, simple = connect().log_in(), connect().log_in(roles={**ROLES, "callee": {}})
    caller = connect().join()
    script.register("org.a")
    registration = simple.register("org.b")
    caller.say(48, 1, {}, "org.a")
    caller.say(48, 2, {"receive_progress": True}, "org.b")
    assert simple.heard() == [[68, 1, registration, {}, [], {}]]
    script.say(70, 1, {"progress": True}, [1])
    simple.say(70, 1, {"progress": True}, [1])
    assert caller.heard() == []


def test_caller_identification(connect: Connect) -> None:
    """Nothing of the caller unless the policy says so or the caller asks where it may; refused aloud."""
    script, caller = connect().log_in(), connect().join()
    disclosed = {
        "caller": caller.session.id,
        "caller_authid": caller.session.identity.authid,
        "caller_authrole": "client",
    }
    for number, (procedure, options, expected) in enumerate(
        (
            ("org.plain", {"caller": 1, "caller_authid": "root"}, {}),
            ("org.asked", {}, {}),
            ("org.asked.again", {"disclose_me": True}, disclosed),
            ("org.always", {}, disclosed),
        ),
        1,
    ):
        script.register(procedure)
        caller.say(48, number, options, procedure)
        assert script.heard()[0][3] == expected
    answer = caller.say(48, 9, {"disclose_me": True}, "org.plain")
    assert uri_of(answer) == "wamp.error.option_disallowed.disclose_me"


def test_somebody_elses_invocation(connect: Connect) -> None:
    """YIELD or ERROR for an invocation this session never got is a violation, and the caller still waits."""
    for answer in ([70, 1, {}, ["forged"]], [8, 68, 1, {}, "a.b"], [70, 2, {}]):
        script, forger, caller = connect().log_in(), connect().log_in(), connect().join()
        script.register("org.add")
        caller.say(48, 1, {}, "org.add")
        assert forger.say(*answer)[0][2] == VIOLATION
        assert caller.heard() == []
        script.say(70, 1, {}, ["true"])
        assert caller.heard() == [[50, 1, {}, ["true"], {}]]
        script.session.link_lost()


@pytest.mark.parametrize(
    "array",
    [
        [48, 1, {"timeout": -1}, "org.add"],
        [48, 1, {"timeout": "1"}, "org.add"],
        [48, 1, {"receive_progress": 1}, "org.add"],
        [48, 1, {"disclose_me": "yes"}, "org.add"],
        [49, 1, {"mode": "gently"}],
        [49, 1, {"mode": 5}],
        [49, 0, {}],
        [49, 1],
        [64, 1, {"invoke": 5}, "org.add"],
        [64, 1, {"match": 5}, "org.add"],
        [64, 0, {}, "org.add"],
        [64, 1, {}],
        [66, 1, 0],
        [70, 0, {}],
        [70, 1, {"progress": 1}],
        [70, 1, {}, {}],
        [8, 68, 0, {}, "a.b"],
        [8, 68, 1, {}, 5],
        [8, 68, 1, {}, "not a uri"],
        [8, 48, 1, {}, "a.b"],
        [68, 1, 1, {}],
        [69, 1, {}],
        [50, 1, {}],
        [65, 1, 1],
        [67, 1],
    ],
)
def test_violations(connect: Connect, array: list[Any]) -> None:
    """Wrong types of known options, ids out of range, what only routers say: ABORT; nobody else notices."""
    script, witness = connect().log_in(), connect().log_in()
    script.register("org.add")
    witness.register("org.other")
    (abort,) = script.say(*array)
    assert (abort[0], abort[2]) == (3, VIOLATION)
    assert uri_of(witness.say(48, 1, {}, "org.add")) == "wamp.error.no_such_procedure"


def test_same_request_id_twice(connect: Connect) -> None:
    """The id of a call that waits cannot be used again, of whatever kind the calls are."""
    script, caller = connect().log_in(), connect().join()
    script.register("org.add")
    caller.say(48, 1, {}, "org.add")
    assert caller.say(48, 1, {}, "hotline.echo")[0][2] == VIOLATION
    assert script.heard()[-1][0] == 69


def test_limits(serializer: str) -> None:
    """Registrations, calls of a caller, and invocations of a callee are limited."""
    house = House(SessionLimits(registrations=2, pending_calls=2, invocations=3, burst=0))
    script, callers = Peer(house, serializer).log_in(), [Peer(house, serializer).join() for _ in range(2)]
    script.register("org.a")
    script.register("org.b", 2)
    assert uri_of(script.say(64, 3, {}, "org.c")) == "hotline.error.not_allowed"
    for number in (1, 2):
        assert callers[0].say(48, number, {}, "org.a") == []
    assert uri_of(callers[0].say(48, 3, {}, "org.a")) == "hotline.error.too_fast"
    assert callers[1].say(48, 1, {}, "org.a") == []
    assert uri_of(callers[1].say(48, 2, {}, "org.a")) == "wamp.error.no_available_callee"


def test_rights_taken_away(house: House, connect: Connect) -> None:
    """A session that becomes somebody else loses what it may not offer any more, and is told if it can be."""
    features = {"features": {"registration_revocation": True}}
    script, caller = connect().log_in(roles={**ROLES, "callee": features}), connect().join()
    registration = script.register("org.add")
    script.session.become(
        Identity(authid="mary", authrole="staff", authmethod="x", authprovider="hotline", principal=None)
    )
    assert script.heard() == [[67, 0, {"registration": registration, "reason": NOT_AUTHORIZED}]]
    assert uri_of(caller.say(48, 1, {}, "org.add")) == "wamp.error.no_such_procedure"


def test_nothing_is_left(house: House, connect: Connect) -> None:
    """After the last session there is no registration, call, timer or realm."""
    script, caller = connect().log_in(), connect().join()
    realm = house.router.realms["acme"]
    script.register("org.add")
    for number in range(1, 6):
        caller.say(48, number, {}, "org.add")
    caller.say(49, 2, {})
    script.say(70, 3, {})
    script.session.link_lost()
    caller.session.link_lost()
    assert realm.switchboard.dealer.is_empty()
    assert realm.broker.is_empty()
    assert not house.router.realms
    assert not house.clock.getDelayedCalls()
