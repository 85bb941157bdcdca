"""The line between browsers and the daemon, which a test can cut, or make silent in one direction.

In come connections on a port of its own, out go the same bytes to the daemon. It understands none of them.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHUNK = 65536
_TICK_SECONDS = 0.1


class Line:
    """Carries bytes between a port and the daemon's."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._connected = True
        self._answers = True
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
            try:
                daemon = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                browser.close()
                continue
            with self._lock:
                self._pairs.add((browser, daemon))
            threading.Thread(target=self._carry, args=(browser, daemon), daemon=True).start()

    def _carry(self, browser: socket.socket, daemon: socket.socket) -> None:
        other = {browser: daemon, daemon: browser}
        try:
            while True:
                for end in select.select(list(other), [], [])[0]:
                    data = end.recv(_CHUNK)
                    if not data:
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


@contextmanager
def line_to(target: int) -> Iterator[Line]:
    """A line for as long as the block lasts."""
    line = Line(target)
    try:
        yield line
    finally:
        line.close()
