"""One visitor's line to the network, which a test can cut, make silent one way, or close to WebSockets.

In come a browser's connections (it is a SOCKS proxy), out go the same bytes to wherever they are meant to go.
It understands none of them but the wish for another protocol.
"""

from __future__ import annotations

import io
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHUNK = 65536
_TICK_SECONDS = 0.1
_UPGRADE = b"\r\nupgrade: websocket\r\n"
_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Line:
    """Everything between a browser context and the rest of the world."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.proxy = {"server": f"socks5://127.0.0.1:{self._listening.getsockname()[1]}"}
        self._connected = True
        self._answers = True
        self._upgrades = True
        self.refused = 0
        self._ended = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """All connections break, and new ones are refused as long as it stays cut."""
        self._connected = False
        self._break()

    def silence(self) -> None:
        """What browsers send arrives, but no answer comes back; nobody is told."""
        self._answers = False

    def refuse_upgrades(self) -> None:
        """From now on HTTP stays HTTP, as some offices and schools want it; `refused` counts the tries."""
        self._upgrades = False

    def mend(self) -> None:
        """As before. What was silenced is broken now: its bytes are lost."""
        if not self._answers:
            self._break()
        self._answers = self._connected = True

    def close(self) -> None:
        self._ended = True
        self._break()
        self._thread.join()
        self._listening.close()

    def _break(self) -> None:
        with self._lock:
            for pair in self._pairs:
                for end in pair:
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended:
            if not select.select([self._listening], [], [], _TICK_SECONDS)[0]:
                continue
            browser, _ = self._listening.accept()
            if not self._connected:
                browser.close()
                continue
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        try:
            daemon = socket.create_connection(_wanted(browser))
        except OSError:
            browser.close()
            return
        browser.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        with self._lock:
            self._pairs.add((browser, daemon))
        self._carry(browser, daemon)

    def _carry(self, browser: socket.socket, daemon: socket.socket) -> None:
        other = {browser: daemon, daemon: browser}
        try:
            while True:
                for end in select.select(list(other), [], [])[0]:
                    data = end.recv(_CHUNK)
                    if not data:
                        return
                    if not self._upgrades and end is browser and _UPGRADE in data.lower():
                        self.refused += 1
                        browser.sendall(_FORBIDDEN)
                        return
                    if end is browser or self._answers:
                        other[end].sendall(data)
        except OSError:
            return
        finally:
            with self._lock:
                self._pairs.discard((browser, daemon))
            browser.close()
            daemon.close()


def _wanted(browser: socket.socket) -> tuple[str, int]:
    """Where the connection is meant to go, as SOCKS 5 says it. :raises OSError: this is not SOCKS 5."""
    with browser.makefile("rb", buffering=0) as said:
        version, methods = _exactly(said, 2)
        _exactly(said, methods)
        browser.sendall(b"\x05\x00")
        version, command, _, kind = _exactly(said, 4)
        if (version, command) != (5, 1) or kind not in (1, 3):
            raise OSError("not a connection by SOCKS 5")
        if kind == 1:
            host = socket.inet_ntoa(_exactly(said, 4))
        else:
            host = _exactly(said, _exactly(said, 1)[0]).decode()
        return host, int.from_bytes(_exactly(said, 2))


def _exactly(said: io.RawIOBase, count: int) -> bytes:
    read = b""
    while len(read) < count:
        more = said.read(count - len(read))
        if not more:
            raise OSError("the browser has gone")
        read += more
    return read


@contextmanager
def laid_line() -> Iterator[Line]:
    """A line for as long as the block lasts."""
    line = Line()
    try:
        yield line
    finally:
        line.close()
