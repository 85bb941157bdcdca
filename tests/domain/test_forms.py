"""What questions may be, what may be answered to them, and in which words: pure, for whatever is made up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import answers, checks, forms, wording
from hotline.domain.catalog import CATALOG, NOTICES
from hotline.domain.defaults import DEFAULT_QUESTIONS, DEFAULT_RECORD, SUGGESTED_SURVEY
from hotline.domain.questions import Question, QuestionKind, Wording
from hotline.errors import Invalid

MADE = {"name": "safe", "label": "Are you safe?", "required": False}
CHOICE = Question(
    **MADE,
    kind=QuestionKind.CHOICE,
    choices=("Yes", "Not sure", "I am not"),
    risk_choices=("I am not",),
    translations={
        "de": Wording(label="Sind Sie in Sicherheit?", choices={"Yes": "Ja", "I am not": "Ich bin es nicht"}),
        "de-x-informal": Wording(label="Bist du in Sicherheit?"),
    },
)
SEVERAL = replace(CHOICE, name="several", kind=QuestionKind.CHOICES)
SCALE = Question(
    name="pain",
    label="How bad is it?",
    kind=QuestionKind.SCALE,
    required=True,
    low=0,
    high=10,
    low_label="Not at all",
    high_label="Unbearable",
    risk_at_least=8,
)
AGE = Question(name="age", label="Age", kind=QuestionKind.AGE_BAND, required=False, risk_choices=("0-13",))
ASKED = (CHOICE, SEVERAL, SCALE, forms.check_question(AGE), DEFAULT_QUESTIONS[2])

words = st.text(max_size=12)
wordings = st.builds(
    Wording, label=words, help=words, low_label=words, choices=st.dictionaries(words, words, max_size=2)
)
questions = st.builds(
    Question,
    name=st.from_regex(r"[a-z][a-z0-9_]{0,3}", fullmatch=True) | words,
    label=words,
    kind=st.sampled_from(QuestionKind),
    required=st.booleans(),
    choices=st.lists(words | st.sampled_from(["1-2", "3+", "Yes"]), max_size=4).map(tuple),
    help=words,
    low=st.none() | st.integers(-2, 120),
    high=st.none() | st.integers(-2, 120),
    low_label=words,
    high_label=words,
    risk_choices=st.lists(words | st.just("Yes"), max_size=2).map(tuple),
    risk_at_least=st.none() | st.integers(-2, 120),
    risk_at_most=st.none() | st.integers(-2, 120),
    translations=st.dictionaries(st.sampled_from(["de", "ar", "x", "pt-BR"]), wordings, max_size=2),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(
    scalars | st.sampled_from(["Yes", "Ja", "0-13"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(questions)
def test_any_question_is_checked_or_refused(made: Question) -> None:
    """What is accepted can be stored, read, shown and checked again unchanged; all else names its parts."""
    try:
        kept = forms.check_question(made)
    except Invalid as error:
        problems = set(error.details)
        assert problems <= set(Question.__dataclass_fields__)
        return
    stored = json.loads(json.dumps(forms.plain(kept)))
    assert forms.read(stored) == kept
    assert forms.check_question(kept) == kept
    for language in ("de", "ar-EG", None, "tlh"):
        shown = wording.shown(kept, language)
        assert not {"risk_choices", "risk_at_least", "translations"} & set(shown)
        for choice, said in zip(kept.choices, shown.get("choices", ()), strict=False):
            given_ = said if kept.kind is not QuestionKind.CHOICES else [said]
            accepted = answers.check_answers({kept.name: given_}, [kept])[kept.name]
            assert accepted in (choice, [choice]) or said in kept.choices


@given(st.dictionaries(st.sampled_from([*(q.name for q in ASKED), "other"]), anything, max_size=5))
def test_any_answers_are_accepted_or_refused(given_: dict[str, Any]) -> None:
    """What is accepted are answers that were possible, and is accepted again; all else names questions."""
    try:
        kept = answers.check_answers(given_, ASKED)
    except Invalid as error:
        problems = error.details
        assert {name.partition(".")[0] for name in problems} == {"answers"}
        return
    assert answers.check_answers(kept, ASKED) == kept
    json.dumps(kept).encode()
    assert 0 <= kept["pain"] <= 10  # type: ignore[operator]
    for name, answer in answers.groups(kept, ASKED):
        assert name in ("safe", "several", "pain", "age")
        assert answer in (*CHOICE.choices, *ASKED[3].choices, *map(str, range(11)))


@pytest.mark.parametrize(
    ("given_", "risk"),
    [
        ({}, False),
        ({"safe": "Yes"}, False),
        ({"safe": "I am not"}, True),
        ({"safe": "Ich bin es nicht"}, True),
        ({"several": ["Yes", "Ich bin es nicht"]}, True),
        ({"several": ["Yes"]}, False),
        ({"pain": 7}, False),
        ({"pain": "8"}, True),
        ({"age": "14-17"}, False),
        ({"age": "0-13"}, True),
        ({"issues": "I am not"}, False),
    ],
)
def test_risk_answers(given_: dict[str, Any], risk: bool) -> None:
    """A risk answer is one in every language; what somebody writes is never one."""
    asked = tuple(replace(question, required=False) for question in ASKED)
    assert answers.is_risk(answers.check_answers(given_, asked), asked) is risk


@pytest.mark.parametrize("bound", [(None, 2), (9, None), (9, 2), (None, None)])
def test_both_ends_of_a_scale_may_be_risky(bound: tuple[int | None, int | None]) -> None:
    """At or beyond either bound, and nowhere between."""
    scale = replace(SCALE, risk_at_least=bound[0], risk_at_most=bound[1])
    for number in range(11):
        expected = (bound[0] is not None and number >= bound[0]) or (
            bound[1] is not None and number <= bound[1]
        )
        assert answers.is_risk({"pain": number}, [scale]) == expected


def test_answers_are_stored_in_the_organisations_words() -> None:
    """As they were asked, whatever the language; several in the order of the choices; empty ones left out."""
    kept = answers.check_answers(
        {"safe": " Ja ", "several": ["I am not", "Ja"], "pain": " 3 ", "age": "", "issues": "  x "}, ASKED
    )
    expected = {"safe": "Yes", "several": ["Yes", "I am not"], "pain": 3, "issues": "x"}
    assert kept == expected
    assert answers.check_answers({"pain": 0, "several": []}, ASKED) == {"pain": 0}


def test_answers_report_every_problem() -> None:
    """Unknown questions, missing required ones and wrong choices are all named at once."""
    with pytest.raises(Invalid) as caught:
        answers.check_answers(
            {"safe": "c", "several": ["Yes", "Ja"], "age": "15", "issues": "x" * 1001, "shoe size": "9"},
            ASKED,
        )
    names = {"answers.safe", "answers.several", "answers.pain", "answers.age", "answers.issues"}
    assert set(caught.value.details) == names | {"answers.shoe size"}


@pytest.mark.parametrize("value", [[], "x", 5, None])
def test_answers_are_a_table(value: Any) -> None:
    """Anything but a table is refused."""
    with pytest.raises(Invalid):
        answers.check_answers(value, DEFAULT_QUESTIONS)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", "Not A Name"),
        ("name", "1st"),
        ("label", ""),
        ("label", "x" * 201),
        ("help", "x" * 501),
        ("choices", ()),
        ("choices", ("a", "a")),
        ("choices", ("a\nb",)),
        ("choices", tuple(map(str, range(51)))),
        ("risk_choices", ("not there",)),
        ("translations", {"Klingon language": Wording(label="x")}),
        ("translations", {"de": Wording(choices={"not there": "x"})}),
        ("translations", {"de": Wording(choices={"Yes": "I am not"})}),
        ("translations", {f"a{n}": Wording(label="x") for n in "abcdefghijklmnopqrstu"}),
    ],
)
def test_parts_of_questions_that_are_refused(part: str, value: Any) -> None:
    """The part is named."""
    with pytest.raises(Invalid) as caught:
        forms.check_question(replace(replace(CHOICE, translations={}), **{"risk_choices": (), part: value}))
    assert set(caught.value.details) == {part}


@pytest.mark.parametrize(
    "bands",
    [("14-17", "0-13"), ("0-13", "13-17"), ("17-14",), ("65+", "70-80"), ("young",), ("1-2",) * 2, ("-3",)],
)
def test_bands_that_are_none(bands: tuple[str, ...]) -> None:
    """Everybody must be in one at most, and know which."""
    with pytest.raises(Invalid) as caught:
        forms.check_question(replace(AGE, choices=bands, risk_choices=()))
    assert set(caught.value.details) == {"choices"}


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (5, 5), (5, 4), (0, 21), (90, 101), (100, 101)])
def test_scales_that_are_none(low: int, high: int) -> None:
    """They rise, by at most twenty steps."""
    with pytest.raises(Invalid):
        forms.check_question(replace(SCALE, low=low, high=high, risk_at_least=None))


def test_forms_name_the_question() -> None:
    """Problems carry the number of their question; names are given once; there are at most twenty."""
    with pytest.raises(Invalid) as caught:
        forms.check_questions([CHOICE, replace(SCALE, label="", risk_at_least=None), replace(AGE, name="")])
    assert set(caught.value.details) == {"questions.1.label", "questions.2.name"}
    long = replace(
        CHOICE, choices=tuple(f"{n} {'字' * 70}" for n in range(50)), translations={}, risk_choices=()
    )
    many = [replace(long, name=f"q{n}") for n in range(20)]
    for wrong in ([CHOICE, CHOICE], [*many, CHOICE], many):
        with pytest.raises(Invalid) as caught:
            forms.check_questions(wrong)
        assert set(caught.value.details) == {"questions"}


def test_consent() -> None:
    """By language, in one's own at least; empty ones are none."""
    assert forms.check_consent({"": " Agree? ", "de": "", "fr": "D’accord ?"}) == {
        "": "Agree?",
        "fr": "D’accord ?",
    }
    assert forms.check_consent({"": "  ", "de": ""}) == {}
    for wrong in ({"de": "Ja?"}, {"": "a\x00"}, {"": "x" * 5001}, {"": "x", "not a tag": "x"}):
        with pytest.raises(Invalid) as caught:
            forms.check_consent(wrong)
        assert set(caught.value.details) == {"consent"}


