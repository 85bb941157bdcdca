"""News of ready answers and referrals: what the doorbell rang for, as events.

In come ids of rows that changed, each row is read, and out go events to those it concerns: the organisation's
consultants, or the one whose own answer it is. Never told to clients, nor to anybody who does not listen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from hotline.domain import wire
from hotline.domain.model import Actor
from hotline.domain.topics import ANSWERS, REFERRALS, own_answers_topic
from hotline.store import ready_answers, referrals
from hotline.store.database import Database


class Listeners(Protocol):
    """The sessions of this node, as far as they matter here."""

    def publish(self, organisation_id: str, topic: str, kwargs: dict[str, Any]) -> None: ...

    def is_observed(self, organisation_id: str, topic: str) -> bool: ...


async def tell_answers(
    database: Database, listeners: Listeners, organisation_id: str, items: Sequence[tuple[str, ...]]
) -> None:
    """Each item: whose it is (`-`: the organisation's), and the answer's id."""
    for owner, answer_id in items:
        topic = ANSWERS if owner == "-" else own_answers_topic(owner)
        if listeners.is_observed(organisation_id, topic):
            async with database.reading(organisation_id) as tx:
                answer = await ready_answers.find(tx, organisation_id, answer_id)
            told = {"id": answer_id} if answer is None else wire.ready_answer(answer)
            listeners.publish(organisation_id, topic, {"change": _change(answer), "answer": told})


async def tell_referrals(
    database: Database, listeners: Listeners, organisation_id: str, items: Sequence[tuple[str, ...]]
) -> None:
    """Each item: the referral's id."""
    for (referral_id,) in items:
        if listeners.is_observed(organisation_id, REFERRALS):
            async with database.reading(organisation_id) as tx:
                referral = await referrals.find(tx, organisation_id, referral_id)
            told = {"id": referral_id} if referral is None else wire.referral(referral)
            listeners.publish(organisation_id, REFERRALS, {"change": _change(referral), "referral": told})


def tell_missed(listeners: Listeners, organisation_id: str, actors: Iterable[Actor]) -> None:
    """Something may have changed, nobody knows what: who keeps a list has to ask for it again."""
    own = {own_answers_topic(actor.id) for actor in actors if actor.is_consultant}
    for topic in (ANSWERS, REFERRALS, *own):
        listeners.publish(organisation_id, topic, {"change": "missed"})


def _change(found: object) -> str:
    return "removed" if found is None else "updated"
