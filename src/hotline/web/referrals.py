"""The page of the directory: places and numbers that consultants send to clients, kept by managers.

Visits come in, answers go out. The page finds and lists them, and has one form to make or change one.
"""

from __future__ import annotations

from hotline.domain.aids import Referral
from hotline.domain.model import Actor
from hotline.errors import Invalid
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form, separated
from hotline.web.visit import Visit

_PATH = "/organisation/referrals"
_PAGE = 100
_FORM = Form(
    labels={
        "name": "Name",
        "contact": "Telephone number, link or email address",
        "text": "What one should know",
        "languages": "Languages",
        "topics": "Topics",
    },
    prefix="referral",
)
_DONE = {"saved": "The referral is saved.", "removed": "The referral is removed."}


async def referrals(visit: Visit) -> Answer:
    """The organisation's referrals, or what one of the page's forms asks."""
    actor = visit.manager()

    async def act() -> Answer:
        fields, accounts = visit.fields, visit.house.accounts
        match fields.get("action"):
            case "save":
                await accounts.set_referral(
                    actor,
                    fields.get("id") or None,
                    name=fields.get("name", ""),
                    contact=fields.get("contact", ""),
                    text=fields.get("text", "").replace("\r\n", "\n"),
                    languages=separated(fields.get("languages", "")),
                    topics=separated(fields.get("topics", "")),
                )
                return redirect(f"{_PATH}?done=saved")
            case "remove":
                await accounts.remove_referral(actor, fields.get("id", ""))
                return redirect(f"{_PATH}?done=removed")
            case _:
                raise Invalid(action="is not something this page can do")

    async def again(refused: Form) -> Answer:
        return await _page(visit, actor, refused)

    return await visit.submit(_FORM, act, again) if visit.is_post else await _page(visit, actor)


async def _page(visit: Visit, actor: Actor, refused: Form | None = None) -> Answer:
    search = visit.query.get("search", "")
    listed, more = await visit.house.accounts.list_referrals(
        actor, search, visit.query.get("after") or None, _PAGE
    )
    form, changed = refused or _FORM, visit.fields.get("id", "")
    if refused is None and (changed := visit.query.get("id", "")):
        form = _FORM.filled(_values(await visit.house.accounts.get_referral(actor, changed)))
    return visit.page(
        "referrals",
        status=form.status,
        refused=refused,
        form=form,
        changed=changed,
        path_of_page=_PATH,
        search=search,
        listed=listed,
        after=listed[-1].referral_id if more else "",
        done=visit.done(_DONE),
    )


def _values(referral: Referral) -> dict[str, str]:
    return {
        "name": referral.name,
        "contact": referral.contact,
        "text": referral.text,
        "languages": ", ".join(referral.languages),
        "topics": ", ".join(referral.topics),
    }
