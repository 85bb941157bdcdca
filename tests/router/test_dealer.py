"""The dealer alone: who is invoked, who is answered, what is left behind."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hotline.router import uris
from hotline.router.dealer import Dealer
from hotline.router.messages import Call, Error, Failed, Interrupt, Invocation, Message, Yield, Yielded
from hotline.router.options import CallOptions, Passthru, YieldOptions
from hotline.router.registrations import Enrolment

# Names with a capital belong to callees that can be interrupted and send progress.
CALLEES = ("Ann", "bob", "Cy")
CALLERS = ("Ann", "dora", "eve")
PROCEDURES = {"p.single": "single", "p.first": "first", "p.last": "last", "p.robin": "roundrobin"}

INTERRUPTED = 10

Sent = list[tuple[str, Message]]


def make_dealer(most_invocations: int = 0, most_interrupted: int = 0) -> Dealer[str]:
    """A dealer whose ids are 1, 2, 3 ... and whose dice always show 1."""
    return Dealer(
        new_id=itertools.count(1).__next__,
        pick=lambda count: min(1, count - 1),
        may_interrupt=str.istitle,
        may_progress=str.istitle,
        takes_passthru=lambda party, role: party.istitle(),
        most_invocations=most_invocations,
        most_interrupted=most_interrupted,
    )


def register(dealer: Dealer[str], callee: str, procedure: str = "p", invoke: str = "single") -> Any:
    """The registration, which has to succeed."""
    enrolment = dealer.registrations.register(callee, procedure, invoke, 0.0)
    assert isinstance(enrolment, Enrolment)
    return enrolment.registration


def call(
    dealer: Dealer[str],
    caller: str,
    request: int,
    procedure: str = "p",
    patience: float = 0,
    progress: bool = False,
) -> Sent:
    """A call of what is registered, at the time 0."""
    registration = dealer.registrations.find(procedure)
    assert registration is not None
    message = Call(request, CallOptions(receive_progress=progress), procedure, ["x"], {"k": 1})
    return dealer.call(caller, message, registration, {}, now=0.0, patience=patience)


def test_call_and_result() -> None:
    """A call becomes an invocation numbered for its callee, the result goes back, nothing is left."""
    dealer = make_dealer()
    registration = register(dealer, "Ann")
    assert call(dealer, "dora", 7) == [("Ann", Invocation(1, registration.id, {}, ["x"], {"k": 1}))]
    assert call(dealer, "eve", 7) == [("Ann", Invocation(2, registration.id, {}, ["x"], {"k": 1}))]
    assert dealer.yielded("Ann", Yield(2, YieldOptions(), [2]), 0.0) == [("eve", Yielded(7, {}, [2], {}))]
    assert dealer.failed("Ann", Failed(68, 1, Passthru(), "a.b", [1], {"c": 2})) == [
        ("dora", Error(48, 7, {}, "a.b", [1], {"c": 2}))
    ]
    assert dealer.leave("Ann")[1] == []
    assert dealer.is_empty()


def test_numbers_of_another_callee_are_of_no_use() -> None:
    """YIELD and ERROR count only from the session that was invoked, and only once."""
    dealer = make_dealer()
    register(dealer, "Ann")
    call(dealer, "dora", 1)
    assert dealer.yielded("bob", Yield(1, YieldOptions()), 0.0) is None
    assert dealer.failed("bob", Failed(68, 1, Passthru(), "a.b")) is None
    assert dealer.yielded("Ann", Yield(1, YieldOptions()), 0.0)
    assert dealer.yielded("Ann", Yield(1, YieldOptions()), 0.0) is None


def test_numbers_go_on_after_registering_again() -> None:
    """Invocations of one session are numbered 1, 2, 3 ... whatever it registers, until it leaves."""
    dealer = make_dealer()
    registration = register(dealer, "Ann")
    call(dealer, "dora", 1)
    dealer.registrations.unregister("Ann", registration.id)
    register(dealer, "Ann", "q")
    ((_, invocation),) = call(dealer, "dora", 2, "q")
    assert isinstance(invocation, Invocation)
    assert invocation.request == 2


def test_progress() -> None:
    """Parts of a result arrive if asked for and the callee can; the clock starts again with each."""
    dealer = make_dealer()
    register(dealer, "Ann")
    ((_, invocation),) = call(dealer, "dora", 1, patience=10, progress=True)
    assert isinstance(invocation, Invocation)
    assert invocation.details == {"receive_progress": True}
    part = Yield(1, YieldOptions(progress=True), [1])
    assert dealer.yielded("Ann", part, 8.0) == [("dora", Yielded(1, {"progress": True}, [1], {}))]
    assert dealer.expire(10.0) == []
    assert dealer.next_due == 18.0
    assert dealer.yielded("Ann", Yield(1, YieldOptions()), 9.0) == [("dora", Yielded(1, {}, [], {}))]
    assert dealer.next_due is None


def test_progress_nobody_asked_for_is_dropped() -> None:
    """Neither unasked parts nor those of a callee that did not announce them get through."""
    dealer = make_dealer()
    register(dealer, "Ann")
    register(dealer, "bob", "q")
    call(dealer, "dora", 1)
    ((_, invocation),) = call(dealer, "dora", 2, "q", progress=True)
    assert isinstance(invocation, Invocation)
    assert invocation.details == {}
    part = Yield(1, YieldOptions(progress=True))
    assert dealer.yielded("Ann", part, 0.0) == []
    assert dealer.yielded("bob", part, 0.0) == []


def test_cancel_modes() -> None:
    """skip answers, kill interrupts, killnowait does both; a callee that cannot be interrupted is skipped."""
    canceled = Error(48, 1, {}, uris.CANCELED)
    for mode, callee, expected in (
        ("skip", "Ann", [("dora", canceled)]),
        ("kill", "Ann", [("Ann", Interrupt(1, {"mode": "kill", "reason": uris.CANCELED}))]),
        (
            "killnowait",
            "Ann",
            [("dora", canceled), ("Ann", Interrupt(1, {"mode": "killnowait", "reason": uris.CANCELED}))],
        ),
        ("skip", "bob", [("dora", canceled)]),
        ("kill", "bob", [("dora", canceled)]),
        ("killnowait", "bob", [("dora", canceled)]),
    ):
        dealer = make_dealer()
        register(dealer, callee)
        call(dealer, "dora", 1)
        assert dealer.cancel("dora", 1, mode) == expected
        late = dealer.yielded(callee, Yield(1, YieldOptions(), ["late"]), 0.0)
        assert late == ([("dora", Yielded(1, {}, ["late"], {}))] if expected[0][0] == "Ann" else [])
        assert dealer.yielded(callee, Yield(1, YieldOptions()), 0.0) is None
        dealer.leave(callee)
        assert dealer.is_empty()


def test_cancel_of_nothing() -> None:
    """What was answered, or is somebody else's, cannot be canceled, and kill interrupts once."""
    dealer = make_dealer()
    register(dealer, "Ann")
    call(dealer, "dora", 1)
    assert dealer.cancel("eve", 1, "kill") == []
    assert len(dealer.cancel("dora", 1, "kill")) == 1
    assert dealer.cancel("dora", 1, "kill") == []
    assert dealer.cancel("dora", 1, "killnowait") == [("dora", Error(48, 1, {}, uris.CANCELED))]
    assert dealer.cancel("dora", 1, "killnowait") == []


