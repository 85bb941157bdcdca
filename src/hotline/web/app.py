"""The pages as one resource: which address is which page, and what becomes of errors.

Requests of Twisted's come in through Klein, answers go out, to those only whom the table of routes names.
Errors that no page has an answer of its own to become pages here; what nobody foresaw gets an incident number
and a page that tells nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import IResource, Resource
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoRoute

from hotline.accounts import Accounts
from hotline.addresses import OwnAddresses
from hotline.errors import FactorNeeded, HotlineError, NotAllowed, NotFound, ProofNeeded
from hotline.logs import SampledLogger
from hotline.store.database import Database
from hotline.store.ids import new_id
from hotline.web import anteroom, proof, session
from hotline.web.answers import Answer, redirect, structured, text, write
from hotline.web.assets import STATIC, Assets
from hotline.web.cookies import Cookies
from hotline.web.forms import said
from hotline.web.house import House
from hotline.web.rendering import Templates
from hotline.web.request import Malformed
from hotline.web.routes import ROUTES, Reading, Route
from hotline.web.sending import send
from hotline.web.visit import LoginNeeded, Readers, Visit, retry_after

_FOR_SCRIPTS = frozenset(route.path.encode() for route in ROUTES if route.is_for_scripts)
"""What only scripts ask: refusals are JSON, too."""
_OF_CLIENTS = (Reading.NOTHING, Reading.CLIENT_FORM)
"""What an organisation's own address answers, too."""
_refusals = SampledLogger(namespace="hotline.refusals")

_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def resource(
    *,
    accounts: Accounts,
    database: Database,
    public_url: str,
    own_addresses: OwnAddresses | None = None,
    secure: bool,
    now: Callable[[], datetime],
    websocket: IResource | None,
    ready: Callable[[], Awaitable[list[str]]],
    upkept: Callable[[], str] | None = None,
    longpoll: IResource | None = None,
    static: Path = STATIC,
    registers_by_mail: bool = False,
) -> IResource:
    """Everything under the public address.

    :param websocket: what answers at /ws.
    :param longpoll: what answers below /wamp.
    :param own_addresses: where each organisation is besides; None: nowhere.
    :param ready: what keeps this node from serving; an empty list when nothing does.
    :param upkept: when this node last ended all that has run its time, and what fails; None: it does not.
    :param static: where the built browser app is.
    :param registers_by_mail: whether an organisation is made by a link that is mailed, and not at once.
    :raises StartError: the browser app was not built.
    """
    house = House(
        accounts=accounts,
        database=database,
        now=now,
        ready=ready,
        upkept=upkept,
        templates=Templates(),
        assets=Assets(static),
        cookies=Cookies(secure=secure),
        public_url=public_url.rstrip("/"),
        own_addresses=own_addresses,
        secure=secure,
        registers_by_mail=registers_by_mail,
    )
    return _Root(Pages(house), {b"ws": websocket, b"wamp": longpoll})


