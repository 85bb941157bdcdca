"""WAMP's vocabulary as typed structs: what a client may send, and what this router sends.

In: whatever a serializer decodes into `Incoming`, validated on the way. Out: arrays as the specification has
them, the code of the message first. Unknown options are ignored; a wrong type of a known one does not decode.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hotline.router.options import (
    Args,
    CallOptions,
    CancelOptions,
    Details,
    HelloDetails,
    Id,
    Kwargs,
    Passthru,
    PublishOptions,
    RegisterOptions,
    SubscribeOptions,
    YieldOptions,
)


class Message(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """One message: an array, its code first. Elements beyond those of its kind are an error."""


# What a client may send


class Hello(Message, frozen=True, tag=1):
    realm: str
    details: HelloDetails


class Aborted(Message, frozen=True, tag=3):
    """ABORT of a client; with arguments it is as good as without."""

    details: Details
    reason: str
    args: Args = []
    kwargs: Kwargs = {}


class Authenticate(Message, frozen=True, tag=5):
    signature: str
    extra: Details


class Goodbye(Message, frozen=True, tag=6):
    details: Details
    reason: str


class Publish(Message, frozen=True, tag=16):
    request: Id
    options: PublishOptions
    topic: str
    args: Args = []
    kwargs: Kwargs = {}


class Subscribe(Message, frozen=True, tag=32):
    request: Id
    options: SubscribeOptions
    topic: str


class Unsubscribe(Message, frozen=True, tag=34):
    request: Id
    subscription: Id


class Call(Message, frozen=True, tag=48):
    request: Id
    options: CallOptions
    procedure: str
    args: Args = []
    kwargs: Kwargs = {}


class Cancel(Message, frozen=True, tag=49):
    request: Id
    options: CancelOptions


class Register(Message, frozen=True, tag=64):
    request: Id
    options: RegisterOptions
    procedure: str


class Unregister(Message, frozen=True, tag=66):
    request: Id
    registration: Id


class Yield(Message, frozen=True, tag=70):
    request: Id
    options: YieldOptions
    args: Args = []
    kwargs: Kwargs = {}


class Failed(Message, frozen=True, tag=8):
    """ERROR of a callee: the answer to an INVOCATION, the only request a client is ever asked."""

    code: Literal[68]
    request: Id
    details: Passthru
    uri: str
    args: Args = []
    kwargs: Kwargs = {}


Incoming = (
    Hello
    | Aborted
    | Authenticate
    | Goodbye
    | Publish
    | Subscribe
    | Unsubscribe
    | Call
    | Cancel
    | Register
    | Unregister
    | Yield
    | Failed
)

CODE_OF: dict[type[Message], int] = {
    Publish: 16,
    Subscribe: 32,
    Unsubscribe: 34,
    Call: 48,
    Register: 64,
    Unregister: 66,
}
"""The requests an ERROR may answer, with the code by which it names them."""


# What only the router sends (GOODBYE goes both ways)


class Abort(Message, frozen=True, tag=3):
    details: Details
    reason: str


class Welcome(Message, frozen=True, tag=2):
    session: int
    details: Details


class Challenge(Message, frozen=True, tag=4):
    authmethod: str
    extra: Details


class Error(Message, frozen=True, tag=8):
    code: int
    request: int
    details: Details
    uri: str
    args: Args = []
    kwargs: Kwargs = {}


class Published(Message, frozen=True, tag=17):
    request: int
    publication: int


class Subscribed(Message, frozen=True, tag=33):
    request: int
    subscription: int


class Unsubscribed(Message, frozen=True, tag=35):
    request: int


class Revoked(Message, frozen=True, tag=35):
    """UNSUBSCRIBED which nobody asked for: its request is 0, its details say which subscription and why."""

    request: int
    details: Details


class Event(Message, frozen=True, tag=36):
    subscription: int
    publication: int
    details: Details
    args: Args
    kwargs: Kwargs


class Result(Message, frozen=True, tag=50):
    request: int
    details: Details
    args: Args


class Yielded(Message, frozen=True, tag=50):
    """RESULT as a callee gave it; that of a built-in procedure has one argument and no more."""

    request: int
    details: Details
    args: Args
    kwargs: Kwargs


class Registered(Message, frozen=True, tag=65):
    request: int
    registration: int


class Unregistered(Message, frozen=True, tag=67):
    request: int


class RegistrationRevoked(Message, frozen=True, tag=67):
    """UNREGISTERED which nobody asked for, as `Revoked` is for subscriptions."""

    request: int
    details: Details


class Invocation(Message, frozen=True, tag=68):
    request: int
    registration: int
    details: Details
    args: Args
    kwargs: Kwargs


class Interrupt(Message, frozen=True, tag=69):
    request: int
    options: Details
