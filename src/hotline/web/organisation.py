"""An organisation's settings, its consultants, and its end: for managers.

Visits come in, answers go out. One form holds all settings; the forms that clients and consultants fill in
have pages of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hotline.domain import checks, contrast, settings
from hotline.domain.model import Actor, Organisation, Role
from hotline.errors import Invalid
from hotline.web import colours
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.session import signed_off
from hotline.web.visit import Visit

_SETTINGS = {
    "name": "Name of the organisation",
    "logo_text": "Logo text",
    "allowed_sites": "Sites that may embed the anteroom",
    "retention_hours": "Hours to keep ended conversations",
    "rooms_per_consultant": "Conversations one person may have at once",
    "vanished_seconds": "Seconds a client waits for a consultant whose connection is lost",
    "block_second_person": "Agreement to blocks",
    "automatic_assignment": "Giving clients to consultants",
    **{f"colour-{name}": label for name, label in colours.LABELS.items()},
}
_STAFF = Form(labels={"role": "Role"}, prefix="staff")
_DELETE = Form(labels={"typed_name": "Name of the organisation", "password": "Password"}, prefix="delete")
_NUMBERS = ("retention_hours", "rooms_per_consultant", "vanished_seconds")
_FLAGS = ("block_second_person", "automatic_assignment")
_DONE = {
    "saved": "The settings are saved.",
    "role": "The role is changed.",
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
    if action in ("set-role", "remove"):
        return await _change_staff(visit, actor, action)
    if action == "keep":
        return await _keep(visit, actor)
    if action == "delete":
        return await _delete(visit, actor)
    return await _change_settings(visit, actor, action)


async def _change_settings(visit: Visit, actor: Actor, action: str) -> Answer:
    async def act() -> Answer:
        if action != "save":
            raise Invalid(action="is not something this page can do")
        await visit.house.accounts.change_organisation(actor, _settings(visit.fields))
        return redirect("/organisation?done=saved")

    async def again(refused: Form) -> Answer:
        return await _page(visit, actor, settings_form=refused)

    form = Form(labels=_SETTINGS, prefix="settings")
    return await visit.submit(form, act, again)


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
        await visit.house.accounts.take_deletion_back(actor)
        return redirect("/organisation?done=kept")

    async def again(form: Form) -> Answer:
        return await _page(visit, actor, delete_form=form)

    return await visit.submit(_DELETE, act, again)


async def _page(
    visit: Visit,
    actor: Actor,
    *,
    settings_form: Form | None = None,
    staff_form: Form = _STAFF,
    delete_form: Form = _DELETE,
) -> Answer:
    stored = await visit.house.accounts.get_organisation(actor)
    staff = await visit.house.accounts.list_staff(actor)
    shown = settings_form or Form(labels=_SETTINGS, values=_values(stored), prefix="settings")
    refused = next((form for form in (shown, staff_form, delete_form) if form.status != 200), None)
    return visit.page(
        "organisation",
        status=refused.status if refused is not None else 200,
        refused=refused,
        organisation=stored,
        staff=staff,
        roles=(Role.STAFF, Role.MANAGER),
        form=shown,
        colour_labels=colours.LABELS,
        logo_length=settings.LOGO_LENGTH,
        delete_form=delete_form,
        asked_by=await visit.house.accounts.find_deletion(actor),
        done=_DONE.get(visit.query.get("done", ""), "") if not visit.is_post else "",
        address=visit.address_of(stored),
    )


def _values(stored: Organisation) -> dict[str, str]:
    return {
        "name": stored.name,
        "logo_text": stored.logo_text or "",
        "allowed_sites": "\n".join(stored.allowed_sites),
        **{name: str(getattr(stored, name)) for name in _NUMBERS},
        **{name: "yes" for name in _FLAGS if getattr(stored, name)},
        **{f"colour-{name}": stored.colours.get(name, "") for name in colours.LABELS},
    }


def _settings(fields: Mapping[str, str]) -> dict[str, Any]:
    """What change_organisation takes. :raises Invalid: with every problem at once."""
    return checks.gathered(
        name=lambda: checks.name(fields.get("name", "")),
        logo_text=lambda: settings.logo_text(fields.get("logo_text", "").strip() or None),
        colours=lambda: _colours(fields),
        allowed_sites=lambda: checks.sites(
            [s for s in fields.get("allowed_sites", "").splitlines() if s.strip()]
        ),
        **{name: lambda name=name: _number(name, fields.get(name, "")) for name in _NUMBERS},
        **{name: lambda name=name: name in fields for name in _FLAGS},
    )


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
