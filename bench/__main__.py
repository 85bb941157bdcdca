"""`python -m bench`: every system in turn, again and again, and one table of medians.

In come options, out come figures. Everything happens in a temporary directory; peers are kept in var/bench.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import report, stages
from bench.processes import allow_many_files, pinned
from bench.rows import GROUPS, QUICK, Sizes, rows
from bench.stages import Subject
from bench.systems import crossbar, ejabberd, hotline
from bench.systems.base import GENERATOR_CORE, ROOT, Failed, Running, Unavailable

_PEERS = {crossbar.NAME: crossbar, ejabberd.NAME: ejabberd}
_PLACE = ROOT / "var" / "bench"
# How many rounds have these, which take long and vary little; two nodes on one core say little anyway.
_MOST_ROUNDS = {
    "pause": 3,
    "memory": 3,
    "many": 3,
    "reload": 3,
    "nodes": 3 if (os.cpu_count() or 1) >= 4 else 1,
}


def main() -> None:
    arguments = _parse()
    allow_many_files()
    wanted = set(arguments.only)
    sizes = QUICK if arguments.quick else Sizes()
    subjects, notes = _subjects(arguments.peers)
    results = report.Results(notes=notes, sizes=sizes)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as temporary:
        # As root, PostgreSQL runs as somebody else, who has to get there.
        Path(temporary).chmod(0o755)
        for number in range(arguments.repeat):
            rates: dict[str, float] = {}
            for subject in subjects:
                print(
                    f"round {number + 1} of {arguments.repeat}: {subject.name}", file=sys.stderr, flush=True
                )
                directory = Path(temporary) / f"{subject.name}-{number}"
                directory.mkdir(mode=0o755)
                rest = {group for group in wanted if number < _MOST_ROUNDS.get(group, arguments.repeat)}
                try:
                    for samples in _round(subject, directory, sizes, rest, arguments.profile):
                        results.add(subject.name, samples)
                        if "rate" in samples:
                            rates[subject.name] = samples["rate"]
                except Failed as error:
                    print(f"{subject.name}: {error}", file=sys.stderr, flush=True)
                    results.notes.append(f"{subject.name} failed in round {number + 1}")
            results.compare(rates, "rate_ratio", hotline.NAME)
            results.minutes = (time.monotonic() - began) / 60
            if arguments.json:
                Path(arguments.json).write_text(json.dumps(results.as_json(), indent=2) + "\n")
    shown = [row for row in rows(sizes) if row.group in wanted]
    if arguments.write:
        report.write(Path(arguments.write), results, shown)
    print(report.plain(results, shown))


def _round(
    subject: Subject, directory: Path, sizes: Sizes, wanted: set[str], profile: str | None
) -> Iterator[stages.Samples]:
    """All stages of one system, once."""
    is_ours = subject.name == hotline.NAME
    spying = partial(_spying, profile) if profile and is_ours else _not_spying
    talked = stages.talk(subject, directory / "talk", sizes, wanted, spying)
    yield talked
    if wanted & {"pause", "memory"}:
        yield stages.crowd(subject, directory / "crowd", sizes)
    if "many" in wanted and is_ours:
        found = stages.many(subject, directory / "many", sizes)
        yield found | ({"many_ratio": found["many_rate"] / talked["rate"]} if "rate" in talked else {})
    if "nodes" in wanted and is_ours:
        (directory / "nodes").mkdir(mode=0o755)
        yield stages.nodes(subject, directory / "nodes", sizes)


def _subjects(peers: list[str]) -> tuple[list[Subject], list[str]]:
    """hotline, and those of the peers that can be had; versions, and why others cannot."""
    subjects = [Subject(name=hotline.NAME, started=hotline.started, rate=hotline.FIRST_RATE)]
    notes = [f"hotline {report.revision(ROOT)}"]
    for name in peers:
        peer, place = _PEERS[name], _PLACE / name
        print(f"bringing {name}, if it is not there...", file=sys.stderr, flush=True)
        try:
            notes.append(peer.install(place))
        except Unavailable as error:
            notes.append(f"{name} left out: {error}")
            continue
        subjects.append(Subject(name=name, started=partial(peer.started, place), rate=peer.FIRST_RATE))
    return subjects, notes


@contextlib.contextmanager
def _spying(file: str, running: Running) -> Iterator[None]:
    """py-spy writes where the daemon's time goes."""
    spy = str(Path(sys.executable).with_name("py-spy"))
    options = ["--pid", str(running.server_pids[0]), "--output", file, "--format", "raw", "--rate", "200"]
    if not Path(spy).exists():
        raise SystemExit(f"--profile wants py-spy: {sys.executable} -m pip install py-spy")
    command = pinned(GENERATOR_CORE, [spy, "record", *options])
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as spying:
        yield
        spying.send_signal(signal.SIGINT)


@contextlib.contextmanager
def _not_spying(running: Running) -> Iterator[None]:
    yield


def _parse() -> Any:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", type=_names(GROUPS), default=GROUPS, metavar="ROW,...", help=f"of {', '.join(GROUPS)}"
    )
    parser.add_argument(
        "--peers",
        type=_names(_PEERS),
        default=list(_PEERS),
        metavar="NAME,...",
        help="none, or of crossbar,ejabberd",
    )
    parser.add_argument("--repeat", type=int, help="rounds, of which the median counts; default 5, quick: 1")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: to see that it works")
    parser.add_argument("--json", metavar="FILE", help="write every sample there")
    parser.add_argument("--write", metavar="FILE", help="write the table into this page, between its marks")
    parser.add_argument(
        "--profile", metavar="FILE", help="have py-spy write where hotline's time goes in `talk`"
    )
    arguments = parser.parse_args()
    arguments.repeat = arguments.repeat or (1 if arguments.quick else 5)
    return arguments


def _names(known: Any) -> Any:
    def parse(text: str) -> list[str]:
        names = [] if text == "none" else text.split(",")
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(known)}")
        return names

    return parse


if __name__ == "__main__":
    main()
