"""`python -m tests.faults --seconds 240 --clients 40 [--seed N] [--report FILE]`: a run by hand.

In come its options, out comes what happened; exit code 1: a promise was broken, and the record is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from tests.faults.nemesis import FAULTS
from tests.faults.run import Outcome, play


def report(arguments: argparse.Namespace, outcome: Outcome) -> dict[str, Any]:
    """All that can be said in figures; the logs stay where they are."""
    asked = {name: getattr(arguments, name) for name in ("seed", "clients", "pace", "calm", "mutation")}
    found = asdict(outcome)
    del found["daemon_logs"]
    return {**asked, "database": "given" if arguments.database else "own", **found}


def describe(outcome: Outcome) -> str:
    """The figures for people."""
    lines = []
    for kind, waits in outcome.latency.items():
        for what, sums in waits.items():
            lines.append(
                f"{what}, {kind}: {sums['count']} after {sums['mean'] * 1000:.0f} ms on average,"
                f" p50 {sums['p50'] * 1000:.0f} ms, p99 {sums['p99']:.2f} s, longest {sums['longest']:.2f} s"
            )
    grown = [str(change) for change in outcome.growth]
    return "\n".join(
        [*lines, *(grown or ["growth was not judged: too few calm moments in any process's life"])]
    )


async def main(reactor: Any, arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="hotline-faults-"))
    os.chmod(directory, 0o755)
    outcome = await play(
        reactor,
        directory,
        seed=arguments.seed,
        clients=arguments.clients,
        seconds=arguments.seconds,
        pace=arguments.pace,
        faults=arguments.faults,
        mutation=arguments.mutation,
        database=arguments.database,
        calm=arguments.calm,
        say=lambda line: print(line, flush=True),
    )
    print(
        f"{len(outcome.faults)} faults, {outcome.messages} messages, {outcome.seconds:.0f} s,"
        f" longest without a session {outcome.longest_gap:.1f} s, seed {arguments.seed}"
    )
    print(describe(outcome))
    if arguments.report:
        arguments.report.write_text(json.dumps(report(arguments, outcome), indent=1) + "\n")
    if outcome.problems:
        print("\n".join(outcome.problems))
        for number, log in enumerate(outcome.daemon_logs):
            (directory / f"node{number}.log").write_text(log)
        print(f"{len(outcome.problems)} promises broken; the record is in {directory}")
        sys.exit(1)
    print("every promise was kept")
    shutil.rmtree(directory, ignore_errors=True)


def make_parser() -> argparse.ArgumentParser:
    """Its options."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between two sayings of one client")
    parser.add_argument("--calm", type=float, default=1.0, help="seconds of calm after each fault")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--mutation", default="", help="break a promise on purpose (tests/faults/mutant.py)")
    parser.add_argument("--database", default="", metavar="URL", help="of a PostgreSQL that runs")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the result there, as JSON")
    parser.add_argument(
        "faults", nargs="*", metavar="FAULT", help=f"only these, in this order: {', '.join(FAULTS)}"
    )
    return parser


if __name__ == "__main__":
    parser = make_parser()
    chosen = parser.parse_args()
    if chosen.database and chosen.mutation:
        parser.error("--mutation is for a PostgreSQL of the run's own")
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, chosen)))
