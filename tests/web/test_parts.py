"""The parts of the pages that need neither a database nor a port."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import contrast, forms
from hotline.domain.defaults import DEFAULT_QUESTIONS
from hotline.domain.questions import Question, QuestionKind, Wording
from hotline.errors import Gone, Invalid, NotAllowed
from hotline.web import answers, colours, csrf, questions
from hotline.web.forms import Form
from hotline.web.headers import everywhere
from hotline.web.questions import Choice, Row

colour = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21, a colour on itself 1, and the order does not matter."""
    assert contrast.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast.contrast("#0e5e5b", "#0e5e5b") == pytest.approx(1)
    assert contrast.contrast("#123456", "#fedcba") == contrast.contrast("#fedcba", "#123456")


@given(accent=colour, paper=colour)
def test_whatever_is_accepted_is_legible(accent: str, paper: str) -> None:
    """Of colours that are not refused, every pair of text and ground has contrast enough."""
    if contrast.problems({"accent": accent, "paper": paper}):
        return
    assert contrast.contrast(paper, contrast.INK) >= contrast.LEGIBLE
    assert contrast.contrast(accent, paper) >= contrast.LEGIBLE
    sheet = colours.style_sheet({"accent": accent, "paper": paper})
    for part in sheet.split("@media ")[1:]:
        tokens = dict(line.strip().rstrip(";").split(": ") for line in part.splitlines() if "--" in line)
        assert contrast.contrast(tokens["--accent"], tokens["--accent-ink"]) >= contrast.LEGIBLE
        assert contrast.contrast(tokens["--accent-soft"], tokens["--accent-soft-ink"]) >= contrast.LEGIBLE
        if "dark" in part:
            assert contrast.contrast(tokens["--accent"], "#1c2324") >= contrast.LEGIBLE


def test_only_colours_reach_the_style_sheet() -> None:
    """Names and values that are none are left out, whatever the database says."""
    odd = {"accent": "red;} body {display:none", "evil": "#123456", "paper": "#f0f0f0"}
    sheet = colours.style_sheet(odd)
    assert "--paper: #f0f0f0;" in sheet
    assert "red" not in sheet
    assert "evil" not in sheet
    assert colours.style_sheet({}) == ""


def test_rows_and_back() -> None:
    """Questions become rows and the same questions again."""
    choice = Question(name="how", label="How?", kind=QuestionKind.CHOICE, required=True, choices=("a", "b"))
    said = forms.check_question(
        replace(
            choice,
            name="said",
            kind=QuestionKind.CHOICES,
            help="As you like.",
            risk_choices=("b",),
            translations={"de": Wording(label="Wie?", choices={"a": "x"})},
        )
    )
    scale = Question(
        name="scale",
        label="How much?",
        kind=QuestionKind.SCALE,
        required=False,
        low=1,
        high=5,
        low_label="Little",
        risk_at_most=1,
    )
    asked = [*DEFAULT_QUESTIONS, choice, said, scale]
    rows = questions.rows_of(asked)
    assert questions.questions_of(rows, asked) == asked
    assert questions.usable([Row(), *rows]) == [replace(question, translations={}) for question in asked]


def typed(*texts: str) -> tuple[Choice, ...]:
    """Rows of choices."""
    return tuple(Choice(text=text) for text in texts)


def test_translations_stay_with_the_short_name() -> None:
    """But for choices that are not there any more; one wording for two choices is refused."""
    translations = {"de": Wording(choices={"a": "x", "b": "y"})}
    before = Question(
        name="how",
        label="How?",
        kind=QuestionKind.CHOICE,
        required=True,
        choices=("a", "b"),
        translations=translations,
    )
    row = Row(name="how", label="How else?", kind="choice", choices=typed("b", "c"))
    (after,) = questions.questions_of([row], [before])
    assert after.translations == {"de": Wording(choices={"b": "y"})}
    with pytest.raises(Invalid) as caught:
        questions.questions_of([replace(row, choices=typed("b", "y"))], [before])
    assert set(caught.value.details) == {"question-0-choices"}


