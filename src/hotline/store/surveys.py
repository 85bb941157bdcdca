"""What clients answered when it was over: in come answers with a day, out come answers with a day.

Nothing here can be brought together with a room or a client again; the room only knows that it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2.extras import Json

from hotline.domain.questions import Answer
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.ids import new_id
from hotline.store.messages import page_of
from hotline.store.sealed import open_json, seal_json
from hotline.store.seals import Cipher

STATE = """
SELECT r.status = 'closed' AS is_closed, r.surveyed FROM rooms r
WHERE r.organisation_id = %(organisation)s AND r.room_id = %(room)s AND r.client_id = %(client)s
"""
# Of two at once, one finds it marked.
MARK = """
UPDATE rooms SET surveyed = true
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND status = 'closed' AND NOT surveyed
"""
ADD = f"""
WITH {data_keys.NEW}
INSERT INTO surveys (organisation_id, survey_id, day, answers)
VALUES (%(organisation)s, %(survey)s, local_day(%(organisation)s, %(now)s), %(answers)s)
"""
# Within a day in the order of random ids: not in that of arrival.
LIST = """
SELECT survey_id, day, answers FROM surveys
WHERE organisation_id = %(organisation)s AND (%(before)s::text IS NULL OR (day, survey_id) < (
    SELECT day, survey_id FROM surveys WHERE organisation_id = %(organisation)s AND survey_id = %(before)s))
ORDER BY day DESC, survey_id DESC LIMIT %(limit)s
"""
# No day ends anywhere more than 14 hours before it does in UTC: the zone is asked of few rows only.
EXPIRED = Due("""
SELECT s.organisation_id || ' ' || s.survey_id AS key,
    end_of_day(s.day, o.time_zone) + make_interval(hours => o.retention_hours) AS due_at
FROM surveys s JOIN organisations o USING (organisation_id)
WHERE (s.day + 1)::timestamp AT TIME ZONE 'UTC' + make_interval(hours => o.retention_hours - 14) <= %(now)s
    AND end_of_day(s.day, o.time_zone) + make_interval(hours => o.retention_hours) <= %(now)s
""")
"""Surveys that have been kept long enough."""
DELETE = "DELETE FROM surveys WHERE organisation_id = %(organisation)s AND survey_id = %(survey)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One client's answers."""

    survey_id: str
    day: date
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Whether a room's client can be asked (any more)."""

    is_closed: bool
    surveyed: bool


async def get_state(tx: Transaction, organisation_id: str, room_id: str, client_id: str) -> State:
    """:raises NotFound: the client has no such room."""
    row = await tx.get(STATE, organisation=organisation_id, room=room_id, client=client_id)
    return State(is_closed=row.is_closed, surveyed=row.surveyed)


async def mark(tx: Transaction, organisation_id: str, room_id: str) -> bool:
    """The room's client has answered, or does not want to; False: that was so before."""
    return await tx.run(MARK, organisation=organisation_id, room=room_id) == 1


async def add(tx: Transaction, organisation_id: str, answers: dict[str, Answer], now: datetime) -> None:
    """Somebody's answers of today, as it is in the organisation's time zone."""
    survey_id = new_id()
    cipher, key = await data_keys.make(tx, organisation_id, survey_id)
    sealed = seal_answers(cipher, organisation_id, survey_id, answers)
    await tx.run(ADD, organisation=organisation_id, survey=survey_id, now=now, answers=sealed, **key)


async def list_before(
    tx: Transaction, organisation_id: str, before: str | None, limit: int
) -> tuple[list[Survey], bool]:
    """The newest, or those before the one with this id; whether there are more. Long ones: fewer."""
    rows = await tx.rows(LIST, organisation=organisation_id, before=before, limit=limit + 1)
    ciphers = await data_keys.load(tx, [(organisation_id, row.survey_id) for row in rows])
    opened = [_survey(ciphers.get((organisation_id, row.survey_id)), organisation_id, row) for row in rows]
    page = page_of(opened, limit, lambda survey: len(str(survey.answers)))
    return page, len(rows) > len(page)


async def delete(tx: Transaction, organisation_id: str, survey_id: str) -> bool:
    """One client's answers; what was counted stays. False: they were gone already."""
    return await tx.run(DELETE, organisation=organisation_id, survey=survey_id) == 1


def seal_answers(cipher: Cipher, organisation_id: str, survey_id: str, answers: dict[str, Answer]) -> Json:
    """What to store of a client's answers."""
    return seal_json(cipher, "surveys.answers", organisation_id, survey_id, value=answers)


def _survey(cipher: Cipher | None, organisation_id: str, row: Any) -> Survey:
    where = ("surveys.answers", organisation_id, row.survey_id)
    answers = open_json(cipher, *where, stored=row.answers, lost={})
    return Survey(survey_id=row.survey_id, day=row.day, answers=answers)
