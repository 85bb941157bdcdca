"""`hotline call`, `watch` and `say`: a scripted client, over WAMP like any other.

In come an address, credentials and what to do, out come results and events. Knows nothing of the
database; everything it may do the server decides.
"""

from __future__ import annotations

import json
import secrets
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
from autobahn.rawsocket.util import parse_url as parse_rawsocket_url
from autobahn.twisted.rawsocket import WampRawSocketClientFactory, WampRawSocketClientProtocol
from autobahn.twisted.wamp import ApplicationSession
from autobahn.twisted.websocket import WampWebSocketClientFactory, WampWebSocketClientProtocol
from autobahn.wamp.exception import ApplicationError, InvalidUriError, TransportLost
from autobahn.wamp.serializer import JsonSerializer
from autobahn.wamp.types import ComponentConfig, PublishOptions
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import optionsForClientTLS
from twisted.python.failure import Failure

from hotline.commands.output import Output
from hotline.commands.people import read_secret
from hotline.errors import StartError

_JOIN_TIMEOUT_SECONDS = 15
_PORTS = {"ws": 80, "wss": 443}


class CallError(Exception):
    """The server said no: which error, its sentences and details."""

    def __init__(self, uri: str, sentences: list[Any], details: dict[str, Any]) -> None:
        super().__init__(uri)
        self.uri = uri
        self.sentences = sentences
        self.details = details

    def __str__(self) -> str:
        words = [self.uri, *map(str, self.sentences)]
        return " ".join([*words, json.dumps(self.details)] if self.details else words)


async def call(reactor: Any, arguments: Namespace, output: Output) -> None:
    kwargs = dict(_named(text) for text in arguments.arguments)
    async with _joined_as_told(reactor, arguments) as session:
        output.value(await _answer(lambda: session.call(arguments.procedure, **kwargs)))


async def watch(reactor: Any, arguments: Namespace, output: Output) -> None:
    left = arguments.count

    async with _joined_as_told(reactor, arguments) as session:
        enough: Deferred[None] = Deferred()

        def show(*args: Any, **kwargs: Any) -> None:
            nonlocal left
            if left is None or left > 0:
                shown = " ".join([*map(str, args), json.dumps(kwargs, ensure_ascii=False)])
                output.value({"args": list(args), "kwargs": kwargs}, shown)
            if left is not None:
                left -= 1
                if left == 0:
                    enough.callback(None)

        await _answer(lambda: session.subscribe(show, arguments.topic))
        output.note(f"watching {arguments.topic}")
        session.lost.addBoth(
            lambda _: None if enough.called else enough.errback(TransportLost("the connection ended"))
        )
        await _answer(lambda: enough)


async def say(reactor: Any, arguments: Namespace, output: Output) -> None:
    nonce = arguments.nonce or secrets.token_hex(16)
    async with _joined_as_told(reactor, arguments) as session:
        topic = f"hotline.room.{arguments.room}"
        await _answer(
            lambda: session.publish(
                topic, arguments.text, nonce=nonce, options=PublishOptions(acknowledge=True)
            )
        )
    output.value({"room": arguments.room, "nonce": nonce}, "said")


def _check_utf8(text: str) -> None:
    """What a shell gives may be any bytes; what is sent is text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise StartError(f"{text} is not UTF-8") from error


def _named(text: str) -> tuple[str, Any]:
    """`name=value`; what is JSON counts as JSON, anything else as text."""
    _check_utf8(text)
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise StartError(f"{text} has to be name=value")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


async def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return await ask()
    except InvalidUriError as error:
        # Autobahn does not send it; the server would say the same.
        raise CallError("wamp.error.invalid_uri", ["This is not a URI."], {}) from error
    except ApplicationError as error:
        raise CallError(error.error, list(error.args), dict(error.kwargs or {})) from error
    except TransportLost as error:
        raise StartError("the connection ended") from error


class _Session(ApplicationSession):
    """One WAMP session; `joined` fires once, `lost` when its connection is gone."""

    def __init__(self, realm: str, authid: str | None, ticket: str | None) -> None:
        super().__init__(ComponentConfig(realm, None))
        self._realm_wanted = realm
        self._authid_wanted = authid
        self._ticket = ticket
        self.joined: Deferred[None] = Deferred()
        self.lost: Deferred[None] = Deferred()

    def onConnect(self) -> None:
        methods = ["anonymous"] if self._authid_wanted is None else ["ticket"]
        self.join(self._realm_wanted, authmethods=methods, authid=self._authid_wanted)

    def onChallenge(self, challenge: Any) -> Any:
        return self._ticket

    def onJoin(self, details: Any) -> None:
        self.joined.callback(None)

    def onLeave(self, details: Any) -> None:
        self.refused(CallError(details.reason, [details.message] if details.message else [], {}))
        self.disconnect()

    def onUserError(self, fail: Failure, msg: str) -> None:
        """What a server's refusal raises arrives at whoever waits; Autobahn would log it as well."""

    def refused(self, error: Exception) -> None:
        if not self.joined.called:
            self.joined.errback(Failure(error))

    def connection_lost(self) -> None:
        self.refused(StartError("the connection ended before the session began: is this the address of /ws?"))
        if not self.lost.called:
            self.lost.callback(None)


