"""The URIs this router says by itself, and which strings are URIs at all.

In: a string of a peer. Out: whether it may name a topic or a procedure. It never knows which exist.
"""

from __future__ import annotations

import re

PROTOCOL_VIOLATION = "wamp.error.protocol_violation"
NO_SUCH_REALM = "wamp.error.no_such_realm"
NO_SUCH_SUBSCRIPTION = "wamp.error.no_such_subscription"
NO_SUCH_REGISTRATION = "wamp.error.no_such_registration"
NO_MATCHING_AUTH_METHOD = "wamp.error.no_matching_auth_method"
AUTHENTICATION_DENIED = "wamp.error.authentication_denied"
NOT_AUTHORIZED = "wamp.error.not_authorized"
INVALID_URI = "wamp.error.invalid_uri"
INVALID_ARGUMENT = "wamp.error.invalid_argument"
CANCELED = "wamp.error.canceled"
NO_SUCH_PROCEDURE = "wamp.error.no_such_procedure"
NO_SUCH_SESSION = "wamp.error.no_such_session"
NO_AVAILABLE_CALLEE = "wamp.error.no_available_callee"
PROCEDURE_ALREADY_EXISTS = "wamp.error.procedure_already_exists"
PROCEDURE_EXISTS_WITH_DIFFERENT_POLICY = "wamp.error.procedure_exists_with_different_invocation_policy"
DISCLOSE_ME_DISALLOWED = "wamp.error.option_disallowed.disclose_me"
FEATURE_NOT_SUPPORTED = "wamp.error.feature_not_supported"
OPTION_NOT_ALLOWED = "wamp.error.option_not_allowed"
TIMEOUT = "wamp.error.timeout"
GOODBYE_AND_OUT = "wamp.close.goodbye_and_out"
KILLED = "wamp.close.killed"
SYSTEM_SHUTDOWN = "wamp.close.system_shutdown"
TOO_SLOW = "hotline.close.too_slow"
TOO_FAST = "hotline.close.too_fast"
BUSY = "hotline.close.busy"

RESERVED = "wamp."

# The specification's loose rule; control characters and lone surrogates could not be stored or sent on.
_COMPONENT = r"[^\s.#\x00-\x1f\x7f\ud800-\udfff]+"
_URI = re.compile(rf"{_COMPONENT}(?:\.{_COMPONENT})*")


def is_uri(text: str, longest: int) -> bool:
    """Whether this is a URI for exact matching: components without white space, `#` or emptiness,
    and not too long (0: of any length)."""
    return not 0 < longest < len(text) and _URI.fullmatch(text) is not None


def is_pattern(text: str, match: str, longest: int) -> bool:
    """Whether this is a pattern: a prefix may end anywhere, a wildcard has empty components for any."""
    if match == "prefix":
        return text == "" or is_uri(text.removesuffix("."), longest)
    return (
        match == "wildcard"
        and not 0 < longest < len(text)
        and all(part == "" or is_uri(part, longest) for part in text.split("."))
    )
