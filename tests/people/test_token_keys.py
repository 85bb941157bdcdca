"""API tokens that prove themselves by a key: made, found, used, gone; and through the whole router."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_twisted import ensureDeferred

from hotline.admission import Admission
from hotline.errors import Invalid
from hotline.router.ports import Denied
from hotline.store.realms import Realms

PUBLIC_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key().public_bytes_raw()


@ensureDeferred
async def test_secret_is_kept_as_a_key_only(accounts: Any, registered: Any, database: Any) -> None:
    """A token with a secret has the salted key of it, which proves it, and neither the secret nor another."""
    manager = await registered()
    organisation_id = manager.actor.organisation_id
    name, secret = await accounts.create_token(manager.actor, "bot")
    admission = Admission(Realms(database), accounts)
    credentials = await admission.credentials(organisation_id, name)
    assert credentials is not None
    expected = hashlib.pbkdf2_hmac(
        "sha256", secret.encode(), credentials.salt.encode(), credentials.iterations
    )
    assert (credentials.salted_key, credentials.public_key) == (expected, None)
    _, other = await accounts.create_token(manager.actor, "other")
    second = await admission.credentials(organisation_id, "other")
    assert second is not None
    assert (second.salt, other) != (credentials.salt, secret)
    identity = await admission.proven(organisation_id, name, "wampcra", credentials.reference)
    assert (identity.authid, identity.authrole, identity.authmethod) == ("bot", "manager", "wampcra")
    assert identity.principal.token_id == credentials.reference
    assert (await accounts.list_tokens(manager.actor))[0].used_at is not None


@ensureDeferred
async def test_public_key_instead_of_a_secret(accounts: Any, registered: Any, database: Any) -> None:
    """A token made with a public key has no secret, and no other key."""
    manager = await registered()
    name, secret = await accounts.create_token(manager.actor, "signer", PUBLIC_KEY.hex())
    assert secret == ""
    credentials = await Admission(Realms(database), accounts).credentials(manager.actor.organisation_id, name)
    assert credentials is not None
    assert (credentials.salted_key, credentials.public_key) == (None, PUBLIC_KEY)
    assert await accounts.authenticate(manager.actor.organisation_id, name, "") is None
    for wrong in ("zz", "00" * 31, "00" * 33, "\N{LATIN SMALL LETTER E WITH ACUTE}"):
        with pytest.raises(Invalid) as caught:
            await accounts.create_token(manager.actor, "wrong", wrong)
        assert set(caught.value.details) == {"public_key"}


@ensureDeferred
async def test_only_tokens_of_this_organisation(accounts: Any, registered: Any, database: Any) -> None:
    """Unknown names, impossible ones, and those of another organisation are not there."""
    ours, theirs = await registered(), await registered("Otherline")
    await accounts.create_token(theirs.actor, "bot")
    admission = Admission(Realms(database), accounts)
    for name in ("bot", "nobody", "", "\0", "x" * 1000):
        assert await admission.credentials(ours.actor.organisation_id, name) is None


@ensureDeferred
async def test_revoked_before_it_was_proved(accounts: Any, registered: Any, database: Any) -> None:
    """A token taken back lets nobody in, whatever was proved before."""
    manager = await registered()
    name, _ = await accounts.create_token(manager.actor, "bot")
    admission = Admission(Realms(database), accounts)
    credentials = await admission.credentials(manager.actor.organisation_id, name)
    assert credentials is not None
    await accounts.revoke_token(manager.actor, credentials.reference)
    with pytest.raises(Denied):
        await admission.proven(manager.actor.organisation_id, name, "wampcra", credentials.reference)
