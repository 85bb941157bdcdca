"""Registering by mail: nothing is made before the link is used; only the mail knows who has an account."""

from __future__ import annotations

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList

from hotline.accounts import Accounts
from hotline.domain.limits import DomainLimits
from hotline.errors import Gone, Invalid, TooFast, Unavailable
from hotline.store import organisations
from tests.people.conftest import GOOD_PASSWORD, token_in

OTHER_PASSWORD = "granite-lantern-tuesday"


class Post:
    """What was posted, the latest last."""

    def __init__(self, accounts):
        self.sent = []
        accounts.post = lambda *mail: self.sent.append(mail)

    @property
    def token(self):
        [link] = [line for line in self.sent[-1][2].splitlines() if "/register/confirm/" in line]
        assert link.startswith("https://talk.example.org/register/confirm/")
        return token_in(link)


@pytest.fixture
def post(accounts):
    return Post(accounts)


async def ask(accounts, email="mara@seelefon.example", organisation="Seelefon", **more):
    typed = {"username": "Mara", "password": GOOD_PASSWORD} | more
    assert await accounts.ask_registration(organisation=organisation, email=email, **typed) is None


async def listed(database):
    async with database.transaction() as tx:
        return [each.name for each in await organisations.list_all(tx)]


@ensureDeferred
async def test_the_link_makes_the_organisation_once(accounts, post, database):
    """Nothing is there before; then the manager is in, with what was typed; a second use changes nothing."""
    await ask(accounts)
    assert await listed(database) == []
    assert [mail[0] for mail in post.sent] == ["mara@seelefon.example"]
    assert await accounts.get_registration(post.token) == ("Seelefon", "mara@seelefon.example", False)
    assert await listed(database) == []
    for wrong in ("", OTHER_PASSWORD):  # somebody else asked for it, with a password of theirs
        with pytest.raises(Invalid):
            await accounts.finish_registration(post.token, wrong)
    assert await listed(database) == []
    signed = await accounts.finish_registration(post.token, GOOD_PASSWORD)
    assert (signed.actor.name, signed.actor.is_manager) == ("Mara", True)
    assert await accounts.find_actor(signed.token) == signed.actor
    again = await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    assert again.actor.organisation_id == signed.actor.organisation_id
    with pytest.raises(Gone):
        await accounts.finish_registration(post.token, GOOD_PASSWORD)
    assert await listed(database) == ["Seelefon"]


@ensureDeferred
async def test_of_two_uses_at_once_one_counts(accounts, post, database):
    """Two clicks make one organisation."""
    await ask(accounts)
    results = await DeferredList(
        [Deferred.fromCoroutine(accounts.finish_registration(post.token, GOOD_PASSWORD)) for _ in range(3)],
        consumeErrors=True,
    )
    assert sorted(done for done, _ in results) == [False, False, True]
    assert {failure.type for done, failure in results if not done} <= {Gone}
    assert await listed(database) == ["Seelefon"]


@ensureDeferred
async def test_a_known_address_is_told_by_mail_alone(accounts, registered, post, database):
    """Same answer, whatever was typed; the link then wants the password that the address has."""
    await registered()
    for email in ("mara@seelefon.example", "new@example.org"):
        await ask(accounts, email, "Second", password=OTHER_PASSWORD)
    known, unknown = post.sent
    assert "has an account already" in " ".join(known[2].split())
    assert "has an account" not in " ".join(unknown[2].split())
    assert known[1] == unknown[1]
    assert len(known[2].splitlines()) > len(unknown[2].splitlines())

    post.sent.pop()
    assert (await accounts.get_registration(post.token))[2] is True
    for wrong in ("", OTHER_PASSWORD):
        with pytest.raises(Invalid) as caught:
            await accounts.finish_registration(post.token, wrong)
        assert set(caught.value.details) == {"password"}
    assert await listed(database) == ["Seelefon"]
    signed = await accounts.finish_registration(post.token, GOOD_PASSWORD)
    choices = (await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)).choices
    assert [choice.organisation for choice in choices] == ["Second", "Seelefon"]
    assert signed.actor.is_manager
    with pytest.raises(Invalid):
        await accounts.log_in(email="mara@seelefon.example", password=OTHER_PASSWORD)


@ensureDeferred
async def test_whoever_got_an_account_meanwhile_needs_its_password(accounts, registered, post):
    """The password of the link is worth nothing once the address has one."""
    await ask(accounts, password=OTHER_PASSWORD, organisation="Second")
    await registered()
    with pytest.raises(Invalid):
        await accounts.finish_registration(post.token, OTHER_PASSWORD)
    await accounts.finish_registration(post.token, GOOD_PASSWORD)


@ensureDeferred
async def test_links_end_and_cannot_be_made_up(accounts, post, database, now):
    """Half an hour, and nothing but what was sealed here, for this."""
    await ask(accounts)
    token = post.token
    wrong = [token[:-2], token[:-3] + ("AAA" if not token.endswith("AAA") else "BBB"), token + "A"]
    for made_up in (*wrong, "", "x", "x" * 43, "\x00", "\ud800", "ä", "=" * 8, "A" * 5000):
        with pytest.raises(Gone):
            await accounts.get_registration(made_up)
        with pytest.raises(Gone):
            await accounts.finish_registration(made_up)
    now.advance(minutes=29)
    assert (await accounts.get_registration(token))[0] == "Seelefon"
    now.advance(minutes=1)
    with pytest.raises(Gone):
        await accounts.finish_registration(token)
    assert await listed(database) == []


@ensureDeferred
async def test_what_cannot_be_used_is_said_at_once_and_mailed_to_nobody(accounts, post):
    """The checks of the form are those of registering at once, and say nothing about addresses."""
    with pytest.raises(Invalid) as caught:
        await ask(accounts, "no address", "", username="", password="password")
    assert set(caught.value.details) == {"organisation", "username", "email", "password"}
    assert post.sent == []


@ensureDeferred
async def test_an_address_gets_a_few_in_an_hour(accounts, post, now, limit):
    """Whoever asks is answered all the same; other addresses get theirs."""
    limit(registrations_per_address=2)
    for _ in range(4):
        await ask(accounts)
    assert len(post.sent) == 2
    await ask(accounts, "other@example.org")
    assert len(post.sent) == 3
    now.advance(minutes=30)
    await ask(accounts)
    assert len(post.sent) == 4
    limit(registrations_per_address=0)
    await ask(accounts)
    assert len(post.sent) == 5


@ensureDeferred
async def test_what_could_not_be_posted_is_not_counted(accounts):
    """Whoever was told to come again, and does, gets the mail."""
    for _ in range(3):
        with pytest.raises(Unavailable):
            await ask(accounts)
    post = Post(accounts)
    await ask(accounts)
    assert len(post.sent) == 1


@ensureDeferred
async def test_a_network_and_a_full_post_are_told(database, passwords, now):
    """The same limit as for registering at once; and no mail is promised that cannot be sent."""
    accounts = Accounts(
        database, passwords, DomainLimits(registrations_per_network=1), "https://talk.example.org", now
    )
    with pytest.raises(Unavailable):
        await ask(accounts)
    Post(accounts)
    await ask(accounts, network="192.0.2.0/24")
    with pytest.raises(TooFast):
        await ask(accounts, "other@example.org", network="192.0.2.0/24")
