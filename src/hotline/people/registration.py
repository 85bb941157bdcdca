"""Registering by mail: nothing is made, and nobody is told anything, before the link in the mail is used.

In comes what was typed, out goes a mail to the address, whether or not it is known; in comes the link of it,
out comes the login of a new organisation's manager. What was typed is in the link, sealed, and nowhere else.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from hotline.domain.allowances import hourly
from hotline.domain.model import LANGUAGE
from hotline.errors import AlreadyExists, Gone, Invalid, NotFound, Unavailable
from hotline.people import letters
from hotline.people.base import Signed, usable
from hotline.people.logins import Logins
from hotline.store import organisations
from hotline.store.ids import new_id
from hotline.store.seals import Broken, Cipher

_ABOUT = b"registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A registration whose link was not used yet."""

    organisation_id: str
    """Of the organisation to be: what is there already cannot be made again."""
    organisation: str
    username: str
    email: str
    password: str
    """What will be stored of it, if nobody can come in with the address by then."""
    until: float
    language: str = LANGUAGE


def _no_way(recipient: str, subject: str, body: str) -> None:
    raise Unavailable()


class Registrations(Logins):
    """The part of Accounts about registering by mail."""

    post: Callable[[str, str, str], None] = staticmethod(_no_way)
    """Sends a mail that belongs to no organisation: recipient, subject, body."""

    @property
    def _registration_cipher(self) -> Cipher:
        return Cipher(self._passwords.derived_key("registrations"))

    async def ask_registration(
        self,
        *,
        organisation: str,
        username: str,
        email: str,
        password: str,
        language: str = LANGUAGE,
        network: str | None = None,
    ) -> None:
        """Mail a link that makes this organisation. Answer and time are the same for a known address; its
        mail says that there is an account, and that its password is the one that counts.

        :param language: the one its clients are served in, a tag, until somebody chooses more.
        :param network: where it comes from; None: nowhere in particular.
        :raises Invalid: something cannot be used, with every problem by field.
        :raises TooFast: too many came from there lately. :raises Unavailable: too many wait.
        """
        form = await self._checked_registration(organisation, username, email, password, language)
        self._spend(("registration", network, self._limits.registrations_per_network))
        hashed = await self._passwords.hash(form["password"])
        known = usable(await self._accounts_of(form["email"]))
        expires_at = self._until(minutes=self._limits.reset_minutes)
        cost = (
            hourly(self._limits.registrations_per_address),
            self._blinded(f"registration of {form['email']}"),
        )
        now = self._now().timestamp()
        if self._allowances.late(cost, now) > 0:
            return
        pending = Pending(
            organisation_id=new_id(),
            organisation=form["organisation"],
            username=form["username"],
            email=form["email"],
            password=hashed,
            until=expires_at.timestamp(),
            language=form["language"],
        )
        sealed = self._registration_cipher.seal(json.dumps(asdict(pending)).encode(), _ABOUT)
        link = f"{self._public_url}/register/confirm/{urlsafe_b64encode(sealed).decode().rstrip('=')}"
        letter = letters.registration_of_known if known else letters.registration
        self.post(form["email"], *letter(form["organisation"], link, self._public_url, expires_at))
        self._allowances.count(cost, now)

    async def get_registration(self, token: str) -> tuple[str, str, bool]:
        """(organisation's name, email, whether the address has an account by now) of a link.

        :raises Gone: it cannot be used.
        """
        pending = await self._unused(token)
        return pending.organisation, pending.email, bool(usable(await self._accounts_of(pending.email)))

    async def finish_registration(
        self, token: str, password: str = "", *, network: str | None = None
    ) -> Signed:
        """Use the link up: the organisation is made, and its manager logged in.

        :param password: what was typed then, which whoever reads the mail may not know who did not ask for
            it; or that of the account which the address has already.
        :param network: where it comes from; None: nowhere in particular.
        :raises Invalid: it is not. :raises TooFast: too many were not.
        :raises Gone: the link cannot be used (any more).
        """
        pending = await self._unused(token)
        hashed = await self._shown_password(pending.email, password, network)
        if hashed is None:
            guess = self._guess("registration", pending.organisation_id, network=network)
            if not await self._verified(guess, password, pending.password):
                raise Invalid(password="is not the one that was typed to register")
            hashed = pending.password
        try:
            return await self._found(
                pending.organisation,
                pending.username,
                pending.email,
                hashed,
                self._signed_in,
                language=pending.language,
                organisation_id=pending.organisation_id,
            )
        except AlreadyExists:
            raise Gone() from None

    async def _unused(self, token: str) -> Pending:
        """:raises Gone: it is none of ours, too old, or was used."""
        pending = self._pending(token)
        async with self._database.transaction(pending.organisation_id) as tx:
            try:
                await organisations.get(tx, pending.organisation_id)
            except NotFound:
                return pending
        raise Gone()

    def _pending(self, token: str) -> Pending:
        """:raises Gone: it is none of ours, or too old."""
        try:
            sealed = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
            found: dict[str, Any] = json.loads(self._registration_cipher.open(sealed, _ABOUT))
        except (ValueError, Broken):
            raise Gone() from None
        pending = Pending(**found)
        if datetime.fromtimestamp(pending.until, UTC) <= self._now():
            raise Gone()
        return pending
