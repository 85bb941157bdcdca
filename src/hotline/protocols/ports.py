"""The ports on which a node listens.

In come endpoints that begin to listen, out comes one line when one cannot. It never looks at a connection.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.error import CannotListenError

from hotline.errors import StartError
from hotline.protocols.door import Door


class Ports:
    """All of one node."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._open: list[Any] = []

    async def open(self, endpoint: str, listening: Deferred[Any], is_counted: bool = True) -> None:
        """One more; without `is_counted` its connections are let in however many there are.

        :raises StartError: it cannot listen there.
        """
        try:
            port = await listening
        except (CannotListenError, OSError) as error:
            reason = getattr(error, "socketError", error)
            raise StartError(
                f"cannot listen on {endpoint}: {getattr(reason, 'strerror', None) or reason}"
            ) from error
        self._open.append(port)
        if is_counted:
            self._door.watch(port)

    async def close(self) -> None:
        """No new connections."""
        ports, self._open = self._open, []
        await DeferredList([port.stopListening() for port in ports], consumeErrors=True)
