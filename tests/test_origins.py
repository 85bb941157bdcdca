"""From where browsers may connect: from the pages' own origin and no other, however alike it looks."""

from __future__ import annotations

import pytest

from hotline.config import load_settings
from hotline.origins import origin_policy

FOREIGN = (
    "null",
    "",
    "https://evil.example",
    "https://evil.talk.example.org",
    "https://talk.example.org.evil.example",
    "https://eviltalk.example.org",
    "https://example.org",
    "https://talk.example.org:8443",
    "https://talk.example.org:443",
    "http://talk.example.org",
    "https://talk.example.org/",
    "https://talk.example.org@evil.example",
    "https://evil.example#https://talk.example.org",
    "https://talk.example.org\\.evil.example",
    "HTTPS://TALK.EXAMPLE.ORG",
    "file://",
    "chrome-extension://talk.example.org",
)


@pytest.mark.parametrize("origin", FOREIGN)
def test_alike_is_not_the_same(origin: str) -> None:
    """Null, subdomains, prefixes, suffixes, other ports and schemes are foreign, whatever the Host says."""
    allowed = origin_policy(load_settings({"public_url": "https://talk.example.org"}, {}))
    for host in ("talk.example.org", "evil.example", origin.partition("://")[2]):
        assert not allowed(origin, host)
    assert allowed("https://talk.example.org", "talk.example.org")
    assert allowed(None, "talk.example.org"), "programs have none, and no cookies either"


def test_an_organisations_own_address_is_for_itself() -> None:
    """A page of one organisation's address opens no connection to another's."""
    allowed = origin_policy(load_settings({"public_url": "https://*.talk.example.org"}, {}))
    haven, harbour = "https://haven.talk.example.org", "https://harbour.talk.example.org"
    assert allowed(haven, "haven.talk.example.org")
    assert not allowed(haven, "harbour.talk.example.org")
    assert not allowed(harbour, "haven.talk.example.org")
    for origin in ("https://haven.talk.example.org.evil.example", "https://a.haven.talk.example.org", "null"):
        assert not allowed(origin, "haven.talk.example.org")


def test_other_names_of_this_machine() -> None:
    """Of loopback each name is as good, on the same port only."""
    allowed = origin_policy(load_settings({"public_url": "http://127.0.0.1:8080"}, {}))
    assert allowed("http://localhost:8080", "127.0.0.1:8080")
    assert not allowed("http://localhost:9090", "127.0.0.1:8080")
    assert not allowed("https://localhost:8080", "127.0.0.1:8080")
