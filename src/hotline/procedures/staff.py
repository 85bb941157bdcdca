"""The organisation's consultants: seen by all of them, invited, removed and promoted by managers.

In come ids, addresses and roles, out come the dicts of the reference. Rules are those of Accounts.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import wire
from hotline.domain.times import wire_time
from hotline.procedures.arguments import Arguments, IdArguments
from hotline.procedures.context import Context


class InviteArguments(Arguments, frozen=True):
    """Whom, and as what: `manager` or `staff`."""

    email: str
    role: str


class SetRoleArguments(Arguments, frozen=True):
    """Whom, and what they are from now on: `manager` or `staff`."""

    id: str
    role: str


class SkillsArguments(Arguments, frozen=True, kw_only=True):
    """Whose, and what they are best at."""

    id: str
    languages: list[str]
    topics: list[str]


async def list_all(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """All consultants by name. `presence`: what they chose, or `away` without a session; `rooms`: how many
    they serve just now, without left messages; `limit`: how many they may serve, 0: any number. `languages`
    and `topics` of who has said some: by these clients are given to them, where the organisation wants
    that."""
    return [wire.consultant(entry) for entry in await context.accounts.list_staff(context.actor)]


async def invite(context: Context, arguments: InviteArguments) -> dict[str, Any]:
    """Mails a link that works once to somebody who may join, and returns it. An older invitation of the
    same address ends."""
    invited = await context.accounts.invite(context.actor, email=arguments.email, role=arguments.role)
    return {"link": invited.link, "expires_at": wire_time(invited.expires_at)}


async def set_skills(context: Context, arguments: SkillsArguments) -> dict[str, Any]:
    """Says in which languages somebody can talk (up to 20 tags; none: any) and which topics are theirs (up to
    20 of up to 40 characters). For oneself, and for managers of anybody; for scripts that takes a token for
    `manage`."""
    await context.accounts.set_skills(
        context.actor, arguments.id, languages=arguments.languages, topics=arguments.topics
    )
    return {}


async def list_invitations(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """The invitations that can still be used: `[{id, email, role, created_at, expires_at}]`. Their links are
    not shown again; sending one again makes a new link."""
    return [
        {
            "id": invitation.invitation_id,
            "email": invitation.email,
            "role": invitation.role.value,
            "created_at": wire_time(invitation.created_at),
            "expires_at": wire_time(invitation.expires_at),
        }
        for invitation in await context.accounts.list_invitations(context.actor)
    ]


async def invite_again(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Mails an invitation once more, with a new link and new time, and returns it as `hotline.staff.invite`
    does. The old link ends, and so does its `id`."""
    invited = await context.accounts.send_again(context.actor, arguments.id)
    return {"link": invited.link, "expires_at": wire_time(invited.expires_at)}


async def withdraw(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Takes an invitation back: its link is worthless from now on."""
    await context.accounts.withdraw_invitation(context.actor, arguments.id)
    return {}


async def remove(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Removes a consultant and ends their sessions; the rooms they serve wait again. The last manager
    stays."""
    await context.accounts.remove_consultant(context.actor, arguments.id)
    return {}


async def set_role(context: Context, arguments: SetRoleArguments) -> dict[str, Any]:
    """Makes a consultant `manager` or `staff`, in live sessions too. The last manager stays one."""
    await context.accounts.set_role(context.actor, arguments.id, arguments.role)
    return {}
