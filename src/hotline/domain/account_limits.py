"""How often people may try to come in, and what they may have; keys of the `[limits]` table.

In: the configuration file. Out: a frozen value, part of `DomainLimits`. 0 is no limit, for every number in it
that does not say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from hotline.limits import WAITS, Limit, Per

_ENDS = "it is no longer good"
_ANEW = "it begins anew, with the password"
_FULL = "`hotline.error.not_allowed` (403)"
_SAME_ANSWER = "no mail, the same answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """Limits of what people with accounts do, and of who would like to be one of them."""

    ticket_seconds: Annotated[float, Limit(Per.PERSON, "life of a ticket of `/session/ticket`", _ENDS)] = 60.0

    invitation_hours: Annotated[float, Limit(Per.PERSON, "life of an invitation's link", _ENDS)] = 168.0

    reset_minutes: Annotated[
        float, Limit(Per.PERSON, "life of a link by mail: a new password, a new address", _ENDS)
    ] = 30.0

    login_idle_minutes: Annotated[
        float, Limit(Per.PERSON, "time a login is unused; an open console counts as use", "the login ends")
    ] = 30.0

    login_hours: Annotated[float, Limit(Per.PERSON, "life of a login in any case", "the login ends")] = 12.0

    wrong_logins: Annotated[
        int, Limit(Per.PERSON, "wrong guesses about one account before anybody waits (0: nobody does)", WAITS)
    ] = 5

    login_delay_seconds: Annotated[
        float,
        Limit(
            Per.PERSON,
            "the longest wait after wrong passwords or codes of one account: the first beyond `wrong_logins` "
            "waits 1 s, then 2, 4 ... (0: no wait); a device known from before has a count of its own",
            WAITS,
        ),
    ] = 60.0

    logins_per_network: Annotated[int, Limit(Per.NETWORK, "wrong passwords and codes at once", WAITS)] = 50

    network_login_seconds: Annotated[
        float, Limit(Per.NETWORK, "time between two wrong ones beyond these (0: none)", WAITS)
    ] = 6.0

    login_step_minutes: Annotated[float, Limit(Per.PERSON, "time from the password to the code", _ANEW)] = (
        10.0
    )

    login_codes: Annotated[int, Limit(Per.PERSON, "wrong codes of one log-in", _ANEW)] = 5

    failures_told: Annotated[
        int,
        Limit(
            Per.PERSON,
            "wrong passwords or codes since the last log-in, before the next one is mailed (0: none is)",
            "the next one is mailed",
        ),
    ] = 3

    proof_minutes: Annotated[
        float,
        Limit(
            Per.PERSON,
            "so long after all was shown that a log-in takes, what is of weight needs no other",
            "it is asked for again",
        ),
    ] = 5.0

    accounts_per_address: Annotated[
        int, Limit(Per.PERSON, "organisations that are offered at the log-in", "the oldest are")
    ] = 20

    passkeys_per_person: Annotated[int, Limit(Per.PERSON, "passkeys", "refused")] = 10

    browsers_per_person: Annotated[int, Limit(Per.PERSON, "browsers in which one is called", _FULL)] = 10

    password_threads: Annotated[
        int,
        Limit(
            Per.NODE,
            "passwords looked at at once; 1 to 64",
            "the others wait: see `password_queue`",
            least=1,
            most=64,
            can_be_lifted=False,
        ),
    ] = 2

    password_queue: Annotated[
        int,
        Limit(
            Per.NODE,
            "password checks that may wait; as many again of those who logged in from their device before",
            "503 with the time to wait",
        ),
    ] = 8

    registrations_per_network: Annotated[
        float, Limit(Per.NETWORK, "organisations registered, at once and in each hour", WAITS)
    ] = 10.0

    registrations_per_address: Annotated[
        float,
        Limit(
            Per.PERSON,
            "links to register by that are mailed to one address, at once and in each hour",
            _SAME_ANSWER,
        ),
    ] = 3.0

    registration_mails: Annotated[
        int, Limit(Per.NODE, "mails about registrations that wait to be sent", "503")
    ] = 100

    resets_per_network: Annotated[
        float,
        Limit(
            Per.NETWORK,
            "links for a forgotten password asked for, known address or not, at once and in each hour",
            WAITS,
        ),
    ] = 20.0

    links_per_person: Annotated[
        int,
        Limit(
            Per.PERSON,
            "links of one kind that are good at the same time: for a forgotten password, to confirm a new "
            "address, to give a lost factor up",
            f"{WAITS}; for a forgotten password {_SAME_ANSWER}",
        ),
    ] = 3

    open_invitations: Annotated[
        int, Limit(Per.ORGANISATION, "invitations that can be used, at the same time", WAITS)
    ] = 200

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

    leavings_per_network: Annotated[
        float,
        Limit(
            Per.NETWORK, "requests of clients' pages to leave, at once and in each hour", "429 with the time"
        ),
    ] = 240.0

    exports_per_hour: Annotated[
        float, Limit(Per.ORGANISATION, "exports begun, at once and in each hour", WAITS)
    ] = 20.0
