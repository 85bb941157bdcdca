"""`python -m bench`: starts a daemon and the generator, prints one table, or JSON with --json.

In come options, out come figures. Everything happens in a temporary directory, or in the one given.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.processes import pinned

ROOT = Path(__file__).resolve().parents[1]
SERVER_CORE, GENERATOR_CORE = 0, 1
_START_SECONDS = 60.0

_CONFIG = """[limits]
messages_per_second = 0
burst = 0
pending_calls = 0
outgoing_bytes = 0
hello_seconds = 0
subscriptions = 0
"""


def environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return {**own, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def daemon(directory: Path) -> Iterator[tuple[int, int]]:
    """A daemon that is ready: (port, process id)."""
    directory.mkdir(mode=0o755, exist_ok=True)
    (directory / "bench.toml").write_text(_CONFIG)
    port = free_port()
    twistd = str(Path(sys.executable).parent / "twistd")
    options = ["--data", str(directory), "--config", str(directory / "bench.toml")]
    command = [twistd, "-n", "--pidfile=", "hotline", *options, "--http", f"tcp:{port}:interface=127.0.0.1"]
    log_path = directory / "daemon.log"
    with log_path.open("w") as log:
        process = subprocess.Popen(
            pinned(SERVER_CORE, command), stdout=log, stderr=log, env=environment(), cwd=directory
        )
    try:
        end = time.monotonic() + _START_SECONDS
        while "hotline is ready on" not in log_path.read_text():
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the daemon did not start:\n{log_path.read_text()}")
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        if "Traceback" in log_path.read_text():
            print(log_path.read_text(), file=sys.stderr)


def generate(order: dict[str, Any], hear: Any) -> None:
    """Run the generator with this order; `hear` is told of each line."""
    process = subprocess.Popen(
        pinned(GENERATOR_CORE, [sys.executable, "-m", "bench.generator"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order))
    process.stdin.close()
    for line in process.stdout:
        hear(json.loads(line))
    if process.wait():
        raise SystemExit("the generator failed")


def make_house(directory: Path) -> dict[str, str]:
    made = subprocess.run(
        [sys.executable, "-m", "bench.house", str(directory)],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=ROOT,
        check=False,
    )
    if made.returncode:
        raise SystemExit(made.stderr)
    return dict(json.loads(made.stdout))


def measure(arguments: argparse.Namespace, directory: Path) -> dict[str, Any]:
    """All scenarios, each with a daemon that has just started."""
    results: dict[str, Any] = {"rooms": arguments.rooms, "members": 2, "steps": []}

    def hear(line: dict[str, Any]) -> None:
        what = line.pop("what")
        if what == "step":
            results["steps"].append(line)
        else:
            results.setdefault(what, {}).update(line)
        if not arguments.json:
            print(_progress(what, line), file=sys.stderr, flush=True)

    with daemon(directory) as (port, pid):
        order = {"port": port, "pid": pid, **make_house(directory)}
        generate({**order, "scenario": "idle", "connections": arguments.connections}, hear)
    with daemon(directory) as (port, pid):
        order = {
            "port": port,
            "pid": pid,
            **make_house(directory),
            "scenario": "talk",
            "rooms": arguments.rooms,
            "seconds": arguments.seconds,
            "calm_rate": 500,
            "first_rate": arguments.first_rate,
            "last_rate": 50_000,
        }
        if arguments.profile:
            spy = Path(sys.executable).parent / "py-spy"
            record = [
                "record",
                "--pid",
                str(pid),
                "--output",
                arguments.profile,
                "--format",
                "raw",
                "--rate",
                "200",
            ]
            with subprocess.Popen(
                [str(spy), *record], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as spying:
                generate(order, hear)
                spying.send_signal(signal.SIGINT)
        else:
            generate(order, hear)
    results["busy"] = round(os.getloadavg()[0], 1)
    return results


def _progress(what: str, line: dict[str, Any]) -> str:
    if "rate" not in line:
        return f"{what}: " + ", ".join(f"{name} {value}" for name, value in line.items())
    return (
        f"{what}: {line['rate']}/s sent, {line['delivered_per_second']}/s delivered, ack p50/p99"
        f" {line['acknowledge_ms']} ms, delivery {line['deliver_ms']} ms,"
        f" server {line['server_ms_per_message']}"
        f" + database {line['database_ms_per_message']} ms each, generator {line['generator_cpu']:.0%}"
        + (f", refused {line['refused']}" if line["refused"] else "")
        + (f", not delivered {line['lost']}" if line["lost"] else "")
    )


def table(results: dict[str, Any]) -> str:
    """The figures in two columns."""
    calm, steady, idle = results["calm"], results["steady"], results["idle"]
    rows = [
        ("rooms x members", f"{results['rooms']} x 2"),
        ("acknowledged and delivered, p99 < 100 ms", f"{steady['delivered_per_second']:.0f} messages/s"),
        ("  p50 / p99 to the acknowledgement", "{} / {} ms".format(*steady["acknowledge_ms"])),
        ("  p50 / p99 to the other member", "{} / {} ms".format(*steady["deliver_ms"])),
        ("  CPU per message, server", f"{steady['server_ms_per_message']:.3f} ms"),
        ("  CPU per message, PostgreSQL", f"{steady['database_ms_per_message']:.3f} ms"),
        ("at 500 messages/s: p50 / p99 to the acknowledgement", "{} / {} ms".format(*calm["acknowledge_ms"])),
        ("  CPU per message, server", f"{calm['server_ms_per_message']:.3f} ms"),
        ("  CPU per message, PostgreSQL", f"{calm['database_ms_per_message']:.3f} ms"),
        (f"memory per idle session ({idle['connections']})", f"{idle['bytes_per_connection'] / 1000:.1f} kB"),
        (
            "coming in (connect, join, enter, claim, subscribe)",
            f"{results['entered']['joins_per_second']:.0f} sessions/s",
        ),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value:>18}" for name, value in rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print everything that was measured as JSON")
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of one step")
    parser.add_argument("--first-rate", type=int, default=1000, help="messages a second to begin with")
    parser.add_argument("--connections", type=int, default=1000, help="how many idle ones to measure")
    parser.add_argument("--profile", metavar="FILE", help="have py-spy write where the server's time goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as temporary:
        os.chmod(temporary, 0o755)
        results = measure(arguments, Path(temporary) / "data")
    print(json.dumps(results, indent=2) if arguments.json else table(results))


if __name__ == "__main__":
    main()
