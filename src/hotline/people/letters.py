"""The words of hotline's mails: in come names and links, out come subject and body.

Plain text, short, and without anything a client said. Sends nothing.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain.model import Role


def headed(logo_text: str | None, body: str) -> str:
    """The body below the organisation's mark, where it has one."""
    return f"{logo_text}\n\n{body}" if logo_text else body


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


def registration(organisation: str, link: str, public_url: str, expires_at: datetime) -> tuple[str, str]:
    """To somebody who wants to register an organisation."""
    return (
        "Register your organisation",
        f"Hello,\n\n"
        f"somebody, probably you, wants to register {organisation} with this address.\n\n"
        f"If so, finish it here, with the password you chose:\n\n{link}\n\n"
        f"The link works once, until {_when(expires_at)}.\n"
        f"If it was not you, you can ignore this mail: nothing was made.\n",
    )


def registration_of_known(
    organisation: str, link: str, public_url: str, expires_at: datetime
) -> tuple[str, str]:
    """To somebody who has an account, when an organisation is registered with their address."""
    return (
        "Register your organisation",
        f"Hello,\n\n"
        f"somebody, probably you, wants to register {organisation} with this address, which has an account "
        f"already.\n\n"
        f"If it was you, finish it here, with the password of that account:\n\n{link}\n\n"
        f"The link works once, until {_when(expires_at)}. If you do not know the password any more, choose a "
        f"new one first:\n\n{public_url}/forgotpw\n\n"
        f"If it was not you, you can ignore this mail: nothing was made, and your account is as it was.\n",
    )


def email_taken(organisation: str) -> tuple[str, str]:
    """To an address that somebody wants to have, and that has an account."""
    return (
        "Your email address has an account",
        f"Hello,\n\n"
        f"somebody, probably you, wants to use this address for an account at {organisation}. "
        f"It has an account of its own already, so this is not possible, and nothing was changed.\n\n"
        f"If you want to work for {organisation} with this address, ask one of its managers to invite it.\n"
        f"If it was not you, you can ignore this mail.\n",
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
        f"and all your other logins have ended, with your API tokens unless they were kept.\n\n"
        f"If it was not you, ask a manager of {organisation} for help at once.\n",
    )


def logged_in(organisation: str, at: datetime, is_new: bool, failures: int) -> tuple[str, str]:
    """To somebody who logged in: from a browser that is not known, or after so many failures (0: as few as
    anybody has)."""
    where = " from a browser that has not been used for it before, or has forgotten that it was" * is_new
    after = f" Before that, {failures} attempts with a wrong password or code had failed." if failures else ""
    return (
        "Somebody logged in to your account",
        f"Hello,\n\n"
        f"somebody, probably you, logged in to your account at {organisation}{where}: "
        f"on {_when(at)}.{after}\n\n"
        f'If it was you, you need not do anything. If not, choose a new password at once, by "Forgot your '
        f'password?" at the log-in: that ends all logins. Then tell a manager of {organisation}.\n',
    )


def factor_added(organisation: str) -> tuple[str, str]:
    """To somebody who set up a second factor."""
    return (
        "A second factor was set up",
        f"Hello,\n\n"
        f"logging in to your account at {organisation} asks for a second factor from now on, "
        f"besides the password: one was set up just now.\n\n"
        f"If it was not you, ask a manager of {organisation} for help at once.\n",
    )


def passkey_added(organisation: str) -> tuple[str, str]:
    """To somebody who made a passkey."""
    return (
        "A passkey was added",
        f"Hello,\n\n"
        f"a passkey was added to your account at {organisation} just now. Whoever has the device it is in, "
        f"and can unlock it, can log in with it.\n\n"
        f"If it was not you, ask a manager of {organisation} for help at once.\n",
    )


