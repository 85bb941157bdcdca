"""What is posted to long polls, and how it is answered, whatever it is about.

In: Twisted's requests. Out: their bodies, if they are not too long, and answers. It knows no session.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request


class Action(Resource):
    """One thing to POST to; without any, there is nothing here."""

    isLeaf = True

    def __init__(self, act: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted
        self._act = act

    def render(self, request: Request) -> Any:
        if self._act is None:
            return say(request, HTTPStatus.NOT_FOUND)
        if request.method != b"POST":
            request.setHeader(b"allow", b"POST")
            return say(request, HTTPStatus.METHOD_NOT_ALLOWED)
        return self._act(request)


def body_of(request: Any, limit: int) -> bytes | None:
    """What was posted; None: more than the limit."""
    if getattr(request, "too_large", False):
        return None
    body: bytes = request.content.read()
    return None if limit and len(body) > limit else body


def say(request: Request, status: HTTPStatus) -> bytes:
    """The whole of an answer that is given at once."""
    request.setResponseCode(status)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    return b"" if status is HTTPStatus.ACCEPTED else f"{status.phrase}\n".encode()


def finish(request: Request, status: HTTPStatus, body: bytes = b"") -> None:
    """Answer a request that has waited."""
    request.setResponseCode(status)
    if body:
        request.write(body)
    request.finish()
