"""The keys of `[limits]`: each is known, checked, handed on, read, and tried by a test with another value."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.web.resource import Resource
from twisted.web.test.requesthelper import DummyChannel

from hotline.config import load_settings
from hotline.domain.limits import DomainLimits
from hotline.errors import StartError
from hotline.limits import FIXED, Limit, Per, most_of, problem_of
from hotline.manual import tables
from hotline.protocols.limits import SessionLimits
from hotline.settable import LIMIT_KINDS, LIMITS
from hotline.web.request import Malformed, TooLarge, form_fields, query_fields, site
from tests.router.outside import ROLES, House, Peer

ROOT = Path(__file__).parents[1]
HOLDING = {"domain/limits.py", "domain/account_limits.py", "protocols/limits.py"}
"""Where keys are said, and nothing is done with them."""

CALLED = {
    "database_connections": "size",
    "doubted_messages": "most_doubted",
    "entries_per_minute": "per_minute",
    "entries_per_network": "per_network",
    "entries_per_node": "per_node",
    "given_per_round": "most",
    "interrupted": "most_interrupted",
    "login_delay_seconds": "longest_seconds",
    "password_threads": "threads",
    "registration_mails": "most_posted",
}
"""What those that parts are handed by another name are called there."""

Load = Callable[[str], Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Settings with this in the table `[limits]`."""

    def loaded(text: str) -> Any:
        path = tmp_path / "hotline.toml"
        path.write_text(f"[limits]\n{text}\n")
        return load_settings({"config": str(path)}, {})

    return loaded


def value_of(settings: Any, name: str) -> Any:
    """What the part of hotline gets that this key is for."""
    parts = (settings.session_limits, settings.node_limits, settings.domain_limits)
    (found,) = [getattr(part, name) for part in parts if hasattr(part, name)]
    return found


@cache
def trees(below: str) -> list[tuple[str, list[ast.AST]]]:
    """All modules there, by their path."""
    directory = ROOT / below
    return [
        (str(path.relative_to(directory)), list(ast.walk(ast.parse(path.read_text()))))
        for path in sorted(directory.rglob("*.py"))
    ]


