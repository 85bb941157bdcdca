"""Processes as the kernel sees them: what they have used, where they may run, how many files they may open.

In come process ids, out come seconds and bytes. Needs /proc; without taskset nothing is pinned.
"""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIBIBYTE = 1024


def pinned(core: int, command: list[str]) -> list[str]:
    """The command on one core, where that can be had."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(core), *command] if taskset and (os.cpu_count() or 1) > 1 else command


def allow_many_files() -> int:
    """As many open files as this user may have, for us and those we start; gives how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _stat(pid: int) -> list[str]:
    # The name may contain anything; what follows it may not.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _trees(pids: Iterable[int], without: int | None) -> Iterator[int]:
    """The processes and all below them, except the branch `without`."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
            except (OSError, IndexError):
                continue
    waiting = list(pids)
    while waiting:
        each = waiting.pop()
        if each != without:
            yield each
            waiting += children.get(each, [])


def cpu_seconds(pids: Iterable[int], without: int | None = None) -> float:
    """Of the processes and all below them, ended ones too."""
    used = 0
    for each in _trees(pids, without):
        try:
            used += sum(int(ticks) for ticks in _stat(each)[11:15])
        except OSError:
            continue
    return used / _TICKS


def resident_bytes(pids: Iterable[int], without: int | None = None) -> int:
    """Memory that is really there, of the processes and all below them."""
    found = 0
    for each in _trees(pids, without):
        try:
            lines = Path(f"/proc/{each}/status").read_text().splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) * _KIBIBYTE for line in lines if line.startswith("VmRSS:"))
    return found
