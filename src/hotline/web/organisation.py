"""An organisation's settings, its consultants, and its end: for managers.

Visits come in, answers go out. One form holds all settings; the forms that clients and consultants fill in
have pages of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hotline.domain import checks, contrast, settings
from hotline.domain.model import Actor, Organisation, Role
from hotline.errors import Invalid
from hotline.web import colours, row_fields, skills
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.row_fields import Cells, RowKind
from hotline.web.session import signed_off
from hotline.web.visit import Visit

_SETTINGS = {
    "name": "Name of the organisation",
    "logo_text": "Logo text",
    "retention_hours": "Hours to keep ended conversations",
    "rooms_per_consultant": "Conversations one person may have at once",
    "vanished_seconds": "Seconds a client waits for a consultant whose connection is lost",
    "block_second_person": "Agreement to blocks",
    "automatic_assignment": "Giving clients to consultants",
    **{f"colour-{name}": label for name, label in colours.LABELS.items()},
}
_STAFF = Form(labels={"role": "Role"}, prefix="staff")
_DELETE = Form(labels={"typed_name": "Name of the organisation", "password": "Password"}, prefix="delete")
_SITES = RowKind(noun="site", most=checks.SITES, parts={"address": "Address of site"})
_NUMBERS = ("retention_hours", "rooms_per_consultant", "vanished_seconds")
_FLAGS = ("block_second_person", "automatic_assignment")
_DONE = {
    "saved": "The settings are saved.",
    "role": "The role is changed.",
    "skills": "What they are best at is saved.",
    "asked": "You have asked for the end of the organisation. A second manager has to ask for it, too.",
    "kept": "The organisation stays.",
    "removed": "The person is removed. The clients they were talking with wait in line again.",
}


async def organisation(visit: Visit) -> Answer:
    """Shows the organisation to its managers, or does what one of the page's forms asks."""
    actor = visit.manager()
    if not visit.is_post:
        return await _page(visit, actor)
    action = visit.fields.get("action", "")
    if action == "set-skills":
        return await _set_skills(visit, actor)
    if action in ("set-role", "remove"):
        return await _change_staff(visit, actor, action)
    if action == "keep":
        return await _keep(visit, actor)
    if action == "delete":
        return await _delete(visit, actor)
    return await _change_settings(visit, actor, action)


async def _change_settings(visit: Visit, actor: Actor, action: str) -> Answer:
    button = visit.fields.get("rows", "")
    sites, is_button = row_fields.edited(_SITES.read(visit.fields), _SITES, button, "", _SITES.empty())
    form = _settings_form(sites)

    async def act() -> Answer:
        if is_button:
            return await _page(visit, actor, settings_form=form.filled(visit.fields), sites=sites)
        if action != "save":
            raise Invalid(action="is not something this page can do")
        changes = _settings(visit.fields, sites)
        if _SITES.counter not in visit.fields:
            del changes["allowed_sites"]  # nobody opens their anteroom to all sites by saying nothing
        await visit.house.accounts.change_organisation(actor, changes)
        return redirect("/organisation?done=saved")

    async def again(refused: Form) -> Answer:
        return await _page(visit, actor, settings_form=refused, sites=sites)

    return await visit.submit(form, act, again)


def _settings_form(sites: Sequence[Cells]) -> Form:
    return Form(labels=_SETTINGS | _SITES.labels(len(sites)), prefix="settings")


async def _change_staff(visit: Visit, actor: Actor, action: str) -> Answer:
    async def act() -> Answer:
        person = visit.fields.get("id", "")
        if action == "remove":
            await visit.house.accounts.remove_consultant(actor, person)
            # Managers may remove themselves too, and then have no page to come back to.
            return (
                redirect("/organisation?done=removed")
                if person != actor.id
                else signed_off(visit, "/login?done=deleted")
            )
        await visit.house.accounts.set_role(actor, person, visit.fields.get("role", ""))
        return redirect("/organisation?done=role" if person != actor.id else "/clientlist")

    async def again(form: Form) -> Answer:
        return await _page(visit, actor, staff_form=form)

    return await visit.submit(_STAFF, act, again)


async def _set_skills(visit: Visit, actor: Actor) -> Answer:
    person = visit.fields.get("id", "")

    async def act() -> Answer:
        await skills.store(visit, actor, person)
        return redirect("/organisation?done=skills#staff")

    async def again(form: Form) -> Answer:
        return await _page(visit, actor, skills_form=form)

    return await visit.submit(skills.form(_skills_prefix(person)), act, again)


def _skills_prefix(consultant_id: str) -> str:
    return f"skills-{consultant_id}"


