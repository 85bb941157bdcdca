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
TIMEOUT = "wamp.error.timeout"
GOODBYE_AND_OUT = "wamp.close.goodbye_and_out"
SYSTEM_SHUTDOWN = "wamp.close.system_shutdown"
TOO_SLOW = "hotline.close.too_slow"

RESERVED = "wamp."

# The specification's loose rule; control characters and lone surrogates could not be stored or sent on.
_COMPONENT = r"[^\s.#\x00-\x1f\x7f\ud800-\udfff]+"
_URI = re.compile(rf"{_COMPONENT}(?:\.{_COMPONENT})*")


def is_uri(text: str) -> bool:
    """Whether this is a URI for exact matching: components without white space, `#` or emptiness."""
    return _URI.fullmatch(text) is not None