def factor_removed(organisation: str) -> tuple[str, str]:
    """To somebody who gave a second factor up."""
    return (
        "A second factor was removed",
        f"Hello,\n\n"
        f"a second factor of your account at {organisation} was removed just now.\n\n"
        f"If it was not you, ask a manager of {organisation} for help at once.\n",
    )


def token_made(organisation: str, scopes: list[str], days: int) -> tuple[str, str]:
    """To somebody for whose account an API token was made."""
    until = f"for {days} days" if days else "until it is revoked"
    return (
        "An API token was made",
        f"Hello,\n\n"
        f"an API token was made for your account at {organisation} just now. "
        f"Whoever has it can come in as you, {until}, for this: {', '.join(scopes)}.\n\n"
        f"If it was not you, revoke it on the page Account, choose a new password, and tell a manager of "
        f"{organisation}.\n",
    )


def recovery_code_used(organisation: str, left: int) -> tuple[str, str]:
    """To somebody who came in by a recovery code."""
    return (
        "A recovery code was used",
        f"Hello,\n\n"
        f"one of the recovery codes of your account at {organisation} was used just now "
        f"in place of the second factor. There are {left} left.\n\n"
        f"If it was not you, change your password and ask a manager of {organisation} for help at once.\n",
    )


def factors_reset(organisation: str, manager: str, link: str, expires_at: datetime) -> tuple[str, str]:
    """To somebody who lost their second factor."""
    return (
        "Give up your second factor",
        f"Hello,\n\n"
        f"{manager} of {organisation} was told that you have lost your second factor. "
        f"If that is so, give it up here with your password, and set up another one afterwards:\n\n{link}\n\n"
        f"The link works once, until {_when(expires_at)}.\n"
        f"If it is not so, do nothing: everything stays as it is.\n",
    )


def email_asked(organisation: str, link: str, expires_at: datetime) -> tuple[str, str]:
    """To the new address that somebody wants to have."""
    return (
        "Confirm your email address",
        f"Hello,\n\n"
        f"somebody, probably you, wants to use this address for an account at {organisation}.\n\n"
        f"If so, confirm it here:\n\n{link}\n\n"
        f"The link works once, until {_when(expires_at)}.\n"
        f"If it was not you, you can ignore this mail.\n",
    )


def email_change_begun(organisation: str) -> tuple[str, str]:
    """To the old address, as long as something can be done about it."""
    return (
        "Your email address is about to change",
        f"Hello,\n\n"
        f"somebody who knows your password, probably you, wants another email address for your account at "
        f"{organisation}. Until the new one is confirmed, this one stays.\n\n"
        f"If it was not you, change your password at once: that stops it.\n",
    )


def policy_changed(organisation: str, manager: str) -> tuple[str, str]:
    """To the other managers, when one of them changes what is asked for safety's sake."""
    return (
        f"Safety of {organisation}",
        f"Hello,\n\n"
        f"{manager} has changed what {organisation} asks of everybody for the sake of safety: "
        f"second factors, or how many managers it takes to delete it. The page Safety shows how it is now.\n",
    )


def loosening_asked(organisation: str, manager: str, days: int) -> tuple[str, str]:
    """To the other managers, when one of them wants less asked of everybody."""
    return (
        f"Safety of {organisation}",
        f"Hello,\n\n"
        f"{manager} wants {organisation} to ask less of everybody for the sake of safety. "
        f"It happens when a second manager saves the same on the page Safety within {days} days, "
        f"and not before.\n\n"
        f"If that should not be, talk with {manager}: any manager can take it back there.\n",
    )


def deletion_asked(organisation: str, manager: str, days: int) -> tuple[str, str]:
    """To the other managers, when one of them wants the organisation deleted."""
    return (
        f"{organisation} is about to be deleted",
        f"Hello,\n\n"
        f"{manager} has asked to delete {organisation} with everything in it. "
        f"It happens when a second manager asks for the same within {days} days, and not before.\n\n"
        f"If that should not be, talk with {manager}: "
        f"any manager can take it back on the page Organisation.\n",
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
