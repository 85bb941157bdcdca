"""The pages of ready answers: the organisation's, for managers, and one's own, for every consultant.

Visits come in, answers go out. Each page lists what there is, and has one form to make or change one.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.domain.aids import ReadyAnswer, Scope
from hotline.domain.model import Actor
from hotline.errors import Invalid, NotFound
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One of the pages."""

    path: str
    scope: Scope
    title: str
    lead: str


_COMMON = Sheet(
    path="/organisation/answers",
    scope=Scope.ORGANISATION,
    title="Ready answers",
    lead="Texts that every consultant inserts by typing / and the shortcut.",
)
_OWN = Sheet(
    path="/account/answers",
    scope=Scope.OWN,
    title="Your ready answers",
    lead="Texts that you insert by typing / and the shortcut. Nobody else sees this list.",
)
_FORM = Form(labels={"shortcut": "Shortcut", "text": "Text", "language": "Language"}, prefix="answer")
_DONE = {"saved": "The answer is saved.", "removed": "The answer is removed."}


async def of_organisation(visit: Visit) -> Answer:
    """The organisation's ready answers."""
    return await _sheet(visit, visit.manager(), _COMMON)


async def own(visit: Visit) -> Answer:
    """One's own ready answers."""
    return await _sheet(visit, visit.consultant(), _OWN)


async def _sheet(visit: Visit, actor: Actor, sheet: Sheet) -> Answer:
    async def act() -> Answer:
        fields, accounts = visit.fields, visit.house.accounts
        match fields.get("action"):
            case "save":
                await accounts.set_answer(
                    actor,
                    fields.get("id") or None,
                    scope=sheet.scope,
                    shortcut=fields.get("shortcut", ""),
                    text=fields.get("text", "").replace("\r\n", "\n"),
                    language=fields.get("language", "").strip() or None,
                )
                return redirect(f"{sheet.path}?done=saved")
            case "remove":
                await accounts.remove_answer(actor, fields.get("id", ""))
                return redirect(f"{sheet.path}?done=removed")
            case _:
                raise Invalid(action="is not something this page can do")

    async def again(refused: Form) -> Answer:
        return await _page(visit, actor, sheet, refused)

    return await visit.submit(_FORM, act, again) if visit.is_post else await _page(visit, actor, sheet)


async def _page(visit: Visit, actor: Actor, sheet: Sheet, refused: Form | None = None) -> Answer:
    listed = await visit.house.accounts.list_answers_of(actor, sheet.scope)
    form, changed = refused or _FORM, visit.fields.get("id", "")
    if refused is None and (changed := visit.query.get("id", "")):
        form = _FORM.filled(_values(_known(listed, changed)))
    return visit.page(
        "answers",
        status=form.status,
        refused=refused,
        form=form,
        changed=changed,
        sheet=sheet,
        listed=listed,
        done=visit.done(_DONE),
    )


def _known(listed: list[ReadyAnswer], answer_id: str) -> ReadyAnswer:
    for answer in listed:
        if answer.answer_id == answer_id:
            return answer
    raise NotFound()


def _values(answer: ReadyAnswer) -> dict[str, str]:
    return {"shortcut": answer.shortcut, "text": answer.text, "language": answer.language or ""}
