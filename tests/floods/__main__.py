"""`python -m tests.floods [--share 1.0] [FLOOD ...]`: every flood at its full size, by hand.

In come its options, out comes a table in Markdown; exit code 1: a bound was broken.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.logger import Logger

from hotline.store.cluster import OWNER_ROLE
from hotline.store.database import Database
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.migrations import migrate
from tests.floods.run import FLOODS, Flood, Outcome, come_back, play
from tests.keys import make_keys

COMERS = 5000
HEAD = (
    "| flood | how many | memory at worst / after | delivery p50 / p99 / longest"
    " | coming in p50 / p99 | log lines |\n"
    "|---|---|---|---|---|---|"
)


def row(outcome: Outcome) -> str:
    """Of the table."""
    deliver, join = outcome.deliver_ms, outcome.join_ms
    return (
        f"| {outcome.name} | {outcome.count:,} in {outcome.seconds:.0f} s"
        f" | +{outcome.grown_megabytes:.0f} / +{outcome.left_megabytes:.0f} MB"
        f" | {deliver['p50']:.0f} / {deliver['p99']:.0f} / {deliver['longest']:.0f} ms"
        f" | {join['p50']:.0f} / {join['p99']:.0f} ms | {outcome.log_lines} |"
    )


async def main(reactor: Any, arguments: argparse.Namespace) -> None:
    directory = Path(tempfile.mkdtemp(prefix="hotline-floods-"))
    os.chmod(directory, 0o755)
    postgres = EmbeddedPostgres(reactor, directory, Logger())
    await postgres.start()
    url = postgres.url(OWNER_ROLE)
    await migrate(reactor, url)
    database = Database(reactor, url, keys=make_keys())
    broken: list[str] = []

    def judge(flood: Flood, outcome: Outcome) -> None:
        print(row(outcome), flush=True)
        print(f"    {outcome.crowd} lost {outcome.lost} {outcome.problems}", file=sys.stderr, flush=True)
        if outcome.grown_megabytes > flood.most_megabytes or outcome.lost or outcome.problems:
            broken.append(flood.name)

    try:
        floods = tuple(flood for flood in FLOODS if not arguments.floods or flood.kind in arguments.floods)
        print(HEAD, flush=True)
        await play(reactor, directory, url, database, floods, judge, share=arguments.share)
        if not arguments.floods or "come_back" in arguments.floods:
            told = await come_back(reactor, directory, url, database, int(COMERS * arguments.share))
            print(f"\n{told}", flush=True)
    finally:
        database.close()
        await postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)
    if broken:
        print(f"broken: {', '.join(broken)}")
        sys.exit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.floods", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument("floods", nargs="*", metavar="FLOOD", help="only these kinds")
    chosen = parser.parse_args()
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, chosen)))
