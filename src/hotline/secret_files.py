"""Secrets that live in the data directory and not in the database: read, or made once.

In come a path and how to make what stands there, out comes its content. Never one that others could read.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from hotline.errors import StartError


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """:raises StartError: it can be neither read nor made, or others can read it."""
    try:
        if not path.exists():
            _make(path, make())
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StartError(f"others can read {path}: chmod 600 {path}")
        return path.read_bytes()
    except OSError as error:
        raise StartError(f"cannot use {path}: {error.strerror}") from error


def _make(path: Path, content: bytes) -> None:
    """Complete or not at all; of two who make it at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
    finally:
        fresh.unlink()
