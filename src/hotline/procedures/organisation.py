"""The organisation's settings, and the one click that opens, pauses or closes it.

In come settings by their names, out they go in the same form. What they may be is said in domain.settings.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from hotline.domain import service, settings, wire
from hotline.domain.model import Organisation
from hotline.procedures.arguments import Arguments
from hotline.procedures.context import Context
from hotline.store import clientlist, organisations, zones

# Those with procedures of their own.
_ELSEWHERE = {"questions"}
_SHOWN = tuple(name for name in settings.CHECKS if name not in _ELSEWHERE)


class SetArguments(Arguments, frozen=True, kw_only=True):
    """Only what changes."""

    name: str | UnsetType = UNSET
    logo_text: str | UnsetType | None = UNSET
    colours: dict[str, str] | UnsetType = UNSET
    allowed_sites: list[str] | UnsetType = UNSET
    retention_hours: int | UnsetType = UNSET
    intake: str | UnsetType = UNSET
    hours: dict[str, list[Any]] | UnsetType | None = UNSET
    special_days: list[dict[str, Any]] | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    at_closing: str | UnsetType = UNSET
    queue_limit: int | UnsetType | None = UNSET
    grace_seconds: int | UnsetType = UNSET
    messages_when_closed: bool | UnsetType = UNSET
    messages_when_full: bool | UnsetType = UNSET
    message_days: int | UnsetType = UNSET
    languages: list[str] | UnsetType = UNSET
    texts: dict[str, dict[str, str]] | UnsetType = UNSET
    elsewhere: dict[str, list[dict[str, str]]] | UnsetType = UNSET
    neutral_title: bool | UnsetType = UNSET
    exit_url: str | UnsetType | None = UNSET
    rooms_per_consultant: int | UnsetType = UNSET
    vanished_seconds: int | UnsetType = UNSET
    block_second_person: bool | UnsetType = UNSET
    automatic_assignment: bool | UnsetType = UNSET


class SetIntakeArguments(Arguments, frozen=True, kw_only=True):
    """`scheduled`, `paused` or `closed`."""

    intake: str


async def get(context: Context, arguments: Arguments) -> dict[str, Any]:
    """All settings, `slug`, and where it stands: `service`, `opens_at`, `closes_at` as in
    `hotline.anteroom.describe`, how many are `waiting`, and how many `left_messages` wait for an answer.
    `intake`: `scheduled`, `paused` or `closed`. `hours`: `{monday: [["09:00", "13:00"], ...], ...}`, null for
    always open; a span that ends at or before it begins ends on the next day. `special_days` `[{date, spans,
    name}]` take the place of the weekday's spans; all are in `time_zone`. `at_closing`: those who wait then
    are still served (`serve`) or told to come back (`dismiss`). `queue_limit` or null; `grace_seconds` a
    place is held without a connection. `messages_when_closed`, `messages_when_full` (or paused): whether
    messages can be left; `message_days` they wait for an answer, and the answer for its reader. `languages`,
    the first one for all who have none of them; `texts` `{language: {key: text}}`; `elsewhere` `{language:
    [{name, contact, text}]}`. `neutral_title`, `exit_url`, `logo_text` shown instead of the name, or null,
    `colours`, `allowed_sites`, `retention_hours`. `rooms_per_consultant` each may serve at once (0: any
    number); `vanished_seconds` a room waits for a consultant who is gone (0: for ever);
    `block_second_person`: whether a second consultant has to agree to blocks of more than an hour;
    `automatic_assignment`: whether clients are given to consultants who are `here`, without anybody
    choosing."""
    organisation_id = context.actor.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        organisation = await organisations.get(tx, organisation_id)
    return await _shown(context, organisation)


async def set_some(context: Context, arguments: SetArguments) -> dict[str, Any]:
    """Changes the settings that are given, all or none of them; returns the same as get."""
    given = msgspec.structs.asdict(arguments)
    changes = {name: value for name, value in given.items() if value is not UNSET}
    return await _shown(context, await context.accounts.change_organisation(context.actor, changes))


async def set_intake(context: Context, arguments: SetIntakeArguments) -> dict[str, Any]:
    """Take new clients by the hours (`scheduled`), for a while none (`paused`), or none until further notice
    (`closed`). Every consultant may pause and go on; managers close, and open again, which for scripts takes
    a token for `manage`. Gives `intake`, `service`, `opens_at`, `closes_at`; conversations under way go on.
    """
    organisation = await context.accounts.set_intake(context.actor, arguments.intake)
    shown = await _shown(context, organisation)
    return {key: shown[key] for key in ("intake", "service", "opens_at", "closes_at")}


async def deletion(context: Context, arguments: Arguments) -> dict[str, Any]:
    """Which manager has asked for the end of the organisation, where that takes two: `asked_by` (an id) or
    null. To ask for it takes the page, and the password."""
    return {"asked_by": await context.accounts.find_deletion(context.actor)}


async def keep(context: Context, arguments: Arguments) -> dict[str, Any]:
    """The organisation is not deleted: what a manager has asked for is taken back, by any manager."""
    await context.accounts.take_deletion_back(context.actor)
    return {}


async def _shown(context: Context, organisation: Organisation) -> dict[str, Any]:
    organisation_id = organisation.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        queue = await clientlist.get_queue(tx, organisation_id)
        left_messages = await clientlist.count_left_messages(tx, organisation_id)
    zone = zones.find(organisation.time_zone)
    return {
        "slug": organisation.slug,
        **wire.standing(service.standing(organisation, zone, len(queue.waiting), context.now())),
        "waiting": len(queue.waiting),
        "left_messages": left_messages,
        **{name: settings.plain(organisation, name) for name in _SHOWN},
    }
