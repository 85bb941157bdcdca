"""The options and details of WAMP's messages, and the plain types they and the messages are made of.

In: maps, as a serializer decodes them. Out: typed structs. What we do not know in them is ignored; a wrong
type of what we know does not decode.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Id = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Args = list[Any]
Kwargs = dict[str, Any]
Details = dict[str, Any]


class Options(msgspec.Struct, frozen=True, gc=False):
    """Options and details: a map in which what we do not know is ignored."""


class RoleFeatures(Options, frozen=True):
    """What a client says it can do in one of its roles."""

    subscription_revocation: bool = False
    registration_revocation: bool = False
    call_canceling: bool = False
    progressive_call_results: bool = False
    payload_passthru_mode: bool = False
    payload_encryption_cryptobox: bool = False

    @property
    def understands_revocation(self) -> bool:
        """Whether it can be told that a subscription or registration was taken from it.

        Autobahn for Python, the one client with this odd last feature, announces the first ones and
        then drops the connection over the message.
        """
        can_be_told = self.subscription_revocation or self.registration_revocation
        return can_be_told and not self.payload_encryption_cryptobox


class Role(Options, frozen=True):
    """One entry of `HELLO.Details.roles`."""

    features: RoleFeatures = RoleFeatures()


class Roles(Options, frozen=True):
    """The roles of a client; at least one has to be announced."""

    publisher: Role | None = None
    subscriber: Role | None = None
    caller: Role | None = None
    callee: Role | None = None

    def has_passthru(self, role: Literal["publisher", "caller", "callee"]) -> bool:
        """Whether payload passthru mode was announced for this role."""
        announced: Role | None = getattr(self, role)
        return announced is not None and announced.features.payload_passthru_mode


class HelloDetails(Options, frozen=True):
    """`HELLO.Details`; an authid is only looked at where it is proven."""

    roles: Roles
    authmethods: list[str] | None = None
    authid: str | None = None
    authextra: Details | None = None


class Passthru(Options, frozen=True):
    """The attributes of payload passthru mode, in all options and details that may carry them."""

    ppt_scheme: str | None = None
    ppt_serializer: str | None = None
    ppt_cipher: str | None = None
    ppt_keyid: str | None = None

    @property
    def is_passthru(self) -> bool:
        """Whether the mode is in use: the scheme says so, the other attributes only belong to it."""
        return bool(self.ppt_scheme)

    @property
    def passthru(self) -> Details:
        """The attributes that are there, to be sent on as they are."""
        if not self.is_passthru:
            return {}
        named = {
            "ppt_scheme": self.ppt_scheme,
            "ppt_serializer": self.ppt_serializer,
            "ppt_cipher": self.ppt_cipher,
            "ppt_keyid": self.ppt_keyid,
        }
        return {name: value for name, value in named.items() if value is not None}


class PublishOptions(Passthru, frozen=True):
    """`PUBLISH.Options`; of the lists, one that is there and empty is not the same as none."""

    acknowledge: bool = False
    exclude_me: bool = True
    disclose_me: bool = False
    exclude: list[Id] | None = None
    exclude_authid: list[str] | None = None
    exclude_authrole: list[str] | None = None
    eligible: list[Id] | None = None
    eligible_authid: list[str] | None = None
    eligible_authrole: list[str] | None = None

    @property
    def is_selective(self) -> bool:
        """Whether not all subscribers are meant."""
        return not (
            self.exclude is None
            and self.exclude_authid is None
            and self.exclude_authrole is None
            and self.eligible is None
            and self.eligible_authid is None
            and self.eligible_authrole is None
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked for but acknowledgement and exclusion of the publisher."""
        return not self.is_passthru and not self.disclose_me and not self.is_selective


class SubscribeOptions(Options, frozen=True):
    match: str = "exact"


class CallOptions(Passthru, frozen=True):
    timeout: Milliseconds = 0
    receive_progress: bool = False
    disclose_me: bool = False


class CancelOptions(Options, frozen=True):
    mode: Literal["skip", "kill", "killnowait"] = "killnowait"


class RegisterOptions(Options, frozen=True):
    match: str = "exact"
    invoke: str = "single"


class YieldOptions(Passthru, frozen=True):
    progress: bool = False
