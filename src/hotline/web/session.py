"""Logging in and out, the console's page, and tickets for its WebSocket.

Visits come in, answers go out; the cookie is set and taken away here. Never tells whether it was the
address or the password that was wrong.
"""

from __future__ import annotations

import json

from hotline.accounts import Signed, Unfinished
from hotline.errors import Gone
from hotline.web import calls
from hotline.web.answers import Answer, redirect, structured
from hotline.web.assets import CONSOLE
from hotline.web.forms import Form
from hotline.web.headers import CLEAR_SITE_DATA
from hotline.web.submitting import show_or_submit
from hotline.web.visit import Visit

_LOGIN = Form(labels={"email": "Email", "password": "Password"}, prefix="login")
_CODE = Form(labels={"code": "Code"}, prefix="code")
_LOGOUT = Form(labels={}, prefix="logout")
_NOTICES = {
    "password": "Your password is changed. Please log in with the new one.",
    "email": "Your new email address is confirmed. Please log in with it.",
    "factor": "Your second factor is given up. Please log in, and set up another one.",
    "expired": "That took too long, or too many codes were wrong. Please begin again.",
    "deleted": "Your account is deleted.",
    "organisation-deleted": "The organisation and everything that belonged to it is deleted.",
}


async def log_in(visit: Visit) -> Answer:
    """Email and password for a login; then which organisation and a second factor, if need be.

    Or a passkey, which is both. Whose login is about to end is asked by `?again=1` for another one, which
    takes its place.
    """
    step, passkey = visit.fields.get("step", ""), visit.fields.get("passkey", "")

    async def act() -> Answer:
        fields, accounts = visit.fields, visit.house.accounts
        device = visit.house.cookies.device_of(visit.request)
        if step:
            code = fields.get("code", "")
            return await entered(await accounts.finish_login(step, code, passkey, device=device))
        if passkey:
            return await entered(
                await accounts.log_in_by_passkey(
                    passkey, visit.secret or "", network=visit.network, device=device
                )
            )
        return await entered(
            await accounts.log_in(
                email=fields.get("email", ""),
                password=fields.get("password", ""),
                code=fields.get("code", ""),
                network=visit.network,
                device=device,
            )
        )

    async def entered(so_far: Signed | Unfinished) -> Answer:
        if isinstance(so_far, Signed):
            # Nobody has the login of before any more; its console goes on with the new one.
            if visit.actor is not None and visit.secret is not None:
                await visit.house.accounts.log_out(visit.secret)
            return visit.logged_in(so_far)
        if len(so_far.choices) > 1:
            return visit.page("login-choice", choices=so_far.choices)
        return second_step(so_far, _CODE)

    def second_step(so_far: Unfinished, form: Form) -> Answer:
        return visit.page(
            "login-code",
            form=form,
            status=form.status,
            so_far=so_far,
            step=so_far.choices[0].step,
            passkey_host=visit.house.accounts.passkey_host,
        )

    async def ask_code(form: Form) -> Answer:
        return second_step(await visit.house.accounts.get_unfinished(step), form)

    async def show(form: Form) -> Answer:
        notice = _NOTICES.get(visit.query.get("done", ""), "")
        host = visit.house.accounts.passkey_host
        return visit.page("login", form=form, status=form.status, notice=notice, passkey_host=host)

    if visit.actor is not None and not visit.is_post and "again" not in visit.query:
        return redirect("/clientlist")
    try:
        if step:
            return await visit.submit(_CODE, act, ask_code)
        return await show_or_submit(visit, _LOGIN, act, show)
    except Gone:
        return redirect("/login?done=expired")


async def log_out(visit: Visit) -> Answer:
    """Ends the login and web push to this browser, and has it forget what it kept of this site."""

    actor = visit.person()

    async def act() -> Answer:
        await calls.end_here(visit, actor)
        if visit.secret is not None:
            await visit.house.accounts.log_out(visit.secret)
        return signed_off(visit, "/login")

    async def again(form: Form) -> Answer:
        return visit.page("logout", form=form, status=form.status)

    return await visit.submit(_LOGOUT, act, again)


def signed_off(visit: Visit, path: str) -> Answer:
    """Away from here without a login."""
    cookies = visit.house.cookies
    answer = redirect(path).with_cookies(cookies.no_login(), cookies.not_called())
    return answer.with_headers(*CLEAR_SITE_DATA)


async def console(visit: Visit) -> Answer:
    """The page the consultant's browser app lives in."""
    actor = visit.consultant()
    organisation = await visit.house.accounts.get_organisation(actor)
    me = json.dumps({"id": actor.id, "name": actor.name, "role": actor.role})
    groups_at = f"{visit.house.public_url}/o/{organisation.slug}/g/"
    return visit.app("console", CONSOLE, organisation=organisation, groups_at=groups_at, me=me)


async def ticket(visit: Visit) -> Answer:
    """A single-use ticket for the console's WAMP session."""
    realm, authid, secret = await visit.house.accounts.issue_ticket(visit.consultant())
    return structured({"realm": realm, "authid": authid, "ticket": secret})


def not_logged_in() -> Answer:
    """What a script is told."""
    return structured({"error": "You are not logged in."}, 401)