@pytest.mark.parametrize(
    ("language", "label", "first"),
    [
        (None, "Are you safe?", "Yes"),
        ("tlh", "Are you safe?", "Yes"),
        ("de", "Sind Sie in Sicherheit?", "Ja"),
        ("DE-at", "Sind Sie in Sicherheit?", "Ja"),
        ("de-x-informal", "Bist du in Sicherheit?", "Ja"),
        ("fr-CA", "Are you safe?", "Oui"),
    ],
)
def test_words_in_the_language_asked(language: str | None, label: str, first: str) -> None:
    """The tag, what it is a variety of, the organisation's own; our own words in our translation."""
    shown = wording.shown(CHOICE, language)
    assert (shown["label"], shown["choices"][0]) == (label, first)


def test_our_own_forms_are_in_order() -> None:
    """They pass the checks as they are, in every language we have; every answer shown is taken."""
    for form in (DEFAULT_QUESTIONS, DEFAULT_RECORD, SUGGESTED_SURVEY):
        assert forms.check_questions(form) == form
        for language in (None, *NOTICES):
            for question, shown in zip(form, wording.all_shown(form, language), strict=True):
                assert language in (None, "en") or shown["label"] != question.label
                choices = shown.get("choices", [])
                assert len(set(choices)) == len(choices)
                for choice in choices:
                    value = [choice] if question.kind is QuestionKind.CHOICES else choice
                    assert answers.check_answers({question.name: value}, [replace(question, required=False)])
    assert all(set(said) >= {"de", "fr", "es", "ar"} for said in CATALOG.values())


