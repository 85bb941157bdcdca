"""Any call of any procedure, by anybody, in any order: arguments that fit, nearly fit, or make no sense.

In come calls that Hypothesis makes of the table of procedures and of what is stored meanwhile; out come
results and errors, never one that nobody foresaw, from a node that serves everybody to the end.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread, deferToThread

from hotline.domain.model import Role
from hotline.procedures.table import PROCEDURES
from tests.conftest import Now
from tests.fuzz.pace import paced
from tests.helpers import NAUGHTY, make_house
from tests.procedures.test_matrix import ARGUMENTS, make_scene
from tests.procedures.wired import Wired

FORESEEN = ("hotline.error.", "wamp.error.")
UNFORESEEN = ("hotline.error.internal", "hotline.error.unavailable")
KNOWN = 4
"""So many of each kind are remembered."""
CALLS = 60
"""So many until everybody begins anew."""
ROOM, PERSON = "a room", "a person"
"""Stand in arguments for one that there is; which, says the number beside it."""

FITTING: dict[str, list[Any]] = {
    "action": ["room.joined", "odd", None],
    "after": [0, 1, 10, (PERSON, 7), None],
    "allowed_sites": [[], ["https://example.org"], ["https://example.org/x"], ["https://[::1"]],
    "answers": [{}, {"issues": "x"}, {"a": "x"}, {"a": 3}, {"a": ["x"]}, {"contact": "Genuine"}, {"": None}],
    "at_closing": ["serve", "dismiss"],
    "before": [1, 10, (ROOM, 1), None],
    "block_second_person": [False, True],
    "colours": [{"accent": "#123456"}, {"accent": "#12345g"}, {"x" * 50: "#000000"}],
    "consent": [True, False],
    "consent_required": [True, False],
    "contact": ["112", "https://example.org/", "+49 30 1", "https://a b"],
    "device": ["x" * 20, "x" * 19, None],
    "elsewhere": [{"en": [{"name": "n", "contact": "112", "text": "t"}]}, {"en": [{}]}, {"xx-": []}],
    "email": ["a@example.org", "A@EXAMPLE.ORG", "a@b@c", "a@-"],
    "exit_url": ["https://example.org/", "https://[::1", "javascript:alert(1)", None],
    "form": ["questions", "survey", "record"],
    "grace_seconds": [0, 60, 10**6],
    "hours": [
        *(None, {}, 1, 2, 24, {"monday": [["24:00", "00:00"]]}),
        {"monday": [["09:00", "13:00"], ["12:00", "08:00"]]},
        {"sunday": [["22:00", "02:00"]], "monday": [["01:00", "03:00"]]}, {"someday": []},
    ],
    "id": [None, *[(PERSON, number) for number in range(KNOWN)]],
    "intake": ["scheduled", "paused", "closed"],
    "language": ["de", "de-x-informal", "xx-\u00e4", None],
    "languages": [["en", "de"], ["ar"], ["en", "en"], ["x" * 36], []],
    "limit": [1, 50, 200, 201],
    "message_days": [1, 30, 0],
    "note": ["a note", None],
    "presence": ["here", "busy", "away"],
    "priority": [0, 1, 2, 3],
    "questions": [
        [],
        [{"name": "a", "kind": "text", "label": "A", "required": True}],
        [{"name": "a", "kind": "choice", "label": "A", "choices": ["x", "y"], "risk_choices": ["x"]}],
        [{"name": "a", "kind": "choices", "label": "A", "choices": ["x", "x"], "risk_choices": ["z"]}],
        [{"name": "a", "kind": "scale", "label": "A", "low": 1, "high": 5, "risk_at_least": 4}],
        [{"name": "a", "kind": "scale", "label": "A", "low": 5, "high": -(2**40)}],
        [{"name": "a", "kind": "age_band", "label": "A", "translations": {"de": {"label": "B"}, "": {}}}],
    ],
    "queue_limit": [0, 1, 1000, None],
    "retention_hours": [0, 48, 2160, 2161],
    "return_code": [(ROOM, 2), "0123-4567-89AB-CDEF"],
    "role": ["staff", "manager", "client"],
    "rooms_per_consultant": [0, 1, 3],
    "scope": ["own", "organisation"],
    "seq": [1, 2, 3, 2**53],
    "since": ["2026-11-01", "0001-01-01", "9999-12-31", "-001-01-01"],
    "special_days": [
        [{"date": "2026-12-24", "spans": [["10:00", "12:00"]], "name": "x"}],
        [{"date": "2026-02-30", "spans": []}],
        [{"date": "9999-12-31", "spans": [["23:00", "22:00"]], "name": ""}],
    ],
    "texts": [{"en": {"welcome": "Hello"}}, {"en": {"odd": "x"}}, {"": {}}],
    "time_zone": ["Europe/Berlin", "Mars/Olympus", "../../etc/passwd", "UTC"],
    "until": ["2026-11-30", "2026-02-30", "9999-12-31", "0001-01-01"],
    "vanished_seconds": [0, 60, 10**6],
}  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 2**31, 2**53, 2**63, 10**30, 0.5, -0.0]),
    st.sampled_from([*NAUGHTY, "", " ", "\0", "\ud800", "x" * 81, "x" * 5001, "\u2028", "\u200b", "112"]),
    st.text(max_size=12),
    st.tuples(st.sampled_from([ROOM, PERSON]), st.integers(0, KNOWN - 1)),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


GUESTS = {
    Role.CLIENT: ["visitor", "client", "other client"],
    Role.STAFF: ["staff", "colleague"],
    Role.MANAGER: ["manager"],
}


def fitting(field: str) -> st.SearchStrategy[Any]:
    """Values for a field of this name, most of them in order."""
    fits = FITTING.get(field, [])
    return st.one_of(*[st.sampled_from(fits)] * 3, anything) if fits else anything


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """Who calls what, and how."""
    uri = draw(st.sampled_from(sorted(PROCEDURES)))
    may = [name for role, names in GUESTS.items() if role in PROCEDURES[uri].roles for name in names]
    anybody = [name for names in GUESTS.values() for name in names]
    who = draw(st.sampled_from(anybody if draw(st.integers(0, 9)) == 9 else may))
    room, person = (ROOM, draw(st.integers(0, KNOWN - 1))), (PERSON, draw(st.integers(0, KNOWN - 1)))
    arguments = dict(ARGUMENTS[uri](room, person))
    if uri.endswith(".set") and draw(st.booleans()):
        arguments.pop("id", None)
    fields = PROCEDURES[uri].arguments.__struct_fields__
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2])) if fields else 0):
        field = draw(st.sampled_from(fields))
        arguments[field] = draw(fitting(field))
    if draw(st.integers(0, 15)) == 15:
        arguments[draw(st.text(max_size=8))] = draw(anything)
    return who, uri, arguments


class Party:
    """Everybody, and what they may mean."""

    def __init__(self, wired: Wired, now: Now) -> None:
        self._wired = wired
        self._now = now
        self._slug = ""
        self._count = 0
        self._known: dict[str, deque[str]] = {}
        """Ids, by the noun of the procedures that gave them."""

    async def call(self, who: str, uri: str, arguments: dict[str, Any]) -> None:
        """One call and its answer, which is one of those that are foreseen."""
        if self._count % CALLS == 0 or not self._guests[who].is_open:
            await self._begin()
        self._count += 1
        if who == "visitor" and uri.startswith("hotline.anteroom."):
            self._guests[who] = await self._wired.join(self._slug)  # who has entered is a client from then on
        guest, noun = self._guests[who], uri.split(".")[1]
        answer = await guest.call(uri, **self._meant(noun, arguments))
        self._now.advance(seconds=1)
        if answer[0] == 8:
            assert answer[4].startswith(FORESEEN), answer
            assert answer[4] not in UNFORESEEN, answer
        elif answer[0] == 50:
            self._learn(noun, answer[3][0])
        guest.link.sent.clear()

    async def _begin(self) -> None:
        """An organisation in full use, of those who are not removed yet."""
        self._slug = f"own{self._count}"
        scene = await make_scene(self._wired, self._now(), self._slug)
        self._guests, house = scene.guests, scene.house
        self._known = {
            ROOM: deque([scene.served.room_id, scene.waiting.room_id], KNOWN),
            "staff": deque([house.colleague.id, house.staff.id, house.manager.id], KNOWN),
        }

    def _meant(self, noun: str, value: Any) -> Any:
        if isinstance(value, tuple):
            known = self._known.get(ROOM if value[0] == ROOM else noun) or self._known["staff"]
            return known[value[1] % len(known)]
        if isinstance(value, list):
            return [self._meant(noun, each) for each in value]
        if isinstance(value, dict):
            return {name: self._meant(noun, each) for name, each in value.items()}
        return value

    def _learn(self, noun: str, result: Any) -> None:
        for each in result if isinstance(result, list) else result.values():
            if isinstance(each, list | dict):
                self._learn(noun, each)
        for name in {"room", "return_code", "id"} & set(result if isinstance(result, dict) else ()):
            known = self._known.setdefault(noun if name == "id" else ROOM, deque(maxlen=KNOWN))
            if result[name] not in known:
                known.append(result[name])


@ensureDeferred
async def test_any_call(wired: Wired, now: Now, reactor: Any) -> None:
    """Nothing breaks, and everybody is served to the end."""
    party = Party(wired, now)
    await make_house(wired.database, now(), "elsewhere")
    witness = await wired.join("elsewhere")

    @paced(60)
    @given(st.lists(calls(), min_size=1, max_size=4))
    def some(asked: list[tuple[str, str, dict[str, Any]]]) -> None:
        for who, uri, arguments in asked:
            blockingCallFromThread(
                reactor, lambda call: Deferred.fromCoroutine(party.call(*call)), (who, uri, arguments)
            )

    # Hypothesis waits for nothing: in a thread of its own it may be made to.
    await deferToThread(some)
    assert (await witness.call("hotline.anteroom.describe"))[0] == 50
    await wired.settled()
