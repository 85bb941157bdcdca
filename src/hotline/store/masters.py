"""The master keys: a file that only its owner can read, outside of every database.

In comes a path, out come ciphers; the last key of the file wraps what is new. Whoever has this file and the
database can read everything; whoever has only one of them, nothing.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from twisted.logger import Logger

from hotline.errors import StartError
from hotline.store.seals import KEY_BYTES, Cipher, new_key

_HEAD = "# hotline's master keys, the newest last. Without them no text in the database can be read.\n"


class Masters:
    """The keys of a file, read again when one is asked for that was not in it, and before one wraps.

    :raises StartError: it cannot be read, others can read it, or it holds something else.
    """

    _log = Logger()

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ciphers = _read(path)

    @property
    def newest(self) -> Cipher:
        return self._ciphers[-1]

    @property
    def ids(self) -> list[str]:
        """Of all keys in the file, the newest last."""
        return [cipher.id for cipher in self._ciphers]

    def find(self, master: str) -> Cipher | None:
        """The key with this id; None: the file does not have it, not even now."""
        for _ in range(2):
            for cipher in self._ciphers:
                if cipher.id == master:
                    return cipher
            self.read_again()
        return None

    def find_newest(self, among: Collection[str]) -> Cipher | None:
        """The newest of these, or of all if none is named, that the file has at this moment."""
        self.read_again()
        return next((each for each in reversed(self._ciphers) if not among or each.id in among), None)

    def read_again(self) -> None:
        """Others change the file. As long as it cannot be read, the keys of before are held on to."""
        try:
            self._ciphers = _read(self.path)
        except StartError as error:
            self._log.error("the master keys are those of before: {reason}", reason=str(error))

    def add(self) -> None:
        """One more key, which wraps from now on."""
        _write(self.path, [*_lines(self.path), new_key().hex()])
        self._ciphers = _read(self.path)

    def keep_newest(self) -> int:
        """Take all others out of the file; how many."""
        lines = _lines(self.path)
        _write(self.path, lines[-1:])
        self._ciphers = _read(self.path)
        return len(lines) - 1


def make(path: Path) -> None:
    """A file with a first key, unless there is one. Of two who make it at once, one wins.

    :raises StartError: it cannot be made.
    """
    if path.exists():
        return
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    _write(fresh, [new_key().hex()])
    try:
        with suppress(FileExistsError):
            os.link(fresh, path)
    except OSError as error:
        raise StartError(f"cannot make {path}: {error.strerror}") from error
    finally:
        fresh.unlink()


def _read(path: Path) -> list[Cipher]:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StartError(f"others can read {path}: chmod 600 {path}")
        keys = [bytes.fromhex(line) for line in _lines(path)]
    except OSError as error:
        raise StartError(f"cannot read {path}: {error.strerror}") from error
    except ValueError:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise StartError(f"{path} is damaged: bring it back from a copy, without it no text can be read")
    return [Cipher(key) for key in keys]


def _lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="ascii").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _write(path: Path, lines: list[str]) -> None:
    """Complete or not at all. A file that was there keeps its owner and mode: the daemon is to read it on,
    whoever runs the command."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            if path.exists():
                _make_alike(file.fileno(), path.stat())
            file.write(_HEAD + "".join(line + "\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StartError(f"cannot write {path}: {error.strerror}") from error


def _make_alike(descriptor: int, before: os.stat_result) -> None:
    if os.geteuid() == 0:  # nobody else can give a file away
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
