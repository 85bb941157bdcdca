"""The own second factors: set up, confirmed, renewed and given up.

Visits come in, answers go out. What is shown once (a secret, recovery codes) is in the answer to a post and
nowhere else. Everything here asks for a fresh proof of who one is.
"""

from __future__ import annotations

import contextlib
import io

import segno

from hotline.domain.model import Actor
from hotline.errors import NotFound
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.submitting import Do, do_chosen
from hotline.web.visit import Visit

_FORMS = {
    "begin": Form(labels={}, prefix="begin"),
    "confirm": Form(labels={"code": "Code"}, prefix="confirm"),
    "codes": Form(labels={}, prefix="codes"),
    "remove": Form(labels={}, prefix="remove"),
    "add-passkey": Form(labels={"name": "Name"}, prefix="add-passkey"),
    "remove-passkey": Form(labels={}, prefix="remove-passkey"),
}
_DONE = {
    "removed": "The app is removed: its codes are worthless now.",
    "passkey-added": "The passkey is added.",
    "passkey-removed": "The passkey is removed: nobody can log in with it any more.",
}


async def factors(visit: Visit) -> Answer:
    """Shows the own second factors, or does what one of the forms asks."""
    actor = visit.person()
    await visit.house.accounts.require_proof(actor)
    if not visit.is_post:
        return await _page(visit, actor)

    async def again(action: str, form: Form) -> Answer:
        return await _page(visit, actor, refused=form, is_setting_up=action == "confirm")

    return await do_chosen(visit, actor, _ACTIONS, _FORMS, again)


async def _page(
    visit: Visit,
    actor: Actor,
    *,
    refused: Form | None = None,
    is_setting_up: bool = False,
    fresh_codes: list[str] | None = None,
) -> Answer:
    setup = None
    if is_setting_up:
        with contextlib.suppress(NotFound):
            setup = await visit.house.accounts.get_setup(actor)
    visit.lacks_factor = await visit.house.accounts.lacks_factor(actor)
    return visit.page(
        "factors",
        status=refused.status if refused is not None else 200,
        refused=refused,
        confirm=refused if refused is not None and is_setting_up else _FORMS["confirm"],
        adding=refused if refused is not None and "name" in refused.labels else _FORMS["add-passkey"],
        passkeys=await visit.house.accounts.list_passkeys(actor),
        passkey_host=visit.house.accounts.passkey_host,
        standing=await visit.house.accounts.get_factors(actor),
        setup=setup,
        picture=_qr_code(setup.address) if setup is not None else "",
        fresh_codes=fresh_codes or [],
        done=visit.done(_DONE),
    )


async def _begin(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.begin_app(actor)
    return await _page(visit, actor, is_setting_up=True)


async def _confirm(visit: Visit, actor: Actor) -> Answer:
    fresh = await visit.house.accounts.confirm_app(actor, visit.fields.get("code", ""))
    return await _page(visit, actor, fresh_codes=fresh)


async def _renew(visit: Visit, actor: Actor) -> Answer:
    return await _page(visit, actor, fresh_codes=await visit.house.accounts.renew_codes(actor))


async def _remove(visit: Visit, actor: Actor) -> Answer:
    is_over = await visit.house.accounts.remove_app(actor)
    return _left(visit, is_over, "removed")


async def _add_passkey(visit: Visit, actor: Actor) -> Answer:
    fresh = await visit.house.accounts.add_passkey(
        actor, visit.fields.get("name", ""), visit.fields.get("passkey", "")
    )
    return (
        await _page(visit, actor, fresh_codes=fresh)
        if fresh
        else redirect("/account/factors?done=passkey-added")
    )


async def _remove_passkey(visit: Visit, actor: Actor) -> Answer:
    is_over = await visit.house.accounts.remove_passkey(actor, visit.fields.get("id", ""))
    return _left(visit, is_over, "passkey-removed")


def _left(visit: Visit, is_over: bool, done: str) -> Answer:
    """Back to the page, or to the log-in: without the last factor nobody stays where one is asked for."""
    if is_over:
        return redirect("/login?done=factor").with_cookies(visit.house.cookies.no_login())
    return redirect(f"/account/factors?done={done}")


_ACTIONS: dict[str, Do] = {
    "begin": _begin,
    "confirm": _confirm,
    "codes": _renew,
    "remove": _remove,
    "add-passkey": _add_passkey,
    "remove-passkey": _remove_passkey,
}


def _qr_code(text: str) -> str:
    """An SVG to be put into the page; made here, because nobody else may see what is in it."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=5, light="#ffffff", xmldecl=False, title="QR code for your app"
    )
    return drawn.getvalue().decode()
