"""Groups for clients: whether there is one, and which of them the anteroom's page links to.

Organisations and codes come in, links go out. What a group is like its clients learn over WAMP; here nobody
is told more than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.domain import codes
from hotline.domain.model import Organisation
from hotline.errors import Invalid, NotFound
from hotline.store import groups
from hotline.web.visit import Visit

SOON = timedelta(days=7)
"""So long before it begins a group is shown in the anteroom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A group that everybody who comes may see."""

    code: str
    name: str
    opens_at: datetime
    ends_at: datetime
    is_open: bool


async def find_code(visit: Visit, organisation: Organisation, spelt: str) -> str | None:
    """The code as it was given, if it leads to one of the organisation's groups."""
    try:
        code = codes.return_code(spelt, "code")
        async with visit.house.database.reading(organisation.organisation_id) as tx:
            await groups.find_by_code(tx, organisation.organisation_id, code)
    except (Invalid, NotFound):
        return None
    return code


async def links(visit: Visit, organisation: Organisation) -> list[Link]:
    """To those that are listed and open now or soon, in order of their beginning."""
    now = visit.house.now()
    async with visit.house.database.reading(organisation.organisation_id) as tx:
        found = await groups.list_all(tx, organisation.organisation_id, open_only=True)
    return [
        Link(
            code=each.group.code,
            name=each.group.name,
            opens_at=each.group.opens_at,
            ends_at=each.group.ends_at,
            is_open=each.group.opens_at <= now,
        )
        for each in found
        if each.group.is_listed and each.group.opens_at < now + SOON and now < each.group.ends_at
    ]