@cache
def read_keys() -> set[str]:
    """What is asked of an object by its name, anywhere but where keys are said."""
    return {
        node.attr
        for path, nodes in trees("src/hotline")
        if path not in HOLDING
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


def said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from (keyword.arg for keyword in node.keywords if keyword.arg)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from re.findall(r"^(\w+) = [\d.]+$", node.value, re.MULTILINE)
    elif isinstance(node, ast.Dict):
        # Limits of a daemon, as tests of floods say them.
        yield from (each.value for each in node.keys if isinstance(each, ast.Constant))


@cache
def handed_on() -> set[tuple[str, str]]:
    """The keys that hotline hands on by another name, with that name."""
    return {
        (node.value.attr, node.arg)
        for _, nodes in trees("src/hotline")
        for node in nodes
        if isinstance(node, ast.keyword) and node.arg and isinstance(node.value, ast.Attribute)
    }


@cache
def tried_names() -> set[str]:
    """What tests give a value: by name in a call, in the text of a file, or as a name in a table."""
    return {
        name
        for path, nodes in trees("tests")
        for node in nodes
        if not isinstance(node, ast.Dict) or path != "test_limits.py"
        for name in said(node)
    }


@pytest.mark.parametrize("name", LIMITS)
def test_a_key_is_checked_and_handed_on(name: str, load: Load) -> None:
    """Its largest and smallest value and 0 arrive where they belong; what lies beyond, and what is no number
    of its kind, is refused with the key and what it may be."""
    default, limit = LIMITS[name]
    assert problem_of(name, limit, default) is None
    assert value_of(load(""), name) == default
    most = int(most_of(name, limit))
    for value in (most, int(max(limit.least, 1))):
        assert value_of(load(f"{name} = {value}"), name) == value
    wrong = {str(most + 1): f"to {most}", "-1": "0 or more", '"1"': "a number", "nan": "a number"}
    if limit.least > 1:
        wrong[str(int(limit.least) - 1)] = f"from {limit.least:g} "
    if limit.can_be_lifted:
        assert value_of(load(f"{name} = 0"), name) == 0
    else:
        wrong["0"] = f"from {limit.least:g} "
    if isinstance(default, int):
        wrong["1.5"] = "a whole number"
    else:
        assert value_of(load(f"{name} = {limit.least + 0.5}"), name) == limit.least + 0.5
    for text, words in wrong.items():
        with pytest.raises(StartError, match=rf"\[limits\] {name} has to be ") as refused:
            load(f"{name} = {text}")
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", LIMITS)
def test_a_key_is_read_where_it_is_enforced_and_tried(name: str) -> None:
    """None is only said: some module reads it, and some test gives it a value of its own."""
    assert name in read_keys()
    if name in CALLED:
        assert (name, CALLED[name]) in handed_on()
    assert CALLED.get(name, name) in tried_names()


def test_each_key_is_for_one_part() -> None:
    """No name twice."""
    names = [name for kind in LIMIT_KINDS for name in kind.__annotations__]
    inherited = [name for name in DomainLimits.__dataclass_fields__ if name not in names]
    assert sorted(names + inherited) == sorted(LIMITS)


def test_what_cannot_be_set_says_why() -> None:
    """In words, of which the manual's table is made."""
    table = tables()
    assert FIXED
    for each in FIXED.values():
        assert len(each.because) > 20
        assert each.because in table


def test_the_largest_values() -> None:
    """A century of whatever unit the name ends with; else what PostgreSQL counts to; or what is said."""
    words = Limit(Per.NODE, "", "")
    assert [most_of(f"x_{unit}", words) for unit in ("days", "hours", "minutes", "seconds")] == [
        36500,
        36500 * 24,
        36500 * 24 * 60,
        36500 * 24 * 3600,
    ]
    assert most_of("messages", words) == most_of("form_bytes", words) == 2**31 - 1
    assert most_of("x_days", Limit(Per.NODE, "", "", most=7)) == 7


# Those of pages.


def request_of(body: bytes, message_bytes: int, **limits: int) -> Any:
    """What comes of this body, sent without a word about its length."""
    pages = site(Resource(), MemoryReactorClock(), limits=DomainLimits(**limits), message_bytes=message_bytes)
    request = pages.requestFactory(DummyChannel(), False)
    request.requestHeaders.setRawHeaders(b"content-type", [b"application/x-www-form-urlencoded"])
    request.gotLength(None)
    request.handleContentChunk(body)
    request.content.seek(0)
    return request


@pytest.mark.parametrize(("form_bytes", "fits"), [(9, False), (10, True), (0, True)])
def test_how_long_a_form_is(form_bytes: int, fits: bool) -> None:
    """As an operator says, and not as long as the messages of long polls, whose bodies come the same way."""
    request = request_of(b"a=12345678", 10, form_bytes=form_bytes)
    assert not request.too_large
    if fits:
        assert form_fields(request) == {"a": "12345678"}
    else:
        with pytest.raises(TooLarge):
            form_fields(request)
    assert request_of(b"a=12345678", 9, form_bytes=9).too_large


def test_a_form_is_bounded_where_messages_are_not() -> None:
    """Nobody has to be anybody to send one: what is kept ends where reading does, whatever messages may have,
    and of what is kept no more is read than it takes to see that it is too long."""
    assert request_of(b"x" * 21, 0, form_bytes=5, refused_bytes=20).too_large
    assert request_of(b"x" * 6, 0, form_bytes=5, refused_bytes=0).too_large
    request = request_of(b"x" * 20, 0, form_bytes=5, refused_bytes=20)
    assert not request.too_large
    with pytest.raises(TooLarge):
        form_fields(request)
    assert request.content.tell() == 6


@pytest.mark.parametrize(("form_fields_", "fits"), [(1, False), (2, True), (0, True)])
def test_how_many_fields_a_form_has(form_fields_: int, fits: bool) -> None:
    """Also those of an address."""
    request = request_of(b"a=1&b=2", 1, form_fields=form_fields_)
    request.uri = b"/?c=3&d=4"
    if fits:
        assert [*form_fields(request), *query_fields(request)] == ["a", "b", "c", "d"]
    else:
        for read in (form_fields, query_fields):
            with pytest.raises(Malformed):
                read(request)


@pytest.mark.parametrize(("refused_bytes", "is_cut_off"), [(19, True), (20, False), (0, False)])
def test_how_much_is_read_of_what_is_too_much(refused_bytes: int, is_cut_off: bool) -> None:
    """So that its sender sees why; beyond that the connection ends."""
    request = request_of(b"x" * 20, 5, form_bytes=5, refused_bytes=refused_bytes)
    assert request.too_large
    assert request.content.read() == b""
    assert request.channel.transport.written.getvalue().startswith(b"HTTP/1.1 413") is is_cut_off


@pytest.mark.parametrize("seconds", [3, 0])
def test_how_long_a_page_may_be_idle(seconds: int) -> None:
    """Between two requests; with 0 for ever."""
    reactor = MemoryReactorClock()
    pages: Any = site(Resource(), reactor, limits=DomainLimits(idle_seconds=seconds))
    assert pages.buildProtocol(None).timeOut == (seconds or None)


# Those of sessions.


@pytest.mark.parametrize(("uri_length", "is_one"), [(5, False), (6, True), (0, True)])
def test_how_long_a_uri_is(uri_length: int, is_one: bool) -> None:
    """Of whatever kind."""
    peer = Peer(House(SessionLimits(uri_length=uri_length), Clock()), "json")
    if not is_one:
        (abort,) = peer.say(1, "abcdef", {"roles": ROLES})
        assert abort[2] == "wamp.error.no_such_realm"
    peer = Peer(House(SessionLimits(uri_length=uri_length), Clock()), "json").join("acme")
    (answer,) = peer.say(48, 1, {}, "a.bcde")
    assert (answer[4] == "wamp.error.invalid_uri") is not is_one
