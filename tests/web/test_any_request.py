"""Any request to any page, as bytes on a socket: hostile in each of its parts, by each kind of person.

In come requests that Hypothesis makes of the routes, of the forms on the pages and of what is known to hurt;
out come answers below 500 that tell nothing, and an organisation that has not changed when it was refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes

import psycopg2
from hypothesis import given
from hypothesis import strategies as st
from psycopg2 import sql
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread, deferToThread

from hotline.web.routes import ROUTES
from tests.conftest import Now
from tests.fuzz.pace import paced
from tests.fuzz.watch import tells_nothing
from tests.web.browser import Browser, raw
from tests.web.conftest import House
from tests.web.test_matrix import address_of, routes_of

VISITOR, STAFF, MANAGER = range(3)
FORM = b"application/x-www-form-urlencoded"
BROKEN = b"HTTP/1.1 400 Bad Request\r\n\r\n"
"""What Twisted says to what is no HTTP: no header at all, and no word."""

# Not asked for by anybody here: it would end the log-ins that the others need.
LEFT_OUT = ("/logout",)

HURTFUL = (
    b"", b" ", b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"%", b"%zz",
    "\u202e\u2066\ufeff".encode(), "\U0001f469\u200d\U0001f692".encode(), "\u0661\u0662".encode(), b"%ff",
    b"\r\nSet-Cookie: a=b", b"<script>alert(1)</script>", b"'; DROP TABLE rooms; --", b"{{7*7}}", b"%s%n",
    b"../../../etc/passwd", b"//evil.example", b"javascript:alert(1)", b"-1", b"0", b"2147483648", b"9" * 30,
    b"1e999", b"NaN", b"0x10", b"[]", b"{}", b"[" * 3000, b'{"a":' * 500, b"0000-00-00", b"9999-99-99", b"\n",
    b"2026-02-30", b"24:60", b"-00:01", b"Europe/../../etc/passwd", b"#000000;x", b"a@b", b"a" * 81, b"null",
    b"a" * 5001, b"x" * 20_000, b"on", b"True", b"," * 500, b"0," * 200, b"en,de,xx-\xff", b"%00",
)  # fmt: skip
hurtful = (
    st.sampled_from(HURTFUL)
    | st.binary(max_size=30)
    | st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass"))
)

QUERIES = b"after done for id language organisation search token first action actor since until why".split()
HEADERS = b"""
    Accept Accept-Encoding Accept-Language Authorization Content-Encoding Content-Type Cookie Expect Range
    If-Modified-Since If-None-Match Origin Referer Sec-Fetch-Site Upgrade User-Agent X-Forwarded-For
    X-HTTP-Method-Override
    """.split()
OTHER_METHODS = "HEAD POST PUT DELETE OPTIONS TRACE PATCH CONNECT get BREW"
METHODS = ["GET"] * 12 + OTHER_METHODS.split()
KINDS = (
    *(
        FORM,
        FORM + b"; charset=utf-16",
        FORM.upper(),
        b"multipart/form-data; boundary=x",
        b"application/json",
    ),
    *(b"text/plain", b"", b"\xff", b"application/x-www-form-urlencoded\xff"),
)
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\n%s\r\n--x--\r\n'

WRITTEN = """
SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND c.relname NOT IN ('logins', 'tickets') AND c.relname !~ '^audit' ORDER BY 1
"""
"""When somebody was seen, and who failed at what, is noted also of what is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Something to be asked for: a page, or a form on one with the fields as the page shows them."""

    path: bytes
    who: int
    fields: tuple[tuple[bytes, bytes], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One request, its head without what is the same in all."""

    who: int
    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""
    is_chunked: bool = False

    def written(self, cookies: bytes) -> bytes:
        lines = [self.method + b" " + self.target + b" HTTP/1.1", b"Connection: close"]
        named = {name.lower() for name, _ in self.headers}
        if b"host" not in named:
            lines.append(b"Host: 127.0.0.1")
        if cookies:
            lines.append(b"Cookie: " + cookies)
        lines += [name + b": " + value for name, value in self.headers]
        if self.is_chunked:
            half = len(self.body) // 2
            body = (
                b"".join(
                    b"%x;a=b\r\n%s\r\n" % (len(piece), piece)
                    for piece in (self.body[:half], self.body[half:])
                    if piece
                )
                + b"0\r\n\r\n"
            )
            lines.append(b"Transfer-Encoding: chunked")
        else:
            body = self.body
            lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([*lines, b"", body])


one_line = hurtful.map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"")[:1000])
"""For the head: what ends a line would begin another header; lines that are too long get no answer at all."""


