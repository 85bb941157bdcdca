"""The pages of forms and statistics, for managers."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from hotline.domain.defaults import DEFAULT_RECORD, SUGGESTED_SURVEY
from hotline.domain.questions import Forms, QuestionKind
from hotline.store import counts
from tests.conftest import Now
from tests.helpers import NAUGHTY
from tests.web.browser import Browser, Response
from tests.web.conftest import House

async_test = pytest_twisted.ensureDeferred
QUESTIONS = "/organisation/questions"
PAGES = (QUESTIONS, "/organisation/survey", "/organisation/record")


async def stored(house: House, browser: Browser) -> Forms:
    """The forms as they are in the database."""
    actor = await house.accounts.find_actor(browser.cookies["hotline"])
    assert actor is not None
    return await house.accounts.get_forms(actor)


async def press(browser: Browser, path: str, action: str = "save", **typed: str | None) -> Response:
    """Change fields of the page (None: a check box emptied) and press a button."""
    page = await browser.get(path)
    fields: dict[str, str] = page.fields(path=path) | {"action": action}
    for name, value in typed.items():
        if value is None:
            fields.pop(name.replace("__", "-"), None)
        else:
            fields[name.replace("__", "-")] = value
    return await browser.post(path, fields)


def choices(question: int, *texts: str) -> dict[str, str]:
    """The rows of a question's choices, for `press`."""
    row = f"question__{question}__choice"
    return {f"{row}s": str(len(texts)), **{f"{row}__{n}__text": text for n, text in enumerate(texts)}}


@pytest.mark.parametrize("path", PAGES)
@async_test
async def test_saving_without_a_change_changes_nothing(house: House, path: str) -> None:
    """What the page shows is what is stored."""
    manager = await house.manager()
    before = await stored(house, manager)
    done = await press(manager, path)
    assert (done.status, done.location) == (303, f"{path}?done=saved")
    assert await stored(house, manager) == before
    assert "form is saved" in (await manager.get(f"{path}?done=saved")).visible


@async_test
async def test_saving_questions_of_all_kinds(house: House) -> None:
    """Each part is stored, shown again, and in the preview as clients see it; risk is not in the preview."""
    manager = await house.manager()
    done = await press(
        manager,
        QUESTIONS,
        question__0__kind="age_band",
        question__0__required="yes",
        question__0__choices="2",
        question__0__choice__0__text="0-13",
        question__0__choice__0__risk="yes",
        question__0__choice__1__text="14+",
        question__1__kind="choices",
        **choices(1, "she", "he", " ", "they <b>", "she"),
        question__1__help="As many as you like",
        question__2__kind="scale",
        question__2__low="1",
        question__2__high="5",
        question__2__low_label="Bad",
        question__2__risk_at_most="2",
        consent="I agree.",
        consent_required="yes",
    )
    assert done.status == 303, done.text
    now = await stored(house, manager)
    age, gender, issues = now.questions
    assert (age.kind, age.required, age.risk_choices) == (QuestionKind.AGE_BAND, True, ("0-13",))
    assert (gender.choices, gender.help) == (("she", "he", "they <b>"), "As many as you like")
    assert (issues.low, issues.high, issues.low_label, issues.risk_at_most) == (1, 5, "Bad", 2)
    assert (now.consent, now.consent_required) == ({"": "I agree."}, True)
    assert (await press(manager, QUESTIONS)).status == 303
    assert await stored(house, manager) == now
    shown = (await manager.get(QUESTIONS)).text.partition('id="preview"')[2]
    band = ("<option>0 to 13</option>", "<option>14 and over</option>")
    for words in ("they &lt;b&gt;", "As many as you like", "Bad", "I agree.", *band):
        assert words in shown
    await press(manager, QUESTIONS, consent=" ", consent_required=None)
    now = await stored(house, manager)
    assert (now.consent, now.consent_required) == ({}, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question-0-label", ""),
        ("question-0-label", "x" * 201),
        ("question-0-label", "a\x00b"),
        ("question-0-name", "Not A Name"),
        ("question-1-name", "age"),
        ("question-0-kind", "upload"),
        ("question-0-help", "x" * 501),
        ("question-1-choice-0-text", " "),
        ("question-1-choice-0-text", "x" * 81),
        ("question-2-low", "1e3"),
        ("question-2-low", "٣"),
        ("question-2-high", "0"),
        ("question-2-high", "999"),
        ("question-2-high_label", "x" * 41),
        ("question-2-risk_at_least", "11"),
        ("consent", "x" * 5001),
    ],
)
@async_test
async def test_each_wrong_part(house: House, field: str, value: str) -> None:
    """A wrong part: 400, the problem beside it, everything typed kept, nothing stored."""
    manager = await house.manager()
    before = await stored(house, manager)
    typed = {"question-1-kind": "choice", "question-2-kind": "scale"}
    typed |= {name.replace("__", "-"): each for name, each in choices(1, "a").items()}
    typed |= {"question-0-label": "Typed, not saved", field: value}
    page = await press(manager, QUESTIONS, **{name.replace("-", "__"): each for name, each in typed.items()})
    assert page.status == 400
    if "-choice" in field:
        assert page.get("fieldset", aria_describedby="form-question-1-choices-problem")
        assert page.get("p", id="form-question-1-choices-problem").text
    else:
        assert page.problem(field)
    kept = page.fields(path=QUESTIONS)
    for name, each in typed.items():
        if name != "question-0-kind":
            assert kept[name].replace("\r", "").strip() == each.replace("\x00", "").replace("\r", "").strip()
    assert await stored(house, manager) == before


