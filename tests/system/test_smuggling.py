"""Requests that servers could understand differently, straight and through the proxies of the manual.

In come bytes, out come answers. Refused is whatever has two readings; and whoever comes next on a connection
that a proxy keeps to the daemon gets the answer to their own request.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.threads import deferToThread

from tests.system.conftest import MakeDaemon, dsn_url
from tests.system.daemon import Daemon, free_port

MANUAL = Path(__file__).parents[2] / "docs" / "operators.md"
PLACES = (
    f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:{Path(sys.prefix) / 'nginx' / 'usr' / 'sbin'}"
)

HEAD = b"POST /healthz HTTP/1.1\r\nHost: %(host)s\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: %(host)s\r\n\r\n"
# Each has two readings: where does it end, and what comes next?
AMBIGUOUS = {
    "both lengths": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SMUGGLED,
    "a list of lengths": HEAD + b"Content-Length: 0, 44\r\n\r\n" + SMUGGLED,
    "a length with a sign": HEAD + b"Content-Length: +0\r\n\r\n" + SMUGGLED,
    "a length in another base": HEAD + b"Content-Length: 0x2c\r\n\r\n" + SMUGGLED,
    "a length with a space in it": HEAD + b"Content-Length: 4 4\r\n\r\n" + SMUGGLED,
    "a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "an unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a size with a sign": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n" + SMUGGLED,
    "a size in another notation": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + SMUGGLED,
    "a header without a colon": HEAD + b"Nothing\r\n\r\n" + SMUGGLED,
    "a line feed in a name": HEAD + b"X\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
}


@dataclass(frozen=True, slots=True)
class Front:
    """Where requests go in."""

    port: int
    is_proxy: bool


@contextlib.contextmanager
def running(command: list[str], port: int) -> Iterator[Front]:
    """The program, until the end of the block; it listens when that begins."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        if process.poll() is not None and process.stderr is not None:
            pytest.fail(process.stderr.read().decode())
        yield Front(port, True)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def written(kind: str) -> str:
    """The manual's configuration of that proxy."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", MANUAL.read_text(), re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@contextlib.contextmanager
def front_of(kind: str, program: str | None, daemon: Daemon, directory: Path) -> Iterator[Front]:
    """Nothing, or what stands before the daemon, with the manual's words but for ports and TLS."""
    if program is None:
        yield Front(daemon.port, False)
        return
    port = free_port()
    text = written(kind).replace("127.0.0.1:8080", f"127.0.0.1:{daemon.port}")
    path = directory / f"{kind}.cfg"
    if kind == "haproxy":
        text = re.sub(r"bind :443 .*", f"bind 127.0.0.1:{port}", text)
        path.write_text(f"defaults\n  timeout connect 2s\n  timeout client 5s\n  timeout server 5s\n{text}")
        command = [program, "-db", "-f", str(path)]
    else:
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
        temporary = "\n".join(
            f"{name}_temp_path {directory / name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        path.write_text(
            f"{user} daemon off; pid {directory / 'nginx.pid'}; error_log stderr crit;"
            f" events {{}} http {{ access_log off; {temporary} {text} }}"
        )
        command = [program, "-p", str(directory), "-c", str(path), "-e", "stderr"]
    with running(command, port) as front:
        yield front


def exchange(port: int, sent: bytes, seconds: float = 0.3) -> bytes:
    """Everything that comes back until the connection ends or nothing has come for a while."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(sent)
        connection.settimeout(seconds)
        with contextlib.suppress(TimeoutError, ConnectionError):
            while chunk := connection.recv(65536):
                answer += chunk
    return answer


def play(front: Front) -> None:
    """Each of them, and after each somebody else."""
    host = b"127.0.0.1"
    asked = b"GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host
    assert exchange(front.port, asked).startswith(b"HTTP/1.1 200")
    for name, template in AMBIGUOUS.items():
        answer = exchange(front.port, template % {b"host": host})
        if not front.is_proxy:
            assert answer.startswith(b"HTTP/1.1 400"), (name, answer)
            assert answer.count(b"HTTP/1.1 ") == 1, (name, answer)
        for _ in range(3):
            mine = exchange(front.port, asked)
            assert mine.startswith(b"HTTP/1.1 200"), (name, mine)
            assert mine.count(b"HTTP/1.1 ") == 1, (name, mine)


@pytest.mark.parametrize("kind", ["nothing", "haproxy", "nginx"])
@ensureDeferred
async def test_nothing_is_smuggled(make_daemon: MakeDaemon, dsn: str, directory: Path, kind: str) -> None:
    """Not past the daemon alone, nor past a proxy as the manual sets it up."""
    program = shutil.which(kind, path=PLACES)
    if kind != "nothing" and program is None:
        pytest.skip(f"{kind} is not installed (apt-get install {kind})")
    daemon = make_daemon("--database", dsn_url(dsn))
    await daemon.start()

    def go() -> None:
        with front_of(kind, program, daemon, directory) as front:
            play(front)

    await deferToThread(go)
