"""Forms in a real PostgreSQL: every value comes back as it went in, and those of before have their form."""

from __future__ import annotations

from dataclasses import replace

from psycopg2.extras import Json
from pytest_twisted import ensureDeferred

from hotline.domain.defaults import DEFAULT_QUESTIONS, DEFAULT_RECORD
from hotline.domain.questions import Forms, Question, QuestionKind, Wording
from hotline.store import forms
from hotline.store.database import Database
from tests.conftest import Now
from tests.helpers import NAUGHTY, make_house

OURS = Forms(
    language="en",
    questions=DEFAULT_QUESTIONS,
    survey=(),
    record=DEFAULT_RECORD,
    record_required=False,
    consent={},
    consent_required=False,
)


@ensureDeferred
async def test_values_come_back(database: Database, now: Now) -> None:
    """Whatever people write into questions, choices and translations comes back, and nowhere else."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    questions = tuple(
        Question(
            name=f"q{number}",
            label=text,
            kind=QuestionKind.CHOICE,
            required=True,
            choices=(text, "b"),
            help=text,
            risk_choices=(text,),
            translations={"de": Wording(label=text, choices={"b": text})},
        )
        for number, text in enumerate(NAUGHTY)
    )
    scale = Question(
        name="scale",
        label="How much?",
        kind=QuestionKind.SCALE,
        required=False,
        low=1,
        high=5,
        risk_at_most=2,
    )
    wanted = Forms(
        language="en",
        questions=questions,
        survey=(scale,),
        record=(),
        record_required=True,
        consent={"": NAUGHTY[0], "de": NAUGHTY[1]},
        consent_required=True,
    )
    async with database.transaction(house.organisation_id) as tx:
        assert await forms.get(tx, house.organisation_id) == OURS
        await forms.change(tx, house.organisation_id, wanted)
        assert await forms.get(tx, house.organisation_id) == wanted
        await forms.change(tx, other.organisation_id, wanted)
    async with database.transaction(other.organisation_id) as tx:
        assert await forms.get(tx, other.organisation_id) == OURS


@ensureDeferred
async def test_questions_of_before(database: Database, now: Now) -> None:
    """Those stored when there were three kinds, and nothing but choices, are read as they were meant."""
    house = await make_house(database, now())
    stored = [
        {"name": q.name, "label": q.label, "kind": q.kind.value, "required": q.required, "choices": []}
        for q in DEFAULT_QUESTIONS
    ]
    stored.append({"name": "how", "label": "How?", "kind": "choice", "required": True, "choices": ["a"]})
    how = Question(name="how", label="How?", kind=QuestionKind.CHOICE, required=True, choices=("a",))
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE organisations SET questions = %(questions)s", questions=Json(stored))
        found = await forms.get(tx, house.organisation_id)
        assert found == replace(OURS, questions=(*DEFAULT_QUESTIONS, how))