@async_test
async def test_editing_without_javascript(house: House) -> None:
    """Buttons add, move and remove rows, suggest and preview; all that was typed is kept, nothing stored."""
    manager = await house.manager()
    before = await stored(house, manager)
    page = await press(manager, QUESTIONS, "add-question", consent="Typed, not saved")
    fields = page.fields(path=QUESTIONS)
    assert (fields["questions"], fields["consent"]) == ("4", "Typed, not saved")
    fields |= {
        "question-3-label": "Was it <urgent>?",
        "question-3-kind": "choice",
        **{name.replace("__", "-"): each for name, each in choices(3, "yes", "no").items()},
    }
    page = await manager.post(QUESTIONS, fields | {"action": "preview"})
    assert "Was it &lt;urgent&gt;?" in page.text.partition('id="preview"')[2]
    page = await manager.post(QUESTIONS, fields | {"action": "add-question-3-choice"})
    fields = page.fields(path=QUESTIONS) | {"question-3-choice-2-text": "perhaps"}
    page = await manager.post(QUESTIONS, fields | {"action": "raise-question-3-choice-2"})
    page = await manager.post(
        QUESTIONS, page.fields(path=QUESTIONS) | {"action": "remove-question-3-choice-0"}
    )
    fields = page.fields(path=QUESTIONS)
    assert [fields[f"question-3-choice-{n}-text"] for n in range(int(fields["question-3-choices"]))] == [
        "perhaps",
        "no",
    ]
    for button in ("add-question-9-choice", "remove-question-3-choice-7", "raise-question-3-choice"):
        page = await manager.post(QUESTIONS, fields | {"action": button})
        assert (page.status, page.fields(path=QUESTIONS)["questions"]) in ((200, "4"), (400, "4"))
    page = await manager.post(QUESTIONS, fields | {"action": "raise-question-3"})
    fields = page.fields(path=QUESTIONS)
    assert fields["question-2-label"] == "Was it <urgent>?"
    page = await manager.post(QUESTIONS, fields | {"action": "lower-question-2", "order": "3,2,1,0"})
    fields = page.fields(path=QUESTIONS)
    labels = [fields[f"question-{n}-label"] for n in range(4)]
    assert labels[1:] == ["Gender", "Was it <urgent>?", "Age"]
    page = await manager.post(QUESTIONS, fields | {"action": "remove-question-0"})
    fields = page.fields(path=QUESTIONS)
    assert fields["questions"] == "3"
    assert await stored(house, manager) == before
    done = await manager.post(QUESTIONS, fields | {"action": "save", "order": "2,0,1"})
    assert done.status == 303, done.text
    now = await stored(house, manager)
    assert [question.name for question in now.questions] == ["age", "gender", "was_it_urgent"]
    page = await manager.post(QUESTIONS, fields | {"action": "odd"})
    assert page.status == 400


@async_test
async def test_no_questions_and_the_most(house: House) -> None:
    """A form may ask nothing; more than twenty questions cannot be added."""
    manager = await house.manager()
    fields = (await manager.get(QUESTIONS)).fields(path=QUESTIONS)
    assert (await manager.post(QUESTIONS, fields | {"questions": "0", "action": "save"})).status == 303
    assert (await stored(house, manager)).questions == ()
    many = fields | {"questions": "20"} | {f"question-{n}-label": f"Question number {n}" for n in range(20)}
    page = await manager.post(QUESTIONS, many | {"action": "add-question"})
    assert page.fields(path=QUESTIONS)["questions"] == "20"
    for odd in ("21", "99999999999", "-1", "x", ""):
        page = await manager.post(QUESTIONS, many | {"questions": odd, "action": "save"})
        assert page.status == 400


@async_test
async def test_survey_and_record(house: House) -> None:
    """The suggestion is shown and stored only by Save; a record may be required; risk is not asked about."""
    manager = await house.manager()
    page = await press(manager, "/organisation/survey", "suggest")
    assert (await stored(house, manager)).survey == ()
    fields = page.fields(path="/organisation/survey")
    assert not any("risk" in name for name in fields)
    done = await manager.post("/organisation/survey", fields | {"action": "save"})
    assert done.status == 303, done.text
    assert (await stored(house, manager)).survey == SUGGESTED_SURVEY
    assert (await press(manager, "/organisation/record", required="yes")).status == 303
    now = await stored(house, manager)
    assert (now.record, now.record_required) == (DEFAULT_RECORD, True)
    assert (await press(manager, "/organisation/record", required=None)).status == 303
    assert (await stored(house, manager)).record_required is False


