"""Every flood at its full size: `python -m tests.floods [--share 1.0] [--without LIMIT] [FLOOD ...]`.

In come its options, out comes a table in Markdown. Exit code 1: a bound was broken, as it has to be without
the limit that bounds a flood.
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

from hotline.protocols.limits import SessionLimits
from hotline.store.cluster import OWNER_ROLE
from hotline.store.database import Database
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.migrations import migrate
from tests.floods.bounds import broken
from tests.floods.run import FLOODS, Flood, Outcome, come_back, play
from tests.keys import make_keys

COMERS = 5000
MOST_BACK_SECONDS = 45.0
MOST_DELIVER_MS = 500.0
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
    found: list[str] = []

    def judge(flood: Flood, outcome: Outcome) -> None:
        print(row(outcome), flush=True)
        print(f"    {outcome.crowd} {outcome.problems}", file=sys.stderr, flush=True)
        found.extend(
            f"{flood.name}: {bound}"
            for bound in broken(flood, outcome, SessionLimits(), most_deliver_ms=MOST_DELIVER_MS)
        )

    try:
        wanted = set(arguments.floods)
        floods = tuple(
            flood for flood in FLOODS if not wanted or wanted & {flood.kind, flood.fixed.get("say")}
        )
        limits = dict.fromkeys(arguments.without, 0)
        print(HEAD, flush=True)
        await play(reactor, directory, url, database, floods, judge, share=arguments.share, limits=limits)
        if not wanted or "come_back" in wanted:
            count = int(COMERS * arguments.share)
            told = await come_back(reactor, directory, url, database, count, limits)
            print(f"\n{told}", flush=True)
            if told["back"] < count or told["lost"] or told["not_let_in"] or told["problems"]:
                found.append("coming back")
            if told["all_seconds"] > MOST_BACK_SECONDS or told["deliver_ms"]["p99"] > MOST_DELIVER_MS:
                found.append("coming back in time")
    finally:
        database.close()
        await postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)
    if found:
        print(f"broken: {', '.join(found)}")
        sys.exit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.floods", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument(
        "--without", action="append", default=[], metavar="LIMIT", help="of [limits], lifted; repeatable"
    )
    parser.add_argument("floods", nargs="*", metavar="FLOOD", help="only these: a kind, or what is said")
    chosen = parser.parse_args()
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, chosen)))
