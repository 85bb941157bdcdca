"""The ways into one's own account: where one is logged in, and the API tokens, shown and ended.

In come ids, out come the dicts of the reference. Makes none: a secret is shown on a page alone, and what asks
for the password is done there.
"""

from __future__ import annotations

from typing import Any

from hotline.domain.times import wire_time
from hotline.procedures.arguments import Arguments, IdArguments
from hotline.procedures.context import Context


async def list_logins(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """Where the consultant is logged in: `[{id, created_at, seen_at, expires_at, own}]`; `own`: this very
    session came in by it."""
    return [
        {
            "id": login.login_id,
            "created_at": wire_time(login.created_at),
            "seen_at": wire_time(login.seen_at),
            "expires_at": wire_time(login.expires_at),
            "own": login.login_id == context.actor.login_id,
        }
        for login in await context.accounts.list_logins(context.actor)
    ]


async def end_login(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Ends one of the consultant's logins, and its sessions with it. For scripts a token has to be for
    `manage`; who came in by a login shows within five minutes before who they are, to end another one."""
    await context.accounts.end_login(context.actor, arguments.id)
    return {}


async def list_tokens(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """The consultant's API tokens: `[{id, name, scopes, created_at, used_on, expires_at}]`. `used_on` is the
    day of the last use, null: never; `expires_at` null: it does not end by itself. Secrets are not shown
    again."""
    return [
        {
            "id": token.token_id,
            "name": token.name,
            "scopes": sorted(token.scopes),
            "created_at": wire_time(token.created_at),
            "used_on": token.used_at and token.used_at.date().isoformat(),
            "expires_at": token.expires_at and wire_time(token.expires_at),
        }
        for token in await context.accounts.list_tokens(context.actor)
    ]


async def revoke_token(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Ends one of the consultant's API tokens, and its sessions with it. For scripts a token has to be for
    `manage`."""
    await context.accounts.revoke_token(context.actor, arguments.id)
    return {}
