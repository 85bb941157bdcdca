"""Whether somebody may guess once more, or do once more what costs.

In come accounts, networks and organisations, out comes leave, or how long to wait. It remembers what was
done lately, under marks that say nothing to anybody else, and stores none of it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hotline.domain.allowances import Allowances, hourly
from hotline.domain.limits import DomainLimits
from hotline.domain.throttle import Throttle
from hotline.errors import Unavailable
from hotline.passwords import Passwords


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A password or a code that is about to be looked at: about which account, and from where."""

    account: bytes
    network: bytes | None
    is_known: bool
    """Whether it comes from a device of this person, or from somebody who is logged in."""
    tries: int
    """How many there were lately, with this one, that were not wholly right."""


class Cautious:
    """What was spent lately, and who looks at passwords."""

    def __init__(self, passwords: Passwords, limits: DomainLimits, now: Callable[[], datetime]) -> None:
        self._passwords = passwords
        self._limits = limits
        self._now = now
        self._throttle = Throttle(
            longest_seconds=limits.login_delay_seconds,
            network_allowance=limits.logins_per_network,
            network_seconds=limits.network_login_seconds,
            free=limits.wrong_logins,
            most=limits.remembered,
        )
        self._allowances = Allowances(limits.remembered)
        # What is remembered of accounts and networks says nothing to anybody else, and ends with the process.
        self._blinding = secrets.token_bytes(32)

    def _guess(
        self, what: str, whose: str, *, network: str | None = None, device: str | None = None
    ) -> Guess:
        """Somebody is about to guess. :raises TooFast: they have to wait."""
        account = self._blinded(f"{what} {whose} {device or ''}")
        origin = None if device or not network else self._blinded(f"network {network}")
        return Guess(
            account=account,
            network=origin,
            is_known=bool(device) or what == "password",
            tries=self._throttle.spend(account, origin, self._now().timestamp()),
        )

    def _spend(self, *costs: tuple[str, str | None, float]) -> None:
        """Somebody is about to do what costs. :raises TooFast: so many have done it lately.

        :param costs: what, whose (the network it comes from, the organisation, "": the node; None: nowhere
            in particular, which is free), and how many of these an hour.
        """
        wanted = [
            (hourly(per_hour), self._blinded(f"{what} {whose}"))
            for what, whose, per_hour in costs
            if whose is not None
        ]
        if wanted:
            self._allowances.spend(wanted, self._now().timestamp())

    async def _verified(self, guess: Guess, password: object, stored: str | None) -> bool:
        """Whether the password is this one. :raises Unavailable: too many wait; the guess did not count."""
        return bool(await self._right(guess, password, {stored} if stored else set()))

    async def _right(self, guess: Guess, password: object, stored: set[str]) -> frozenset[str]:
        """Which of these the password is. Only if it is all of them the guess costs nothing: who has one of
        several accounts of an address is not asked to guess at the others.

        :raises Unavailable: too many wait; the guess did not count.
        """
        try:
            typed = password if isinstance(password, str) else ""
            right = await self._passwords.matching(typed, stored, is_known=guess.is_known)
        except Unavailable:
            self._throttle.refund(guess.account, guess.network)
            raise
        if right and right == stored:
            self._throttle.forgive(guess.account, guess.network)
        return right

    def _blinded(self, text: str) -> bytes:
        plain = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(plain, key=self._blinding, digest_size=16).digest()
