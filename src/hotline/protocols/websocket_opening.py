"""The opening handshake of a WebSocket: who may open one, and in which encoding the two will speak.

In: the HTTP request. Out: the subprotocol, the encoding and the network of the connection, or a refusal in
words that are the same for everybody. It never shows a status page, and logs no word of the peer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest

from hotline.logs import SampledLogger
from hotline.protocols.autobahn_parts import AutobahnLog
from hotline.protocols.frames import WebSocketEncoding
from hotline.protocols.websocket_shared import SharedByConnections

SUBPROTOCOL = "wamp.2."


class Opening(WebSocketServerProtocol):
    """A connection until it is open."""

    log = AutobahnLog()
    mistakes = SampledLogger()
    factory: SharedByConnections
    encoding: WebSocketEncoding
    network: bytes | None = None
    transport: Any

    def onConnect(self, request: ConnectionRequest) -> str:
        hub = self.factory.hub
        try:
            is_allowed = hub.allowed_origin(request.headers.get("origin"), request.headers.get("host", ""))
        except Exception:
            # Autobahn would answer with the text of our mistake, and log it where nobody looks.
            self.mistakes.failure("the origin policy failed")
            raise ConnectionDeny(ConnectionDeny.INTERNAL_SERVER_ERROR) from None
        if not is_allowed:
            raise ConnectionDeny(ConnectionDeny.FORBIDDEN)
        for subprotocol in request.protocols:
            name = subprotocol.removeprefix(SUBPROTOCOL)
            if name != subprotocol and name in self.factory.encodings:
                self.encoding = self.factory.encodings[name]
                host = getattr(self.transport.getPeer(), "host", None)
                self.network = hub.network_of(host, request.headers.get("x-forwarded-for"))
                return str(subprotocol)
        raise ConnectionDeny(ConnectionDeny.BAD_REQUEST)

    def sendHttpErrorResponse(self, code: int, reason: str, responseHeaders: Any = None) -> None:
        # Autobahn's text repeats what the peer sent; ours is the same for everybody.
        phrase = HTTPStatus(code).phrase
        head = f"HTTP/1.1 {int(code)} {phrase}\r\nContent-Type: text/plain\r\n"
        head += "X-Content-Type-Options: nosniff\r\n"
        if code == HTTPStatus.UPGRADE_REQUIRED:
            head += "Upgrade: websocket\r\n"
        for name, value in responseHeaders or ():
            head += f"{name}: {value}\r\n"
        head += f"Content-Length: {len(phrase)}\r\nConnection: close\r\n\r\n"
        self.transport.write((head + phrase).encode())
