"""`make fuzz`: every target under a coverage-guided fuzzer, two at a time, and then Hypothesis at length.

In: seconds for each, a seed. Out: exit code 1 and the input, written as a line for `tests/corpus`, when
something broke; what was new is in `var/fuzz`, for the next time. It never writes to the kept corpus itself.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.corpus import TARGETS, inputs_of, line_of

AT_LENGTH = {
    "pages": "tests/web/test_any_request.py",
    "messages": "tests/router/test_any_messages.py",
    "calls": "tests/procedures/test_any_call.py",
}
"""What Hypothesis makes up, because bytes alone would hardly ever get that far."""
EXAMPLES_PER_SECOND = 25

MEMORY_MIB = 700
LONGEST_INPUT = 4096
INPUT_SECONDS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", default="", help="targets, with commas between them")
    parser.add_argument("--directory", type=Path, default=Path("var/fuzz"))
    options = parser.parse_args()
    names = [name for name in options.only.split(",") if name] or [*TARGETS, *AT_LENGTH]
    if unknown := {*names} - {*TARGETS, *AT_LENGTH}:
        parser.error(f"there is no {' or '.join(sorted(unknown))}")
    targets = [name for name in names if name not in AT_LENGTH]
    seed = secrets.randbelow(2**31) + 1 if options.seed is None else options.seed
    print(f"seed {seed}, about {options.seconds} s for each of {', '.join(names)}", flush=True)
    if find_spec("atheris") is None and targets:
        print("atheris is not here (it is for Linux on x86-64): only Hypothesis is asked", flush=True)
        targets = []
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda each: _fuzz(each, seed, options.seconds, options.directory), targets))
    done += [_at_length(name, seed, options.seconds) for name in names if name in AT_LENGTH]
    return 0 if all(done) else 1


def _at_length(name: str, seed: int, seconds: int) -> bool:
    examples = seconds * EXAMPLES_PER_SECOND
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", AT_LENGTH[name]],
        env=os.environ | {"FUZZ_EXAMPLES": str(examples)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(
        f"{name}: {examples} examples" if not ran.returncode else f"{name}: BROKEN\n{ran.stdout}", flush=True
    )
    return not ran.returncode


def _fuzz(target: str, seed: int, seconds: int, directory: Path) -> bool:
    found = directory / target
    found.mkdir(parents=True, exist_ok=True)
    with _seeds(target) as seeds:
        ran = _run(
            target,
            f"-seed={seed}",
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST_INPUT}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-timeout={INPUT_SECONDS}",
            f"-artifact_prefix={directory}/{target}-",
            "-print_final_stats=1",
            str(found),
            str(seeds),
        )
    figures = {
        name.removeprefix("stat::").rstrip(":"): value
        for name, _, value in (line.partition(" ") for line in ran.stderr.splitlines() if "stat::" in line)
    }
    if ran.returncode == 0:
        count, memory = (
            figures.get(name, "?").strip() for name in ("number_of_executed_units", "peak_rss_mb")
        )
        print(f"{target}: {count} inputs, at most {memory} MiB", flush=True)
        return True
    print(f"{target}: BROKEN\n{ran.stdout}{ran.stderr[-6000:]}", flush=True)
    for path in directory.glob(f"{target}-*"):
        print(f"{path}\n{line_of(path.read_bytes())}", flush=True)
    return False


@contextmanager
def _seeds(target: str) -> Iterator[Path]:
    """What is kept, as libFuzzer wants it: a file for each."""
    with tempfile.TemporaryDirectory(prefix="hotline-fuzz-") as name:
        for number, data in enumerate(inputs_of(target)):
            (Path(name) / str(number)).write_bytes(data)
        yield Path(name)


def _run(target: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz.one", target, *options],
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