@pytest.mark.parametrize(
    ("hours", "language", "sentence"),
    [
        (0, None, "This conversation is deleted as soon as it has ended."),
        (1, "en-GB", "This conversation is deleted one hour after it has ended."),
        (48, "tlh", "This conversation is deleted 48 hours after it has ended."),
        (2160, "en", "This conversation is deleted 90 days after it has ended."),
        (2, "de", "Dieses Gespräch wird 2 Stunden nach seinem Ende gelöscht."),
        (72, "ar", "تُحذف هذه المحادثة بعد 3 أيام من انتهائها."),
        (2, "ar", "تُحذف هذه المحادثة بعد ساعتين من انتهائها."),
        (11, "ar", "تُحذف هذه المحادثة بعد 11 ساعة من انتهائها."),
        (168, "fr", "Cette conversation est effacée 7 jours après sa fin."),
    ],
)
def test_notice(hours: int, language: str | None, sentence: str) -> None:
    """It says the real setting, in the plural the language has for it."""
    assert wording.notice(hours, language) == sentence


@pytest.mark.parametrize(
    ("hours", "days", "language", "sentence"),
    [
        (
            0, 1, "tlh",
            "A message that nobody answers is kept for one day; an answer that nobody reads, as long. "
            "Once it is read, both are deleted.",
        ),
        (
            48, 30, "de-AT",
            "Eine Nachricht, auf die niemand antwortet, wird 30 Tage aufbewahrt; eine Antwort, die niemand "
            "liest, ebenso lange. Ist sie gelesen, wird beides 48 Stunden später gelöscht.",
        ),
    ],
)  # fmt: skip
def test_notice_of_a_message(hours: int, days: int, language: str, sentence: str) -> None:
    """Of both settings by which it is deleted."""
    assert wording.message_notice(hours, days, language) == sentence


