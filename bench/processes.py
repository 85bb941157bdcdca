"""Processes as the kernel sees them: what they have used, and on which core they may run.

In come process ids, out come seconds and bytes. Only where there is /proc and taskset; elsewhere the figures
are left out.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def pinned(core: int, command: list[str]) -> list[str]:
    """The command on one core, where that can be had."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(core), *command] if taskset and (os.cpu_count() or 1) > 1 else command


def _stat(pid: int) -> list[str]:
    # The name may contain anything; what follows it may not.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat(int(entry.name))[1]) == pid:
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue
    return found


def cpu_seconds(pid: int) -> tuple[float, float]:
    """(of the process itself, of all processes below it, ended ones too)."""
    own = _stat(pid)
    below = 0.0
    waiting = _children(pid)
    while waiting:
        child = waiting.pop()
        try:
            below += sum(int(ticks) for ticks in _stat(child)[11:15]) / _TICKS
            waiting += _children(child)
        except OSError:
            continue
    return (int(own[11]) + int(own[12])) / _TICKS, below


def resident_bytes(pid: int) -> int:
    """Memory that is really there."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
