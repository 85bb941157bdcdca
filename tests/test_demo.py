"""The demonstration, as far as it can be told without one: what is set up and said there is allowed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.demo import guests, lines, scenes, stories
from hotline.demo.guests import Guest
from hotline.demo.questions import QUESTIONS
from hotline.demo.stories import STORIES, Story, special_days
from hotline.domain import aids, answers, checks, forms, groups, settings, timetable
from hotline.domain.blocks import REASON_LENGTH
from hotline.domain.defaults import DEFAULT_RECORD, SUGGESTED_SURVEY
from hotline.domain.hours import WEEKDAYS
from hotline.domain.names import look
from hotline.domain.statistics import SMALLEST_GROUP

ASKED = forms.check_questions(QUESTIONS)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_settings_are_taken(story: Story) -> None:
    """Whatever the organisations set up is right, and speaks the languages they say."""
    assert checks.slug_of(story.name) == story.slug
    stored = settings.check(story.settings)
    assert set(stored["texts"]) | set(stored["elsewhere"]) <= set(stored["languages"])
    assert stories.EVERY_DAY == WEEKDAYS
    people = {name for name, _ in (story.manager, story.staff, story.colleague)}
    assert set(story.best_at) <= people
    for languages, topics in story.best_at.values():
        assert aids.check_languages(languages)
        assert aids.check_topics(topics)


@pytest.mark.parametrize(
    "today", [date(2026, 11, 22), date(2026, 12, 24), date(2026, 12, 31), date(2027, 1, 1)]
)
def test_special_days_are_to_come(today: date) -> None:
    """Whenever it is shown there are holidays ahead, each once."""
    days = timetable.special_days(special_days(today))
    assert len(days) == 4
    assert all(day.date > today for day in days)


@pytest.mark.parametrize("guest", [guests.LAYLA, guests.HANNAH, guests.CAMILLE, guests.ROSA, guests.ELI])
def test_guests_answer_what_is_asked(guest: Guest) -> None:
    """In their own languages, too; one of them is at risk, and they have something left to say."""
    checked = answers.check_answers(guest.answers, ASKED)
    assert set(checked) == {question.name for question in ASKED}
    assert answers.is_risk(checked, ASKED) == (guest is guests.LAYLA)
    assert len(guest.says) >= 4
    for text in guest.says:
        checks.text(text)


def test_the_past_can_be_told() -> None:
    """Its answers, records and surveys are right, and many enough that statistics show some of them."""
    past = list(lines.past())
    genuine = 0
    for talk in past:
        assert not answers.is_risk(answers.check_answers(talk.answers, ASKED), ASKED)
        genuine += answers.check_answers(talk.record, DEFAULT_RECORD)["contact"] == "Genuine"
        answers.check_answers(talk.survey, SUGGESTED_SURVEY)
        checks.language(talk.language)
    assert genuine >= SMALLEST_GROUP
    assert checks.draft(lines.DRAFT)
    assert len(lines.BLOCK_REASON) <= REASON_LENGTH


def test_the_group_can_be_opened() -> None:
    """What it says of itself is taken, and those who come have names of their own."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    groups.span(None, now + timedelta(hours=lines.GROUP_HOURS), now)
    assert groups.text(lines.GROUP["text"])
    assert groups.most_clients(lines.GROUP["most_clients"])
    staff = {name for story in STORIES for name, _ in (story.manager, story.staff, story.colleague)}
    names = [*staff, *{name for name, _ in lines.GROUP_SAID if name}]
    assert len({look(name) for name in names}) == len(names)
    for _, text in lines.GROUP_SAID:
        checks.text(text)


def test_who_comes_and_goes_is_in_no_danger() -> None:
    """Risk is left to people."""
    for story in STORIES:
        for number in range(len(story.clients)):
            assert not answers.is_risk(answers.check_answers(scenes.usual(number), ASKED), ASKED)
