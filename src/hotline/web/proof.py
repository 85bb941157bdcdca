"""Showing once more who one is, before what is of weight.

Visits come in, answers go out: back to where the proof was asked for, which is named by a word, never by an
address.
"""

from __future__ import annotations

from typing import Any

from hotline.web.answers import Answer
from hotline.web.forms import Form
from hotline.web.submitting import show_or_submit
from hotline.web.visit import Visit

_FORM = Form(labels={"password": "Password", "code": "Code"}, prefix="proof")
_PLACES = {
    "account": "/account",
    "factors": "/account/factors",
    "organisation": "/organisation",
    "safety": "/organisation/safety",
    "export": "/organisation/export",
}


def place_of(request: Any) -> str:
    """The word for where this request was going."""
    path = request.path.decode("ascii", "replace")
    if path == "/session/passkey":  # asked by a script of the page about factors
        return "factors"
    return next((name for name, place in _PLACES.items() if place == path), "")


async def proof(visit: Visit) -> Answer:
    """Asks for what a log-in takes, and goes back."""
    actor = visit.person()
    place = visit.query.get("for", "")

    async def act() -> Answer:
        accounts, fields = visit.house.accounts, visit.fields
        if fields.get("passkey"):
            token = await accounts.prove_by_passkey(actor, fields["passkey"])
        else:
            token = await accounts.prove(
                actor, password=fields.get("password", ""), code=fields.get("code", "")
            )
        return visit.renewed(token, _PLACES.get(fields.get("for", ""), "/account"))

    async def show(form: Form) -> Answer:
        standing = await visit.house.accounts.get_factors(actor)
        kept = visit.fields.get("for", place)
        return visit.page(
            "proof",
            form=form,
            status=form.status,
            standing=standing,
            place=kept,
            passkey_host=visit.house.accounts.passkey_host,
        )

    return await show_or_submit(visit, _FORM, act, show)
