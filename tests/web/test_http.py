"""What every page does with odd requests: headers, methods, sizes, origins, paths."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import pytest_twisted

from hotline.errors import NotFound, StartError
from hotline.store import organisations
from hotline.web.assets import Assets
from tests.system.daemon import sleep
from tests.web.browser import raw
from tests.web.conftest import PASSWORD, House

async_test = pytest_twisted.ensureDeferred

FORM = {"content-type": "application/x-www-form-urlencoded"}
POSTED = [
    "/register/org",
    "/login",
    "/forgotpw",
    "/account",
    "/organisation",
    "/organisation/hours",
    "/organisation/texts",
    "/invite",
    "/logout",
]


@pytest.mark.parametrize("path", ["/", "/login", "/register/org", "/o/lighthouse", "/nothing", "/healthz"])
@async_test
async def test_headers_everywhere(house: House, path: str) -> None:
    """Each answer tells browsers to be strict, and nothing about what runs here."""
    await house.manager()
    page = await house.browser().get(path)
    assert page.header("server") is None
    assert page.header("x-content-type-options") == "nosniff"
    assert page.header("referrer-policy") == "no-referrer"
    assert page.header("cross-origin-opener-policy") == "same-origin"
    assert "camera=()" in (page.header("permissions-policy") or "")
    assert page.header("strict-transport-security") is None
    if path != "/healthz":
        policy = page.header("content-security-policy") or ""
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert f"connect-src 'self' ws://127.0.0.1:{house.port};" in policy
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "style=" not in page.text
        assert "onclick" not in page.text


@async_test
async def test_pages_with_a_login_are_never_stored(house: House) -> None:
    """Nothing a logged-in person saw stays in a cache."""
    manager = await house.manager()
    for path in ("/", "/clientlist", "/account", "/organisation", "/invite", "/anteroom.html", "/nothing"):
        assert (await manager.get(path)).header("cache-control") == "no-store"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "GET, HEAD"),
        ("/login", "GET, HEAD, POST"),
        ("/logout", "POST"),
        ("/session/ticket", "POST"),
        ("/account/calls", "POST"),
        ("/clientlist", "GET, HEAD"),
        ("/static/logo.svg", "GET, HEAD"),
    ],
)
@async_test
async def test_methods(house: House, path: str, allowed: str) -> None:
    """Another method than those of the page: 405 with Allow."""
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        page = await house.browser().request(method, path)
        assert page.status == 405
        assert page.header("allow") == allowed


@async_test
async def test_head(house: House) -> None:
    """HEAD answers as GET does, without the body."""
    await house.manager()
    client = house.browser()
    for path in ("/", "/login", "/o/lighthouse", "/nothing", "/static/logo.svg", "/embed.js", "/healthz"):
        got = await client.get(path)
        head = await client.request("HEAD", path)
        assert (head.status, head.body) == (got.status, b"")
        assert head.header("content-type") == got.header("content-type")


NO_PAGES = [
    "/nothing",
    "/login/",
    "/LOGIN",
    "/o/",
    "/o/a/b",
    "/register/user/",
    "/register/user/a%2Fb",
    "/static/",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static//etc/passwd",
    "/static/manifest.json%00",
    "/.git/config",
    "/%00",
]


@async_test
async def test_no_such_page(house: House) -> None:
    """An address without a page: 404, calm, with a way on; never a redirect."""
    for path in NO_PAGES:
        page = await house.browser().get(path)
        assert (path, page.status) == (path, 404)
        assert page.location is None
        assert page.get("h1").text == "There is nothing here"


@async_test
async def test_paths_that_are_no_text(house: House) -> None:
    """An address that is no UTF-8, or begins with an empty part, gets 400."""
    for path in ("/%ff", "/o/%c3%28", "/static/%fe", "//login", "//evil.example/login"):
        page = await house.browser().get(path)
        assert page.status == 400
    assert (await house.browser().get("/anteroom?token=%ff")).status == 400
    assert (await house.browser().get("/anteroom?token=a&token=b")).status == 400


ODD_HOSTS = [
    b"evil.example/x",
    b"a b",
    b"\xff\xfe",
    b"<script>",
    b"evil.example@good",
    b"xn--" + b"a" * 400,
    b"a..b\x00",
    b"",
]


@async_test
async def test_odd_hosts(reactor: Any, house: House) -> None:
    """A Host that is none gets 400; nothing of it comes back."""
    for host in ODD_HOSTS:
        request = b"GET /login HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
        answer = await raw(reactor, house.port, request)
        assert answer.startswith(b"HTTP/1.1 400 "), host
        assert not host or host not in answer


@async_test
async def test_a_forged_host_leads_nowhere(reactor: Any, house: House) -> None:
    """Redirects and pages name no host that came in the Host header."""
    for path in (b"/clientlist", b"/account", b"//login", b"/login", b"/anteroom.html"):
        request = b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        answer = await raw(reactor, house.port, request)
        assert b"evil.example" not in answer
    assert b"Location: /login\r\n" in await raw(
        reactor, house.port, b"GET /account HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )


@async_test
async def test_odd_methods_and_versions(reactor: Any, house: House) -> None:
    """A method in odd bytes, an absolute address and HTTP/1.0 without a Host are answered."""
    odd = await raw(reactor, house.port, b"G\xffT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert odd.startswith(b"HTTP/1.1 400 ")
    old = await raw(reactor, house.port, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert old.startswith(b"HTTP/1.1 200 ") or old.startswith(b"HTTP/1.0 200 ")
    absolute = await raw(
        reactor, house.port, b"GET http://a/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    assert b" 404 " in absolute[:20]


ODD_HEADERS = [
    b"Accept-Encoding",
    b"Accept-Language",
    b"Content-Type",
    b"Cookie",
    b"If-None-Match",
    b"Origin",
    b"Sec-Fetch-Site",
    b"User-Agent",
    b"X-Forwarded-For",
]


@async_test
async def test_headers_that_are_no_text(reactor: Any, house: House) -> None:
    """A header in odd bytes is as good as none, or refused: never a page that fails."""
    await house.manager()
    for name, (method, path) in itertools.product(
        ODD_HEADERS, [(b"GET", b"/o/lighthouse"), (b"GET", b"/embed.js"), (b"POST", b"/login")]
    ):
        head = method + b" " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n"
        answer = await raw(reactor, house.port, head + name + b": \xff\r\n\r\n")
        assert answer[9:10] in (b"2", b"4"), (name, path, answer)


@async_test
async def test_answers_that_no_page_gives(reactor: Any, house: House) -> None:
    """What Twisted answers by itself names no version either."""
    for request in (b"OPTIONS * HTTP/1.1", b"GET * HTTP/1.1"):
        answer = await raw(reactor, house.port, request + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b"\r\nx-content-type-options: nosniff" in head, answer
        assert b"server:" not in head, answer


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "https://127.0.0.1.evil.example"},
    {"origin": "http://127.0.0.1:1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": "garbage"},
]


@async_test
async def test_forms_of_other_sites(house: House) -> None:
    """What another site's page sends is refused before anything else, even with the right token."""
    manager = await house.manager()
    token = (await manager.get("/account")).fields("profile")["csrf"]
    fields = f"csrf={token}&action=delete&password=x".encode()
    for path, headers in itertools.product(POSTED, FOREIGN):
        page = await manager.request("POST", path, headers=FORM | headers, body=fields)
        assert (path, headers, page.status) == (path, headers, 403)
        assert "another site" in page.visible
    assert (await manager.get("/account")).status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "null"}, {"sec-fetch-site": "same-origin", "origin": "null"}, {"sec-fetch-site": "none"}],
)
@async_test
async def test_silence_about_the_origin(house: House, headers: dict[str, str]) -> None:
    """Browsers that say nothing of where a form was are served: the form's token decides."""
    await house.manager(email="mira@example.org")
    browser = house.browser()
    token = (await browser.get("/login")).fields(path="/login")["csrf"]
    body = f"csrf={token}&email=mira%40example.org&password={PASSWORD.replace(' ', '+')}".encode()
    assert (await browser.request("POST", "/login", headers=FORM | headers, body=body)).status == 303


