"""How much of a node one client, one session and one organisation may take for themselves.

In come messages about to be stored and histories about to be read, out comes TooFast. It counts over all
sessions of a client, however many it opens, forgets by itself, and knows nothing but ids.
"""

from __future__ import annotations

from collections.abc import Callable

from hotline.domain.allowances import Allowances, each_minute
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor, Role


class Shares:
    """One node's."""

    def __init__(self, limits: DomainLimits, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._allowances = Allowances(limits.remembered)
        self._of_client = each_minute(limits.messages_per_client)
        self._messages = each_minute(limits.messages_per_organisation)
        self._of_session = each_minute(limits.histories_per_session)
        self._histories = each_minute(limits.histories_per_organisation)

    def message(self, actor: Actor) -> None:
        """This is about to be said. :raises TooFast: too much was lately, by this client or by all."""
        spent = [(self._messages, _all_like(actor, "messages"))]
        if actor.role is Role.CLIENT:
            spent.append((self._of_client, (actor.organisation_id, actor.id, "messages")))
        self._allowances.spend(spent, self._seconds())

    def history(self, session: int, actor: Actor) -> None:
        """This is about to be read. :raises TooFast: too much was lately, by this session or by all."""
        self._allowances.spend(
            [
                (self._histories, _all_like(actor, "histories")),
                (self._of_session, (actor.organisation_id, str(session), "histories")),
            ],
            self._seconds(),
        )


def _all_like(actor: Actor, what: str) -> tuple[str, str, str]:
    # Apart, so that no crowd of clients keeps consultants from answering.
    return actor.organisation_id, "clients" if actor.role is Role.CLIENT else "people", what
