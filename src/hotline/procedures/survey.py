"""What clients are asked when it is over: once, and only if they like.

In come rooms and answers, out come questions. What is answered is stored apart from the conversation, so that
nobody can bring the two together.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hotline.domain import answers, checks, wording
from hotline.errors import NotAllowed
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.store import blocks, counts, forms, surveys


class SurveyArguments(RoomArguments, frozen=True, kw_only=True):
    """`language`: a language tag such as `de`."""

    language: str | None = None


class AnswerArguments(RoomArguments, frozen=True, kw_only=True):
    """`answers`: by question name; none at all: no, thank you."""

    answers: dict[str, Any]


async def ask(context: Context, arguments: SurveyArguments) -> dict[str, Any]:
    """The `questions` to the room's client after the end, as in `hotline.anteroom.describe`; null when there
    are none (any more): the organisation asks nothing, it was answered, the room has not ended, or its client
    is blocked."""
    actor = context.actor
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        language=lambda: checks.language(arguments.language),
    )
    async with context.database.transaction(actor.organisation_id) as tx:
        state = await surveys.get_state(tx, actor.organisation_id, checked["room"], actor.id)
        form = await forms.get(tx, actor.organisation_id)
        blocked = await blocks.find_until(tx, actor.organisation_id, actor.id, None, context.now())
    if blocked or not form.survey or state.surveyed or not state.is_closed:
        return {"questions": None}
    return {"questions": wording.all_shown(form.survey, checked["language"], form.language)}


async def answer(context: Context, arguments: AnswerArguments) -> dict[str, Any]:
    """Answers the survey, once and after the end; `{}` says no to it. What is answered is stored without
    room, client or time of day. Refused with `reason` `open` before the end, `answered` the second time,
    `blocked` while the client is."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    organisation_id, now = actor.organisation_id, context.now()
    async with context.database.transaction(organisation_id) as tx:
        state = await surveys.get_state(tx, organisation_id, room_id, actor.id)
        asked = (await forms.get(tx, organisation_id)).survey
        accepted = answers.check_answers(arguments.answers, asked) if arguments.answers else {}
        if not state.is_closed:
            raise NotAllowed(reason="open")
        if await blocks.find_until(tx, organisation_id, actor.id, None, now):
            raise NotAllowed(reason="blocked")
        if not await surveys.mark(tx, organisation_id, room_id):
            raise NotAllowed(reason="answered")
        if accepted:
            await surveys.add(tx, organisation_id, accepted, now)
            groups = answers.groups(accepted, asked)
            await counts.add(
                tx, organisation_id, now, Counter((f"survey.{name}", answer) for name, answer in groups)
            )
    return {}
