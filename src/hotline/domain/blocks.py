"""Blocks: how long a client may not come back, and who has to agree to that, or may end it.

In come hours, a block and who asks; out come the moments at which it ends, or NotAllowed. Nothing is stored
here, and nothing says who the client is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline.domain.model import Actor, Block
from hotline.errors import NotAllowed
from hotline.limits import IN_PROTOCOL, INVALID, Limit, Per, fixed

MOST_HOURS = fixed(720, __name__, Limit(Per.CLIENT, "hours of a block", INVALID), IN_PROTOCOL)
REASON_LENGTH = 200
ALONE = timedelta(hours=1)
"""How long a block holds that somebody else has to agree to, and has not."""


def ends(hours: int, now: datetime, *, needs_second: bool) -> tuple[datetime, datetime | None]:
    """When the block ends, and when it would end if somebody else agreed; None: nobody has to."""
    wanted = now + timedelta(hours=hours)
    if needs_second and wanted > now + ALONE:
        return now + ALONE, wanted
    return wanted, None


def check_agreeable(block: Block, actor: Actor) -> datetime:
    """When it ends once the actor agrees. :raises NotAllowed: they may not, or nobody has to."""
    if block.wanted_until is None:
        raise NotAllowed(reason="agreed")
    if block.blocked_by.id == actor.id:
        raise NotAllowed(reason="own")
    return block.wanted_until


def check_liftable(block: Block, actor: Actor) -> None:
    """:raises NotAllowed: it is for those who decided on it, and for managers, to end it early."""
    if not actor.is_manager and actor.id not in (block.blocked_by.id, block.agreed_by and block.agreed_by.id):
        raise NotAllowed(reason="not_yours")