@async_test
async def test_large_bodies(house: House) -> None:
    """More than 64 KiB is refused with a page by every form."""
    manager = await house.manager()
    for path in POSTED:
        page = await manager.post(path, b"csrf=x&email=" + b"x" * 70_000)
        assert page.status == 413
        assert page.get("h1").text == "This is too much"


@async_test
async def test_chunked_bodies(reactor: Any, house: House) -> None:
    """The limit counts what comes in, not what was announced."""
    head = (
        b"POST /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    small = await raw(reactor, house.port, head + chunk * 3 + b"0\r\n\r\n")
    assert small.startswith(b"HTTP/1.1 403 ")
    large = await raw(reactor, house.port, head + chunk * 17 + b"0\r\n\r\n")
    assert large.startswith(b"HTTP/1.1 413 ")


@async_test
async def test_endless_bodies(reactor: Any, house: House) -> None:
    """A body announced or sent far over the limit is cut off at once, and others are still served."""
    announced = b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nxxx"
    answer = await raw(reactor, house.port, announced)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (await house.browser().get("/healthz")).status == 200


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--", 415),
        ("text/plain", b"csrf=x", 415),
        ("application/x-www-form-urlencoded", b"email=%ff%fe", 400),
        ("application/x-www-form-urlencoded", b"email=\xff\xfe", 400),
        ("application/x-www-form-urlencoded", b"email=%ed%a0%80", 400),
        ("application/x-www-form-urlencoded", b"email=a&email=b", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(3000)), 400),
        ("application/x-www-form-urlencoded; charset=utf-8", b"", 403),
        ("application/x-www-form-urlencoded", b"=&=&%=%zz", 400),
        ("application/x-www-form-urlencoded", b"no-value", 403),
    ],
)
@async_test
async def test_bodies_that_are_no_form(house: House, kind: str, body: bytes, status: int) -> None:
    """What is not a well-formed form of UTF-8 is refused by a page that says so."""
    page = await house.browser().post("/login", body, headers={"content-type": kind})
    assert page.status == status
    assert page.visible


