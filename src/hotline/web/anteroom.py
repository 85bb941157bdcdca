"""The client's side: the page the anteroom lives in, its colours, and the snippets that bring it onto a site.

Visits come in, answers go out. No cookie is set or read for a client; what the organisation chose (sites,
colours) is all that is looked up.
"""

from __future__ import annotations

from functools import partial
from html import escape

from hotline.domain import languages, wire
from hotline.domain.model import Organisation
from hotline.errors import NotFound
from hotline.store import organisations
from hotline.web import groups
from hotline.web.answers import Answer, structured
from hotline.web.assets import ANTEROOM, AWAY, GROUP, LISTED
from hotline.web.colours import style_sheet
from hotline.web.headers import CROSS_ORIGIN, NO_CACHE, NO_STORE, embedders
from hotline.web.visit import Visit

_SLUG_LENGTH = 80


async def embedded(visit: Visit) -> Answer:
    """The anteroom for the organisation's own site: only that site may put it into a frame."""
    organisation = await _find_organisation(visit, visit.query.get("token", ""))
    if organisation is None:
        return _nowhere(visit)
    return await _shell(visit, organisation, embedders(organisation.allowed_sites))


async def whole_page(visit: Visit, slug: str) -> Answer:
    """The anteroom as a page of its own."""
    organisation = await _find_organisation(visit, slug)
    if organisation is None:
        return visit.page("no-anteroom", status=404, headers=NO_CACHE)
    return await _shell(visit, organisation, ("'none'",))


async def own_address(visit: Visit) -> Answer:
    """The same, at the organisation's own address. :raises NotFound: this is not such an address."""
    if visit.organisation_here is None:
        raise NotFound()
    return await whole_page(visit, visit.organisation_here)


async def group(visit: Visit, slug: str, code: str) -> Answer:
    """The page of a group, for a frame on the organisation's own site or by itself. Whoever has no group's
    code reads that there is none, in their own language."""
    organisation = await _find_organisation(visit, slug)
    if organisation is None:
        return _nowhere(visit)
    found = await groups.find_code(visit, organisation, code)
    return visit.app(
        "group",
        GROUP,
        status=200 if found else 404,
        ancestors=embedders(organisation.allowed_sites),
        headers=(*NO_CACHE, *CROSS_ORIGIN),
        organisation=organisation,
        wanted=organisation.languages,
        code=found or "",
        elsewhere=partial(_elsewhere, organisation),
    )


async def listed(visit: Visit, slug: str) -> Answer:
    """The groups that everybody who comes may see, where the page of a group may be; without one, where to go
    instead."""
    organisation = await _find_organisation(visit, slug)
    if organisation is None:
        return _nowhere(visit)
    return visit.worded(
        "listed",
        LISTED,
        ancestors=embedders(organisation.allowed_sites),
        headers=(*NO_CACHE, *CROSS_ORIGIN),
        organisation=organisation,
        wanted=organisation.languages,
        lines=await groups.lines(visit, organisation),
    )


async def leave(visit: Visit) -> Answer:
    """Asked by the page of a client who leaves and cannot say it over WAMP, or has no time to. Whether there
    was anything to leave is not told."""
    fields = visit.fields
    organisation = await _find_organisation(visit, fields.get("organisation", ""))
    if organisation is not None:
        await visit.house.accounts.leave_room(
            organisation.organisation_id,
            client=fields.get("client"),
            key=fields.get("key", ""),
            room=fields.get("room"),
            quickly=fields.get("quickly") == "true",
            network=visit.network,
        )
    return structured({})


async def neutral(visit: Visit) -> Answer:
    """Where the quick way out leads if the organisation names nothing else: a page that tells nothing."""
    return visit.page("exit", ancestors=("*",), headers=(*NO_STORE, *CROSS_ORIGIN))


async def away(visit: Visit) -> Answer:
    """What asks before a link of the anteroom opens, in a window of its own. Where it leads stands behind
    the # of the address, which no browser sends: nobody here learns it."""
    return visit.app("away", AWAY, headers=NO_CACHE)


async def colours(visit: Visit, slug: str) -> Answer:
    """The organisation's colours as a style sheet. :raises NotFound: no such organisation."""
    organisation = await _find_organisation(visit, slug)
    if organisation is None:
        raise NotFound()
    body = style_sheet(organisation.colours)
    return Answer(content_type="text/css; charset=utf-8", body=body.encode(), headers=NO_CACHE)


async def snippet(visit: Visit) -> Answer:
    """What to copy onto one's own site, for the organisation named or one's own."""
    wanted = visit.query.get("organisation", "").strip()
    if wanted:
        organisation = await _find_organisation(visit, wanted)
    elif visit.actor is not None:
        organisation = await visit.house.accounts.get_organisation(visit.actor)
    else:
        organisation = None
    here = visit.house.public_url
    return visit.page(
        "snippet",
        status=404 if wanted and organisation is None else 200,
        organisation=organisation,
        wanted=wanted.replace("\x00", ""),
        address=visit.address_of(organisation) if organisation is not None else "",
        frame=_frame(here, organisation) if organisation is not None else "",
        script=_script(here, organisation) if organisation is not None else "",
    )


async def _find_organisation(visit: Visit, slug: str) -> Organisation | None:
    """The organisation at this address."""
    if not 0 < len(slug) <= _SLUG_LENGTH or not slug.isascii() or not slug.isprintable():
        return None
    async with visit.house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, slug)
    if organisation_id is None:
        return None
    try:
        async with visit.house.database.transaction(organisation_id) as tx:
            return await organisations.get(tx, organisation_id)
    except NotFound:
        return None  # deleted between the two


def _elsewhere(organisation: Organisation, language: str) -> list[dict[str, str]]:
    """Whom to turn to instead."""
    return [wire.place_elsewhere(place) for place in languages.elsewhere(organisation, language)]


def _nowhere(visit: Visit) -> Answer:
    """There is no such organisation, in whosever frame that is."""
    return visit.page("no-anteroom", status=404, ancestors=("*",), headers=(*NO_CACHE, *CROSS_ORIGIN))


def _frame(here: str, organisation: Organisation) -> str:
    """HTML for a page of theirs: the name is escaped here, and once more where it is shown."""
    return (
        f'<iframe src="{here}/anteroom?token={organisation.slug}"\n'
        f'        title="{escape(f"Chat with {organisation.name}")}" width="400" height="640"\n'
        f'        referrerpolicy="no-referrer" style="max-width: 100%; border: 0"></iframe>'
    )


def _script(here: str, organisation: Organisation) -> str:
    return f'<script src="{here}/embed.js" data-organisation="{organisation.slug}" async></script>'


async def _shell(visit: Visit, organisation: Organisation, ancestors: tuple[str, ...]) -> Answer:
    return visit.app(
        "anteroom",
        ANTEROOM,
        ancestors=ancestors,
        headers=(*NO_CACHE, *CROSS_ORIGIN),
        organisation=organisation,
        wanted=organisation.languages,
        has_groups=await groups.are_any(visit, organisation),
        elsewhere=partial(_elsewhere, organisation),
    )
