"""Whether anything broke while some bytes were taken in.

In: what Twisted logs meanwhile, and what was answered. Out: AssertionError with the first failure, or with
the answer that tells too much. It never looks at what is no failure of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twisted.logger import ILogObserver, LogLevel, globalLogPublisher
from zope.interface import implementer

TELLTALES = (b"Traceback", b'.py", line', b"site-packages", b"twisted.", b"Twisted", b"psycopg", b"autobahn")
"""What an answer would have in it that tells of our inside."""


@implementer(ILogObserver)
class _Failures:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, event: dict[str, Any]) -> None:
        if event.get("log_level") is LogLevel.critical:
            failure = event.get("log_failure")
            self.seen.append(str(event) if failure is None else failure.getTraceback())


@contextmanager
def unbroken() -> Iterator[None]:
    """Nothing in here may end in a failure in the log."""
    failures = _Failures()
    globalLogPublisher.addObserver(failures)
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(failures)
    assert not failures.seen, failures.seen[0]


def tells_nothing(answer: bytes, said: bytes) -> None:
    """An answer has nothing of our inside but what the question had in it."""
    for telltale in TELLTALES:
        assert telltale in said or telltale not in answer, answer
