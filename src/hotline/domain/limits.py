"""How much people may do, and how much one node does for them; keys of the `[limits]` table.

In: the configuration file. Out: a frozen value that whoever enforces one of these is handed. 0 is no limit,
for every number in it that does not say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from hotline.domain.account_limits import AccountLimits
from hotline.limits import INVALID, Limit, Per

_TOO_FAST = "`hotline.error.too_fast` with the time to wait"
_RIGHT_ONES = f"{_TOO_FAST}; right ones cost nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLimits(AccountLimits):
    """Limits of what people do (those of connections are SessionLimits of the protocols)."""

    entries_per_minute: Annotated[
        float,
        Limit(
            Per.ORGANISATION,
            "clients who enter or leave a message by one node, at once and in each minute",
            "others wait, or let their device compute for a moment",
        ),
    ] = 300.0

    entries_per_network: Annotated[
        float,
        Limit(
            Per.NETWORK,
            "the same of who comes from one network: never refused, so that no school is shut out",
            "others wait, or let their device compute for a moment",
        ),
    ] = 30.0

    entries_per_node: Annotated[
        float,
        Limit(
            Per.NODE,
            "the same of all organisations together: never refused either",
            "others wait, or let their device compute for a moment",
        ),
    ] = 1500.0

    puzzle_bits: Annotated[
        int,
        Limit(
            Per.CLIENT,
            "bits of the puzzle for who enters in a crowd; one more for each crowd on top",
            "each bit doubles the work",
            most=32,
        ),
    ] = 14

    most_puzzle_bits: Annotated[
        int,
        Limit(Per.CLIENT, "the same at the most", "a second or two for a telephone with 18", most=32),
    ] = 18

    return_codes: Annotated[int, Limit(Per.SESSION, "wrong return codes at once", _RIGHT_ONES)] = 5

    return_code_seconds: Annotated[
        float, Limit(Per.SESSION, "time between two beyond these (0: none)", _RIGHT_ONES)
    ] = 60.0

    messages_per_client: Annotated[
        float,
        Limit(
            Per.CLIENT,
            "messages by all sessions of one client together, at once and in each minute",
            _TOO_FAST,
        ),
    ] = 6000.0

    messages_per_organisation: Annotated[
        float,
        Limit(
            Per.ORGANISATION,
            "messages of all its clients, and as many of its people, by one node, at once and in each minute",
            _TOO_FAST,
        ),
    ] = 600_000.0

    histories_per_session: Annotated[
        float,
        Limit(Per.SESSION, "histories of rooms that are read, at once and in each minute", _TOO_FAST),
    ] = 6000.0

    histories_per_organisation: Annotated[
        float,
        Limit(
            Per.ORGANISATION,
            "the same of all its clients, and as many of its people, by one node; enough for thousands who "
            "come back at once",
            _TOO_FAST,
        ),
    ] = 120_000.0

    ready_answers: Annotated[int, Limit(Per.ORGANISATION, "ready answers for all", INVALID)] = 300

    ready_answers_per_person: Annotated[int, Limit(Per.PERSON, "ready answers of one's own", INVALID)] = 100

    referrals: Annotated[int, Limit(Per.ORGANISATION, "places in the directory", INVALID)] = 500

    groups_per_organisation: Annotated[
        int, Limit(Per.ORGANISATION, "groups that have not ended", "`hotline.error.not_allowed` (403)")
    ] = 20

    statistics_days: Annotated[int, Limit(Per.REQUEST, "days of statistics at once", INVALID)] = 400

    given_per_round: Annotated[
        int,
        Limit(
            Per.ORGANISATION,
            "waiting clients of one language in a round of giving them out",
            "the next round",
        ),
    ] = 50

    push_seconds: Annotated[
        float, Limit(Per.PERSON, "time between two calls by web push", "one call for all")
    ] = 60.0

    pushes_at_once: Annotated[int, Limit(Per.NODE, "web pushes sent at once", "the others wait")] = 20

    form_bytes: Annotated[int, Limit(Per.REQUEST, "length of a form that is posted", "413")] = 65536

    form_fields: Annotated[int, Limit(Per.REQUEST, "fields of a form", "400")] = 2500

    refused_bytes: Annotated[
        int,
        Limit(
            Per.REQUEST,
            "how much of a larger body is read, so that its sender sees why; with `message_bytes = 0` that "
            "is the longest message by long polls",
            "the connection ends",
        ),
    ] = 1024 * 1024

    idle_seconds: Annotated[
        float, Limit(Per.CONNECTION, "time between two requests of a page", "the connection ends")
    ] = 60.0

    database_connections: Annotated[
        int,
        Limit(
            Per.NODE,
            "connections to PostgreSQL, beside one for new messages and one for LISTEN; 1 to 1000",
            "it waits; after 5 s `hotline.error.unavailable`, or 503",
            least=1,
            most=1000,
            can_be_lifted=False,
        ),
    ] = 8

    statement_seconds: Annotated[
        float,
        Limit(
            Per.REQUEST,
            "time for one statement of SQL",
            "`hotline.error.unavailable`, or 503; the connection to PostgreSQL ends",
        ),
    ] = 10.0

    remembered: Annotated[
        int,
        Limit(
            Per.NODE,
            "accounts, networks, organisations, realms in each memory of what was asked lately",
            "the least lately heard of goes; of realms the one known longest",
        ),
    ] = 10_000

    doubted_messages: Annotated[
        int,
        Limit(
            Per.NODE,
            "messages under way, and such that may be committed though nobody was told",
            "the oldest come by the slow look, to whoever said them, too",
        ),
    ] = 10_000

    upkeep_seconds: Annotated[
        float,
        Limit(
            Per.NODE,
            "how often it looks for what is due (absent clients, closing time, retention), and says that "
            "it is alive; at least 1",
            "it looks",
            least=1,
            can_be_lifted=False,
        ),
    ] = 20.0

    audit_days: Annotated[
        float,
        Limit(
            Per.ORGANISATION,
            "how long the audit log tells of what was done; at least 30 (0: as long as the organisation is "
            "there)",
            "older entries are cut off",
            least=30,
        ),
    ] = 365.0


DEFAULTS = DomainLimits()
"""Of whoever is not told otherwise."""
