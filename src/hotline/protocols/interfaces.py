"""What transports and the rest of hotline know of each other.

In: nothing, these are only shapes. Out: `ITransport`, which plugins provide; `Hub`, which every transport
is handed; `Link` and `Receiver`, the two ends of one connection. They never mention a chat or a WAMP feature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from zope.interface import Attribute, Interface  # type: ignore[import-untyped,unused-ignore]  # no stubs

from hotline.protocols.limits import SessionLimits


class Undecodable(Exception):
    """Some bytes are not a message this side understands; its text may be shown to the peer."""


class TooLong(ValueError):
    """A frame is longer than this peer said it takes."""


class Serializer(Protocol):
    """Turns the payload of one frame into a message and back."""

    @property
    def name(self) -> str:
        """`json`, `msgpack` or `cbor`, as in WAMP's subprotocol `wamp.2.<name>`."""

    @property
    def is_binary(self) -> bool:
        """Whether a WebSocket carries it in binary frames."""

    @property
    def rawsocket_id(self) -> int:
        """Its number in the handshake of RawSocket."""

    def encode(self, message: Any) -> bytes:
        """The payload of a message; raises `ValueError` or `TypeError` for what it cannot express."""

    def decode(self, payload: bytes) -> Any:
        """The message of a payload; raises `Undecodable` and nothing else, whatever the bytes."""


class Encoding(Protocol):
    """Serializer and framing together; all links of one kind share one, so a frame is made once for all."""

    def encode(self, message: Any) -> bytes:
        """The whole frame of a message, as `Link.write` takes it; raises as `Serializer.encode`."""


class Link(Protocol):
    """What a session may do with its connection."""

    @property
    def encoding(self) -> Encoding:
        """How frames for this link are made."""

    @property
    def network(self) -> bytes | None:
        """A mark of where the peer comes from, made by `Hub.network_of`; None: nowhere in particular."""

    def write(self, frame: bytes) -> None:
        """Hand over one frame made by `encoding`; a peer that reads too slowly is closed instead.

        Raises `TooLong`, if the transport is one where peers say how long a frame may be.
        """

    def send(self, message: Any) -> None:
        """Encode and write one message."""

    def close(self, reason: str) -> None:
        """Say goodbye on this layer and disconnect, after what was written before; later writes are lost."""


class Receiver(Protocol):
    """What a transport tells the session at the other side of a link."""

    def message_received(self, message: Any) -> None:
        """One whole, well-formed message arrived. Never raises."""

    def violated(self, reason: str) -> None:
        """Something arrived that is no message; the receiver says so and closes the link. Never raises."""

    def overflowed(self) -> None:
        """The peer reads too slowly; the receiver says so to it and closes the link. Never raises."""

    def link_lost(self) -> None:
        """The connection is gone; called exactly once, nothing follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """What every transport is handed by `tap`."""

    serializers: Mapping[str, Serializer]
    """By name, in order of preference."""

    limits: SessionLimits

    accept: Callable[[Link], Receiver]
    """Called once per connection, when its serializer is agreed."""

    allowed_origin: Callable[[str | None, str], bool]
    """Of `Origin` (None: no browser) and `Host` of a WebSocket's handshake: may it connect?"""

    network_of: Callable[[str | None, str | None], bytes | None] = lambda host, said: None
    """Of the peer's address (None: it has none) and `X-Forwarded-For`: a mark that says nothing."""


class ITransport(Interface):  # type: ignore[misc,unused-ignore]  # zope has no stubs
    """A way to reach hotline; `--transport NAME:ENDPOINT` names one found by `twisted.plugin.getPlugins`."""

    name: str = Attribute("What stands before the first colon of `--transport`.")

    def listen(reactor: Any, endpoint: str, hub: Hub) -> Deferred[IListeningPort]:  # type: ignore[empty-body,misc,unused-ignore]  # zope: no self, no body
        """Listen on a Twisted endpoint string; gives the port or fails as `IStreamServerEndpoint.listen`."""
