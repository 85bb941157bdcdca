"""Groups for clients: whether there is one, and which of them everybody who comes may see.

Organisations and codes come in; out go whether there are any, and a line for each. Of a group that is not
listed nobody is told more here than that its code is one.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.domain import codes
from hotline.domain.groups import Group, is_shown
from hotline.domain.model import Organisation
from hotline.errors import Invalid, NotFound
from hotline.store import groups, zones
from hotline.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A group that everybody who comes may see."""

    group: Group
    when: str
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


async def are_any(visit: Visit, organisation: Organisation) -> bool:
    """Whether `lines` has any; asked for each anteroom, so by one cheap question."""
    async with visit.house.database.reading(organisation.organisation_id) as tx:
        return await groups.any_shown(tx, organisation.organisation_id, visit.house.now())


async def lines(visit: Visit, organisation: Organisation) -> list[Line]:
    """Those that are listed and have not ended, in order of their beginning."""
    now = visit.house.now()
    async with visit.house.database.reading(organisation.organisation_id) as tx:
        found = await groups.list_all(tx, organisation.organisation_id, open_only=True)
    return [
        Line(
            group=each.group,
            when=_span(each.group, organisation.time_zone),
            is_open=each.group.opens_at <= now,
        )
        for each in found
        if is_shown(each.group, now)
    ]


def _span(group: Group, time_zone: str) -> str:
    """From when to when, there, in digits that need no language; a script says it better where one runs."""
    zone = zones.find(time_zone)
    begins, ends = group.opens_at.astimezone(zone), group.ends_at.astimezone(zone)
    last = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%Y-%m-%d %H:%M}"
    return f"{begins:%Y-%m-%d %H:%M} – {last} ({zone})".replace("-", "\N{NON-BREAKING HYPHEN}")
