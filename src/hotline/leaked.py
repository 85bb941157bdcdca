"""Passwords that are known because others lost them: a file of their hashes that the operator fetched.

In come a file as Have I Been Pwned gives it out (SHA-1 in hexadecimal, one a line, sorted; what follows a
colon is not looked at) and a password, out comes whether it is there. Asks no network, and keeps nothing of
the file in memory: a search reads some forty lines.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from twisted.logger import Logger

from hotline.errors import StartError, Unavailable

PLACES = 256
"""In so many places it is looked whether the file is what it should be."""
_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::[0-9]*)?\r?\n?")
_LONGEST_LINE = 128

T = TypeVar("T")
Pread = Callable[[int, int], bytes]
"""So many bytes from this place on."""


class LeakedPasswords:
    """The file may be replaced while it is used, by one moved to its place."""

    _log = Logger()

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def holds(self, password: str) -> bool:
        """Blocks. :raises Unavailable: that cannot be said now; the log says why."""
        plain = password.encode("utf-8", "surrogatepass")
        wanted = hashlib.sha1(plain, usedforsecurity=False).hexdigest().upper().encode()
        try:
            return self._with_file(lambda pread, size: _find(pread, size, wanted))
        except StartError as error:
            self._log.error("no password can be set: {problem}", problem=str(error))
            raise Unavailable() from error

    def check(self) -> None:
        """Blocks. :raises StartError: it cannot be read, or is something else, or not sorted."""
        self._with_file(self._look)

    def _look(self, pread: Pread, size: int) -> None:
        if not size:
            raise ValueError
        seen = (-1, b"")
        for number in range(PLACES):
            begin, end, first = _line_at(pread, size * number // PLACES)
            lines = [(begin, first)]
            if end < size:
                lines.append((end, _line_at(pread, end)[2]))
            for line in lines:
                if line[0] > seen[0]:
                    if line[1] <= seen[1]:
                        raise StartError(f"{self._path} is not sorted by hash: fetch that kind of it")
                    seen = line

    def _with_file(self, work: Callable[[Pread, int], T]) -> T:
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
            try:
                size = os.fstat(descriptor).st_size
                return work(lambda place, length: os.pread(descriptor, length, place), size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StartError(f"{self._path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise StartError(
                f"{self._path} is no list of passwords: lines of SHA-1 hash, colon and number are needed"
            ) from error


def _find(pread: Pread, size: int, wanted: bytes) -> bool:
    low, high = 0, size
    while low < high:
        begin, end, found = _line_at(pread, (low + high) // 2)
        if found == wanted:
            return True
        if found < wanted:
            low = end
        else:
            high = begin
    return False


def _line_at(pread: Pread, place: int) -> tuple[int, int, bytes]:
    """Where the line around this place begins, where the next one does, and its hash.

    :raises ValueError: it is no such line.
    """
    before = max(0, place - _LONGEST_LINE)
    read = pread(before, 2 * _LONGEST_LINE)
    begin = read.rfind(b"\n", 0, place - before) + 1
    end = read.find(b"\n", place - before) + 1 or len(read)
    line = _LINE.fullmatch(read[begin:end])
    if line is None or (begin == 0 and before > 0):
        raise ValueError
    return before + begin, before + end, line[1].upper()
