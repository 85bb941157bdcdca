"""What is done by a link that came by mail: a new password, a new address, a lost second factor.

Visits come in, answers go out. The answer never tells whether an address is known, and opening a link
changes nothing.
"""

from __future__ import annotations

from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.submitting import show_or_submit, use_link
from hotline.web.visit import Visit

_FORGOT = Form(labels={"email": "Email"}, prefix="forgot")
_CONFIRM = Form(labels={}, prefix="confirm")
_LOST = Form(labels={"password": "Password"}, prefix="lost")
_CHANGE = Form(labels={"password": "New password"}, prefix="change")


async def forgot_password(visit: Visit) -> Answer:
    """Mails a link to the address, if it is somebody's; says the same in any case."""

    async def act() -> Answer:
        await visit.house.accounts.forgot_password(visit.fields.get("email", ""), network=visit.network)
        return visit.page("forgot-sent")

    async def show(form: Form) -> Answer:
        return visit.page("forgot", form=form, status=form.status)

    return await show_or_submit(visit, _FORGOT, act, show)


async def change_password(visit: Visit, token: str) -> Answer:
    """Takes a new password from whoever has the link, once."""

    async def act() -> Answer:
        await visit.house.accounts.change_password_by_reset(token, visit.fields.get("password", ""))
        return redirect("/login?done=password").with_cookies(visit.house.cookies.no_login())

    async def show(form: Form) -> Answer:
        await visit.house.accounts.get_reset(token)
        return visit.page("change-password", form=form, status=form.status)

    return await use_link(visit, _CHANGE, act, show, gone="gone-reset")


async def confirm_email(visit: Visit, token: str) -> Answer:
    """Puts the new address of whoever has the link, once."""

    async def act() -> Answer:
        await visit.house.accounts.confirm_email(token)
        return redirect("/login?done=email" if visit.actor is None else "/account?done=profile")

    async def show(form: Form) -> Answer:
        email = await visit.house.accounts.get_new_email(token)
        return visit.page("confirm-email", form=form, status=form.status, email=email)

    return await use_link(visit, _CONFIRM, act, show)


async def lost_factor(visit: Visit, token: str) -> Answer:
    """Takes the second factor of whoever has the link and the password, once."""

    async def act() -> Answer:
        await visit.house.accounts.give_factors_up(token, visit.fields.get("password", ""))
        return redirect("/login?done=factor").with_cookies(visit.house.cookies.no_login())

    async def show(form: Form) -> Answer:
        await visit.house.accounts.get_factor_reset(token)
        return visit.page("lost-factor", form=form, status=form.status)

    return await use_link(visit, _LOST, act, show)
