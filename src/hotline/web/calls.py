"""Being called by web push, in this browser: on, off, and a call to try it.

In comes what the script of the account page was told by its browser, out goes JSON. That this browser is one
of those called stands in a cookie besides, so that logging out ends it without any script.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hotline.domain.model import Actor
from hotline.errors import NotAllowed, NotFound
from hotline.web.answers import Answer, structured
from hotline.web.forms import said
from hotline.web.submitting import chosen
from hotline.web.visit import Visit

_REASONS = {
    "limit": "You are called in enough browsers. Turn it off in one of them first.",
    "no_browser": "You are not called in any browser.",
}


async def calls(visit: Visit) -> Answer:
    """Asked by a script of the account page; there is no form."""
    actor = visit.consultant()
    action = chosen(visit, _ACTIONS)
    try:
        answer = await action(visit, actor)
    except NotAllowed as error:
        sentence = _REASONS.get(str(error.details.get("reason")), said(error))
        return structured({"error": sentence}, error.status)
    browsers = await visit.house.accounts.count_browsers(actor)
    return structured({"browsers": browsers}).with_cookies(*answer)


async def renew(visit: Visit) -> Answer:
    """Asked by the service worker, mostly when nobody is logged in: which browser it is the cookie tells. At
    first without fields, for the key that the browser needs, then with the new address."""
    accounts, mark = visit.house.accounts, visit.house.cookies.called_of(visit.request) or ""
    if not visit.fields:
        if not await accounts.is_called(mark):
            raise NotFound()
        return structured({"key": accounts.push_key})
    fields = {name: visit.fields.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    renewed = await accounts.push_renew(mark, **fields)
    return structured({}).with_cookies(visit.house.cookies.called(renewed))


async def _turn_on(visit: Visit, actor: Actor) -> tuple[str, ...]:
    fields = {name: visit.fields.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    mark = await visit.house.accounts.push_subscribe(actor, **fields)
    return (visit.house.cookies.called(mark),)


async def _turn_off(visit: Visit, actor: Actor) -> tuple[str, ...]:
    await end_here(visit, actor)
    return (visit.house.cookies.not_called(),)


async def _try_it(visit: Visit, actor: Actor) -> tuple[str, ...]:
    await visit.house.accounts.push_test(actor)
    return ()


_ACTIONS: dict[str, Callable[[Visit, Actor], Awaitable[tuple[str, ...]]]] = {
    "on": _turn_on,
    "off": _turn_off,
    "try": _try_it,
}


async def end_here(visit: Visit, actor: Actor) -> None:
    """Call them in this browser no more, if it is one of theirs."""
    mark = visit.house.cookies.called_of(visit.request)
    if mark is not None:
        await visit.house.accounts.push_forget(actor, mark)


async def is_here(visit: Visit, actor: Actor) -> bool:
    """Whether this browser is one of those that call them."""
    mark = visit.house.cookies.called_of(visit.request)
    return mark is not None and mark in await visit.house.accounts.list_marks(actor)
