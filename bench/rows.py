"""The rows of the table: what is measured, in which unit, and what hotline is held to.

Nothing is measured here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything; `--quick` has less."""

    rooms: int = 500
    seconds: float = 2.0
    """Length of one step of a given rate; the rate found is held for three times as long."""
    calm_rate: int = 1000
    lone: int = 150
    sessions: int = 10_000
    watch_seconds: float = 6.0
    many: tuple[int, int] = (100, 100)
    """Organisations, and rooms of each."""
    listeners: int = 200
    events: int = 100
    joins: int = 300
    lengths: tuple[int, int] = (10_000, 1_000_000)


QUICK = Sizes(
    rooms=100,
    seconds=1.5,
    lone=50,
    sessions=1000,
    watch_seconds=3.0,
    many=(20, 50),
    events=40,
    joins=100,
    lengths=(10_000, 100_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    key: str
    group: str
    """What `--only` calls it, together with its neighbours."""
    title: str
    unit: str
    goal: str = ""
    places: int = 0


GROUPS = (
    "throughput", "cpu", "ack", "pause", "memory", "many", "fanout", "join", "reload", "lone", "nodes",
)  # fmt: skip


def rows(sizes: Sizes) -> tuple[Row, ...]:
    """In the order of the table."""
    organisations, each = sizes.many
    short, long = (f"{length:,}" for length in sizes.lengths)
    crowd, calm = f"{sizes.sessions:,}", f"{sizes.calm_rate:,}"
    return (
        Row(key="rate", group="throughput", unit="/s", goal="5000",
            title=f"messages acknowledged and delivered at p99 < 100 ms, {sizes.rooms} rooms"),
        Row(key="rate_ratio", group="throughput", unit="x", goal="3.5 Crossbar, 5 ejabberd", places=2,
            title="... hotline's of this one's, in the same round"),
        Row(key="generator", group="throughput", unit="%", title="... the generator's share of its core"),
        Row(key="server_ms", group="cpu", unit="ms", goal="0.15", places=3,
            title="server CPU for each message at that rate"),
        Row(key="database_ms", group="cpu", unit="ms", places=3, title="... and of PostgreSQL"),
        Row(key="ack_p50", group="ack", unit="ms", goal="3", places=1,
            title=f"acknowledgement at {calm}/s, p50"),
        Row(key="ack_p99", group="ack", unit="ms", goal="15", places=1, title="... p99"),
        Row(key="calm_server_ms", group="ack", unit="ms", places=3, title="... server CPU for each message"),
        Row(key="calm_database_ms", group="ack", unit="ms", places=3, title="... and of PostgreSQL"),
        Row(key="pause_coming", group="pause", unit="ms", places=1,
            title=f"longest pause while {crowd} sessions come"),
        Row(key="pause_idle", group="pause", unit="ms", goal="30", places=1, title="... when all are there"),
        Row(key="pause_leaving", group="pause", unit="ms", goal="30", places=1,
            title="... while all leave within half a second"),
        Row(key="memory_kb", group="memory", unit="kB", goal="14", places=1,
            title=f"memory for each idle session, {crowd} of them"),
        Row(key="many_rate", group="many", unit="/s",
            title=f"messages with {organisations * each:,} rooms in {organisations} organisations"),
        Row(key="many_ratio", group="many", unit="x", goal="0.9", places=2,
            title=f"... of the figure with {sizes.rooms} rooms"),
        Row(key="fan_us", group="fanout", unit="us", goal="30",
            title=f"server CPU for each copy of an event to {sizes.listeners} subscribers"),
        Row(key="join_server_ms", group="join", unit="ms", goal="1.5", places=2,
            title="connect, authenticate, join: CPU of the server"),
        Row(key="join_database_ms", group="join", unit="ms", places=2, title="... and of PostgreSQL"),
        Row(key="reload_short", group="reload", unit="/s", goal="1000",
            title=f"reading the last 50 messages of a room of {short}"),
        Row(key="reload_long", group="reload", unit="/s", goal="within 1.2 x", title=f"... of {long}"),
        Row(key="lone_p50", group="lone", unit="ms", goal="3", places=1,
            title="delivery of a lone message on an idle server, p50"),
        Row(key="lone_p99", group="lone", unit="ms", goal="10", places=1, title="... p99"),
        Row(key="nodes_one", group="nodes", unit="/s", title="messages with one node, PostgreSQL beside it"),
        Row(key="nodes_two", group="nodes", unit="/s",
            title="... with two nodes, members on different ones"),
        Row(key="nodes_ratio", group="nodes", unit="x", goal="1.6 where the cores allow", places=2,
            title="... two of one"),
        Row(key="nodes_p99", group="nodes", unit="ms", goal="150", places=1,
            title="... delivery p99 at half of what two carry"),
    )  # fmt: skip
