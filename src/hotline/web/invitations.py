"""Inviting colleagues, and joining by the link of an invitation.

Visits come in, answers go out. Opening a link changes nothing, since mail scanners open links too; only the
posted form uses it up.
"""

from __future__ import annotations

from hotline.accounts import Invited
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.submitting import show_or_submit, use_link
from hotline.web.visit import Visit

_INVITE = Form(labels={"email": "Email", "role": "Role"}, values={"role": "staff"}, prefix="invite")
_WITHDRAW = Form(labels={}, prefix="withdraw")
_JOIN = Form(labels={"username": "Your name", "password": "Password"}, prefix="join")


async def invite(visit: Visit) -> Answer:
    """A manager invites somebody by email, and sees the link too; or takes an invitation back."""
    actor = visit.manager()

    async def act() -> Answer:
        email = visit.fields.get("email", "")
        made = await visit.house.accounts.invite(actor, email=email, role=visit.fields.get("role", ""))
        return await page(_INVITE, made=made, email=email.strip())

    async def withdraw() -> Answer:
        await visit.house.accounts.withdraw_invitation(actor, visit.fields.get("id", ""))
        return redirect("/invite?done=withdrawn")

    async def send_again() -> Answer:
        made = await visit.house.accounts.send_again(actor, visit.fields.get("id", ""))
        return await page(_INVITE, made=made)

    async def page(form: Form, made: Invited | None = None, email: str = "") -> Answer:
        return visit.page(
            "invite",
            form=form if form.prefix == _INVITE.prefix else _INVITE,
            refused=form,
            status=form.status,
            waiting=await visit.house.accounts.list_invitations(actor),
            made=made,
            email=email,
            withdrawn=visit.query.get("done") == "withdrawn" and not visit.is_post,
        )

    if visit.fields.get("action") == "send-again":
        return await visit.submit(_WITHDRAW, send_again, page)
    if visit.fields.get("action") == "withdraw":
        return await visit.submit(_WITHDRAW, withdraw, page)
    return await show_or_submit(visit, _INVITE, act, page)


async def join(visit: Visit, token: str) -> Answer:
    """The invited person chooses a name and a password, and is logged in."""

    async def act() -> Answer:
        signed = await visit.house.accounts.accept_invitation(
            token, username=visit.fields.get("username", ""), password=visit.fields.get("password", "")
        )
        return visit.logged_in(signed)

    async def show(form: Form) -> Answer:
        organisation, email, role = await visit.house.accounts.get_invitation(token)
        return visit.page(
            "join",
            form=form,
            status=form.status,
            organisation=organisation,
            email=email,
            role=str(role),
        )

    return await use_link(visit, _JOIN, act, show, gone="gone-invitation")