@pytest.mark.parametrize(
    ("hours", "language", "sentence"),
    [
        (0, "tlh", "Names and messages are deleted as soon as the group has ended."),
        (24, "en", "Names and messages are deleted 24 hours after the group has ended."),
        (
            168,
            "de-x-informal",
            "Namen und Nachrichten werden 7 Tage nach dem Ende der Gruppe gelöscht.",
        ),
        (1, "fr", "Les noms et les messages sont effacés une heure après la fin du groupe."),
        (72, "es-MX", "Los nombres y los mensajes se borran 3 días después de que termine el grupo."),
        (0, "ar", "تُحذف الأسماء والرسائل فور انتهاء المجموعة."),
    ],
)
def test_notice_of_a_group(hours: int, language: str, sentence: str) -> None:
    """Of what a group keeps."""
    assert wording.group_notice(hours, language) == sentence


def test_our_words_where_a_language_is_not_there() -> None:
    """Then they are in the organisation's own language, which may be English, and in English at last."""
    age = DEFAULT_QUESTIONS[0]
    for languages, label in (
        (("pl", "de"), "Alter"),
        (("en", "de"), "Age"),
        (("pl", "tlh"), "Age"),
        ((None, "fr-CA"), "Âge"),
        (("de-x-informal", "fr"), "Alter"),
    ):
        assert wording.shown(age, *languages)["label"] == label
    assert wording.notice(1, "pl", "de").startswith("Dieses Gespräch")
    own = replace(age, label="Lebensjahre")
    assert wording.shown(own, "fr", "de")["label"] == "Lebensjahre"


def test_the_clients_page_lets_nobody_type_more_than_is_taken() -> None:
    """What would be refused for its length cannot be typed: the page's limits are these."""
    web = Path(__file__).parents[2] / "web" / "src"
    assert f"export const LONGEST = {answers.LENGTH};" in (web / "views" / "forms.tsx").read_text()
    entry = (web / "anteroom" / "view_entry.tsx").read_text()
    assert f"longest: {checks.NAME_LENGTH}," in entry
    assert f"longest: {checks.TEXT_LENGTH} " in entry