def test_short_names_are_made() -> None:
    """A question without a short name gets one made of its words, each another."""
    rows = [Row(label="How are you?"), Row(label="How are you"), Row(label="你好"), Row(label="1 more")]
    names = [question.name for question in questions.questions_of(rows)]
    assert names == ["how_are_you", "how_are_you_2", "question", "q_1_more"]


@given(
    rows=st.lists(
        st.builds(Row, name=st.text(max_size=9), label=st.text(max_size=9), kind=st.text(max_size=9))
    )
)
def test_any_rows_are_questions_or_problems(rows: list[Row]) -> None:
    """Whatever is typed becomes questions with names of their own, or problems of the rows' fields."""
    try:
        made = questions.questions_of(rows)
    except Invalid as error:
        problems = set(error.details)
        assert problems <= set(questions.labels(rows))
    else:
        assert len({question.name for question in made}) == len(rows)


def test_buttons_of_the_editor() -> None:
    """Unknown buttons are not the editor's; numbers of rows that are not there change nothing."""
    rows = [Row(label="a"), Row(label="b")]
    assert questions.edited(rows, "save") == (rows, False)
    assert questions.edited(rows, "remove-question-x") == (rows, False)
    assert questions.edited(rows, "remove-question-7") == (rows, True)
    assert questions.edited(rows, "raise-question-0") == (rows, True)
    assert questions.edited(rows, "raise-question-1") == ([rows[1], rows[0]], True)
    assert questions.edited(rows, "lower-question-0") == ([rows[1], rows[0]], True)
    assert questions.edited(rows, "lower-question-1") == (rows, True)
    assert questions.edited(rows, "remove-question-0") == ([rows[1]], True)


@pytest.mark.parametrize("order", ["", "0,1", "1,0,2", "0,0,1", "x", "7", "-1", "1,2,0,3"])
def test_orders_that_are_none(order: str) -> None:
    """Only an order of all rows is one."""
    rows = [Row(label="a"), Row(label="b"), Row(label="c")]
    dragged = [rows[1], rows[0], rows[2]] if order == "1,0,2" else rows
    assert questions.edited(rows, "save", order) == (dragged, False)


def test_buttons_after_dragging() -> None:
    """A button of a row means that row, wherever it was dragged to."""
    rows = [Row(label="a"), Row(label="b"), Row(label="c")]
    assert questions.edited(rows, "remove-question-0", "2,0,1") == ([rows[2], rows[1]], True)
    assert questions.edited(rows, "raise-question-0", "2,0,1") == ([rows[0], rows[2], rows[1]], True)


def test_form_tokens() -> None:
    """A token fits the cookie it was made for, and no other; without a cookie none does."""
    token = csrf.token_for("secret")
    csrf.check_token(token, "secret")
    assert "secret" not in token
    for given_token, secret in (
        (token, "other"),
        (token, None),
        ("", "secret"),
        ("", None),
        (token + "x", "secret"),
    ):
        with pytest.raises(csrf.StaleForm):
            csrf.check_token(given_token, secret)


def test_https_is_for_a_year() -> None:
    """Whoever has been here by https comes by nothing else, for a year, below this host as well."""
    told = dict(everywhere(secure=True))
    assert told["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in dict(everywhere(secure=False))


def test_redirects_stay_here() -> None:
    """Only a path of our own can be redirected to."""
    for path in ("https://evil.example", "//evil.example", "login", ""):
        with pytest.raises(ValueError, match="own"):
            answers.redirect(path)


def test_problems_are_sentences() -> None:
    """A problem gets its field's name and a full stop; a reason of an error is shown as a sentence."""
    form = Form(labels={"email": "Email"}, values={"email": "x", "password": "y"}, prefix="p")
    refused = form.refused(Invalid(email="is not an email address", other="is odd"))
    assert refused.problem("email") == "Email is not an email address."
    assert refused.summary == [("p-email", "Email is not an email address."), ("", "Other is odd.")]
    assert refused.status == 400
    assert refused.value("password") == ""
    assert (
        form.refused(NotAllowed(reason="only managers may do this")).sentence == "Only managers may do this."
    )
    assert form.refused(Gone()).sentence == Gone.sentence
