"""The other side of a transport, for its tests: a receiver that keeps what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from twisted.internet.testing import StringTransport

from hotline.protocols.interfaces import Hub, Link, Receiver
from hotline.protocols.limits import SessionLimits
from hotline.protocols.serializers import make_serializers


class Text(msgspec.Struct, array_like=True, tag=7, frozen=True):
    """The one message these tests know."""

    text: str


SERIALIZERS = make_serializers(Text)


class Collected:
    """What a transport told the receiver of one link."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.messages: list[Any] = []
        self.violations: list[str] = []
        self.overflows = 0
        self.losses = 0

    def message_received(self, message: Any) -> None:
        self.messages.append(message)

    def violated(self, reason: str) -> None:
        self.violations.append(reason)
        self.link.send(Text("violated"))
        self.link.close("violated")

    def overflowed(self) -> None:
        self.overflows += 1
        self.link.send(Text("overflowed"))
        self.link.close("overflowed")

    def link_lost(self) -> None:
        self.losses += 1


_check: type[Receiver] = Collected


def make_hub(
    limits: SessionLimits | None = None,
    allowed: Callable[[str | None, str], bool] = lambda origin, host: True,
) -> tuple[Hub, list[Collected]]:
    """A hub, and the list of what comes of each of its links."""
    collected: list[Collected] = []

    def accept(link: Link) -> Collected:
        collected.append(Collected(link))
        return collected[-1]

    hub = Hub(
        serializers=SERIALIZERS,
        limits=SessionLimits() if limits is None else limits,
        accept=accept,
        allowed_origin=allowed,
    )
    return hub, collected


class MemoryLine:
    """A server's end of one connection, over a transport in memory."""

    transport: StringTransport
    protocol: Any
    collected: list[Collected]

    def say(self, data: bytes) -> bytes:
        """Send some bytes; gives what came back."""
        self.protocol.dataReceived(data)
        return self.heard()

    def heard(self) -> bytes:
        """What came since the last time."""
        heard: bytes = self.transport.value()
        self.transport.clear()
        return heard

    @property
    def is_over(self) -> bool:
        """Whether the server has hung up."""
        return bool(self.transport.disconnecting or self.transport.disconnected)

    @property
    def receiver(self) -> Collected:
        """Of the one link."""
        (receiver,) = self.collected
        return receiver
