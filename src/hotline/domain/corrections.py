"""Correcting what one has just said: whether it may still be changed.

In come the message, who asks, and the time; out comes nothing, or why not. Changes nothing itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline.domain.model import Actor, Kind, Message
from hotline.errors import NotAllowed, NotFound
from hotline.limits import Limit, Per, fixed

CORRECTION_SECONDS = fixed(
    60,
    __name__,
    Limit(
        Per.CLIENT,
        "seconds in which anybody's last message can be changed",
        "`hotline.error.not_allowed`",
    ),
    "a promise to both sides: what was read a minute ago stays as it was; pages count it down",
)


def check_correction(said: Message | None, last_seq: int, actor: Actor, now: datetime) -> None:
    """Whether the actor, whose last message is `last_seq`, may still edit or withdraw what was said.

    :raises NotFound: there is no such message.
    :raises NotAllowed: with the reason, one word.
    """
    if said is None or said.kind is not Kind.MESSAGE:
        raise NotFound()
    if said.sender.id != actor.id:
        raise NotAllowed(reason="not_yours")
    if said.seq != last_seq:
        raise NotAllowed(reason="not_last")
    if said.withdrawn:
        raise NotAllowed(reason="withdrawn")
    if now - said.at > timedelta(seconds=CORRECTION_SECONDS):
        raise NotAllowed(reason="too_late")
