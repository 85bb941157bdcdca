"""Being called by web push: the browsers of a consultant that want it, and a call to try it out.

In come an actor and what their browser gave the page, out comes nothing but Invalid or NotAllowed. Whether an
address leads anywhere it must not is asked when it is used, not here.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hotline.domain import checks
from hotline.domain.model import Actor
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.people.base import AccountsBase
from hotline.store import pushes
from hotline.store.pushes import Subscription
from hotline.webpush import decoded, is_auth, is_point

_MARK = re.compile(r"[0-9a-f]{64}")
_ENDPOINT = re.compile(r"https://[\x21\x23-\x3b\x3d\x3f-\x7e]{3,990}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.I)


class Calls(AccountsBase):
    """The part of Accounts about being called."""

    push_key = ""
    """By which browsers know this server; set at the start."""

    async def push_subscribe(self, actor: Actor, *, endpoint: object, p256dh: object, auth: object) -> str:
        """Call the actor in this browser, too; its mark. :raises NotAllowed: they have enough of them."""
        wanted, most = self._subscription(endpoint, p256dh, auth), self._limits.browsers_per_person
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            if not await pushes.put(tx, actor.organisation_id, owner.consultant_id, wanted, most=most):
                raise NotAllowed(reason="limit", limit=most)
        return pushes.mark_of(wanted.endpoint)

    async def push_unsubscribe(self, actor: Actor, *, endpoint: object) -> None:
        """Not in this browser any more. :raises NotFound: it was not called."""
        checked = _endpoint(endpoint)
        async with self._database.transaction(actor.organisation_id) as tx:
            if not await pushes.remove(tx, actor.organisation_id, actor.id, checked):
                raise NotFound()

    async def push_unsubscribe_all(self, actor: Actor) -> int:
        """In no browser any more; in how many it was."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await pushes.remove_all(tx, actor.organisation_id, actor.id)

    async def is_called(self, mark: str) -> bool:
        """Whether anybody is called in the browser with this mark."""
        return bool(await self._organisations_of(mark))

    async def push_renew(self, mark: str, *, endpoint: object, p256dh: object, auth: object) -> str:
        """The browser with this mark, which nobody else knows, has another address: whoever was called in it
        is called there. Its new mark. :raises NotFound: nobody is called in it.
        """
        wanted = self._subscription(endpoint, p256dh, auth)
        organisation_ids = await self._organisations_of(mark)
        if not organisation_ids:
            raise NotFound()
        for organisation_id in organisation_ids:
            async with self._database.transaction(organisation_id) as tx:
                await pushes.renew(tx, organisation_id, mark, wanted)
        return pushes.mark_of(wanted.endpoint)

    async def _organisations_of(self, mark: str) -> list[str]:
        if not _MARK.fullmatch(mark):
            return []
        async with self._database.reading() as tx:
            return await pushes.list_organisations(tx, mark)

    def _subscription(self, endpoint: object, p256dh: object, auth: object) -> Subscription:
        """:raises Invalid: with every problem at once."""
        checked = checks.gathered(
            endpoint=lambda: _endpoint(endpoint),
            p256dh=lambda: _key(p256dh, "p256dh"),
            auth=lambda: _key(auth, "auth"),
        )
        return Subscription(**checked, created_at=self._now())

    async def push_forget(self, actor: Actor, mark: str) -> None:
        """Not in the browser with this mark any more, if it was."""
        async with self._database.transaction(actor.organisation_id) as tx:
            for browser in await pushes.list_of(tx, actor.organisation_id, actor.id):
                if pushes.mark_of(browser.endpoint) == mark:
                    await pushes.remove(tx, actor.organisation_id, actor.id, browser.endpoint)

    async def list_marks(self, actor: Actor) -> list[str]:
        """The marks of the actor's browsers that are called."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return [
                pushes.mark_of(browser.endpoint)
                for browser in await pushes.list_of(tx, actor.organisation_id, actor.id)
            ]

    async def count_browsers(self, actor: Actor) -> int:
        """How many of the actor's browsers are called."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return len(await pushes.list_of(tx, actor.organisation_id, actor.id))

    async def push_test(self, actor: Actor) -> int:
        """Call all of the actor's browsers now; how many these are. :raises NotAllowed: there is none."""
        async with self._database.transaction(actor.organisation_id) as tx:
            browsers = await pushes.list_of(tx, actor.organisation_id, actor.id)
            if not browsers:
                raise NotAllowed(reason="no_browser")
            await pushes.want(tx, actor.organisation_id, actor.id, is_test=True)
        return len(browsers)


def _endpoint(value: object) -> str:
    problem = Invalid(endpoint="must be the https address of a push service")
    if not isinstance(value, str) or not _ENDPOINT.fullmatch(value):
        raise problem
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise problem from None
    if not _HOST.fullmatch(parts.hostname or "") or parts.username is not None or port == 0:
        raise problem
    return value


def _key(value: object, field: str) -> bytes:
    key = decoded(value) if isinstance(value, str) and value.isascii() and len(value) <= 200 else None
    if key is None or not (is_point(key) if field == "p256dh" else is_auth(key)):
        raise Invalid(**{field: "must be as the browser gave it"})
    return key