@async_test
async def test_naughty_texts_in_every_form(house: House) -> None:
    """No odd text makes any form fail in another way than saying what is wrong."""
    manager = await house.manager()
    naughty = [
        "\x00",
        "\u202e\u2066",
        "\ufeff",
        "%s%n{0}",
        "' OR 1=1 --",
        "\U0001f469\u200d",
        "a" * 5000,
        "\x1b[31m",
        "NaN",
    ]
    for text in naughty:
        for path, action in (
            ("/account", "profile"),
            ("/account", "password"),
            ("/account", "token"),
            ("/account", "delete"),
            ("/organisation", "delete"),
        ):
            fields = (await manager.get(path)).fields(action)
            kept = {"csrf": fields["csrf"], "action": action}
            page = await manager.post(path, dict.fromkeys(fields, text) | kept)
            assert page.status in (200, 400, 429), (path, action, text)
        for path in ("/register/org", "/forgotpw", "/login"):
            browser = house.browser()
            fields = (await browser.get("/forgotpw")).fields(path="/forgotpw")
            names = ("organisation", "username", "email", "password")
            page = await browser.post(path, dict.fromkeys(names, text) | fields | {"email": text})
            assert page.status == 400, (path, text)
        page = await manager.get("/invite")
        page = await manager.post(
            "/invite", {"csrf": page.fields(path="/invite")["csrf"], "email": text, "role": text}
        )
        assert page.status == 400


