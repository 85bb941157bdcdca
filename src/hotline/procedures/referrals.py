"""Referrals: the organisation's directory of places and numbers to send to clients.

In come words to search for, or what managers write down; out come the dicts of the reference. Rules are
those of Accounts.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hotline.domain import wire
from hotline.procedures.arguments import Arguments, IdArguments
from hotline.procedures.context import Context


class ListArguments(Arguments, frozen=True, kw_only=True):
    """What has all words of `search`, after the one with the id `after`."""

    search: str = ""
    after: str | None = None
    limit: int = 50


class SetArguments(Arguments, frozen=True, kw_only=True):
    """Without `id` a new one."""

    name: str
    contact: str
    text: str = ""
    languages: list[str] = msgspec.field(default_factory=list)
    topics: list[str] = msgspec.field(default_factory=list)
    id: str | None = None


async def list_all(context: Context, arguments: ListArguments) -> dict[str, Any]:
    """The organisation's places to refer to that have all words of `search` (up to 100 characters; without
    case and accents) somewhere, by name, up to `limit` (1..200) after the one with the id `after`:
    `referrals` `[{id, name, contact, href, text, languages, topics}]` and whether there is `more`; of long
    ones fewer come at once."""
    found, more = await context.accounts.list_referrals(
        context.actor, arguments.search, arguments.after, arguments.limit
    )
    return {"referrals": [wire.referral(referral) for referral in found], "more": more}


async def change(context: Context, arguments: SetArguments) -> dict[str, Any]:
    """Makes a referral, or changes the one with this `id`. `contact`: a telephone number, an https link or an
    email address; `text`: up to 1000 characters; `languages`: up to 20 tags; `topics`: up to 20 of up to 40
    characters. At most 500. Gives the referral."""
    referral = await context.accounts.set_referral(
        context.actor,
        arguments.id,
        name=arguments.name,
        contact=arguments.contact,
        text=arguments.text,
        languages=arguments.languages,
        topics=arguments.topics,
    )
    return wire.referral(referral)


async def remove(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Takes a referral out of the directory."""
    await context.accounts.remove_referral(context.actor, arguments.id)
    return {}
