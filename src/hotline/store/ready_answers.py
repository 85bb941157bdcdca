"""Ready answers: the organisation's, and each consultant's own. In come and out come ReadyAnswers.

Decides nothing: who may change which is said elsewhere.
"""

from __future__ import annotations

from typing import Any

from hotline.domain.aids import ReadyAnswer, Scope
from hotline.store.database import Transaction
from hotline.store.messages import page_of

_COLUMNS = "answer_id, consultant_id, shortcut, text, language"
_SHOWN = f"""
SELECT {_COLUMNS} FROM ready_answers
WHERE organisation_id = %(organisation)s AND (consultant_id IS NULL OR consultant_id = %(consultant)s)
"""

LIST = f"""{_SHOWN} AND (%(after)s::text IS NULL OR (shortcut, answer_id) > (
    SELECT shortcut, answer_id FROM ready_answers
    WHERE organisation_id = %(organisation)s AND answer_id = %(after)s))
ORDER BY shortcut, answer_id LIMIT %(limit)s
"""
OF_OWNER = f"""
SELECT {_COLUMNS} FROM ready_answers
WHERE organisation_id = %(organisation)s AND consultant_id IS NOT DISTINCT FROM %(owner)s
ORDER BY shortcut
"""
GET = f"{_SHOWN} AND answer_id = %(answer)s"
FIND = f"""
SELECT {_COLUMNS} FROM ready_answers
WHERE organisation_id = %(organisation)s AND answer_id = %(answer)s
"""
COUNT = """
SELECT count(*) AS count FROM ready_answers
WHERE organisation_id = %(organisation)s AND consultant_id IS NOT DISTINCT FROM %(owner)s
"""
ADD = f"""
INSERT INTO ready_answers (organisation_id, {_COLUMNS})
VALUES (%(organisation)s, %(answer)s, %(owner)s, %(shortcut)s, %(text)s, %(language)s)
"""
CHANGE = """
UPDATE ready_answers SET shortcut = %(shortcut)s, text = %(text)s, language = %(language)s
WHERE organisation_id = %(organisation)s AND answer_id = %(answer)s
"""
DELETE = "DELETE FROM ready_answers WHERE organisation_id = %(organisation)s AND answer_id = %(answer)s"


def _answer(row: Any) -> ReadyAnswer:
    return ReadyAnswer(
        answer_id=row.answer_id,
        scope=Scope.ORGANISATION if row.consultant_id is None else Scope.OWN,
        shortcut=row.shortcut,
        text=row.text,
        language=row.language,
    )


async def list_after(
    tx: Transaction, organisation_id: str, consultant_id: str, after: str | None, limit: int
) -> tuple[list[ReadyAnswer], bool]:
    """Those the consultant can use, by shortcut, after the one with this id; whether there are more. Long
    ones: fewer."""
    rows = await tx.rows(
        LIST, organisation=organisation_id, consultant=consultant_id, after=after, limit=limit + 1
    )
    page = page_of(rows, limit)
    return [_answer(row) for row in page], len(rows) > len(page)


async def list_of(tx: Transaction, organisation_id: str, owner: str | None) -> list[ReadyAnswer]:
    """All of the organisation's (no owner), or a consultant's own, by shortcut."""
    rows = await tx.rows(OF_OWNER, organisation=organisation_id, owner=owner)
    return [_answer(row) for row in rows]


async def get(tx: Transaction, organisation_id: str, consultant_id: str, answer_id: str) -> ReadyAnswer:
    """:raises NotFound: the consultant can use no such answer."""
    return _answer(
        await tx.get(GET, organisation=organisation_id, consultant=consultant_id, answer=answer_id)
    )


async def find(tx: Transaction, organisation_id: str, answer_id: str) -> ReadyAnswer | None:
    """Whosever it is."""
    row = await tx.find(FIND, organisation=organisation_id, answer=answer_id)
    return row and _answer(row)


async def count_of(tx: Transaction, organisation_id: str, owner: str | None) -> int:
    """How many the organisation (no owner) or the consultant has."""
    return (await tx.get(COUNT, organisation=organisation_id, owner=owner)).count  # type: ignore[no-any-return]  # rows are Any


async def add(tx: Transaction, organisation_id: str, owner: str | None, answer: ReadyAnswer) -> None:
    """:raises AlreadyExists: the owner has one of this shortcut."""
    await tx.run(
        ADD,
        organisation=organisation_id,
        answer=answer.answer_id,
        owner=owner,
        shortcut=answer.shortcut,
        text=answer.text,
        language=answer.language,
    )


async def change(tx: Transaction, organisation_id: str, answer: ReadyAnswer) -> None:
    """:raises AlreadyExists: its owner has another one of this shortcut."""
    await tx.run(
        CHANGE,
        organisation=organisation_id,
        answer=answer.answer_id,
        shortcut=answer.shortcut,
        text=answer.text,
        language=answer.language,
    )


async def delete(tx: Transaction, organisation_id: str, answer_id: str) -> None:
    """For good."""
    await tx.run(DELETE, organisation=organisation_id, answer=answer_id)
