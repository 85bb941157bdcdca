"""What the WebSockets of one port share: their encodings, their turns and pulse, and Autobahn's options.

In: the hub, with its limits and serializers. Out: connections, each with what is the same for all. It never
listens, and knows nothing of the connections it made.
"""

from __future__ import annotations

from typing import Any

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol

from hotline.protocols.autobahn_parts import AutobahnLog, AutobahnTimer
from hotline.protocols.backlog import Turn
from hotline.protocols.batches import AUTOBAHNS_SEPARATOR, Separated, batch_of
from hotline.protocols.frames import WebSocketEncoding
from hotline.protocols.interfaces import Hub
from hotline.protocols.pulse import Pulse


class SharedByConnections(WebSocketServerFactory):
    """What the connections of one port or one HTTP resource share; makes them of its `kind`."""

    kind: type[WebSocketServerProtocol]
    protocol: Any
    log = AutobahnLog()
    noisy = False

    def __init__(self, hub: Hub, reactor: Any) -> None:
        super().__init__(reactor=reactor, server="")  # type: ignore[no-untyped-call]  # Autobahn
        self.hub = hub
        self.encodings = {name: WebSocketEncoding(each) for name, each in hub.serializers.items()}
        for name, each in hub.serializers.items():
            self.encodings[f"{name}.batched"] = WebSocketEncoding(each, batch_of(each))
        self.json = hub.serializers.get("json")
        if self.json is not None:
            self.autobahns_json = WebSocketEncoding(self.json, Separated(AUTOBAHNS_SEPARATOR))
        self.turn = Turn(reactor)
        self.pulse = Pulse(reactor, hub.limits.ping_seconds, hub.limits.ping_timeout_seconds)
        self._batched_timer = AutobahnTimer(reactor)
        limits = hub.limits
        self.setProtocolOptions(  # type: ignore[no-untyped-call]  # Autobahn
            versions=[13],
            webStatus=False,
            # The serializers check it, in the short path too.
            utf8validateIncoming=False,
            maxFramePayloadSize=limits.message_bytes,
            maxMessagePayloadSize=limits.message_bytes,
            failByDrop=False,
            openHandshakeTimeout=limits.hello_seconds,
            closeHandshakeTimeout=limits.closing_seconds,
            autoPingInterval=0,
            # Origins are our hub's to judge, "null" included.
            allowedOrigins=["*"],
            allowNullOrigin=True,
        )
        self.protocol = self._with_options()

    def _with_options(self) -> type[WebSocketServerProtocol]:
        # Autobahn copies its options to each connection, and describes them all for a log; as attributes of a
        # class made for this factory they are there already, once.
        options: dict[str, Any] = {name: getattr(self, name) for name in self.kind.CONFIG_ATTRS}
        functions = {name: staticmethod(each) for name, each in options.items() if callable(each)}
        return type(
            f"{self.kind.__name__}OfFactory", (self.kind,), {**options, **functions, "CONFIG_ATTRS": ()}
        )