def test_timeout() -> None:
    """Who waited long enough is told so, the callee interrupted, its late answer swallowed."""
    dealer = make_dealer()
    register(dealer, "Ann")
    call(dealer, "dora", 1, patience=5)
    assert dealer.next_due == 5.0
    assert dealer.expire(4.9) == []
    assert dealer.expire(5.0) == [
        ("dora", Error(48, 1, {}, uris.TIMEOUT)),
        ("Ann", Interrupt(1, {"mode": "killnowait", "reason": uris.TIMEOUT})),
    ]
    assert dealer.failed("Ann", Failed(68, 1, Passthru(), "a.b")) == []
    assert dealer.failed("Ann", Failed(68, 1, Passthru(), "a.b")) is None


def test_callee_leaves() -> None:
    """Everybody who waits for it is told, and nobody else."""
    dealer = make_dealer()
    register(dealer, "Ann", "p", "roundrobin")
    register(dealer, "Cy", "p", "roundrobin")
    call(dealer, "dora", 1)
    call(dealer, "dora", 2)
    enrolments, sent = dealer.leave("Ann")
    assert [each.turned for each in enrolments] == [False]
    assert sent == [("dora", Error(48, 1, {}, uris.CANCELED))]
    assert dealer.is_calling("dora", 2)


def test_caller_leaves() -> None:
    """Callees that can be are interrupted; their answers are swallowed."""
    dealer = make_dealer()
    register(dealer, "Ann")
    register(dealer, "bob", "q")
    call(dealer, "dora", 1)
    call(dealer, "dora", 2, "q")
    assert dealer.leave("dora") == (
        [],
        [("Ann", Interrupt(1, {"mode": "killnowait", "reason": uris.CANCELED}))],
    )
    assert dealer.yielded("Ann", Yield(1, YieldOptions()), 0.0) == []
    assert dealer.failed("bob", Failed(68, 1, Passthru(), "a.b")) == []


