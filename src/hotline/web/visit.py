"""One request to a page: who asks, what they sent, and the page they get back.

A request of Twisted's comes in, an Answer goes out. Never decides what a person may do on a page: that is the
accounts' business.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from hotline.accounts import Signed
from hotline.domain.model import Actor, Organisation
from hotline.errors import (
    FactorNeeded,
    HotlineError,
    Invalid,
    NotAllowed,
    NotFound,
    ProofNeeded,
    TooFast,
    Unavailable,
)
from hotline.networks import prefix_of
from hotline.store.ids import new_secret
from hotline.web import csrf
from hotline.web.answers import Answer, redirect
from hotline.web.assets import LOOK, PAGES
from hotline.web.forms import Form
from hotline.web.headers import NO_STORE, Headers, policy
from hotline.web.house import House
from hotline.web.languages import Language, ordered
from hotline.web.request import form_fields, query_fields

_RETRY_AFTER_SECONDS = 5


def retry_after(error: HotlineError) -> Headers:
    """When to try again what was too much just now."""
    if not isinstance(error, Unavailable | TooFast):
        return ()
    seconds = error.details.get("retry_after", _RETRY_AFTER_SECONDS)
    return (("Retry-After", str(max(1, math.ceil(float(seconds))))),)


class Readers(Enum):
    """Who may see a page, and send its form."""

    ANYBODY = "anybody"
    HOLDERS = "whoever has the link, which the page looks at"
    PEOPLE = "whoever is logged in, also without the second factor they need"
    CONSULTANTS = "whoever is logged in"
    MANAGERS = "managers who are logged in"


class LoginNeeded(HotlineError):
    """The page is for people who are logged in; turned into the way to the login page."""


class Visit:
    """One request, read as far as pages need it."""

    def __init__(self, house: House, request: Any) -> None:
        self.house = house
        self.request = request
        self.actor: Actor | None = None
        self.lacks_factor = False
        """Whether who is logged in has to set up a second factor before anything else."""
        self.fields: dict[str, str] = {}
        self.query: dict[str, str] = {}
        self.secret = house.cookies.login_of(request)
        self._new_cookie: tuple[str, ...] = ()

    @property
    def organisation_here(self) -> str | None:
        """The slug of the organisation whose own address the browser shows; None: the pages' address."""
        own_addresses = self.house.own_addresses
        if own_addresses is None:
            return None
        return own_addresses.slug_of(self.request.getHeader("host") or "")

    @property
    def origin(self) -> str:
        """The address the browser shows, without a path."""
        slug, own_addresses = self.organisation_here, self.house.own_addresses
        return (slug and own_addresses and own_addresses.origin_of(slug)) or self.house.public_url

    def address_of(self, organisation: Organisation) -> str:
        """The address of an organisation's anteroom as a whole page."""
        own = self.house.own_addresses and self.house.own_addresses.origin_of(organisation.slug)
        return own or f"{self.house.public_url}/o/{organisation.slug}"

    @property
    def network(self) -> str | None:
        """Where the request comes from; None: nowhere in particular."""
        host = getattr(self.request.getClientAddress(), "host", None)
        return prefix_of(host, self.request.getHeader("x-forwarded-for"))

    @property
    def is_post(self) -> bool:
        return bool(self.request.method == b"POST")

    def done(self, sentences: Mapping[str, str]) -> str:
        """What the form has done that led to this page, if one did."""
        return "" if self.is_post else sentences.get(self.query.get("done", ""), "")

    async def read(self) -> None:
        """Read query, body and login; refuse what another site's page sent.

        :raises HotlineError: the request is not in order.
        """
        self.read_address()
        if self.is_post:
            csrf.check_origin(self.request, self.house.public_url)
            self.fields = form_fields(self.request)
        await self.find_actor()

    async def read_script(self, *, has_form: bool) -> None:
        """The same for what a script of ours asks: silence about where a request comes from is refused, too.

        :raises HotlineError: the request is not in order.
        """
        self.read_address()
        csrf.check_same_origin(self.request, self.house.public_url)
        if has_form:
            self.fields = form_fields(self.request)
        await self.find_actor()

    def read_client(self) -> None:
        """The same for what a script of clients' pages asks, at whichever address; nobody is logged in.

        :raises HotlineError: the request is not in order.
        """
        self.read_address()
        csrf.check_same_origin(self.request, self.origin)
        self.fields = form_fields(self.request)

    def read_address(self) -> None:
        """Read the query. :raises HotlineError: it is not in order."""
        self.query = query_fields(self.request)

    async def find_actor(self) -> None:
        """Learn who has the login of the cookie, if it is still good."""
        if self.secret is not None:
            self.actor = await self.house.accounts.find_actor(self.secret)
        if self.actor is not None:
            self.lacks_factor = await self.house.accounts.lacks_factor(self.actor)
        if self.actor is None:
            self.secret = self.house.cookies.visit_of(self.request)

    def admit(self, readers: Readers) -> None:
        """:raises LoginNeeded, FactorNeeded, NotAllowed: who asks is none of these."""
        match readers:
            case Readers.ANYBODY | Readers.HOLDERS:
                pass
            case Readers.PEOPLE:
                self.person()
            case Readers.CONSULTANTS:
                self.consultant()
            case Readers.MANAGERS:
                self.manager()

    def person(self) -> Actor:
        """Who is logged in, whether or not they lack a second factor. :raises LoginNeeded: nobody."""
        if self.actor is None:
            raise LoginNeeded()
        return self.actor

    def consultant(self) -> Actor:
        """Who is logged in. :raises LoginNeeded: nobody. :raises FactorNeeded: they lack a second factor."""
        actor = self.person()
        if self.lacks_factor:
            raise FactorNeeded()
        return actor

    def manager(self) -> Actor:
        """The manager who is logged in. :raises LoginNeeded: nobody. :raises NotAllowed: not a manager."""
        actor = self.consultant()
        if not actor.is_manager:
            raise NotAllowed(reason="This page is for managers. Please ask a manager of your organisation.")
        return actor

    def csrf_token(self) -> str:
        """The token of the forms of this page; a visitor without a cookie gets one."""
        secret = self._form_secret
        if secret is None:
            secret = self.secret = new_secret()
            self._new_cookie = (self.house.cookies.visit(secret),)
        return csrf.token_for(secret)

    @property
    def _form_secret(self) -> str | None:
        """What forms are tied to: the login, or without one this browser's cookie."""
        return self.secret if self.actor is None else self.house.accounts.form_secret(self.actor)

    async def submit(
        self, form: Form, act: Callable[[], Awaitable[Answer]], again: Callable[[Form], Awaitable[Answer]]
    ) -> Answer:
        """Carry out what was posted, or show the form again with what is wrong and what was typed."""
        form = form.filled(self.fields)
        try:
            csrf.check_token(self.fields.get(csrf.FIELD, ""), self._form_secret)
            return await act()
        except (ProofNeeded, FactorNeeded):
            raise
        except (Invalid, NotAllowed, NotFound, TooFast) as error:
            answer = await again(form.refused(error))
            return answer.with_headers(*retry_after(error))

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        entry: str = PAGES,
        ancestors: tuple[str, ...] = ("'none'",),
        headers: Headers = NO_STORE,
        language: Language | None = None,
        **values: Any,
    ) -> Answer:
        """The page made of this template. :param language: if it is not English."""
        body = self.house.templates.render(
            template,
            actor=self.actor,
            assets=self.house.assets.entry(entry),
            first_script=self.house.assets.entry(LOOK).scripts[0],
            csrf_token=self.csrf_token,
            path=self.request.path.decode("utf-8", "replace"),
            language=language or self.house.assets.languages[0],
            language_names={each.tag: each.name for each in self.house.assets.languages},
            **values,
        )
        headers = (("Content-Security-Policy", policy(self.origin, ancestors)), *headers)
        return Answer(
            status=status, body=body.encode("utf-8", "replace"), headers=headers, cookies=self._new_cookie
        )

    def app(self, app: str, entry: str, *, wanted: Sequence[str] | None = None, **values: Any) -> Answer:
        """A page that an app lives in, in the language that suits the browser.

        :param wanted: tags of the languages offered; all that the apps speak if None.
        """
        languages = self._languages(wanted)
        offered = [
            {"tag": one.tag, "name": one.name, "direction": one.direction, "texts": one.texts[app]}
            for one in languages
        ]
        answer = self.page(
            app,
            entry=entry,
            language=languages[0],
            languages=json.dumps(offered),
            say=languages[0].words.__getitem__,
            texts=languages[0].texts[app],
            **values,
        )
        return answer.with_headers(("Vary", "Accept-Language"))

    def worded(self, template: str, entry: str, *, wanted: Sequence[str], **values: Any) -> Answer:
        """A page that is made here and all the same in the language that suits the browser: its template has
        each text in English, as `say("...")`.

        :param wanted: tags of the languages offered.
        """
        languages = self._languages(wanted)
        answer = self.page(
            template,
            entry=entry,
            language=languages[0],
            languages=languages,
            say=languages[0].words.__getitem__,
            **values,
        )
        return answer.with_headers(("Vary", "Accept-Language"))

    @property
    def suiting_language(self) -> Language:
        """Of those that the apps speak, the one that suits the browser; no variety that it does not name."""
        spoken = self.house.assets.languages
        plain = sorted((each.tag for each in spoken), key=len)
        return ordered(spoken, plain, self.request.getHeader("accept-language") or "")[0]

    def _languages(self, wanted: Sequence[str] | None) -> list[Language]:
        spoken = self.house.assets.languages
        tags = [language.tag for language in spoken] if wanted is None else wanted
        asked = self.query.get("language", "")
        accept = f"{asked}, {self.request.getHeader('accept-language') or ''}"
        return ordered(spoken, tags, accept)

    def logged_in(self, signed: Signed) -> Answer:
        """To the clientlist, with a new login."""
        cookies = self.house.cookies
        return redirect("/clientlist").with_cookies(
            cookies.login(signed.token), cookies.device(signed.device)
        )

    def renewed(self, token: str, path: str) -> Answer:
        """Onwards, with the new token of the same login."""
        return redirect(path).with_cookies(self.house.cookies.login(token))