@st.composite
def shots(draw: st.DrawFn, places: list[Place], tokens: dict[int, bytes]) -> Shot:
    """A request that is in order but for what is drawn."""
    place = draw(st.sampled_from(places))
    who = draw(st.sampled_from((place.who, place.who, VISITOR, STAFF, MANAGER)))
    path = place.path
    if draw(st.integers(0, 5)) == 0:
        path += quote_from_bytes(draw(one_line), safe=draw(st.sampled_from(("", "/?&=%")))).encode()
    query = draw(st.lists(st.tuples(st.sampled_from(QUERIES), one_line), max_size=2))
    if query:
        path += b"?" + b"&".join(name + b"=" + _quoted(value) for name, value in query)
    headers = draw(st.lists(st.tuples(st.sampled_from(HEADERS), one_line | st.just(b"\xff")), max_size=2))
    if place.fields is None:
        method = draw(st.sampled_from(METHODS)).encode()
        body = draw(st.sampled_from((*(b"",) * 8, b"a=b", MULTIPART % (b"csrf", b"x"), b"x" * 70_000)))
        headers.append((b"Content-Type", draw(st.sampled_from(KINDS))))
    else:
        method = b"POST"
        fields = list(place.fields)
        for _ in range(draw(st.integers(0, 3)) if fields else 0):
            changed = draw(st.integers(0, len(fields) - 1))
            fields[changed] = (fields[changed][0], draw(hurtful))
        fields += draw(
            st.lists(
                st.tuples(hurtful | st.sampled_from([b"csrf", *(n for n, _ in fields)]), hurtful), max_size=1
            )
        )
        if draw(st.integers(0, 19)):
            fields = [(n, tokens.get(who, v) if n == b"csrf" else v) for n, v in fields]
        body = b"&".join(_quoted(name) + b"=" + _quoted(value) for name, value in fields)
        kind = draw(st.sampled_from((FORM,) * 60 + KINDS))
        headers.append((b"Content-Type", kind))
        headers.append(
            (b"Sec-Fetch-Site", draw(st.sampled_from((b"same-origin",) * 20 + (b"cross-site", b"\xff"))))
        )
    return Shot(
        who=who,
        method=method,
        target=path,
        headers=tuple(headers),
        body=body,
        is_chunked=draw(st.integers(0, 5)) == 0,
    )


def _quoted(value: bytes) -> bytes:
    return quote_from_bytes(value, safe="").encode()


class Range:
    """The house with its people, and what is stored in it."""

    def __init__(self, house: House, dsn: str) -> None:
        self.house = house
        self.cookies: dict[int, bytes] = {VISITOR: b""}
        self.tokens: dict[int, bytes] = {}
        self.places: list[Place] = []
        self._connection = psycopg2.connect(dsn)
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        self._cursor.execute(WRITTEN)
        self._stored = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {0}, md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {1} t").format(
                sql.Literal(name), sql.Identifier(name)
            )
            for (name,) in self._cursor.fetchall()
        )

    async def prepare(self) -> None:
        """Two people who are logged in, and every form that they or a visitor see."""
        manager = await self.house.manager()
        staff = await self.house.colleague(manager)
        for who, browser in ((VISITOR, self.house.browser()), (STAFF, staff), (MANAGER, manager)):
            for route, methods in routes_of(self.house).items():
                if route in LEFT_OUT:
                    continue
                self.places.append(Place(path=address_of(route).encode(), who=who))
                page = await browser.get(address_of(route)) if "GET" in methods else None
                for form in page.elements if page is not None and page.status == 200 else ():
                    action = form.attributes.get("action") or address_of(route)
                    if form.tag == "form" and action not in LEFT_OUT and page is not None:
                        fields = page.fields_of(form)
                        if "csrf" in fields:
                            self.tokens[who] = fields["csrf"].encode()
                        self.places.append(
                            Place(
                                path=action.encode(),
                                who=who,
                                fields=tuple((n.encode(), v.encode()) for n, v in fields.items()),
                            )
                        )
            self.cookies[who] = _cookies(browser)

    def stored(self) -> Any:
        """All that is stored, as a value."""
        self._cursor.execute(self._stored)
        return self._cursor.fetchall()

    def close(self) -> None:
        self._connection.close()


def _cookies(browser: Browser) -> bytes:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items()).encode()


def check(request: bytes, answer: bytes) -> int:
    """The status, of an answer as every answer has to be."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert first.startswith(b"HTTP/1.1 "), answer
    status = int(first.split()[1])
    assert status < 500, answer
    tells_nothing(answer, request)
    if answer == BROKEN:
        return status
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    assert b"server" not in headers
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"no-referrer"
    kind = headers.get(b"content-type", b"")
    if kind.startswith(b"text/html"):
        assert headers[b"content-security-policy"].startswith(b"default-src 'none'")
        assert headers[b"cross-origin-opener-policy"] == b"same-origin"
        body.decode("utf-8")
    assert b"evil.example" not in headers.get(b"location", b"")
    return status


@ensureDeferred
async def test_any_request(house: House, dsn: str, reactor: Any, now: Now) -> None:
    """Below 500, telling nothing; what is refused has changed nothing; and all are served on."""
    people = Range(house, dsn)
    await people.prepare()
    assert {place.path for place in people.places} >= {
        address_of(route.path).encode() for route in ROUTES if route.path not in LEFT_OUT
    }
    stored = [people.stored()]

    async def answered(request: bytes) -> bytes:
        # Waits grow with what was wrong; whoever is told to wait tries nothing.
        now.advance(seconds=5)
        return await raw(reactor, house.port, request)

    @paced(120)
    @given(shots(people.places, people.tokens))
    def shoot(shot: Shot) -> None:
        request = shot.written(people.cookies[shot.who])
        answer = blockingCallFromThread(reactor, lambda: Deferred.fromCoroutine(answered(request)))
        status = check(request, answer)
        after = people.stored()
        assert status < 400 or after == stored[-1], status
        stored[:] = [after]

    # Hypothesis waits for nothing: in a thread of its own it may be made to.
    await deferToThread(shoot)
    assert (await house.browser().get("/healthz")).status == 200
    people.close()