@async_test
async def test_other_languages(house: House) -> None:
    """Words are kept with their question through later changes; ours are proposed; wrong tags are refused."""
    manager = await house.manager()
    await press(manager, QUESTIONS, question__1__kind="choice", **choices(1, "she", "he"), consent="Agree?")
    page = await manager.get(f"{QUESTIONS}?language=de")
    fields = page.fields(path=QUESTIONS)
    assert fields["words-age-label"] == "Alter"
    fields |= {"words-gender-choice-0": "sie", "words-gender-label": NAUGHTY[0], "consent": "Einverstanden?"}
    done = await manager.post(QUESTIONS, fields)
    assert (done.status, done.location) == (303, f"{QUESTIONS}?done=words"), done.text
    again = (await manager.get(f"{QUESTIONS}?language=DE")).fields(path=QUESTIONS)
    assert {name: again[name] for name in fields if name not in ("csrf", "language")} == {
        name: fields[name] for name in fields if name not in ("csrf", "language")
    }
    await press(manager, QUESTIONS, **choices(1, "he", "she", "they"))
    now = await stored(house, manager)
    assert now.questions[1].translations["de"].choices == {"she": "sie"}
    assert now.questions[1].translations["de"].label == NAUGHTY[0]
    assert now.consent == {"": "Agree?", "de": "Einverstanden?"}
    assert (await manager.get(QUESTIONS)).find("a", href=f"{QUESTIONS}?language=de")
    for tag in ("x", "de_DE", "%3Cb%3E", "de%00"):
        assert (await manager.get(f"{QUESTIONS}?language={tag}")).status == 400
    refused = await manager.post(QUESTIONS, again | {"words-age-label": "x" * 201})
    assert refused.status == 400
    assert refused.problem("words-age-label")
    assert await stored(house, manager) == now


@async_test
async def test_statistics(house: House, now: Now) -> None:
    """Sums, small groups, and the same as a file without formulas; wrong days are told."""
    manager = await house.manager()
    other = await house.manager("Harbour", "two@example.org")
    actor = await house.accounts.find_actor(manager.cookies["hotline"])
    assert actor is not None
    await press(
        manager, "/organisation/record", **choices(0, "=1+1", "Genuine", "<b>"), question__1__label="T"
    )
    async with house.database.transaction(actor.organisation_id) as tx:
        groups: Any = {("entered", ""): 12, ("record.contact", "=1+1"): 3, ("record.contact", "Genuine"): 7}
        await counts.add(tx, actor.organisation_id, now(), groups)
    page = await manager.get("/organisation/statistics")
    assert "Came in 12" in page.visible
    assert "Genuine7" in page.visible
    assert "&lt;b&gt;" in page.text
    assert "=1+1&lt;5" in page.visible.replace("<", "&lt;")
    days = "since=2026-11-20&until=2026-11-22"
    sheet = await manager.get(f"/organisation/statistics.csv?{days}")
    assert sheet.header("content-type") == "text/csv; charset=utf-8"
    lines = sheet.body.decode("utf-8-sig").splitlines()
    assert "2026-11-22,12,0,0,0,0,0,0,0,0" in lines
    assert "'=1+1,<5" in lines
    assert len([line for line in lines if line.startswith("2026-")]) == 3
    assert "Came in 0" in (await other.get("/organisation/statistics")).visible
    for odd in ("since=x", "since=2026-11-23&until=2026-11-22", "until=0001-01-01", "since=1999-01-01"):
        page = await manager.get(f"/organisation/statistics?{odd}")
        assert page.status == 400, odd
        assert (await manager.get(f"/organisation/statistics.csv?{odd}")).status == 400


@async_test
async def test_only_managers(house: House) -> None:
    """Staff can neither see nor change forms, nor see statistics; without the token nothing is changed."""
    manager = await house.manager()
    sam = await house.colleague(manager)
    before = await stored(house, manager)
    token = (await sam.get("/account")).fields("profile")["csrf"]
    for path in PAGES:
        assert (await sam.get(path)).status == 403
        assert (await sam.post(path, {"csrf": token, "action": "save", "questions": "0"})).status == 403
        assert (await house.browser().get(path)).location == "/login"
        page = await press(manager, path, csrf="x", questions="0")
        assert page.status == 403
    for path in ("/organisation/statistics", "/organisation/statistics.csv"):
        assert (await sam.get(path)).status == 403
        assert (await house.browser().get(path)).location == "/login"
    assert await stored(house, manager) == before