def test_shared_registration() -> None:
    """One id for all who share; first, last, random, and roundrobin in order of registration."""
    for invoke, expected in (
        ("first", ["Ann", "Ann", "Ann", "Ann"]),
        ("last", ["Cy", "Cy", "Cy", "Cy"]),
        ("roundrobin", ["Ann", "bob", "Cy", "Ann"]),
        ("random", ["bob", "bob", "bob", "bob"]),
    ):
        dealer = make_dealer()
        ids = {register(dealer, callee, "p", invoke).id for callee in CALLEES}
        assert len(ids) == 1
        assert [call(dealer, "dora", number)[0][0] for number in range(1, 5)] == expected


def test_roundrobin_when_one_leaves() -> None:
    """Whose turn it is stays right when one before or behind goes."""
    dealer = make_dealer()
    for callee in CALLEES:
        register(dealer, callee, "p", "roundrobin")
    assert [call(dealer, "dora", number)[0][0] for number in (1, 2)] == ["Ann", "bob"]
    dealer.leave("Ann")
    assert [call(dealer, "dora", number)[0][0] for number in (3, 4, 5)] == ["Cy", "bob", "Cy"]


def test_who_may_share() -> None:
    """Not with a single one, not under another policy, and not with oneself."""
    dealer = make_dealer()
    register(dealer, "Ann", "p", "single")
    register(dealer, "Ann", "q", "first")
    registrations = dealer.registrations
    assert registrations.register("bob", "p", "single", 0.0) == uris.PROCEDURE_ALREADY_EXISTS
    assert registrations.register("bob", "p", "first", 0.0) == uris.PROCEDURE_ALREADY_EXISTS
    assert registrations.register("Ann", "q", "first", 0.0) == uris.PROCEDURE_ALREADY_EXISTS
    assert registrations.register("bob", "q", "last", 0.0) == uris.PROCEDURE_EXISTS_WITH_DIFFERENT_POLICY


def test_callees_have_only_so_much_on_their_hands() -> None:
    """A full callee is passed over, also if nobody waits for what it works on; with all full the caller is
    told."""
    dealer = make_dealer(most_invocations=1)
    register(dealer, "Ann", "p", "first")
    register(dealer, "bob", "p", "first")
    assert [call(dealer, "dora", number)[0][0] for number in (1, 2)] == ["Ann", "bob"]
    dealer.cancel("dora", 1, "skip")
    assert call(dealer, "dora", 3) == [("dora", Error(48, 3, {}, uris.NO_AVAILABLE_CALLEE))]
    dealer.yielded("Ann", Yield(1, YieldOptions()), 0.0)
    assert call(dealer, "dora", 4)[0][0] == "Ann"


def test_what_a_callee_was_told_to_drop_is_off_its_hands() -> None:
    """It may stay silent for ever; a late answer is swallowed, the first of each at least."""
    dealer = make_dealer(most_invocations=2, most_interrupted=INTERRUPTED)
    register(dealer, "Ann")
    for number in range(1, INTERRUPTED + 3):
        assert call(dealer, "dora", number, patience=1)[0][0] == "Ann"
        if number % 2:
            dealer.cancel("dora", number, "killnowait")
        else:
            dealer.expire(number)
    for number in (1, 2, 3, INTERRUPTED + 2):
        assert dealer.yielded("Ann", Yield(number, YieldOptions()), 0.0) == []
    assert dealer.yielded("Ann", Yield(3, YieldOptions()), 0.0) is None
    assert dealer.failed("Ann", Failed(68, INTERRUPTED + 3, Passthru(), "a.b")) is None
    dealer.leave("Ann")
    assert dealer.is_empty()


