"""What an organisation says in its own words, language by language, and how its anteroom looks to others.

Visits come in, answers go out. One language is edited at a time; the others stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hotline.domain import checks, settings
from hotline.domain.model import Actor, Organisation
from hotline.errors import Invalid
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.visit import Visit

_TEXTS = {
    "welcome": "Welcome",
    "waiting": "While waiting",
    "paused": "When paused",
    "full": "When full",
    "closed": "When closed",
    "notice": "About data",
}
_HINTS = {
    "welcome": "Above the questions of the anteroom.",
    "waiting": "For those who wait for their turn.",
    "paused": "Instead of the questions, while you take nobody new for a while.",
    "full": "Instead of the questions, while as many wait as you let in.",
    "closed": "Instead of the questions, outside of your hours; and for those who wait at closing time.",
    "notice": "Below what we say about how long conversations are kept.",
}
_OWN = Form(
    labels={
        **{f"text-{key}": label for key, label in _TEXTS.items()},
        "elsewhere": "Other places to turn to",
    },
    prefix="texts",
)
_LOOK = Form(
    labels={
        "languages": "Languages",
        "neutral_title": "Neutral title",
        "exit_url": 'Where "exit now" leads',
    },
    prefix="look",
)
_DONE = {"saved": "The texts are saved.", "look": "Languages and look are saved."}


async def texts(visit: Visit) -> Answer:
    """Shows the organisation's texts to managers, or stores what one of the page's forms has."""
    actor = visit.manager()
    if not visit.is_post:
        return await _page(visit, actor)
    organisation = await visit.house.accounts.get_organisation(actor)
    language = _language(organisation, visit.fields.get("language", ""))

    async def act_own() -> Answer:
        if visit.fields.get("action") != "save":
            raise Invalid(action="is not something this page can do")
        await visit.house.accounts.change_organisation(actor, _own(visit.fields, organisation, language))
        return redirect(f"/organisation/texts?language={quote(language)}&done=saved")

    async def again_own(refused: Form) -> Answer:
        return await _page(visit, actor, own=refused)

    async def act_look() -> Answer:
        await visit.house.accounts.change_organisation(actor, _look(visit.fields))
        return redirect("/organisation/texts?done=look")

    async def again_look(refused: Form) -> Answer:
        return await _page(visit, actor, look=refused)

    if visit.fields.get("action") == "look":
        return await visit.submit(_LOOK, act_look, again_look)
    return await visit.submit(_OWN, act_own, again_own)


async def _page(visit: Visit, actor: Actor, own: Form | None = None, look: Form | None = None) -> Answer:
    stored = await visit.house.accounts.get_organisation(actor)
    asked = visit.fields.get("language", "") if visit.is_post else visit.query.get("language", "")
    language = _language(stored, asked)
    refused = own or look
    return visit.page(
        "texts",
        status=refused.status if refused is not None else 200,
        refused=refused,
        organisation=stored,
        tag=language,
        own=own or _OWN.filled(_own_values(stored, language)),
        look=look or _LOOK.filled(_look_values(stored)),
        hints=_HINTS,
        done=_DONE.get(visit.query.get("done", ""), "") if not visit.is_post else "",
    )


def _language(organisation: Organisation, asked: str) -> str:
    return asked if asked in organisation.languages else organisation.languages[0]


def _own_values(stored: Organisation, language: str) -> dict[str, str]:
    own = stored.texts.get(language, {})
    places = stored.elsewhere.get(language, ())
    return {
        **{f"text-{key}": own.get(key, "") for key in _TEXTS},
        "elsewhere": "\n".join(
            " | ".join(part for part in (each.name, each.contact, " ".join(each.text.split())) if part)
            for each in places
        ),
    }


def _look_values(stored: Organisation) -> dict[str, str]:
    return {
        "languages": ", ".join(stored.languages),
        "exit_url": stored.exit_url or "",
        **({"neutral_title": "yes"} if stored.neutral_title else {}),
    }


def _own(fields: Mapping[str, str], stored: Organisation, language: str) -> dict[str, Any]:
    """What change_organisation takes. :raises Invalid: with every problem at once, by field of the page."""
    typed = {key: _lines(fields.get(f"text-{key}", "")).strip() for key in _TEXTS}
    checked = checks.gathered(
        **{
            f"text-{key}": lambda key=key, text=text: checks.text(text, f"text-{key}", settings.TEXT_LENGTH)
            for key, text in typed.items()
            if text
        },
        elsewhere=lambda: [_place(line) for line in fields.get("elsewhere", "").splitlines() if line.strip()],
    )
    places = checked.pop("elsewhere")
    return {
        "texts": stored.texts
        | {language: {key.removeprefix("text-"): text for key, text in checked.items()}},
        "elsewhere": settings.plain(stored, "elsewhere") | {language: places},
    }


def _lines(typed: str) -> str:
    """Browsers send line ends as CR LF."""
    return typed.replace("\r\n", "\n")


def _place(line: str) -> dict[str, str]:
    """`name | number or link | text`. :raises Invalid: it cannot be read."""
    parts = [part.strip() for part in line.split("|", 2)]
    if len(parts) < 2:
        raise Invalid(elsewhere="must be lines such as Crisis line | 0800 1110111 | day and night")
    settings.place(place := dict(zip(("name", "contact", "text"), parts, strict=False)), "elsewhere")
    return place


def _look(fields: Mapping[str, str]) -> dict[str, Any]:
    return settings.check(
        {
            "languages": [tag.strip() for tag in fields.get("languages", "").split(",") if tag.strip()],
            "neutral_title": "neutral_title" in fields,
            "exit_url": fields.get("exit_url", "").strip() or None,
        }
    )