@async_test
async def test_unknown_errors(house: House, dsn: str, no_logged_failures: list[str]) -> None:
    """What nobody foresaw: 500 with an incident number and nothing else; the log has the cause."""
    manager = await house.manager()
    connection = psycopg2.connect(dsn)
    connection.cursor().execute("ALTER TABLE tokens RENAME COLUMN used_at TO mislaid")
    connection.commit()
    connection.close()
    page = await manager.get("/account")
    assert page.status == 500
    assert len(page.get("code").text) == 16
    assert "used_at" not in page.text
    assert len(no_logged_failures) == 1
    assert "used_at" in no_logged_failures[0]
    no_logged_failures.clear()


@async_test
async def test_static_files(house: House) -> None:
    """Hashed files are kept for ever, others asked for again; packed where the browser takes it."""
    client = house.browser()
    style = await client.get("/static/assets/pages-1.css")
    assert style.header("content-type") == "text/css; charset=utf-8"
    assert style.header("cache-control") == "public, max-age=31536000, immutable"
    packed = await client.get("/static/assets/pages-1.css", accept_encoding="br, gzip;q=0.5")
    assert packed.header("content-encoding") == "gzip"
    assert gzip.decompress(packed.body) == style.body
    assert packed.header("vary") == "Accept-Encoding"
    plain = await client.get("/static/assets/pages-1.css", accept_encoding="gzip;q=0")
    assert plain.header("content-encoding") is None
    logo = await client.get("/static/logo.svg")
    assert logo.header("cache-control") == "no-cache"
    tag = logo.header("etag")
    assert tag is not None
    known = await client.get("/static/logo.svg", if_none_match=f'"other", {tag}')
    assert (known.status, known.body) == (304, b"")
    assert (await client.get("/static/assets/nothing.js")).status == 404
    assert (await client.get("/favicon.ico")).header("content-type") == "image/svg+xml"
    assert (await client.get("/robots.txt")).text.startswith("User-agent: *\n")


def test_a_file_packed_by_the_build(static: Path) -> None:
    """What the build has packed is sent as it is, to whoever takes it, and has no address of its own."""
    style = (static / "assets" / "pages-1.css").read_bytes()
    packed = gzip.compress(style, compresslevel=1, mtime=7)
    (static / "assets" / "pages-1.css.gz").write_bytes(packed)
    assets = Assets(static)
    assert assets.answer("assets/pages-1.css", accepts_gzip=True).body == packed
    assert assets.answer("assets/pages-1.css").body == style
    with pytest.raises(NotFound):
        assets.answer("assets/pages-1.css.gz")


def test_app_that_was_not_built(tmp_path: Any) -> None:
    """Without the built browser app the start fails with one line that says what to do."""
    with pytest.raises(StartError, match="make web"):
        Assets(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(StartError, match="make web"):
        Assets(tmp_path)


@async_test
async def test_a_reader_who_goes_away(reactor: Any, house: House) -> None:
    """What a form began is carried out, even when its sender does not wait for the answer."""
    browser = house.browser()
    token = (await browser.get("/register/org")).fields(path="/register/org")["csrf"]
    body = (
        f"csrf={token}&organisation=Gone&username=Mira&email=gone%40example.org"
        f"&password={PASSWORD.replace(' ', '+')}"
    ).encode()
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    request = (
        f"POST /register/org HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ).encode() + body
    await raw(reactor, house.port, request[:-1] + b"X", hang_up=True)
    for _ in range(600):
        async with house.database.transaction() as tx:
            if "Gone" in [each.name for each in await organisations.list_all(tx)]:
                break
        await sleep(reactor, 0.05)
    login = await house.browser().fill("/login", email="gone@example.org", password=PASSWORD[:-1] + "X")
    assert login.status == 303
