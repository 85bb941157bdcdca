"""`python -m tests.faults --seconds 240 --clients 40 [--seed N]`: a run by hand.

In come its options, out comes what happened; exit code 1: a promise was broken, and the record is kept.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from tests.faults.nemesis import FAULTS
from tests.faults.run import play


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
        say=lambda line: print(line, flush=True),
    )
    print(
        f"{len(outcome.faults)} faults, {outcome.messages} messages, {outcome.seconds:.0f} s,"
        f" longest without a session {outcome.longest_gap:.1f} s, seed {arguments.seed}"
    )
    if outcome.problems:
        print("\n".join(outcome.problems))
        for number, log in enumerate(outcome.daemon_logs):
            (directory / f"node{number}.log").write_text(log)
        print(f"{len(outcome.problems)} promises broken; the record is in {directory}")
        sys.exit(1)
    print("every promise was kept")
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between two sayings of one client")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--mutation", default="", help="break a promise on purpose (tests/faults/mutant.py)")
    parser.add_argument(
        "faults", nargs="*", metavar="FAULT", help=f"only these, in this order: {', '.join(FAULTS)}"
    )
    chosen = parser.parse_args()
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, chosen)))
