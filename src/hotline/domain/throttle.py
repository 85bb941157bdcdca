"""How long whoever guesses has to wait: growing per account, steady per network.

In come keys (never an address itself) and the time, out comes TooFast. Right guesses cost nothing; nobody is
locked out: each wait is bounded, and being refused makes it no longer.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from hotline.domain.allowances import MOST_REMEMBERED, Allowance, Allowances
from hotline.errors import TooFast
from hotline.limits import WAITS, Limit, Per, fixed

FREE = fixed(5, __name__, Limit(Per.PERSON, "wrong guesses about one account before anybody waits", WAITS))
"""Wrong guesses about one account before anybody waits."""
NETWORK_SECONDS = fixed(
    6.0,
    __name__,
    Limit(
        Per.NETWORK,
        "seconds between wrong guesses beyond `logins_per_network`",
        WAITS,
    ),
)
"""From one network, beyond its allowance: one guess in so many seconds."""
_QUIET_SECONDS = 3600.0


@dataclass(slots=True)
class _Guessed:
    wrong: int
    at: float


class Throttle:
    """One node's memory of wrong guesses.

    :param longest_seconds: that an account's next guess may be delayed (0: never).
    :param network_allowance: wrong guesses from one network before it has to wait (0: any number).
    """

    def __init__(self, *, longest_seconds: float, network_allowance: int) -> None:
        self._longest = longest_seconds
        self._accounts: dict[Hashable, _Guessed] = {}
        self._of_network = Allowance(burst=network_allowance, seconds=NETWORK_SECONDS)
        self._networks = Allowances()

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
        if len(self._accounts) > MOST_REMEMBERED:
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
        return 0.0 if wrong < FREE else min(self._longest, 2.0 ** min(wrong - FREE, 30))
