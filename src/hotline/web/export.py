"""Taking along what the organisation has: for managers who have just shown who they are.

Visits come in, answers go out, whose body is made while it is read.
"""

from __future__ import annotations

from hotline.domain.export import FORMATS
from hotline.web.answers import HTML, Answer
from hotline.web.forms import Form
from hotline.web.headers import NO_STORE
from hotline.web.submitting import show_or_submit
from hotline.web.visit import Visit

_FORM = Form(labels={"format": "Format"}, prefix="export")
_TYPES = {"json": "application/json", "html": HTML}


async def export(visit: Visit) -> Answer:
    """Says what is in it, or sends it as a file."""
    actor = visit.manager()
    await visit.house.accounts.require_proof(actor)

    async def act() -> Answer:
        form = visit.fields.get("format", "")
        parts = await visit.house.accounts.export(actor, form)
        slug = (await visit.house.accounts.get_organisation(actor)).slug
        name = f"{slug}-{visit.house.now().date()}.{form}"
        return Answer(
            content_type=_TYPES[form],
            headers=(
                ("Content-Disposition", f'attachment; filename="{name}"'),
                ("Content-Security-Policy", "default-src 'none'; sandbox"),
                *NO_STORE,
            ),
            parts=parts,
        )

    async def show(form: Form) -> Answer:
        refused = form if form.status != 200 else None
        return visit.page("export", form=form, refused=refused, formats=tuple(FORMATS), status=form.status)

    return await show_or_submit(visit, _FORM, act, show)
