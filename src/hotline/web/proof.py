"""Showing once more who one is, before what is of weight.

Visits come in, answers go out: back to where the proof was asked for, which is named by a word, never by an
address.
"""

from __future__ import annotations

from typing import Any

from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.visit import Visit, show_or_submit

_FORM = Form(labels={"password": "Password", "code": "Code"}, prefix="proof")
_PLACES = {"factors": "/account/factors", "safety": "/organisation/safety", "export": "/organisation/export"}


def place_of(request: Any) -> str:
    """The word for where this request was going."""
    path = request.path.decode("ascii", "replace")
    return next((name for name, place in _PLACES.items() if place == path), "")


async def proof(visit: Visit) -> Answer:
    """Asks for the password, or a code of the second factor, and goes back."""
    actor = visit.person()
    place = visit.query.get("for", "")

    async def act() -> Answer:
        await visit.house.accounts.prove(
            actor, password=visit.fields.get("password", ""), code=visit.fields.get("code", "")
        )
        return redirect(_PLACES.get(visit.fields.get("for", ""), "/account"))

    async def show(form: Form) -> Answer:
        standing = await visit.house.accounts.get_factors(actor)
        kept = visit.fields.get("for", place)
        return visit.page("proof", form=form, status=form.status, standing=standing, place=kept)

    return await show_or_submit(visit, _FORM, act, show)