async def _delete(visit: Visit, actor: Actor) -> Answer:
    async def act() -> Answer:
        is_deleted = await visit.house.accounts.delete_organisation(
            actor, password=visit.fields.get("password", ""), typed_name=visit.fields.get("typed_name", "")
        )
        if not is_deleted:
            return redirect("/organisation?done=asked")
        return signed_off(visit, "/login?done=organisation-deleted")

    async def again(form: Form) -> Answer:
        return await _page(visit, actor, delete_form=form)

    return await visit.submit(_DELETE, act, again)


async def _keep(visit: Visit, actor: Actor) -> Answer:
    async def act() -> Answer:
        is_kept = await visit.house.accounts.take_deletion_back(actor)
        return redirect("/organisation?done=kept" if is_kept else "/organisation")

    async def again(form: Form) -> Answer:
        return await _page(visit, actor, delete_form=form)

    return await visit.submit(_DELETE, act, again)


async def _page(
    visit: Visit,
    actor: Actor,
    *,
    settings_form: Form | None = None,
    sites: Sequence[Cells] | None = None,
    staff_form: Form = _STAFF,
    skills_form: Form | None = None,
    delete_form: Form = _DELETE,
) -> Answer:
    stored = await visit.house.accounts.get_organisation(actor)
    staff = await visit.house.accounts.list_staff(actor)
    if sites is None:
        sites = [{"address": site} for site in stored.allowed_sites]
    shown = settings_form or _settings_form(sites).filled(_values(stored))
    posted = (shown, staff_form, skills_form, delete_form)
    refused = next((form for form in posted if form is not None and form.status != 200), None)
    asked = {each.consultant_id: skills.filled(each, _skills_prefix(each.consultant_id)) for each in staff}
    for person, own in asked.items():
        if skills_form is not None and skills_form.prefix == own.prefix:
            asked[person] = skills_form
    return visit.page(
        "organisation",
        status=refused.status if refused is not None else 200,
        refused=refused,
        organisation=stored,
        staff=staff,
        skills=asked,
        roles=(Role.STAFF, Role.MANAGER),
        form=shown,
        kind=_SITES,
        sites=sites,
        button=visit.fields.get("rows", ""),
        colour_labels=colours.LABELS,
        logo_length=settings.LOGO_LENGTH,
        delete_form=delete_form,
        asked_by=await visit.house.accounts.find_deletion(actor),
        done=visit.done(_DONE),
        address=visit.address_of(stored),
    )


def _values(stored: Organisation) -> dict[str, str]:
    return {
        "name": stored.name,
        "logo_text": stored.logo_text or "",
        **{name: str(getattr(stored, name)) for name in _NUMBERS},
        **{name: "yes" for name in _FLAGS if getattr(stored, name)},
        **{f"colour-{name}": stored.colours.get(name, "") for name in colours.LABELS},
    }


def _settings(fields: Mapping[str, str], sites: Sequence[Cells]) -> dict[str, Any]:
    """What change_organisation takes. :raises Invalid: with every problem at once."""
    return checks.gathered(
        name=lambda: checks.name(fields.get("name", "")),
        logo_text=lambda: settings.logo_text(fields.get("logo_text", "").strip() or None),
        colours=lambda: _colours(fields),
        allowed_sites=lambda: _sites(sites),
        **{name: lambda name=name: _number(name, fields.get(name, "")) for name in _NUMBERS},
        **{name: lambda name=name: name in fields for name in _FLAGS},
    )


def _sites(rows: Sequence[Cells]) -> tuple[str, ...]:
    """Rows with nothing in them are none. :raises Invalid: with every problem, by field of the page."""
    fields = {_SITES.field(number, "address"): row["address"] for number, row in _SITES.filled(rows)}
    each = {name: lambda name=name, typed=typed: checks.site(typed, name) for name, typed in fields.items()}
    return checks.sites(list(checks.gathered(**each).values()))


def _number(name: str, typed: str) -> Any:
    # What is no number is refused by the same check as a number out of its bounds.
    return settings.CHECKS[name](int(typed) if re.fullmatch(r"[0-9]{1,9}", typed.strip()) else typed)


def _colours(fields: Mapping[str, str]) -> dict[str, str]:
    typed = {name: fields.get(f"colour-{name}", "").strip() for name in colours.LABELS}
    chosen: dict[str, str] = {}
    found: dict[str, str] = {}
    for name, value in typed.items():
        try:
            if value:
                chosen[name] = checks.colour(value, f"colour-{name}")
        except Invalid as error:
            found.update(error.details)
    found |= {f"colour-{name}": problem for name, problem in contrast.problems(chosen).items()}
    if found:
        raise Invalid(**found)
    return chosen