def test_old_deadlines_do_not_pile_up() -> None:
    """A thousand quick calls leave no thousand deadlines behind."""
    dealer = make_dealer()
    register(dealer, "Ann")
    for number in range(1, 1001):
        call(dealer, "dora", number, patience=60)
        dealer.yielded("Ann", Yield(number, YieldOptions()), 0.0)
    assert len(dealer._deadlines) <= 256
    assert dealer.next_due is None


class DealerAgainstModel(RuleBasedStateMachine):
    """Any sequence of what callers and callees may do, against lists that are searched from end to end."""

    @initialize()
    def begin(self) -> None:
        self.dealer = make_dealer(most_invocations=3)
        self.offers: list[tuple[str, str]] = []
        # Each: caller, request, callee, number, whether the caller still waits, whether killed, whether the
        # callee was told to drop it, due
        self.calls: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}
        self.request = 0
        self.now = 0.0

    @rule(who=st.sampled_from(CALLEES), procedure=st.sampled_from(sorted(PROCEDURES)))
    def register(self, who: str, procedure: str) -> None:
        result = self.dealer.registrations.register(who, procedure, PROCEDURES[procedure], 0.0)
        others = [each for each, offered in self.offers if offered == procedure]
        if others and (procedure == "p.single" or who in others):
            assert result == uris.PROCEDURE_ALREADY_EXISTS
        else:
            assert isinstance(result, Enrolment)
            assert result.turned == (not others)
            self.offers.append((who, procedure))

    @rule(who=st.sampled_from(CALLEES), procedure=st.sampled_from(sorted(PROCEDURES)))
    def unregister(self, who: str, procedure: str) -> None:
        registration = self.dealer.registrations.find(procedure)
        result = self.dealer.registrations.unregister(who, registration.id if registration else 10**9)
        assert (result is not None) == ((who, procedure) in self.offers)
        if result is not None:
            self.offers.remove((who, procedure))
            assert result.turned == (procedure not in [offered for _, offered in self.offers])

    @rule(
        who=st.sampled_from(CALLERS),
        procedure=st.sampled_from(sorted(PROCEDURES)),
        patience=st.sampled_from((0, 3, 7)),
    )
    def call(self, who: str, procedure: str, patience: float) -> None:
        registration = self.dealer.registrations.find(procedure)
        callees = [each for each, offered in self.offers if offered == procedure]
        assert (registration is None) == (not callees)
        if registration is None:
            return
        self.request += 1
        message = Call(self.request, CallOptions(receive_progress=True), procedure)
        ((to, sent),) = self.dealer.call(who, message, registration, {}, now=self.now, patience=patience)
        free = [each for each in callees if len(self.on_hands(each)) < 3]
        if not free:
            assert (to, sent) == (who, Error(48, self.request, {}, uris.NO_AVAILABLE_CALLEE))
            return
        if procedure == "p.last":
            assert to == free[-1]
        elif procedure != "p.robin":
            assert to == free[0]
        assert to in free
        self.numbers[to] = self.numbers.get(to, 0) + 1
        assert isinstance(sent, Invocation)
        assert sent.request == self.numbers[to]
        due = self.now + patience if patience else None
        self.calls.append(
            {"from": who, "request": self.request, "to": to, "number": sent.request, "waits": True,
             "killed": False, "dropped": False, "due": due, "patience": patience}
        )  # fmt: skip

    def on_hands(self, callee: str) -> list[dict[str, Any]]:
        return [each for each in self.calls if each["to"] == callee and not each["dropped"]]

    @rule(
        who=st.sampled_from(CALLEES),
        back=st.integers(0, 5),
        kind=st.sampled_from(("result", "part", "error")),
    )
    def answer(self, who: str, back: int, kind: str) -> None:
        number = self.numbers.get(who, 0) - back
        if kind == "error":
            sent = self.dealer.failed(who, Failed(68, number, Passthru(), "a.b"))
        else:
            sent = self.dealer.yielded(who, Yield(number, YieldOptions(progress=kind == "part")), self.now)
        asked = [each for each in self.calls if (each["to"], each["number"]) == (who, number)]
        if not asked:
            assert sent is None
            return
        (asked_call,) = asked
        expected: Sent = []
        if kind == "part":
            if asked_call["waits"] and not asked_call["killed"] and who.istitle():
                expected = [(asked_call["from"], Yielded(asked_call["request"], {"progress": True}, [], {}))]
                if asked_call["patience"]:
                    asked_call["due"] = self.now + asked_call["patience"]
        else:
            self.calls.remove(asked_call)
            if asked_call["waits"]:
                answer: Message = Yielded(asked_call["request"], {}, [], {})
                if kind == "error":
                    answer = Error(48, asked_call["request"], {}, "a.b")
                expected = [(asked_call["from"], answer)]
        assert sent == expected

    @rule(
        who=st.sampled_from(CALLERS),
        back=st.integers(0, 5),
        mode=st.sampled_from(("skip", "kill", "killnowait")),
    )
    def cancel(self, who: str, back: int, mode: str) -> None:
        request = self.request - back
        sent = self.dealer.cancel(who, request, mode)
        asked = [each for each in self.calls if (each["from"], each["request"]) == (who, request)]
        waiting = [each for each in asked if each["waits"]]
        if not waiting:
            assert sent == []
            return
        (one,) = waiting
        can = one["to"].istitle()
        kinds = [(to, type(message)) for to, message in sent]
        if mode == "kill" and can:
            assert kinds == ([] if one["killed"] else [(one["to"], Interrupt)])
            one["killed"] = True
        else:
            interrupted = mode == "killnowait" and can and not one["killed"]
            assert kinds == [(who, Error), *([(one["to"], Interrupt)] if interrupted else [])]
            one["waits"] = False
            one["dropped"] = interrupted or one["killed"]

    @rule(seconds=st.sampled_from((1, 4)))
    def time_goes_on(self, seconds: float) -> None:
        self.now += seconds
        sent = self.dealer.expire(self.now)
        late = [each for each in self.calls if each["waits"] and each["due"] and each["due"] <= self.now]
        for each in late:
            each["waits"] = False
            each["dropped"] = each["to"].istitle()
        assert {(to, message.request) for to, message in sent if isinstance(message, Error)} == {
            (each["from"], each["request"]) for each in late
        }
        assert {(to, message.request) for to, message in sent if isinstance(message, Interrupt)} == {
            (each["to"], each["number"]) for each in late if each["to"].istitle() and not each["killed"]
        }

    @rule(who=st.sampled_from(("Ann", "bob", "Cy", "dora", "eve")))
    def leave(self, who: str) -> None:
        enrolments, sent = self.dealer.leave(who)
        gone = [offer for offer in self.offers if offer[0] == who]
        self.offers = [offer for offer in self.offers if offer[0] != who]
        assert {each.registration.procedure for each in enrolments} == {procedure for _, procedure in gone}
        canceled = [
            each for each in self.calls if each["to"] == who and each["waits"] and each["from"] != who
        ]
        self.calls = [each for each in self.calls if each["to"] != who]
        given_up = [each for each in self.calls if each["from"] == who and each["waits"]]
        for each in given_up:
            each["waits"] = False
            each["dropped"] = each["to"].istitle()
        self.numbers.pop(who, None)
        assert {(to, message.request) for to, message in sent if isinstance(message, Error)} == {
            (each["from"], each["request"]) for each in canceled
        }
        assert {(to, message.request) for to, message in sent if isinstance(message, Interrupt)} == {
            (each["to"], each["number"]) for each in given_up if each["to"].istitle() and not each["killed"]
        }

    @invariant()
    def knows_what_the_model_knows(self) -> None:
        for who in CALLERS:
            waiting = [each["request"] for each in self.calls if each["from"] == who and each["waits"]]
            assert self.dealer.calls_of(who) == len(waiting)
            assert all(self.dealer.is_calling(who, request) for request in waiting)
        dues = [each["due"] for each in self.calls if each["waits"] and each["due"]]
        assert self.dealer.next_due == min(dues, default=None)

    def teardown(self) -> None:
        for who in {*CALLEES, *CALLERS}:
            self.dealer.leave(who)
        assert self.dealer.is_empty()


DealerAgainstModel.TestCase.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
TestDealerAgainstModel = DealerAgainstModel.TestCase
