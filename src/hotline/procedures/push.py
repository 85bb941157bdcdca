"""Being called by web push when no page is open: the key, the browsers, a call to try it out.

In comes what a browser's PushManager gave, out come the dicts of the reference. Rules are those of Accounts.
"""

from __future__ import annotations

from typing import Any

from hotline.procedures.arguments import Arguments
from hotline.procedures.context import Context


class SubscribeArguments(Arguments, frozen=True, kw_only=True):
    """A PushSubscription; its keys in base64url."""

    endpoint: str
    p256dh: str
    auth: str


class UnsubscribeArguments(Arguments, frozen=True, kw_only=True):
    """Which one; null: all of them."""

    endpoint: str | None = None


async def key(context: Context, arguments: Arguments) -> dict[str, Any]:
    """The `key` of this server (VAPID, base64url) for a browser's `pushManager.subscribe`, and in how many
    `browsers` the consultant is called."""
    return {
        "key": context.accounts.push_key,
        "browsers": await context.accounts.count_browsers(context.actor),
    }


async def subscribe(context: Context, arguments: SubscribeArguments) -> dict[str, Any]:
    """Call the consultant in this browser by web push, while they are `here` and have no session: when a
    client begins to wait, or writes in a room they serve. A call says that somebody is waiting, and nothing
    else; at most one comes a minute, unless the operator says otherwise. Beyond 10 browsers, or what the
    operator allows: `reason` `limit`. One browser calls whoever subscribed in it last; one that its push
    service does not know any more is forgotten."""
    await context.accounts.push_subscribe(
        context.actor, endpoint=arguments.endpoint, p256dh=arguments.p256dh, auth=arguments.auth
    )
    return {}


async def unsubscribe(context: Context, arguments: UnsubscribeArguments) -> dict[str, Any]:
    """Call the consultant there no more; without an `endpoint`, nowhere."""
    if arguments.endpoint is None:
        await context.accounts.push_unsubscribe_all(context.actor)
        return {}
    await context.accounts.push_unsubscribe(context.actor, endpoint=arguments.endpoint)
    return {}


async def test(context: Context, arguments: Arguments) -> dict[str, Any]:
    """Call all of the consultant's `browsers` now, how many that is; within five seconds of another call when
    these are over. Without any: `reason` `no_browser`."""
    return {"browsers": await context.accounts.push_test(context.actor)}
