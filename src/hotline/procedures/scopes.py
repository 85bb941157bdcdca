"""Which scope of an API token a procedure needs.

In come a procedure's name and who may call it, out comes a Scope. What is not said to read only is taken to
do something.
"""

from __future__ import annotations

from hotline.domain.model import Role, Scope

READING = frozenset(
    {
        "hotline.room.history",
        "hotline.room.notes",
        "hotline.room.profile",
        "hotline.clientlist.get",
        "hotline.clientlist.closed",
        "hotline.group.list",
        "hotline.staff.list",
        "hotline.staff.invitations",
        "hotline.organisation.get",
        "hotline.organisation.deletion",
        "hotline.record.form",
        "hotline.record.get",
        "hotline.record.missing",
        "hotline.forms.get",
        "hotline.survey.list",
        "hotline.statistics.get",
        "hotline.audit.list",
        "hotline.audit.of_room",
        "hotline.answers.list",
        "hotline.referrals.list",
        "hotline.me.get",
        "hotline.me.logins",
        "hotline.me.tokens",
        "hotline.me.drafts",
    }
)
"""Procedures that change nothing; reading what is somebody else's is noted in the audit log."""


OF_WEIGHT = frozenset({"hotline.me.end_login", "hotline.me.revoke_token"})
"""Of everybody, and yet not for a script that was only meant to speak: others of the owner's ways in end."""


def needed(uri: str, roles: frozenset[Role]) -> Scope:
    """What a token has to be for."""
    if uri in READING:
        return Scope.READ
    return Scope.MANAGE if roles == {Role.MANAGER} or uri in OF_WEIGHT else Scope.SPEAK
