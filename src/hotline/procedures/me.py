"""The consultant who asks: who they are, and whether they take clients.

In comes nothing but the presence, out come the dicts of the reference. Shows nobody else.
"""

from __future__ import annotations

from typing import Any, Literal

from hotline.domain.model import Presence
from hotline.domain.times import wire_time
from hotline.procedures.arguments import Arguments
from hotline.procedures.context import Context


class SetPresenceArguments(Arguments, frozen=True):
    """Whether the consultant takes clients from now on."""

    presence: Literal["here", "busy", "away"]


async def get(context: Context, arguments: Arguments) -> dict[str, Any]:
    """`{id, name, email, role, presence, organisation, login_ends_at}`; `presence` is what they chose,
    `organisation` a name. `login_ends_at`: the login by which this session came in ends then in any case;
    null: it came in by a token."""
    consultant = await context.accounts.get_profile(context.actor)
    organisation = await context.accounts.get_organisation(context.actor)
    login_ends_at = await context.accounts.login_ends_at(context.actor)
    return {
        "id": consultant.consultant_id,
        "name": consultant.name,
        "email": consultant.email,
        "role": consultant.role.value,
        "presence": consultant.presence.value,
        "organisation": organisation.name,
        "login_ends_at": login_ends_at and wire_time(login_ends_at),
    }


async def set_presence(context: Context, arguments: SetPresenceArguments) -> dict[str, Any]:
    """Chooses `here`, `busy` or `away`; the other consultants see it at once."""
    await context.accounts.set_presence(context.actor, Presence(arguments.presence))
    return {"presence": arguments.presence}
