"""One target under a coverage-guided fuzzer: `python -m tests.fuzz.one TARGET [libFuzzer's options]`.

In: inputs that atheris makes up from how far the last ones got. Out: exit code 0, or the first input that
broke something, in a file. It judges growth too: objects that stay when their input is gone.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter

import atheris
from twisted.logger import globalLogBeginner

with atheris.instrument_imports(
    include=["hotline", "autobahn.websocket", "twisted.web.http", "tarfile", "webauthn"]
):
    from tests.fuzz.corpus import TARGETS

LOOK_EVERY = 4000
MOST_GROWTH = 5000
"""Objects: libFuzzer's own figures are C, and what is made once, such as compiled patterns, is fewer."""


class Judged:
    """A target, and how many objects of each kind there are between its inputs."""

    def __init__(self, name: str) -> None:
        self._target = TARGETS[name]
        self._count = 0
        self._kinds: Counter[str] = Counter()

    def __call__(self, data: bytes) -> None:
        self._target(data)
        self._count += 1
        if self._count % LOOK_EVERY == 0:
            gc.collect()
            kinds = Counter(type(thing).__name__ for thing in gc.get_objects())
            self._kinds = self._kinds or kinds
            more = kinds - self._kinds
            assert kinds.total() < self._kinds.total() + MOST_GROWTH, f"more objects: {more.most_common(8)}"


if __name__ == "__main__":
    # As in a daemon: before a log has begun Twisted keeps what is logged, with all that it is about.
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
    judged = Judged(sys.argv[1])
    atheris.Setup([sys.argv[0], *sys.argv[2:]], judged)
    atheris.Fuzz()
