"""Organisations in a real PostgreSQL: every value comes back as it went in, and slugs are free."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.hours import Span, SpecialDay
from hotline.domain.model import AtClosing, Intake, Organisation, Place
from hotline.errors import AlreadyExists, NotFound
from hotline.store import organisations
from hotline.store.ids import new_id
from tests.helpers import NAUGHTY, make_house


def _organisation(now, slug="haven", **values):
    return replace(
        Organisation(
            organisation_id=new_id(),
            slug=slug,
            name="Haven",
            colours={},
            allowed_sites=(),
            retention_hours=48,
            created_at=now(),
        ),
        **values,
    )


async def _add(database, organisation):
    async with database.transaction(organisation.organisation_id) as tx:
        await organisations.add(tx, organisation)


@ensureDeferred
async def test_values_come_back(database, now):
    """Whatever people write into names comes back unchanged."""
    wanted = _organisation(
        now,
        name=NAUGHTY[1],
        intake=Intake.PAUSED,
        colours={"accent": "#123456"},
        allowed_sites=("https://a.example", "http://b.example:8080"),
        retention_hours=0,
    )
    await _add(database, wanted)
    async with database.transaction(wanted.organisation_id) as tx:
        assert await organisations.get(tx, wanted.organisation_id) == wanted
        changed = replace(
            wanted,
            name="New",
            allowed_sites=(),
            hours=((Span(begin=0, end=90), Span(begin=1320, end=1500)), *((),) * 6),
            special_days=(SpecialDay(date=date(2026, 12, 24), spans=(), name=NAUGHTY[0]),),
            time_zone="Europe/Berlin",
            intake=Intake.CLOSED,
            at_closing=AtClosing.DISMISS,
            queue_limit=3,
            grace_seconds=60,
            messages_when_closed=False,
            messages_when_full=True,
            message_days=7,
            languages=("de", "ar"),
            texts={"de": {"closed": "\n".join(NAUGHTY)}},
            elsewhere={"ar": (Place(name=NAUGHTY[5], contact="+49 30 123", text="x"),)},
            neutral_title=True,
            logo_text=NAUGHTY[0],
            exit_url="https://www.example.org/?q=1",
        )
        await organisations.change(tx, changed)
        assert await organisations.get(tx, wanted.organisation_id) == changed


@ensureDeferred
async def test_slugs_lead_to_organisations(database, now):
    """A slug is found before the organisation is known; an unknown one leads nowhere; the list is by slug."""
    two, one = _organisation(now, "b-two"), _organisation(now, "a-one")
    await _add(database, two)
    await _add(database, one)
    async with database.transaction() as tx:
        assert await organisations.find_by_slug(tx, "b-two") == two.organisation_id
        assert await organisations.find_by_slug(tx, "c") is None
        assert [listed.slug for listed in await organisations.list_all(tx)] == ["a-one", "b-two"]
    with pytest.raises(AlreadyExists) as caught:
        await _add(database, _organisation(now, "a-one"))
    assert set(caught.value.details) == {"organisation"}


@ensureDeferred
async def test_free_slugs_do_not_end(database, now):
    """The next free number is taken, and when many are gone something else is found."""
    for slug in ("haven", "haven-2", "haven-4"):
        await _add(database, _organisation(now, slug))
    async with database.transaction() as tx:
        assert await organisations.free_slug(tx, "other") == "other"
        assert await organisations.free_slug(tx, "haven") == "haven-3"
    for number in range(3, 101):
        if number != 4:
            await _add(database, _organisation(now, f"haven-{number}"))
    async with database.transaction() as tx:
        free = await organisations.free_slug(tx, "haven")
        assert free.startswith("haven-")
        assert await organisations.find_by_slug(tx, free) is None


@ensureDeferred
async def test_another_organisation_is_not_there(database, now):
    """A transaction for one organisation neither reads, changes nor deletes another."""
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    async with database.transaction(two.organisation_id) as tx:
        theirs = await organisations.get(tx, two.organisation_id)
    async with database.transaction(one.organisation_id) as tx:
        with pytest.raises(NotFound):
            await organisations.get(tx, two.organisation_id)
        await organisations.change(tx, replace(theirs, name="Mine"))
        assert await organisations.delete(tx, two.organisation_id) is None
    async with database.transaction(two.organisation_id) as tx:
        assert (await organisations.get(tx, two.organisation_id)).name == "Other"
        assert await organisations.delete(tx, two.organisation_id) is not None
