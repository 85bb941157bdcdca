"""Numbers of groups: however wrong a node is about its rooms, no gap, no other order, nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from hotline.domain.numbering import Room, assign, foresee

ROOMS = (("o", "a"), ("o", "b"), ("p", "a"))


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of a group. `refused`: its sender may not speak, as far as the database is concerned."""

    room: Room
    nonce: int
    refused: bool = False


@dataclass(slots=True)
class Table:
    """A naive database: of each room what was said, in order, with the number each text was sealed for."""

    rows: dict[Room, list[tuple[int, int]]] = field(default_factory=lambda: {room: [] for room in ROOMS})
    writers: int = 0

    @property
    def last_seqs(self) -> dict[Room, int]:
        return {room: len(rows) for room, rows in self.rows.items()}

    def is_new(self, said: Said) -> bool:
        return not said.refused and said.nonce not in [nonce for nonce, _ in self.rows[said.room]]

    def write_otherwise(self, room: Room) -> None:
        """As entries that tell of what happened to a room."""
        self.writers += 1
        self.rows[room].append((-self.writers, len(self.rows[room]) + 1))


def fitting(group: Sequence[Said], foreseen: Sequence[int], table: Table) -> list[bool]:
    """What the journal's statement stores (hotline.store.appending)."""
    first: dict[Room, int] = {}
    places: dict[Room, int] = {}
    fit = []
    for said, number in zip(group, foreseen, strict=True):
        if table.is_new(said):
            last_seq = len(table.rows[said.room])
            places[said.room] = place = places.get(said.room, 0) + 1
            first.setdefault(said.room, number)
            fit.append(number == last_seq + place and first[said.room] > last_seq)
        else:
            fit.append(False)
    return fit


def fitting_naively(group: Sequence[Said], foreseen: Sequence[int], table: Table) -> list[bool]:
    """The same, as one would say it: each has the room's next number, and so has all new before it."""
    reached = table.last_seqs
    lost: set[Room] = set()
    fit = []
    for said, number in zip(group, foreseen, strict=True):
        if table.is_new(said) and number != reached[said.room] + 1:
            lost.add(said.room)
        is_fit = table.is_new(said) and said.room not in lost
        reached[said.room] += is_fit
        fit.append(is_fit)
    return fit


def write(group: Sequence[Said], believed: dict[Room, int], table: Table) -> None:
    """As the journal does: at the numbers foreseen what fits, and then the others, under the locks."""
    rooms = [said.room for said in group]
    foreseen = foresee(rooms, believed)
    fit = fitting(group, foreseen, table)
    assert fit == fitting_naively(group, foreseen, table)
    others = [said for said, is_fit in zip(group, fit, strict=True) if not is_fit and table.is_new(said)]
    for said, number, is_fit in zip(group, foreseen, fit, strict=True):
        if is_fit:
            table.rows[said.room].append((said.nonce, number))
            believed[said.room] = number
    numbers = assign([said.room for said in others], table.last_seqs, [table.is_new(each) for each in others])
    for said, seq in zip(others, numbers, strict=True):
        assert seq is not None
        table.rows[said.room].append((said.nonce, seq))
        believed[said.room] = seq


_entries = st.tuples(st.sampled_from(ROOMS), st.integers(0, 30), st.sampled_from([False, False, False, True]))
_groups = st.lists(_entries, min_size=1, max_size=10, unique_by=lambda entry: entry[:2])
_steps = st.one_of(
    st.tuples(st.just("group"), st.integers(0, 1), _groups),
    st.tuples(st.just("other"), st.sampled_from(ROOMS), st.integers(1, 3)),
    st.tuples(st.just("heard"), st.integers(0, 1), st.sampled_from(ROOMS)),
    st.tuples(st.just("wrong"), st.integers(0, 1), st.tuples(st.sampled_from(ROOMS), st.integers(0, 9))),
)


@given(st.lists(_steps, max_size=12))
def test_two_nodes_that_know_little_of_each_other(steps: list[tuple[str, int, object]]) -> None:
    """Groups with repetitions and refusals, others who write in between, beliefs right and wrong."""
    table = Table()
    nodes = [dict.fromkeys(ROOMS, 0), dict.fromkeys(ROOMS, 0)]
    order: list[tuple[Room, int]] = []
    for step in steps:
        match step:
            case ("group", int(node), list(entries)):
                group = [Said(*entry) for entry in entries]
                order += [(said.room, said.nonce) for said in group if table.is_new(said)]
                write(group, nodes[node], table)
            case ("other", tuple(room), int(count)):
                for _ in range(count):
                    table.write_otherwise(room)
            case ("heard", int(node), tuple(room)):
                nodes[node][room] = table.last_seqs[room]
            case ("wrong", int(node), (tuple(room), int(seq))):
                nodes[node][room] = seq
    for room, rows in table.rows.items():
        assert [number for _, number in rows] == list(range(1, len(rows) + 1)), "sealed for its place, no gap"
        said = [nonce for nonce, _ in rows if nonce >= 0]
        assert said == [nonce for of, nonce in order if of == room], "in the order in which it came, once"


@given(st.lists(st.tuples(st.sampled_from(ROOMS), st.booleans())), st.integers(0, 5))
def test_all_new_ones_are_as_foreseen(entries: list[tuple[Room, bool]], last_seq: int) -> None:
    """Foreseen is what is assigned where all is new; what is not new takes no number."""
    rooms, are_new = [room for room, _ in entries], [is_new for _, is_new in entries]
    last_seqs = dict.fromkeys(ROOMS, last_seq)
    assert foresee(rooms, last_seqs) == assign(rooms, last_seqs, [True] * len(rooms))
    assigned = assign(rooms, last_seqs, are_new)
    assert [seq is not None for seq in assigned] == are_new
    assert last_seqs == dict.fromkeys(ROOMS, last_seq)
