"""Passwords: in come what people typed and what is stored, out come hashes and yes or no.

bcrypt over a keyed hash of the whole password, in two threads of its own with a short queue, so that
neither long passwords nor many logins at once hurt anybody. Never stores, logs or shows a password.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

import bcrypt
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool
from zxcvbn import zxcvbn

from hotline.domain.limits import DEFAULTS
from hotline.errors import Invalid, StartError, Unavailable
from hotline.leaked import LeakedPasswords
from hotline.secret_files import read_or_make

UNUSABLE = "none$"
"""Stored for somebody who has no password yet: no password is right."""

_SCHEME = "hmac384-bcrypt"
_COST = 12
_COST_CHARACTERS, _SALT_CHARACTERS, _DIGEST_CHARACTERS = 7, 29, 31
_PEPPER_FILE = "pepper"
_PEPPER_BYTES = 32

# zxcvbn takes no more, and its time grows fast with the length.
_JUDGED_CHARACTERS = 72
_LEAST_SCORE = 3
_OWN_WORDS = ("hotline",)

T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords; `start` before the first use, `stop` after the last.

    :param data_directory: holds the pepper, a secret that no backup of the database contains.
    :param threads: how many are looked at at once.
    :param queue: how many may wait for a thread (0: any number).
    :param leaked: passwords that nobody may choose.
    :raises StartError: the pepper can be neither read nor made.
    """

    def __init__(
        self,
        reactor: Any,
        data_directory: Path,
        *,
        cost: int = _COST,
        threads: int = DEFAULTS.password_threads,
        queue: int = DEFAULTS.password_queue,
        leaked: LeakedPasswords | None = None,
    ) -> None:
        self._reactor = reactor
        self._pepper = _read_pepper(data_directory)
        self._cost = cost
        self._threads = threads
        self._queue = queue
        self._leaked = leaked
        self._pool = ThreadPool(minthreads=0, maxthreads=threads, name="passwords")
        self._pending = 0
        # zxcvbn keeps what it was told about one person in a table that all calls share.
        self._judging = threading.Lock()
        # Of the same cost as real ones, so that an unknown address takes as long as a known one.
        self._dummy_salt = bcrypt.gensalt(cost)

    def derived_key(self, purpose: str) -> bytes:
        """A key for something else, 32 bytes: the same for all nodes with this pepper, and in no database."""
        return hmac.digest(self._pepper, b"hotline key for " + purpose.encode(), hashlib.sha256)

    def start(self) -> None:
        """:raises StartError: what nobody may choose cannot be looked up."""
        if self._leaked is not None:
            self._leaked.check()
        self._pool.start()

    def stop(self) -> None:
        """Ends the threads; whoever waits gets an answer or none."""
        self._pool.stop()

    async def hash(self, password: str, like: str | None = None) -> str:
        """What to store of a password. :raises Unavailable: too many wait already.

        :param like: what is stored of another account of the same person: with its salt one look tells of
            both whether they are right, and the same password is stored as the same.
        """
        return await self._in_thread(lambda: self._hash(password, like))

    async def verify(self, password: str, stored: str | None, *, is_known: bool = False) -> bool:
        """Whether it is the one; None for somebody unknown: takes as long, and is always False.

        :param is_known: it comes from where this person logged in before: as many again may wait.
        :raises Unavailable: too many wait already.
        """
        return bool(await self.matching(password, {stored} if stored else (), is_known=is_known))

    async def matching(
        self, password: str, stored: Collection[str], *, is_known: bool = False
    ) -> frozenset[str]:
        """Which of these it is the password of. For none at all it takes as long as for one, and for several
        with one salt.

        :param is_known: as with `verify`. :raises Unavailable: too many wait already.
        """
        return await self._in_thread(lambda: self._matching(password, stored), 2 if is_known else 1)

    async def check_strength(self, password: str, words: Iterable[str], field: str = "password") -> None:
        """:raises Invalid: it is easy to guess, for somebody who knows these words too, or known; says why.
        :raises Unavailable: too many wait already, or what is known cannot be looked up.
        """
        known = tuple(words)
        problem = await self._in_thread(lambda: self._judge(password, known))
        if problem is not None:
            raise Invalid(**{field: problem})

    def keyed(self, purpose: str, value: str) -> bytes:
        """What to store of a random word for this purpose: without the pepper nobody can try words out."""
        return hmac.digest(self._pepper, f"{purpose} {value}".encode(), hashlib.sha256)

    async def _in_thread(self, work: Callable[[], T], queues: int = 1) -> T:
        if self._queue and self._pending >= self._threads + self._queue * queues:
            raise Unavailable()
        self._pending += 1
        try:
            return await deferToThreadPool(self._reactor, self._pool, work)
        finally:
            self._pending -= 1

    def _hash(self, password: str, like: str | None) -> str:
        salt = bcrypt.gensalt(self._cost)
        other = None if like is None else _salt_of(like)
        if other is not None and other[:_COST_CHARACTERS] == salt[:_COST_CHARACTERS]:
            salt = other
        return self._hashed(password, salt)

    def _matching(self, password: str, stored: Collection[str]) -> frozenset[str]:
        salts = {salt for salt in map(_salt_of, stored) if salt is not None}
        try:
            looked = {self._hashed(password, salt) for salt in salts or {self._dummy_salt}}
        except ValueError:  # what is stored is damaged
            return frozenset()
        return frozenset(
            each for each in stored if any(hmac.compare_digest(each.encode(), one.encode()) for one in looked)
        )

    def _hashed(self, password: str, salt: bytes) -> str:
        return f"{_SCHEME}${bcrypt.hashpw(self._key(password), salt).decode()}"

    def _key(self, password: str) -> bytes:
        """64 characters, whatever the length: bcrypt would look at 72 bytes only, and stops at a NUL."""
        plain = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
        return base64.b64encode(hmac.digest(self._pepper, plain, hashlib.sha384))

    def _judge(self, password: str, words: tuple[str, ...]) -> str | None:
        if self._leaked is not None and self._leaked.holds(password):
            return "is known: it was stolen elsewhere, from somebody. Use one that you use nowhere else."
        with self._judging:
            result = zxcvbn(password[:_JUDGED_CHARACTERS], user_inputs=_guessable(words))
        if result["score"] >= _LEAST_SCORE:
            return None
        feedback = result["feedback"]
        sentences = [feedback["warning"], *feedback["suggestions"]]
        reasons = " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)
        return f"is too easy to guess. {reasons or 'Use a few more uncommon words.'}"


def _salt_of(stored: str) -> bytes | None:
    """None: it is no hash of ours."""
    scheme, _, digest = stored.partition("$")
    is_whole = scheme == _SCHEME and len(digest) == _SALT_CHARACTERS + _DIGEST_CHARACTERS
    return digest[:_SALT_CHARACTERS].encode() if is_whole else None


def _guessable(words: tuple[str, ...]) -> list[str]:
    """The words, and the parts of those that have some (an address, a name of several words)."""
    parts = [part for word in words for part in re.split(r"[\W_]+", word)]
    return [word for word in dict.fromkeys([*_OWN_WORDS, *words, *parts]) if len(word) > 2]


def _read_pepper(directory: Path) -> bytes:
    path = directory / _PEPPER_FILE
    pepper = read_or_make(path, lambda: secrets.token_bytes(_PEPPER_BYTES))
    if len(pepper) < _PEPPER_BYTES:
        raise StartError(f"{path} is damaged: bring it back from a copy, without it no password is right")
    return pepper
