"""How long things last and how many there may be; keys of the `[limits]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from hotline.limits import WAITS, Limit, Per

_ENDS = "it is no longer good"
_TOO_FAST = "`hotline.error.too_fast` with the time to wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLimits:
    """Limits of what people do (those of connections are SessionLimits of the protocols)."""

    ticket_seconds: Annotated[float, Limit(Per.PERSON, "life of a ticket of `/session/ticket`", _ENDS)] = 60.0

    invitation_hours: Annotated[float, Limit(Per.PERSON, "life of an invitation's link", _ENDS)] = 168.0

    reset_minutes: Annotated[
        float, Limit(Per.PERSON, "life of a link by mail: a new password, a new address", _ENDS)
    ] = 30.0

    login_idle_minutes: Annotated[
        float, Limit(Per.PERSON, "time a login is unused; an open console counts as use", "the login ends")
    ] = 30.0

    login_hours: Annotated[float, Limit(Per.PERSON, "life of a login in any case", "the login ends")] = 12.0

    login_delay_seconds: Annotated[
        float,
        Limit(
            Per.PERSON,
            "the longest wait after wrong passwords or codes of one account: the sixth try in a row waits "
            "1 s, then 2, 4 ... (0: no wait); a device known from before has a count of its own",
            WAITS,
        ),
    ] = 60.0

    logins_per_network: Annotated[
        int, Limit(Per.NETWORK, "wrong passwords and codes at once; beyond that one every 6 s", WAITS)
    ] = 50

    proof_minutes: Annotated[
        float,
        Limit(
            Per.PERSON,
            "so long after all was shown that a log-in takes, what is of weight needs no other",
            "it is asked for again",
        ),
    ] = 5.0

    password_queue: Annotated[
        int,
        Limit(
            Per.NODE,
            "password checks that may wait; as many again of those who logged in from their device before",
            "503 with the time to wait",
        ),
    ] = 8

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

    registrations_per_network: Annotated[
        float, Limit(Per.NETWORK, "organisations registered, at once and in each hour", WAITS)
    ] = 10.0

    resets_per_network: Annotated[
        float,
        Limit(
            Per.NETWORK,
            "links for a forgotten password asked for, known address or not, at once and in each hour",
            WAITS,
        ),
    ] = 20.0

    invitations_per_hour: Annotated[
        float,
        Limit(Per.ORGANISATION, "invitations, also those sent again, at once and in each hour", WAITS),
    ] = 100.0

    invitations_per_node: Annotated[
        float,
        Limit(Per.NODE, "the same of all organisations together, at once and in each hour", WAITS),
    ] = 1000.0

    mails_per_hour: Annotated[
        float,
        Limit(
            Per.ORGANISATION,
            "mails that its people have sent to an address: invitations, and links for a new address or a "
            "lost factor; at once and in each hour",
            WAITS,
        ),
    ] = 300.0

    exports_per_hour: Annotated[
        float, Limit(Per.ORGANISATION, "exports begun, at once and in each hour", WAITS)
    ] = 20.0

    upkeep_seconds: Annotated[
        float,
        Limit(
            Per.NODE,
            "how often it looks for what is due (absent clients, closing time, retention), and says that "
            "it is alive; at least 1",
            "it looks",
        ),
    ] = 20.0

    audit_days: Annotated[
        float,
        Limit(
            Per.ORGANISATION,
            "how long the audit log tells of what was done; at least 30, whatever is said here (0: as "
            "long as the organisation is there)",
            "older entries are cut off",
        ),
    ] = 365.0
