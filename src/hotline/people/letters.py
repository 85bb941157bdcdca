"""The words of hotline's mails: in come names and links, out come subject and body.

Plain text, short, and without anything a client said. Sends nothing.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain.model import Role


def invitation(
    organisation: str, inviter: str, role: Role, link: str, expires_at: datetime
) -> tuple[str, str]:
    """To somebody who may join."""
    return (
        f"Invitation to {organisation}",
        f"Hello,\n\n"
        f"{inviter} invites you to answer people who write to {organisation}, as {role.value}.\n\n"
        f"Choose your name and password here:\n\n{link}\n\n"
        f"The link works once, until {_when(expires_at)}.\n"
        f"If you do not expect this invitation, you can ignore this mail.\n",
    )


def reset(organisation: str, link: str, expires_at: datetime) -> tuple[str, str]:
    """To somebody who forgot their password."""
    return (
        "Choose a new password",
        f"Hello,\n\n"
        f"somebody, probably you, asked for a new password for your account at {organisation}.\n\n"
        f"Choose one here:\n\n{link}\n\n"
        f"The link works once, until {_when(expires_at)}.\n"
        f"If it was not you, you need not do anything: your password stays as it is.\n",
    )


def password_changed(organisation: str) -> tuple[str, str]:
    """To somebody whose password was changed."""
    return (
        "Your password was changed",
        f"Hello,\n\n"
        f"the password of your account at {organisation} was changed just now, "
        f"and all your other logins have ended.\n\n"
        f"If it was not you, ask a manager of {organisation} for help at once.\n",
    )


def email_changed(organisation: str) -> tuple[str, str]:
    """To the old address of somebody who has a new one."""
    return (
        "Your email address was changed",
        f"Hello,\n\n"
        f"your account at {organisation} has another email address from now on; "
        f"this one is no longer used.\n\n"
        f"If it was not you, ask a manager of {organisation} for help at once.\n",
    )


def _when(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
