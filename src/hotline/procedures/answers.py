"""Ready answers: what a consultant inserts by a shortcut instead of writing it again.

In come texts, out come the dicts of the reference. Rules are those of Accounts; who follows learns of
changes by the doorbell.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import wire
from hotline.procedures.arguments import Arguments, IdArguments
from hotline.procedures.context import Context


class ListArguments(Arguments, frozen=True, kw_only=True):
    """What comes after the one with the id `after`."""

    after: str | None = None
    limit: int = 200


class SetArguments(Arguments, frozen=True, kw_only=True):
    """Without `id` a new one; `scope`: `own` or `organisation`."""

    shortcut: str
    text: str
    scope: str
    language: str | None = None
    id: str | None = None


async def list_all(context: Context, arguments: ListArguments) -> dict[str, Any]:
    """The organisation's ready answers and one's own, by shortcut, up to `limit` (1..200) after the one with
    the id `after`: `answers` `[{id, scope, shortcut, text, language}]` and whether there is `more`; of long
    ones fewer come at once. `scope`: `organisation` or `own`; `language` may be null. The placeholders
    `{client}`, `{consultant}` and `{organisation}` in a text stand for names, to be filled in by whoever
    inserts it."""
    found, more = await context.accounts.list_answers(context.actor, arguments.after, arguments.limit)
    return {"answers": [wire.ready_answer(answer) for answer in found], "more": more}


async def change(context: Context, arguments: SetArguments) -> dict[str, Any]:
    """Makes a ready answer, or changes the one with this `id` (of the same `scope`): `own`, or
    `organisation`, which is for managers. `shortcut`: one word of up to 30 letters and digits, used once in
    its scope; `text`: up to 2000 characters. At most 300 for the organisation, 100 for oneself,
    unless the operator says otherwise. Gives the answer."""
    answer = await context.accounts.set_answer(
        context.actor,
        arguments.id,
        scope=arguments.scope,
        shortcut=arguments.shortcut,
        text=arguments.text,
        language=arguments.language,
    )
    return wire.ready_answer(answer)


async def remove(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Removes one's own ready answer, or, as a manager, the organisation's."""
    await context.accounts.remove_answer(context.actor, arguments.id)
    return {}
