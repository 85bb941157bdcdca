"""A browser without a window: real HTTP over loopback, cookies kept, forms found in the page and sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.web.client import Agent
from twisted.web.http_headers import Headers

from tests.bodies import Body, Collected

VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})


@dataclass
class Element:
    """One element of a page, with the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    form: Element | None = None
    select: Element | None = None


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.all: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(
            tag,
            {name: value or "" for name, value in attributes},
            form=next((e for e in reversed(self._open) if e.tag == "form"), None),
            select=next((e for e in reversed(self._open) if e.tag == "select"), None),
        )
        # What is in a template is not in the page.
        if not any(each.tag == "template" for each in self._open):
            self.all.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> without a beginning"
        assert self._open[-1].tag == tag, f"</{tag}> inside <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(each.tag == "template" for each in self._open):
            for element in self._open:
                element.text += data


@dataclass
class Response:
    """What came back."""

    status: int
    headers: Headers
    body: bytes
    elements: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str | None:
        values = self.headers.getRawHeaders(name)
        assert values is None or len(values) == 1, f"{name} comes {len(values or ())} times"
        return values[0] if values else None

    @property
    def location(self) -> str | None:
        return self.header("location")

    def find(self, tag: str, **attributes: str) -> Element | None:
        """The first element of this kind with these attributes (`_` for `-`)."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        for element in self.elements:
            if element.tag == tag and wanted.items() <= element.attributes.items():
                return element
        return None

    def get(self, tag: str, **attributes: str) -> Element:
        element = self.find(tag, **attributes)
        assert element is not None, f"no {tag} {attributes} in\n{self.text}"
        return element

    def fields(self, action: str | None = None, path: str | None = None) -> dict[str, str]:
        """The fields of a form as a browser would send them unchanged; `action` is its hidden field."""
        for form in self.elements:
            if form.tag == "form" and (path is None or form.attributes.get("action") == path):
                found = self.fields_of(form)
                if action is None or found.get("action") == action:
                    return found
        raise AssertionError(f"no form {action} in\n{self.text}")

    def fields_of(self, form: Element) -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self.elements:
            if element.form is not form or "name" not in element.attributes:
                continue
            name, kind = element.attributes["name"], element.attributes.get("type", "text")
            if element.tag == "input" and (
                kind not in ("checkbox", "radio") or "checked" in element.attributes
            ):
                found[name] = element.attributes.get("value", "")
            elif element.tag == "textarea":
                found[name] = element.text.removeprefix("\n")
            elif element.tag == "select":
                options = [e for e in self.elements if e.tag == "option" and e.select is element]
                chosen = [e for e in options if "selected" in e.attributes]
                found[name] = (chosen or options)[0].attributes["value"]
        return found

    def problem(self, name: str) -> str:
        """The sentence beside the field with this name; the field must point to it."""
        for element in self.elements:
            if element.attributes.get("name") == name and element.attributes.get("aria-invalid") == "true":
                for described in element.attributes["aria-describedby"].split():
                    if described.endswith("-problem"):
                        return self.get("p", id=described).text
        raise AssertionError(f"no problem beside {name} in\n{self.text}")

    @property
    def title(self) -> str:
        return self.get("title").text

    @property
    def visible(self) -> str:
        """The text of the main part."""
        return " ".join(self.get("main").text.split())


class Browser:
    """One person's browser."""

    def __init__(self, reactor: Any, base: str) -> None:
        self._agent = Agent(reactor)
        self.base = base
        self.cookies: dict[str, str] = {}
        self.page: Response | None = None

    async def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """One request, redirects not followed."""
        sent = Headers({name: [value] for name, value in (headers or {}).items()})
        if self.cookies:
            sent.addRawHeader("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        producer = Body(body) if body is not None else None
        got: Any = await self._agent.request(method.encode(), (self.base + path).encode(), sent, producer)
        collected = Collected()
        got.deliverBody(collected)
        content = await collected.ended
        self._keep(got.headers.getRawHeaders("set-cookie", []))
        elements: list[Element] = []
        if (got.headers.getRawHeaders("content-type", [""])[0]).startswith("text/html"):
            parser = _Elements()
            parser.feed(content.decode())
            elements = parser.all
        self.page = Response(got.code, got.headers, content, elements)
        return self.page

    async def get(self, path: str, **headers: str) -> Response:
        return await self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def post(
        self, path: str, fields: dict[str, str] | bytes, *, headers: dict[str, str] | None = None
    ) -> Response:
        """Send these fields as a form of the page would."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        sent = {"content-type": "application/x-www-form-urlencoded", "origin": self.base} | (headers or {})
        return await self.request("POST", path, headers=sent, body=body)

    async def fill(
        self, path: str, *, action: str | None = None, form: str | None = None, **typed: str
    ) -> Response:
        """Open a page, fill the form in, send it."""
        page = await self.get(path)
        assert page.status == 200, page.text
        own = form if form is not None else path.partition("?")[0]
        fields = page.fields(action, own if page.find("form", action=own) else None)
        return await self.post(own, fields | {k.replace("__", "-"): v for k, v in typed.items()})

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            first, *rest = line.split("; ")
            name, _, value = first.partition("=")
            if "Max-Age=0" in rest:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


async def raw(reactor: Any, port: int, data: bytes, *, hang_up: bool = False) -> bytes:
    """Send these bytes, and read until the other side closes (or do not wait for that)."""
    protocol = await connectProtocol(HostnameEndpoint(reactor, "127.0.0.1", port), Collected())
    protocol.transport.write(data)
    if hang_up:
        protocol.transport.loseConnection()
    received: bytes = await protocol.ended
    return received
