"""Bytes as a browser, a file or a damaged database might bring them, to whatever reads them first.

In: any bytes. Out: nothing, or AssertionError: a reader broke in another way than the one it promises. It
asks no database: what comes after the reading is tested elsewhere.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import Resource

from hotline.commands import archive
from hotline.errors import HotlineError, Invalid, StartError
from hotline.networks import prefix_of
from hotline.people.ceremonies import Ceremonies
from hotline.procedures.arguments import parse
from hotline.procedures.table import PROCEDURES
from hotline.protocols.channel import punctual
from hotline.protocols.limits import SessionLimits
from hotline.store import sealed
from hotline.store.seals import Broken, Cipher
from hotline.web import csrf
from hotline.web.answers import text, write
from hotline.web.cookies import Cookies
from hotline.web.languages import accepted
from hotline.web.request import form_fields, query_fields, site
from tests.fuzz.watch import tells_nothing, unbroken

KEY = bytes(range(32))
ARCHIVE_BYTES = 1_000_000
"""More than this comes out of no archive of a few kilobytes."""


class _Reader(Resource):
    """Reads of each request all that pages read of it."""

    isLeaf = True

    def render(self, request: Any) -> bytes:
        status = 200
        try:
            cookies = Cookies(secure=False)
            for cookie in (
                cookies.login_of(request),
                cookies.visit_of(request),
                cookies.device_of(request),
                cookies.called_of(request),
            ):
                assert cookie is None or (cookie.isascii() and 20 <= len(cookie) <= 128)
            accepted(request.getHeader("accept-language") or "")
            prefix_of(request.getClientAddress().host, request.getHeader("x-forwarded-for"))
            query_fields(request)
            csrf.check_origin(request, "http://talk.example")
            csrf.check_same_origin(request, "http://talk.example")
            fields = form_fields(request)
            for name, value in fields.items():
                (name + value).encode()
            csrf.check_token(fields.get("csrf", ""), "x" * 43)
        except HotlineError as error:
            status = error.status
        assert status < 500
        return write(request, text("read", status), secure=False)


def http(data: bytes) -> None:
    """A connection to the pages: head, cookies, query, form. The first byte says how much comes at once."""
    with unbroken():
        clock = Clock()
        factory: Any = site(_Reader(), clock, punctual(SessionLimits()))
        transport = StringTransport(peerAddress=IPv4Address("TCP", "127.0.0.1", 4711))
        protocol = factory.buildProtocol(transport.getPeer())
        protocol.makeConnection(transport)
        size = (data[0] if data else 0) or 100_000
        for start in range(1, len(data), size):
            if not (transport.disconnecting or transport.disconnected):
                protocol.dataReceived(data[start : start + size])
            clock.advance(0.01)
        tells_nothing(transport.value(), data)
        protocol.connectionLost(Failure(ConnectionDone()))
        clock.advance(1000)
        assert not clock.getDelayedCalls()


def arguments(data: bytes) -> None:
    """Keyword arguments for the procedure that the first byte picks."""
    kinds = list(PROCEDURES.values())
    kwargs: Any = None
    with suppress(ValueError, RecursionError):
        kwargs = json.loads(data[1:])
    if not isinstance(kwargs, dict):
        return
    try:
        parse(kinds[data[0] % len(kinds)].arguments, [], kwargs)
    except Invalid as error:
        for name, problem in error.details.items():
            assert name.isprintable()
            assert isinstance(problem, str)


def passkey(data: bytes) -> None:
    """What a browser says its device has answered."""
    with unbroken():
        ceremonies = Ceremonies("https://talk.example", KEY, lambda: datetime(2026, 11, 22, tzinfo=UTC))
        answer = data.decode("utf-8", "surrogateescape")
        for check in (
            lambda: ceremonies.id_in(answer),
            lambda: ceremonies.check_made(answer, ("add", "somebody")),
        ):
            with suppress(Invalid):
                assert check()


def sealed_text(data: bytes) -> None:
    """What stands in a column that should hold a sealed text; nothing but a key makes one."""
    cipher = Cipher(KEY)
    stored = data.decode("utf-8", "surrogateescape")
    assert sealed.open_(cipher, "messages", "row", stored=stored) == sealed.LOST
    assert sealed.open_json(cipher, "clients", "row", stored=stored, lost={}) == {}
    with suppress(Broken):
        raise AssertionError(cipher.unwrap(data, b"organisation"))


def backup(data: bytes) -> None:
    """A file that somebody says is a backup."""
    with tempfile.TemporaryDirectory(prefix="hotline-fuzz-") as name:
        directory = Path(name)
        source = directory / "given"
        source.write_bytes(data)
        with suppress(StartError):
            archive.unpack(source, directory)
        assert sum(path.stat().st_size for path in directory.iterdir()) < ARCHIVE_BYTES + len(data)
