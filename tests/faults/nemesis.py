"""The faults. Each is done to a stage and undone again; when the function returns the fault has ended.

In comes a stage, out goes nothing but damage. What follows from it is for the talkers to note and for the
checker to judge.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress

import psycopg2
from autobahn.wamp.exception import ApplicationError
from twisted.internet.defer import Deferred

from tests.faults.proxy import Line, Mode
from tests.faults.stage import Stage
from tests.faults.talker import Talker
from tests.faults.vitals import is_connected, resident_bytes
from tests.system.daemon import sleep, until
from tests.system.peers import CUT, Peer, connect

Fault = Callable[[Stage], Awaitable[None]]


async def node_killed(stage: Stage) -> None:
    """kill -9 of a node, which is started again after a second."""
    node = stage.random.choice(stage.nodes)
    await node.kill()
    await sleep(stage.reactor, 1.0)
    await node.start()


async def backend_killed(stage: Stage) -> None:
    """kill -9 of a PostgreSQL process that works for a node: PostgreSQL ends them all and recovers."""
    pids = [
        row[0]
        for row in stage.administer("SELECT pid FROM pg_stat_activity WHERE application_name = 'hotline'")
    ]
    if pids:
        with suppress(ProcessLookupError):
            os.kill(stage.random.choice(sorted(pids)), signal.SIGKILL)
    await sleep(stage.reactor, 0.2)
    await stage.postgres_answers()


async def postgres_restarted(stage: Stage) -> None:
    """Immediate stop of PostgreSQL, and its start with recovery."""
    stage.signal_postgres(signal.SIGQUIT)
    await sleep(stage.reactor, 0.3)
    await stage.postgres_answers()


async def postgres_killed(stage: Stage) -> None:
    """kill -9 of PostgreSQL's first process."""
    stage.signal_postgres(signal.SIGKILL)
    await sleep(stage.reactor, 0.3)
    await stage.postgres_answers()


async def listen_cut(stage: Stage) -> None:
    """The connections that listen are ended, three times."""
    for _ in range(3):
        stage.administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'hotline' AND datname = current_database()"
            " AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notification_queue_usage%')"
        )
        await sleep(stage.reactor, 0.7)


async def node_stopped(stage: Stage) -> None:
    """SIGSTOP of a node: its connections stand, and nobody answers."""
    node = stage.random.choice(stage.nodes)
    stage.signal_node(node, signal.SIGSTOP)
    await sleep(stage.reactor, stage.hang)
    stage.signal_node(node, signal.SIGCONT)


async def postgres_stopped(stage: Stage) -> None:
    """SIGSTOP of all of PostgreSQL."""
    stopped = stage.postgres_processes()
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    await sleep(stage.reactor, stage.hang)
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def network_cut(stage: Stage) -> None:
    """Half of the clients have no network for a while; their connections end with a RST."""
    await _half_of_the_lines(stage, Mode.CUT, stage.hang / 2)


async def network_flickers(stage: Stage) -> None:
    """All connections break, again and again, in the middle of whatever is being said."""
    for _ in range(6):
        for talker in stage.talkers:
            if stage.random.random() < 0.5:
                talker.line.become(Mode.CUT)
                talker.line.become(Mode.OPEN)
        await sleep(stage.reactor, 0.4)


async def network_loses_answers(stage: Stage) -> None:
    """What half of the clients say still arrives, but no answer does; then their connections break."""
    await _half_of_the_lines(stage, Mode.DEAF, stage.hang / 4, ending=Mode.CUT)


async def network_stalled(stage: Stage) -> None:
    """Half of the clients have connections on which nothing moves."""
    await _half_of_the_lines(stage, Mode.STALLED, stage.hang)


async def network_drips(stage: Stage) -> None:
    """Half of the clients have a network that brings one byte a second."""
    await _half_of_the_lines(stage, Mode.DRIPPING, stage.hang)


async def _half_of_the_lines(stage: Stage, mode: Mode, seconds: float, *, ending: Mode = Mode.OPEN) -> None:
    lines = [talker.line for talker in stage.random.sample(stage.talkers, len(stage.talkers) // 2)]
    for line in lines:
        line.become(mode)
    await sleep(stage.reactor, seconds)
    for line in lines:
        line.become(ending)
        line.become(Mode.OPEN)


async def reader_never_reads(stage: Stage) -> None:
    """Somebody asks for history again and again, reads nothing: the node closes that, and does not grow."""
    talker: Talker = stage.random.choice(stage.talkers)
    seat, node = talker.seat, stage.random.choice(stage.nodes)
    line = Line(stage.reactor, lambda: node.port)
    port = line.open()
    peer = await connect(
        stage.reactor, f"ws://127.0.0.1:{port}/ws", seat.slug, authid=seat.authid, ticket=seat.ticket
    )
    line.become(Mode.DEAF)
    before = resident_bytes(node.pid)
    grown = 0
    for _ in range(30):
        for _ in range(90):
            Deferred.fromCoroutine(_ask(peer, seat.room))
        await sleep(stage.reactor, 0.1)
        grown = max(grown, resident_bytes(node.pid) - before)
    # A node waits a little for such a peer to read its last words.
    await until(stage.reactor, lambda: not is_connected(node.port, line.far_ports), what="the reader's end")
    line.become(Mode.OPEN)
    await sleep(stage.reactor, 0.5)
    stage.history.write("deaf", ended=not line.ends, grown=grown)
    await line.close()


async def _ask(peer: Peer, room: str) -> None:
    with suppress(ApplicationError, *CUT):
        await peer.call("hotline.room.history", room=room, limit=200)


async def rolling_restart(stage: Stage) -> None:
    """SIGTERM to one node after the other; each is there again before the next one goes."""
    for number, node in enumerate(stage.nodes):
        began = stage.reactor.seconds()
        code = await node.stop()
        stage.history.write("stopped", node=number, code=code, seconds=stage.reactor.seconds() - began)
        await node.start()
        await sleep(stage.reactor, stage.between_nodes)


async def notify_queue_full(stage: Stage) -> None:
    """Somebody else who listens does not: PostgreSQL's queue of notifications runs full, and commits fail."""
    with closing(psycopg2.connect(stage.administrator, application_name="test")) as sleeper:
        cursor = sleeper.cursor()
        cursor.execute("LISTEN elsewhere")
        sleeper.commit()
        cursor.execute("SELECT 1")
        filled = False
        for number in range(200):
            try:
                stage.administer(f"SELECT pg_notify('elsewhere', repeat('x', 7900) || {number})")
            except psycopg2.OperationalError:
                filled = True
                break
        assert filled, "the queue of notifications did not run full"
        await sleep(stage.reactor, stage.hang * 2 / 3)


FAULTS: dict[str, Fault] = {
    fault.__name__: fault  # type: ignore[attr-defined]
    for fault in (
        node_killed,
        backend_killed,
        postgres_restarted,
        postgres_killed,
        listen_cut,
        node_stopped,
        postgres_stopped,
        network_cut,
        network_flickers,
        network_loses_answers,
        network_stalled,
        network_drips,
        reader_never_reads,
        rolling_restart,
        notify_queue_full,
    )
}

ENDING_NODES = frozenset({"node_killed", "rolling_restart"})
"""After these a node is another process."""

NEEDING_THE_SERVER = frozenset(
    {"backend_killed", "postgres_restarted", "postgres_killed", "postgres_stopped", "notify_queue_full"}
)
"""Done only to a PostgreSQL of our own: they signal its processes, or concern everybody who uses it."""
