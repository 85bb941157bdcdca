"""The master key of all tests, and a database that is opened with it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hotline.store.keys import Keys
from hotline.store.masters import Masters

MASTER = "5e" * 32
# As long as this process: keys are read again whenever one is to wrap another.
_HOME = tempfile.TemporaryDirectory(prefix="hotline-keys-")


def write_master_keys(directory: Path) -> Path:
    """A file as hotline would have made it, in a data directory."""
    path = directory / "master_keys"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(MASTER + "\n")
    return path


def make_keys(most: int = 1000) -> Keys:
    """As a process that has just started: nothing in memory."""
    return Keys(Masters(write_master_keys(Path(_HOME.name))), most)
