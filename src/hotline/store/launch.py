"""The first thing a child process does: `python launch.py PARENT UID GID PROGRAM ARGUMENT...`.

In come the parent's process id, the user to become (`- -`: stay who we are) and a command; out goes that
command in this very process. Never imports hotline: the user it becomes may not be able to read it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def launch(parent: int, uid: str, gid: str, command: list[str]) -> None:
    """Become the child that hotline wants, then the program; never returns."""
    # A session of its own: Ctrl-C in the terminal reaches the daemon alone, which stops its child in order.
    os.setsid()
    os.umask(0o077)
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        # kill -9 of the daemon: the kernel asks the child for a fast shutdown. Has to come after setuid,
        # which forgets it, and survives exec.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the daemon has gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    launch(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
