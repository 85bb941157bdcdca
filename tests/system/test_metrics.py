"""`--metrics`: what a node tells Prometheus, on an endpoint of its own."""

from __future__ import annotations

import re
from typing import Any

from pytest_twisted import ensureDeferred

from hotline.errors import Unavailable
from hotline.metrics import Metrics
from hotline.store.database import Database
from hotline.store.totals import Totals
from tests.system.conftest import MakeDaemon, dsn_url, house_with_tokens
from tests.system.daemon import free_port
from tests.system.peers import connect
from tests.system.talk import claimed_room
from tests.web.browser import Browser


def figures(page: str) -> dict[str, float]:
    """Those without labels, or by their whole name with them."""
    return {
        name: float(value)
        for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([-+.0-9eE]+)$", page, re.MULTILINE)
    }


@ensureDeferred
async def test_figures_of_a_node(make_daemon: MakeDaemon, dsn: str, database: Database, reactor: Any) -> None:
    """They tell what happened, name nobody, and are nowhere else."""
    port = free_port()
    daemon = make_daemon("--database", dsn_url(dsn), "--metrics", f"tcp:{port}:interface=127.0.0.1")
    await daemon.start()
    house = await house_with_tokens(database)
    other = await house_with_tokens(database)
    prometheus = Browser(reactor, f"http://127.0.0.1:{port}")
    before = figures((await prometheus.get("/metrics")).text)
    assert before["hotline_sessions"] == before["hotline_messages_total"] == before["hotline_waiting"] == 0
    client, staff, room = await claimed_room(reactor, daemon, house)
    waiting = await connect(reactor, daemon.url, other.slug)
    await waiting.call("hotline.anteroom.enter", name="Zephyrine", answers={})
    heard = await staff.collect(f"hotline.room.{room}")
    for number in range(5):
        await client.say(room, f"violet {number}", f"n{number}")
    page = (await prometheus.get("/metrics")).text
    after = figures(page)
    assert after["hotline_sessions"] == 3
    assert after["hotline_connections"] >= 3
    assert after["hotline_messages_total"] == after["hotline_journal_seconds_count"] == 5
    assert 1 <= after["hotline_groups_total"] <= 5
    assert after["hotline_relay_lag_seconds_count"] >= len(heard) >= 1
    assert after["hotline_relay_lag_seconds_sum"] < 5
    assert (after["hotline_waiting"], after["hotline_active"], after["hotline_mails"]) == (1, 1, 0)
    assert after["hotline_refused_total"] == 0
    assert 0 <= after["hotline_upkeep_lateness_seconds"] < 30
    assert after["hotline_upkeep_failing"] == 0
    assert after["process_resident_memory_bytes"] > 1 << 20
    labels = set(re.findall(r"(\w+)=\"", page))
    assert labels <= {"le"}
    for name in (house.slug, other.slug, house.organisation_id, room, "Robin", "Zephyrine", "violet"):
        assert name not in page
    assert [(await prometheus.get(path)).status for path in ("/", "/metrics/x", "/readyz")] == [404] * 3
    assert (await Browser(reactor, daemon.base).get("/metrics")).status == 404


@ensureDeferred
async def test_without_the_database(reactor: Any) -> None:
    """What this node knows is told; what only the database knows is -1."""

    async def away() -> Totals:
        raise Unavailable()

    metrics = Metrics(
        counts={"messages": ("Messages.", lambda: 7)},
        levels={"sessions": ("Sessions.", lambda: 3)},
        totals=away,
    )
    metrics.stored(0.02)
    metrics.told(-1.0)
    told = figures((await metrics.page()).decode())
    assert (told["hotline_messages_total"], told["hotline_sessions"]) == (7, 3)
    assert (told["hotline_waiting"], told["hotline_active"], told["hotline_mails"]) == (-1, -1, -1)
    assert told['hotline_journal_seconds_bucket{le="0.025"}'] == 1
    assert told["hotline_relay_lag_seconds_sum"] == 0
