"""What somebody is best at, as a form: on the own account page, and for managers beside everybody.

A consultant comes in, a form with two fields goes out; posted fields come in, and are stored.
"""

from __future__ import annotations

from hotline.domain.model import Actor
from hotline.domain.staff import StaffEntry
from hotline.store.consultants import Consultant
from hotline.web.forms import Form, separated
from hotline.web.visit import Visit

_LABELS = {"languages": "Languages", "topics": "Topics"}


def form(prefix: str = "skills") -> Form:
    """The form with nothing in it; of several on one page each has its own prefix."""
    return Form(labels=_LABELS, prefix=prefix)


def filled(person: Consultant | StaffEntry, prefix: str = "skills") -> Form:
    """The form with what is stored."""
    return form(prefix).filled({"languages": ", ".join(person.languages), "topics": ", ".join(person.topics)})


async def store(visit: Visit, actor: Actor, consultant_id: str) -> None:
    """What was posted counts from now on. :raises HotlineError: as Accounts.set_skills."""
    await visit.house.accounts.set_skills(
        actor,
        consultant_id,
        languages=separated(visit.fields.get("languages", "")),
        topics=separated(visit.fields.get("topics", "")),
    )
