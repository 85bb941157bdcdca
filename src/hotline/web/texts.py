"""What an organisation says in its own words, language by language, and how its anteroom looks to others.

Visits come in, answers go out. One language is edited at a time; the others stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from hotline.domain import checks, settings
from hotline.domain.model import Organisation, Place
from hotline.errors import Invalid
from hotline.web import row_fields
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.row_fields import Cells, RowKind
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
_PLACES = RowKind(
    noun="place",
    most=settings.PLACES,
    parts={"name": "Name of place", "contact": "Place", "text": "Text of place"},
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
    stored = await visit.house.accounts.get_organisation(actor)
    language = _language(stored, (visit.fields if visit.is_post else visit.query).get("language", ""))
    page = _Page(visit=visit, stored=stored, language=language)
    if not visit.is_post:
        return page.shown()
    if visit.fields.get("action") == "look":

        async def act_look() -> Answer:
            await visit.house.accounts.change_organisation(actor, _look(visit.fields))
            return redirect("/organisation/texts?done=look")

        async def again_look(refused: Form) -> Answer:
            return page.shown(look=refused)

        return await visit.submit(_LOOK, act_look, again_look)
    places, is_button = row_fields.edited(
        _PLACES.read(visit.fields),
        _PLACES,
        visit.fields.get("rows", ""),
        visit.fields.get("order", ""),
        _PLACES.empty(),
    )
    form = _own_form(places)

    async def act_own() -> Answer:
        if is_button:
            return page.shown(form.filled(visit.fields), places)
        if visit.fields.get("action") != "save":
            raise Invalid(action="is not something this page can do")
        changes = _own(visit.fields, places, stored, language)
        await visit.house.accounts.change_organisation(actor, changes)
        return redirect(f"/organisation/texts?language={quote(language)}&done=saved")

    async def again_own(refused: Form) -> Answer:
        return page.shown(refused, places)

    return await visit.submit(form, act_own, again_own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The page with both of its forms, each as stored unless it was posted."""

    visit: Visit
    stored: Organisation
    language: str

    def shown(
        self, own: Form | None = None, places: Sequence[Cells] | None = None, look: Form | None = None
    ) -> Answer:
        """The page as an answer; whichever form was refused says so."""
        visit, stored, language = self.visit, self.stored, self.language
        if places is None:
            places = [_shown(place) for place in stored.elsewhere.get(language, ())]
        own = own or _own_form(places).filled(_own_values(stored, language))
        look = look or _LOOK.filled(_look_values(stored))
        refused = next((form for form in (own, look) if form.status != 200), None)
        return visit.page(
            "texts",
            status=refused.status if refused is not None else 200,
            refused=refused,
            organisation=stored,
            tag=language,
            own=own,
            kind=_PLACES,
            places=places,
            button=visit.fields.get("rows", ""),
            look=look,
            hints=_HINTS,
            done=visit.done(_DONE),
        )


def _shown(place: Place) -> Cells:
    """A text of several lines, which only scripts can set, in one."""
    return asdict(place) | {"text": " ".join(place.text.split())}


def _own_form(places: Sequence[Cells]) -> Form:
    labels = {f"text-{key}": label for key, label in _TEXTS.items()}
    return Form(labels=labels | _PLACES.labels(len(places)), prefix="texts")


def _language(organisation: Organisation, asked: str) -> str:
    return asked if asked in organisation.languages else organisation.languages[0]


def _own_values(stored: Organisation, language: str) -> dict[str, str]:
    own = stored.texts.get(language, {})
    return {f"text-{key}": own.get(key, "") for key in _TEXTS}


def _look_values(stored: Organisation) -> dict[str, str]:
    return {
        "languages": ", ".join(stored.languages),
        "exit_url": stored.exit_url or "",
        **({"neutral_title": "yes"} if stored.neutral_title else {}),
    }


def _own(
    fields: Mapping[str, str], places: Sequence[Cells], stored: Organisation, language: str
) -> dict[str, Any]:
    """What change_organisation takes. :raises Invalid: with every problem at once, by field of the page."""
    typed = {key: _lines(fields.get(f"text-{key}", "")).strip() for key in _TEXTS}
    checked = checks.gathered(
        **{
            f"text-{key}": lambda key=key, text=text: checks.text(text, f"text-{key}", settings.TEXT_LENGTH)
            for key, text in typed.items()
            if text
        },
        elsewhere=lambda: _elsewhere(places),
    )
    elsewhere = checked.pop("elsewhere")
    return {
        "texts": stored.texts
        | {language: {key.removeprefix("text-"): text for key, text in checked.items()}},
        "elsewhere": settings.plain(stored, "elsewhere") | {language: elsewhere},
    }


def _lines(typed: str) -> str:
    """Browsers send line ends as CR LF."""
    return typed.replace("\r\n", "\n")


def _elsewhere(places: Sequence[Cells]) -> list[dict[str, str]]:
    """Rows with nothing in them are none. :raises Invalid: with every problem, by field of the page."""
    rows = dict(_PLACES.filled(places))
    checked = checks.gathered(
        **{
            _PLACES.field(n, part): lambda n=n, part=part, typed=typed: _cell(
                part, typed, _PLACES.field(n, part)
            )
            for n, row in rows.items()
            for part, typed in row.items()
        }
    )
    return [{part: checked[_PLACES.field(n, part)] for part in row} for n, row in rows.items()]


def _cell(part: str, typed: str, field: str) -> str:
    match part:
        case "name":
            return checks.line(typed, field)
        case "contact":
            return settings.contact(typed, field)
        case _:
            return typed.strip() and checks.text(_lines(typed), field, settings.PLACE_TEXT_LENGTH)


def _look(fields: Mapping[str, str]) -> dict[str, Any]:
    return settings.check(
        {
            "languages": [tag.strip() for tag in fields.get("languages", "").split(",") if tag.strip()],
            "neutral_title": "neutral_title" in fields,
            "exit_url": fields.get("exit_url", "").strip() or None,
        }
    )
