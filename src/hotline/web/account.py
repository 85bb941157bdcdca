"""The own account: name and email, password, logins, API tokens, and an end to it all.

Visits come in, answers go out. Each form of the page names itself in the field `action`; what changes who
one is asks for the password.
"""

from __future__ import annotations

import re

from hotline.domain.model import Actor, Scope
from hotline.web import calls, skills
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.headers import policy
from hotline.web.session import signed_off
from hotline.web.submitting import Do, do_chosen
from hotline.web.visit import Visit

_FORMS = {
    "profile": Form(
        labels={"username": "Your name", "email": "Email", "password": "Password"}, prefix="profile"
    ),
    "password": Form(labels={"old": "Current password", "new": "New password"}, prefix="password"),
    "skills": skills.form(),
    "token": Form(
        labels={"name": "Name of the token", "scopes": "What it is for", "days": "Days until it ends"},
        values={"days": "365", **{f"scope-{scope}": "yes" for scope in Scope}},
        prefix="token",
    ),
    "revoke": Form(labels={}, prefix="revoke"),
    "end-login": Form(labels={}, prefix="end-login"),
    "no-calls": Form(labels={}, prefix="no-calls"),
    "delete": Form(labels={"password": "Password"}, prefix="delete"),
}
_DONE = {
    "profile": "Your name and email are saved.",
    "email": "A link is on its way to the new address. It counts once you have used the link.",
    "password": "Your password is changed. Everybody else who was logged in as you is logged out.",
    "skills": "What you are best at is saved.",
    "revoke": "The token is revoked. Scripts that used it are cut off.",
    "end-login": "That login is ended.",
    "no-calls": "You are called in no browser any more.",
}


async def account(visit: Visit) -> Answer:
    """Shows all about the own account, or does what one of its forms asks."""
    actor = visit.consultant()
    if not visit.is_post:
        return await _page(visit, actor)

    async def again(action: str, form: Form) -> Answer:
        return await _page(visit, actor, refused=(action, form))

    return await do_chosen(visit, actor, _ACTIONS, _FORMS, again)


async def _page(
    visit: Visit,
    actor: Actor,
    *,
    refused: tuple[str, Form] | None = None,
    secret: tuple[str, str] | None = None,
) -> Answer:
    me = await visit.house.accounts.get_profile(actor)
    forms = dict(_FORMS)
    forms["profile"] = forms["profile"].filled({"username": me.name, "email": me.email})
    forms["skills"] = skills.filled(me)
    if refused is not None:
        forms[refused[0]] = refused[1]
    shown = refused[1] if refused is not None else None
    page = visit.page(
        "account",
        status=shown.status if shown is not None else 200,
        refused=shown,
        forms=forms,
        done=visit.done(_DONE),
        secret=secret,
        me=me,
        tokens=await visit.house.accounts.list_tokens(actor),
        logins=await visit.house.accounts.list_logins(actor),
        login_id=actor.login_id,
        factors=await visit.house.accounts.get_factors(actor),
        push_key=visit.house.accounts.push_key,
        browsers=await visit.house.accounts.count_browsers(actor),
        is_called_here=await calls.is_here(visit, actor),
    )
    return page.with_headers(("Content-Security-Policy", policy(visit.origin, workers="'self'")))


async def _change_profile(visit: Visit, actor: Actor) -> Answer:
    waits = await visit.house.accounts.change_profile(
        actor,
        username=visit.fields.get("username", ""),
        email=visit.fields.get("email", ""),
        password=visit.fields.get("password", ""),
    )
    return redirect(f"/account?done={'email' if waits else 'profile'}")


async def _change_password(visit: Visit, actor: Actor) -> Answer:
    token = await visit.house.accounts.change_password(
        actor,
        old=visit.fields.get("old", ""),
        new=visit.fields.get("new", ""),
        keeps_tokens="keep_tokens" in visit.fields,
    )
    device = await visit.house.accounts.mark_device(actor)
    return visit.renewed(token, "/account?done=password").with_cookies(visit.house.cookies.device(device))


async def _set_skills(visit: Visit, actor: Actor) -> Answer:
    await skills.store(visit, actor, actor.id)
    return redirect("/account?done=skills")


async def _create_token(visit: Visit, actor: Actor) -> Answer:
    fields = visit.fields
    days = fields.get("days", "").strip()
    name, secret = await visit.house.accounts.create_token(
        actor,
        fields.get("name", ""),
        scopes=[scope for scope in Scope if f"scope-{scope}" in fields],
        days=int(days) if re.fullmatch(r"[0-9]{1,9}", days) else days,
    )
    return await _page(visit, actor, secret=(name, secret))


async def _revoke_token(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.revoke_token(actor, visit.fields.get("id", ""))
    return redirect("/account?done=revoke")


async def _end_login(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.end_login(actor, visit.fields.get("id", ""))
    return redirect("/account?done=end-login")


async def _end_calls(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.push_unsubscribe_all(actor)
    return redirect("/account?done=no-calls").with_cookies(visit.house.cookies.not_called())


async def _delete(visit: Visit, actor: Actor) -> Answer:
    await visit.house.accounts.delete_account(actor, visit.fields.get("password", ""))
    return signed_off(visit, "/login?done=deleted")


_ACTIONS: dict[str, Do] = {
    "profile": _change_profile,
    "password": _change_password,
    "skills": _set_skills,
    "token": _create_token,
    "revoke": _revoke_token,
    "end-login": _end_login,
    "no-calls": _end_calls,
    "delete": _delete,
}
