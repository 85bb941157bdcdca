"""Correcting one's last message within a minute: other words for it, or none.

In come a message's number and a nonce, out comes the number of the entry that tells everybody. Beside the
journal, but under the same lock of the room, so that there is one sequence.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks
from hotline.domain.corrections import check_correction
from hotline.domain.model import Kind, Status
from hotline.errors import NonceReused, NotAllowed, RoomClosed
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.membership import lock_as_member
from hotline.store import corrections
from hotline.store.corrections import Known


class WithdrawArguments(RoomArguments, frozen=True, kw_only=True):
    """`seq`: of the message; `nonce`: the same again is the same correction."""

    seq: int
    nonce: str


class EditArguments(RoomArguments, frozen=True, kw_only=True):
    """As for withdrawing; `text`: what the message says from now on."""

    seq: int
    text: str
    nonce: str


async def edit(context: Context, arguments: EditArguments) -> dict[str, Any]:
    """Put another text in the place of one's own last message, within 60 seconds. What it said before is
    gone; an entry of kind `edited` tells everybody, whose `seq` this gives. The same nonce again gives the
    same. Refused as `hotline.error.not_allowed` with `reason` `not_yours`, `not_last`, `too_late`,
    `withdrawn`, or `muted` while clients of a group may not write."""
    return await _correct(context, arguments, Kind.EDITED, arguments.text)


async def withdraw(context: Context, arguments: WithdrawArguments) -> dict[str, Any]:
    """Take back one's own last message, within 60 seconds: its text is gone; an entry of kind `withdrawn`
    tells everybody, whose `seq` this gives. Refused as `hotline.room.edit` is."""
    return await _correct(context, arguments, Kind.WITHDRAWN, None)


async def _correct(
    context: Context, arguments: EditArguments | WithdrawArguments, kind: Kind, wanted: str | None
) -> dict[str, Any]:
    actor, now = context.actor, context.now()
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        seq=lambda: checks.seq(arguments.seq),
        text=lambda: "" if wanted is None else checks.text(wanted),
        nonce=lambda: checks.nonce(arguments.nonce),
    )
    room_id, seq, text, nonce = checked["room"], checked["seq"], checked["text"], checked["nonce"]
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await lock_as_member(tx, actor, room_id)
        known = await corrections.find_by_nonce(tx, actor, room_id, nonce)
        if known is not None:
            return {"seq": _repeated(known, kind, seq, text)}
        if room.status is Status.CLOSED:
            raise RoomClosed()
        if room.is_muted and kind is Kind.EDITED and not actor.is_consultant:
            raise NotAllowed(reason="muted")
        said = await corrections.find(tx, actor.organisation_id, room_id, seq)
        last_seq = await corrections.find_last_seq(tx, actor.organisation_id, room_id, actor.id)
        check_correction(said, last_seq, actor, now)
        return {"seq": await corrections.replace(tx, actor, room_id, seq, kind, text, nonce, now)}


def _repeated(known: Known, kind: Kind, of: int, text: str) -> int:
    """:raises NonceReused: what is stored under the nonce is something else, as far as can still be told."""
    message = known.message
    if (message.kind, message.of) != (kind, of) or (known.is_newest and message.text != text):
        raise NonceReused()
    return message.seq
