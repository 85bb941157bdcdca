"""What can go wrong in hotline, said once.

Each class has a WAMP URI, an HTTP status and a sentence for people; `details` become the keyword
arguments of a WAMP ERROR. Raised in domain and store, turned into an answer at each edge by one map
(the router's and the pages'), never by the code in between. Ordinary classes on purpose: a frozen
dataclass exception breaks inside a context manager.
"""

from __future__ import annotations

from typing import Any, ClassVar


class HotlineError(Exception):
    """Root of everything hotline says no with.

    :param details: plain values for the peer: never text of messages, names or secrets.
    """

    uri: ClassVar[str] = "hotline.error.internal"
    status: ClassVar[int] = 500
    sentence: ClassVar[str] = "Something went wrong on our side. Please try again."

    def __init__(self, **details: Any) -> None:
        super().__init__(self.sentence)
        self.details = details


class Invalid(HotlineError):
    """Something given is missing, of the wrong kind, too long: `details` is `{field: problem}`."""

    uri = "hotline.error.invalid"
    status = 400
    sentence = "Some of what was entered cannot be used."


class NotFound(HotlineError):
    """There is no such thing, or it belongs to another organisation: the two look alike."""

    uri = "hotline.error.not_found"
    status = 404
    sentence = "There is nothing here under this address."


class NotAllowed(HotlineError):
    """It exists, and the one who asks may not do this with it."""

    uri = "hotline.error.not_allowed"
    status = 403
    sentence = "You may not do this."


class ProofNeeded(NotAllowed):
    """It matters too much for a login that somebody may have left open: first password or factor again."""

    sentence = "Please show once more that it is you."


class FactorNeeded(NotAllowed):
    """The organisation wants a second factor of everybody, and this account has none yet."""

    sentence = "Your organisation asks for a second factor. Please set one up on your account's page."


class RoomClosed(HotlineError):
    """The conversation has ended; its history can still be read."""

    uri = "hotline.error.room_closed"
    status = 409
    sentence = "This conversation has ended."


class AlreadyClaimed(HotlineError):
    """Another consultant was faster; `details` has `by`: `{id, name}`."""

    uri = "hotline.error.already_claimed"
    status = 409
    sentence = "Somebody else is already talking with this client."


class NonceReused(HotlineError):
    """The same nonce came with another text."""

    uri = "hotline.error.nonce_reused"
    status = 409
    sentence = "This message number was already used for another text."


class TooFast(HotlineError):
    """More than the limit allows; `details` has `retry_after` in seconds."""

    uri = "hotline.error.too_fast"
    status = 429
    sentence = "That was too fast. Please wait a moment."


class Unavailable(HotlineError):
    """The database is away or the queue is full; nothing was stored, try again."""

    uri = "hotline.error.unavailable"
    status = 503
    sentence = "The service is interrupted for a moment. Please try again shortly."


class Gone(HotlineError):
    """A one-time link that was used, has expired or never existed."""

    uri = "hotline.error.gone"
    status = 410
    sentence = "This link was used, has expired or never existed."


class AlreadyExists(Invalid):
    """Something of this name is there already: `details` is `{field: problem}`."""

    sentence = "This is already taken."


class StartError(Exception):
    """The daemon or a command cannot start; its text is the one line shown to the operator."""
