"""WAMP's vocabulary as typed structs: what a client may send, and what this router sends.

In: whatever a serializer decodes into `Incoming`, validated on the way. Out: arrays as the specification has
them, the code of the message first. Unknown options are ignored; a wrong type of a known one does not decode.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Id = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Args = list[Any]
Kwargs = dict[str, Any]
Details = dict[str, Any]


class Options(msgspec.Struct, frozen=True, gc=False):
    """Options and details: a map in which what we do not know is ignored."""


class Message(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """One message: an array, its code first. Elements beyond those of its kind are an error."""


# What a client may send


class RoleFeatures(Options, frozen=True):
    """What a client says it can do in one of its roles."""

    subscription_revocation: bool = False
    payload_encryption_cryptobox: bool = False

    @property
    def understands_revocation(self) -> bool:
        """Whether it can be told that a subscription was taken from it.

        Autobahn for Python, the one client with this odd second feature, announces the first one and
        then drops the connection over the message.
        """
        return self.subscription_revocation and not self.payload_encryption_cryptobox


class Role(Options, frozen=True):
    """One entry of `HELLO.Details.roles`."""

    features: RoleFeatures = RoleFeatures()


class Roles(Options, frozen=True):
    """The roles of a client; at least one has to be announced."""

    publisher: Role | None = None
    subscriber: Role | None = None
    caller: Role | None = None
    callee: Role | None = None


class HelloDetails(Options, frozen=True):
    """`HELLO.Details`; an authid is only looked at where it is proven."""

    roles: Roles
    authmethods: list[str] | None = None
    authid: str | None = None


class Hello(Message, frozen=True, tag=1):
    realm: str
    details: HelloDetails


class Abort(Message, frozen=True, tag=3):
    details: Details
    reason: str


class Authenticate(Message, frozen=True, tag=5):
    signature: str
    extra: Details


class Goodbye(Message, frozen=True, tag=6):
    details: Details
    reason: str


class PublishOptions(Options, frozen=True):
    acknowledge: bool = False
    exclude_me: bool = True


class Publish(Message, frozen=True, tag=16):
    request: Id
    options: PublishOptions
    topic: str
    args: Args = []
    kwargs: Kwargs = {}


class SubscribeOptions(Options, frozen=True):
    match: str = "exact"


class Subscribe(Message, frozen=True, tag=32):
    request: Id
    options: SubscribeOptions
    topic: str


class Unsubscribe(Message, frozen=True, tag=34):
    request: Id
    subscription: Id


class Call(Message, frozen=True, tag=48):
    request: Id
    options: Details
    procedure: str
    args: Args = []
    kwargs: Kwargs = {}


class Cancel(Message, frozen=True, tag=49):
    request: Id
    options: Details


class Register(Message, frozen=True, tag=64):
    request: Id
    options: Details
    procedure: str


class Unregister(Message, frozen=True, tag=66):
    request: Id
    registration: Id


Incoming = (
    Hello
    | Abort
    | Authenticate
    | Goodbye
    | Publish
    | Subscribe
    | Unsubscribe
    | Call
    | Cancel
    | Register
    | Unregister
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


# What only the router sends (ABORT and GOODBYE go both ways)


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