class _WebSocketProtocol(WampWebSocketClientProtocol):
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self.factory.session.connection_lost()


class _RawSocketProtocol(WampRawSocketClientProtocol):
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Autobahn does not annotate it
        self.factory.session.connection_lost()


def _joined_as_told(reactor: Any, arguments: Namespace) -> AbstractAsyncContextManager[_Session]:
    for given in ("realm", "authid", "procedure", "topic", "room", "text", "nonce"):
        _check_utf8(getattr(arguments, given, None) or "")
    if (arguments.authid is None) != (arguments.ticket_file is None):
        raise StartError("--authid and --ticket-file go together")
    ticket = None if arguments.ticket_file is None else read_secret(arguments.ticket_file)
    return joined(reactor, arguments.url, arguments.realm, arguments.authid, ticket)


@asynccontextmanager
async def joined(
    reactor: Any, url: str, realm: str, authid: str | None = None, ticket: str | None = None
) -> AsyncIterator[_Session]:
    """A session in the realm, anonymous without an authid, left again at the end of the block.

    :raises StartError, CallError: it cannot be had.
    """
    session = _Session(realm, authid, ticket)
    endpoint, factory = _way(reactor, url, session)
    factory.session = session
    late = reactor.callLater(_JOIN_TIMEOUT_SECONDS, session.refused, StartError(f"{url} does not answer"))
    try:
        await endpoint.connect(factory)
        await session.joined
    except (ConnectError, DNSLookupError, OSError) as error:
        reason = str(error).strip() or type(error).__name__
        raise StartError(f"{url} cannot be reached: {reason}") from error
    finally:
        if late.active():
            late.cancel()
    try:
        yield session
    finally:
        if session.is_attached():
            session.leave()
        elif session.is_connected():
            session.disconnect()
        closing = reactor.callLater(2, session.connection_lost)
        if not session.lost.called:
            await session.lost
        if closing.active():
            closing.cancel()


def _way(reactor: Any, url: str, session: _Session) -> tuple[Any, Any]:
    """The endpoint and the protocol factory of ws://, wss://, rs://host:port and rs://unix:/path."""
    try:
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname:
            return _websocket(reactor, url, parts.hostname, parts.port or _PORTS[parts.scheme], session)
        if parts.scheme in ("rs", "rss"):
            return _rawsocket(reactor, url, session)
    except Exception as error:
        raise StartError(f"--url {url}: {error}") from error
    raise StartError(f"--url {url} has to be ws://..., wss://..., rs://host:port or rs://unix:/path")


def _websocket(reactor: Any, url: str, host: str, port: int, session: _Session) -> tuple[Any, Any]:
    factory = WampWebSocketClientFactory(
        lambda: session, url=url, serializers=[JsonSerializer()], reactor=reactor
    )
    factory.protocol = _WebSocketProtocol
    endpoint: Any = HostnameEndpoint(reactor, host, port)
    if factory.isSecure:
        endpoint = wrapClientTLS(optionsForClientTLS(host), endpoint)
    return endpoint, factory


def _rawsocket(reactor: Any, url: str, session: _Session) -> tuple[Any, Any]:
    is_secure, host, port = parse_rawsocket_url(url)
    factory = WampRawSocketClientFactory(lambda: session, serializer=JsonSerializer())
    factory.protocol = _RawSocketProtocol
    if host == "unix":
        return UNIXClientEndpoint(reactor, port), factory
    endpoint: Any = HostnameEndpoint(reactor, host, port)
    if is_secure:
        endpoint = wrapClientTLS(optionsForClientTLS(host), endpoint)
    return endpoint, factory
