"""Passwords among the settings that other users of the machine can read.

In come addresses with the place they came from, out comes a sentence for each that is in the open. Looks at
who may read the file, and at nothing else; no sentence tells a password.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hotline.checked import Given


def exposed(addresses: Iterable[Given], file: Path | None) -> tuple[str, ...]:
    """What is said of those of which the password stands on the command line, or in a file for everybody.

    :param file: the one of `--config`.
    """
    found = []
    for given in addresses:
        way = None
        if given.source.startswith("--"):
            way = "see the command line"
        elif file is not None and given.source.startswith(f"{file}:") and _is_for_everybody(file):
            way = "read the file"
        if way is not None and _has_password(str(given.value)):
            found.append(f"{given.source} has a password, and every user of this machine can {way}")
    return tuple(found)


def _has_password(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.password) or "password" in parse_qs(parts.query)


def _is_for_everybody(file: Path) -> bool:
    with suppress(OSError):
        return bool(file.expanduser().stat().st_mode & stat.S_IROTH)
    return False
