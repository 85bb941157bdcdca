"""Where the daemon of a data directory is reached while it runs.

In comes its public URL when it is ready, out it goes to commands that write links. It never says whether
the daemon answers: only that its process is there.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

_NAME = "running.json"


def note(data: Path, public_url: str) -> None:
    """From now on this process serves the directory there."""
    place = data / _NAME
    beside = place.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps({"process": os.getpid(), "public_url": public_url}))
    beside.replace(place)


def forget(data: Path) -> None:
    """No more; a note of another process stays."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        if json.loads((data / _NAME).read_text())["process"] == os.getpid():
            (data / _NAME).unlink()


def find_public_url(data: Path) -> str | None:
    """Where the daemon that runs on the directory is reached; None: there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads((data / _NAME).read_text())
        if _is_there(int(noted["process"])):
            return str(noted["public_url"])
    return None


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True