class Pages:
    """Klein's routes to the pages, and the map from errors to answers."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._log = Logger(namespace="hotline.web")
        self.klein = Klein()
        # Werkzeug would redirect `//login` to an address made of the Host header.
        self.klein.url_map.merge_slashes = False
        for route in ROUTES:
            self.add(route)
        self.klein.handle_errors(HTTPException)(self._unrouted)

    def add(self, route: Route) -> None:
        """Have Klein know this page."""

        async def routed(request: Any, **parts: str) -> bytes:
            answer = await _whatever_happens(self.answer(request, route, parts))
            body = self.write(request, answer)
            if answer.parts is not None:
                await _whatever_happens(send(request, answer.parts, self._log))
            return body

        self.klein.route(route.path, methods=route.methods, endpoint=route.path)(routed)

    async def answer(self, request: Any, route: Route, parts: dict[str, str]) -> Answer:
        """What this page says, or what became of it. Never raises."""
        visit = Visit(self._house, request)
        try:
            if route.reading not in _OF_CLIENTS and visit.organisation_here is not None:
                return await self._elsewhere(visit)
            await _read(visit, route.reading)
            visit.admit(route.readers)
            return await route.page(visit, **parts)
        except LoginNeeded:
            return session.not_logged_in() if request.path in _FOR_SCRIPTS else redirect("/login")
        except FactorNeeded as error:
            if request.path in _FOR_SCRIPTS:
                return self._refused(visit, error)
            return redirect("/account/factors?why=required")
        except ProofNeeded:
            return redirect(f"/account/proof?for={proof.place_of(request)}")
        except HotlineError as error:
            if isinstance(error, NotAllowed):
                _refusals.info("{page} was refused: {kind}", page=route.path, kind=type(error).__name__)
            return self._refused(visit, error)
        except Exception:
            return self._broken(visit, Failure())

    async def _elsewhere(self, visit: Visit) -> Answer:
        """An organisation's own address is for its clients; people log in at the pages' address alone."""
        if visit.request.method not in (b"GET", b"HEAD"):
            raise NotFound()
        if visit.request.path == b"/":
            return await anteroom.own_address(visit)
        return redirect(visit.request.path.decode("ascii", "replace"), self._house.public_url)

    def write(self, request: Any, answer: Answer) -> bytes:
        """Put the answer into the request; the body remains."""
        return write(request, answer, secure=self._house.secure)

    async def _unrouted(self, request: Any, failure: Failure) -> bytes:
        """There is no such page, or not with this method."""
        error = failure.value

        async def page(visit: Visit) -> Answer:
            await visit.find_actor()
            if isinstance(error, MethodNotAllowed):
                allowed = ", ".join(sorted(error.valid_methods or ()))
                return _problem(visit, 405, "This page cannot be used in that way.").with_headers(
                    ("Allow", allowed)
                )
            raise NotFound() if isinstance(error, NoRoute) else Malformed()

        nowhere = Route(path="", page=page, readers=Readers.ANYBODY, reading=Reading.NOTHING)
        return self.write(request, await self.answer(request, nowhere, {}))

    def _refused(self, visit: Visit, error: HotlineError) -> Answer:
        if visit.request.path in _FOR_SCRIPTS:
            answer = structured({"error": said(error)}, error.status)
        else:
            answer = _problem(visit, error.status, said(error))
        return answer.with_headers(*retry_after(error))

    def _broken(self, visit: Visit, failure: Failure) -> Answer:
        incident = new_id()
        self._log.failure("A page failed, incident {incident}", failure=failure, incident=incident)
        try:
            return _problem(visit, 500, HotlineError.sentence, incident=incident)
        except Exception:
            self._log.failure("So did the page that says so, incident {incident}", incident=incident)
            return text(f"{HotlineError.sentence} ({incident})", 500)


class _Root(Resource):
    """The address space: WAMP beside the pages, and nothing that Klein cannot take."""

    def __init__(self, pages: Pages, beside: Mapping[bytes, IResource | None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted
        self.pages = pages
        self._klein = pages.klein.resource()
        for path, resource in beside.items():
            if resource is not None:
                self.putChild(path, resource)

    def getChild(self, path: bytes, request: Any) -> IResource:
        request.postpath.insert(0, request.prepath.pop())
        return _Guarded(self.pages, self._klein)


class _Guarded(Resource):
    isLeaf = True

    def __init__(self, pages: Pages, inner: IResource) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted
        self._pages = pages
        self._inner = inner

    def render(self, request: Any) -> Any:
        host = request.requestHeaders.getRawHeaders(b"host", [b"localhost"])
        odd = len(host) != 1 or not _HOST.fullmatch(host[0]) or not request.method.isalpha()
        # Klein would take `//login` for `/login`.
        odd = odd or (len(request.postpath) > 1 and not request.postpath[0])
        if odd or not _is_text(b"/".join(request.postpath)):
            return self._pages.write(request, text(Malformed.sentence, Malformed.status))
        return self._inner.render(request)


def _problem(visit: Visit, status: int, sentence: str, incident: str = "") -> Answer:
    return visit.page("problem", status=status, sentence=sentence, code=status, incident=incident)


async def _read(visit: Visit, reading: Reading) -> None:
    match reading:
        case Reading.FORM:
            await visit.read()
        case Reading.NOTHING:
            visit.read_address()
        case Reading.SCRIPT | Reading.SCRIPT_FORM:
            await visit.read_script(has_form=reading is Reading.SCRIPT_FORM)
        case Reading.CLIENT_FORM:
            visit.read_client()


def _is_text(path: bytes) -> bool:
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _whatever_happens(work: Any) -> Deferred[Any]:
    """Klein cancels a page when its reader goes away; what a form began is carried out all the same."""
    kept: Deferred[Any] = Deferred()
    Deferred.fromCoroutine(work).chainDeferred(kept)
    return kept
