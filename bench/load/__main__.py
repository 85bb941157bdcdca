"""`python -m bench.load`: plays the scenarios it is given.

In comes one JSON object on a line of standard input, then what a scenario waits for; out come lines of JSON.
The garbage collector is off: its pauses would count as the server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys

from bench.load import crowd, fan, joins, reload, talk
from bench.processes import allow_many_files

_SCENARIOS = {
    "crowd": crowd.play,
    "probe": crowd.probe,
    "fan": fan.play,
    "joins": joins.play,
    "reload": reload.play,
    "talk": talk.play,
}


def main() -> None:
    order = json.loads(sys.stdin.readline())
    allow_many_files()
    gc.disable()
    with contextlib.suppress(BrokenPipeError):
        asyncio.run(_SCENARIOS[order["scenario"]](order))
    sys.stdout.flush()
    # Thousands of connections need no farewell one by one.
    os._exit(0)


if __name__ == "__main__":
    main()
