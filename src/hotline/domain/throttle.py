"""How long whoever guesses has to wait: growing per account, steady per network.

In come keys (never an address itself) and the time, out comes TooFast. Right guesses cost nothing; nobody is
locked out: each wait is bounded, and being refused makes it no longer.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from hotline.domain.allowances import Allowance, Allowances
from hotline.domain.limits import DEFAULTS
from hotline.errors import TooFast

_QUIET_SECONDS = 3600.0


@dataclass(slots=True)
class _Guessed:
    wrong: int
    at: float


class Throttle:
    """One node's memory of wrong guesses.

    :param longest_seconds: that an account's next guess may be delayed (0: never).
    :param network_allowance: wrong guesses from one network before it has to wait (0: any number).
    :param network_seconds: between two of these beyond it.
    :param free: wrong guesses about one account before anybody waits (0: nobody ever does).
    :param most: accounts, and networks, that are remembered (0: all).
    """

    def __init__(
        self,
        *,
        longest_seconds: float,
        network_allowance: int,
        network_seconds: float = DEFAULTS.network_login_seconds,
        free: int = DEFAULTS.wrong_logins,
        most: int = DEFAULTS.remembered,
    ) -> None:
        self._longest = longest_seconds
        self._free = free
        self._most = most
        self._accounts: dict[Hashable, _Guessed] = {}
        self._of_network = Allowance(burst=network_allowance, seconds=network_seconds)
        self._networks = Allowances(most)

    def spend(self, account: Hashable, network: Hashable | None, now: float) -> int:
        """Somebody is about to guess; counts as wrong until it is forgiven. How many there are, with it.

        :param network: None for whoever is known here, or comes from nowhere in particular.
        :raises TooFast: too early; nothing is counted.
        """
        guessed = self._accounts.get(account)
        if guessed is not None and now - guessed.at >= _QUIET_SECONDS:
            guessed = None
        late = 0.0 if guessed is None else guessed.at + self.delay(guessed.wrong) - now
        if network is not None:
            late = max(late, self._networks.late((self._of_network, network), now))
        if late > 0:
            raise TooFast(retry_after=round(late, 1))
        self._accounts.pop(account, None)  # the latest are last
        wrong = 1 if guessed is None else guessed.wrong + 1
        self._accounts[account] = _Guessed(wrong, now)
        if network is not None:
            self._networks.count((self._of_network, network), now)
        if 0 < self._most < len(self._accounts):
            del self._accounts[next(iter(self._accounts))]
        return wrong

    def forgive(self, account: Hashable, network: Hashable | None) -> None:
        """It was right: nothing is remembered about the account."""
        self._accounts.pop(account, None)
        self._networks.refund((self._of_network, network))

    def refund(self, account: Hashable, network: Hashable | None) -> None:
        """It was not looked at: as if it had not been made."""
        if (guessed := self._accounts.get(account)) is not None:
            guessed.wrong -= 1
        self._networks.refund((self._of_network, network))

    def delay(self, wrong: int) -> float:
        """Seconds until the next guess after so many wrong ones."""
        if not self.is_much(wrong):
            return 0.0
        return min(self._longest, 2.0 ** min(wrong - self._free, 30))

    def is_much(self, wrong: int) -> bool:
        """Whether somebody who has guessed wrong so often has to wait."""
        return 0 < self._free <= wrong
