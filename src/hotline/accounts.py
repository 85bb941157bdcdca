"""What a person can do with accounts: shared by the pages, the procedures and the command line.

In come an actor (or a link, or a password) and what was typed, out come values or hotline's errors.
Opens its own transactions; knows no HTTP and no WAMP.
"""

from __future__ import annotations

from hotline.people.aids import Aids
from hotline.people.auditing import Auditing
from hotline.people.base import Signed
from hotline.people.calls import Calls
from hotline.people.entry import Unfinished
from hotline.people.exports import Exports
from hotline.people.forms import FormsOfOrganisations
from hotline.people.invitations import Invitations, Invited
from hotline.people.leaving import Leaving
from hotline.people.registration import Registrations
from hotline.people.safety import Safety
from hotline.people.staff import Staff

__all__ = ["Accounts", "Invited", "Signed", "Unfinished"]


class Accounts(
    Registrations, Invitations, Staff, Safety, FormsOfOrganisations, Aids, Calls, Auditing, Exports, Leaving
):
    """Everything about accounts; its parts are in `hotline.people`."""
