"""Invitations: made by managers, mailed, good once, and looked at without harm; on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList

from hotline.accounts import Accounts
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Role
from hotline.domain.names import has_hidden
from hotline.errors import Gone, Invalid, NotAllowed, NotFound, TooFast
from tests.helpers import NAUGHTY
from tests.people.conftest import GOOD_PASSWORD, token_in

OTHER_PASSWORD = "copper ladder seventeen owls"


@ensureDeferred
async def test_invited_person_joins(accounts, registered, mailed):
    """The mail holds the link that the manager sees; through it somebody joins in the role meant for them."""
    manager = await registered()
    invited = await accounts.invite(manager.actor, email=" Tom@Example.org ", role="manager")
    [mail] = await mailed()
    assert mail.recipient == "tom@example.org"
    assert invited.link in mail.body
    assert "Seelefon" in mail.subject
    assert "Mara" in mail.body
    token = token_in(invited.link)
    for _ in range(3):  # as mail scanners do
        assert await accounts.get_invitation(token) == ("Seelefon", "tom@example.org", Role.MANAGER)
    signed = await accounts.accept_invitation(token, username="Tom", password=GOOD_PASSWORD)
    assert await accounts.find_actor(signed.token) == signed.actor
    assert (signed.actor.name, signed.actor.role) == ("Tom", Role.MANAGER)
    assert signed.actor.organisation_id == manager.actor.organisation_id
    again = await accounts.log_in(email="tom@example.org", password=GOOD_PASSWORD)
    assert again.actor.id == signed.actor.id


@ensureDeferred
async def test_link_is_good_once(accounts, registered):
    """A used link cannot be looked at or used again, and of two who use it at once one joins."""
    manager = await registered()
    invited = await accounts.invite(manager.actor, email="tom@example.org", role="staff")
    token = token_in(invited.link)
    results = await DeferredList(
        [
            Deferred.fromCoroutine(accounts.accept_invitation(token, username=name, password=GOOD_PASSWORD))
            for name in ("Tom", "Tim", "Tam")
        ],
        consumeErrors=True,
    )
    assert sorted(done for done, _ in results) == [False, False, True]
    assert all(failure.check(Gone) for done, failure in results if not done)
    assert len(await accounts.list_staff(manager.actor)) == 2
    with pytest.raises(Gone):
        await accounts.get_invitation(token)


@ensureDeferred
async def test_link_ends(accounts, registered, now):
    """Expired, withdrawn, replaced and invented links are gone."""
    manager = await registered()

    async def invite(email="tom@example.org"):
        return token_in((await accounts.invite(manager.actor, email=email, role="staff")).link)

    expired = await invite("old@example.org")
    now.advance(days=7, hours=1)
    replaced = await invite()
    withdrawn = await invite()
    [invitation] = await accounts.list_invitations(manager.actor)
    await accounts.withdraw_invitation(manager.actor, invitation.invitation_id)
    for token in (expired, replaced, withdrawn, "invented", "", "\x00", "\ud800"):
        with pytest.raises(Gone):
            await accounts.get_invitation(token)
        with pytest.raises(Gone):
            await accounts.accept_invitation(token, username="Tom", password=GOOD_PASSWORD)
    with pytest.raises(NotFound):
        await accounts.withdraw_invitation(manager.actor, invitation.invitation_id)


@ensureDeferred
async def test_bad_input_leaves_the_link_good(accounts, registered):
    """Somebody who typed something wrong can try again."""
    manager = await registered()
    token = token_in((await accounts.invite(manager.actor, email="tom@example.org", role="staff")).link)
    with pytest.raises(Invalid) as caught:
        await accounts.accept_invitation(token, username="x" * 81, password="tom@example.org")
    assert set(caught.value.details) == {"username", "password"}
    await accounts.accept_invitation(token, username="Tom", password=GOOD_PASSWORD)


@pytest.mark.parametrize("name", [name for name in NAUGHTY if not has_hidden(name)])
@ensureDeferred
async def test_names_arrive_unchanged(accounts, registered, mailed, name):
    """Whatever people are called, it is stored and mailed as it is, if it can be seen."""
    manager = await registered()
    token = token_in((await accounts.invite(manager.actor, email="tom@example.org", role="staff")).link)
    signed = await accounts.accept_invitation(token, username=name, password=GOOD_PASSWORD)
    assert signed.actor.name == name.strip()
    assert {entry.name for entry in await accounts.list_staff(manager.actor)} == {"Mara", name.strip()}


@ensureDeferred
async def test_only_managers_invite(accounts, registered, joined):
    """Staff, somebody who was manager a moment ago, and another organisation's manager cannot."""
    manager = await registered()
    tom = await joined(manager)
    other = await registered("Other", "Olga")
    pretending = replace(tom.actor, role=Role.MANAGER)
    elsewhere = replace(other.actor, organisation_id=manager.actor.organisation_id)
    for actor in (tom.actor, pretending, elsewhere):
        with pytest.raises(NotAllowed):
            await accounts.invite(actor, email="new@example.org", role="staff")
        with pytest.raises(NotAllowed):
            await accounts.list_invitations(actor)


@ensureDeferred
async def test_one_person_joins_several_organisations(accounts, registered, joined):
    """Once each; with the password the person has already there is one for both."""
    manager, other = await registered(), await registered("Other", "Olga")
    token = token_in((await accounts.invite(manager.actor, email="olga@other.example", role="staff")).link)
    signed = await accounts.accept_invitation(token, username="Olga", password=GOOD_PASSWORD)
    assert signed.actor.organisation_id == manager.actor.organisation_id
    with pytest.raises(Invalid) as caught:
        await accounts.invite(manager.actor, email="olga@other.example", role="staff")
    assert caught.value.details == {"email": "already has an account here"}
    assert (await accounts.find_actor(other.token)).organisation_id == other.actor.organisation_id
    both = await accounts.log_in(email="olga@other.example", password=GOOD_PASSWORD)
    assert [choice.organisation for choice in both.choices] == ["Other", "Seelefon"]


@ensureDeferred
async def test_an_invitation_does_not_tell_who_has_an_account(accounts, registered, audited):
    """Whoever invites has the link, and learns nothing by it: neither whether the address has an account
    elsewhere, nor whether a password is the one of that, which stays as it is."""
    manager, other = await registered(), await registered("Other", "Olga")
    for email in ("olga@other.example", "nobody@other.example"):
        token = token_in((await accounts.invite(manager.actor, email=email, role="staff")).link)
        assert await accounts.get_invitation(token) == ("Seelefon", email, Role.STAFF)
        signed = await accounts.accept_invitation(token, username="Eve", password=OTHER_PASSWORD)
        assert signed.actor.organisation_id == manager.actor.organisation_id
        again = await accounts.log_in(email=email, password=OTHER_PASSWORD)
        assert again.actor.id == signed.actor.id
    fresh = "granite-lantern-tuesday"
    again = await accounts.log_in(email="olga@other.example", password=OTHER_PASSWORD)
    await accounts.change_password(again.actor, old=OTHER_PASSWORD, new=fresh)
    assert (await accounts.find_actor(other.token)).id == other.actor.id
    olga = await accounts.log_in(email="olga@other.example", password=GOOD_PASSWORD)
    assert olga.actor.id == other.actor.id
    for password in (OTHER_PASSWORD, GOOD_PASSWORD + "x"):
        with pytest.raises(Invalid):
            await accounts.log_in(email="olga@other.example", password=password)
    await accounts.settled()
    assert [action for action, _ in await audited(other)].count("login.failed") == 2


@ensureDeferred
async def test_registering_at_once_does_not_tell_who_has_an_account(accounts, registered):
    """The address of somebody else with another password: an organisation of its own, and theirs stays."""
    mara = await registered()
    email = "mara@seelefon.example"
    second = await accounts.register_organisation(
        organisation="Second", username="Eve", email=email, password=OTHER_PASSWORD
    )
    for signed, password in ((mara, GOOD_PASSWORD), (second, OTHER_PASSWORD)):
        again = await accounts.log_in(email=email, password=password)
        assert again.actor.organisation_id == signed.actor.organisation_id


@ensureDeferred
async def test_a_founded_organisation_has_nobody_elses_password(accounts, registered):
    """Whoever made an account with the manager's address before does not come in by its password, nor by
    changing it: only by the link, which then counts for that account, too."""
    thief = await registered("Thief", "Eve")
    token = token_in((await accounts.invite(thief.actor, email="boss@ngo.example", role="staff")).link)
    planted = await accounts.accept_invitation(token, username="Boss", password=OTHER_PASSWORD)
    founded = await accounts.found_organisation(organisation="NGO", username="Boss", email="boss@ngo.example")
    signed = await accounts.log_in(email="boss@ngo.example", password=OTHER_PASSWORD)
    assert signed.actor.id == planted.actor.id, "the one that was planted, and no choice"
    fresh = "granite-lantern-tuesday"
    await accounts.change_password(signed.actor, old=OTHER_PASSWORD, new=fresh)
    signed = await accounts.log_in(email="boss@ngo.example", password=fresh)
    assert signed.actor.id == planted.actor.id
    await accounts.change_password_by_reset(token_in(founded.link), GOOD_PASSWORD)
    assert await accounts.find_actor(signed.token) is None
    with pytest.raises(Invalid):
        await accounts.log_in(email="boss@ngo.example", password=fresh)
    both = await accounts.log_in(email="boss@ngo.example", password=GOOD_PASSWORD)
    assert [choice.organisation for choice in both.choices] == ["NGO", "Thief"]


@ensureDeferred
async def test_an_invitation_is_sent_again(accounts, registered, mailed, now):
    """With a new link and new time; the old link ends, and another organisation's manager cannot."""
    manager, other = await registered(), await registered("Other", "Olga")
    first = await accounts.invite(manager.actor, email="tom@example.org", role="manager")
    [invitation] = await accounts.list_invitations(manager.actor)
    now.advance(days=6)
    with pytest.raises(NotFound):
        await accounts.send_again(other.actor, invitation.invitation_id)
    again = await accounts.send_again(manager.actor, invitation.invitation_id)
    assert [mail.recipient for mail in await mailed()] == ["tom@example.org"] * 2
    with pytest.raises(Gone):
        await accounts.get_invitation(token_in(first.link))
    now.advance(days=6)
    assert await accounts.get_invitation(token_in(again.link)) == (
        "Seelefon",
        "tom@example.org",
        Role.MANAGER,
    )


@ensureDeferred
async def test_mails_to_strangers_have_an_end(accounts, registered, limit):
    """Nobody can have mails sent to any number of addresses, but where the operator says so."""
    manager = await registered()
    limit(open_invitations=3)
    for number in range(3):
        await accounts.invite(manager.actor, email=f"n{number}@example.org", role="staff")
    with pytest.raises(TooFast):
        await accounts.invite(manager.actor, email="one-more@example.org", role="staff")
    limit(open_invitations=0)
    await accounts.invite(manager.actor, email="one-more@example.org", role="staff")


@ensureDeferred
async def test_an_organisation_has_so_many_mails_sent_in_an_hour(accounts, registered, mailed, now):
    """Sending the same invitation again and again counts as others do; other organisations do not wait."""
    manager, other = await registered(), await registered("Other", "Olga")
    await accounts.invite(manager.actor, email="tom@example.org", role="staff")
    for _ in range(99):
        [waiting] = await accounts.list_invitations(manager.actor)
        await accounts.send_again(manager.actor, waiting.invitation_id)
    [waiting] = await accounts.list_invitations(manager.actor)
    sent = len(await mailed())
    for again in (
        accounts.send_again(manager.actor, waiting.invitation_id),
        accounts.invite(manager.actor, email="kim@example.org", role="staff"),
    ):
        with pytest.raises(TooFast) as caught:
            await again
        assert caught.value.details == {"retry_after": 36.0}
    assert len(await accounts.list_invitations(manager.actor)) == 1
    await accounts.invite(other.actor, email="tom@example.org", role="staff")
    now.advance(seconds=36)
    await accounts.send_again(manager.actor, waiting.invitation_id)
    assert sent == 100


@ensureDeferred
async def test_a_node_has_so_many_invitations_sent_in_an_hour(database, passwords, registered, mailed, now):
    """However many organisations somebody makes for it; what is refused costs none of them anything."""
    limits = DomainLimits(invitations_per_hour=2, invitations_per_node=3)
    accounts = Accounts(database, passwords, limits, "https://talk.example.org", now)
    mara, olga = await registered(), await registered("Other", "Olga")
    for number, manager in enumerate((mara, mara, olga)):
        await accounts.invite(manager.actor, email=f"n{number}@example.org", role="staff")
    for _ in range(3):
        with pytest.raises(TooFast) as caught:
            await accounts.invite(olga.actor, email="kim@example.org", role="staff")
        assert caught.value.details == {"retry_after": 1200.0}
    now.advance(minutes=20)
    await accounts.invite(olga.actor, email="kim@example.org", role="staff")
    assert len(await mailed()) == 4


@ensureDeferred
async def test_what_people_have_mailed_is_counted_for_all_of_them(database, passwords, registered, now):
    """Invitations and links for a new address, of one organisation; nobody is kept from logging in, nor from
    a link for a forgotten password."""
    accounts = Accounts(database, passwords, DomainLimits(mails_per_hour=2), "https://talk.example.org", now)
    mara, olga = await registered(), await registered("Other", "Olga")
    form = {"username": "Mara", "password": GOOD_PASSWORD}
    await accounts.invite(mara.actor, email="tom@example.org", role="staff")
    await accounts.change_profile(mara.actor, email="mara@example.org", **form)
    for refused in (
        accounts.invite(mara.actor, email="kim@example.org", role="staff"),
        accounts.change_profile(mara.actor, email="m@example.org", **form),
    ):
        with pytest.raises(TooFast) as caught:
            await refused
        assert caught.value.details == {"retry_after": 1800.0}
    await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    await accounts.forgot_password("mara@seelefon.example")
    await accounts.invite(olga.actor, email="kim@example.org", role="staff")
    now.advance(minutes=30)
    await accounts.invite(mara.actor, email="kim@example.org", role="staff")


@ensureDeferred
async def test_operator_founds_an_organisation(accounts):
    """Without a password given, the manager chooses one through a link, and nobody logs in before."""
    founded = await accounts.found_organisation(organisation="Help", username="Ann", email="ann@example.org")
    with pytest.raises(Invalid):
        await accounts.log_in(email="ann@example.org", password="none$")
    await accounts.change_password_by_reset(token_in(founded.link), GOOD_PASSWORD)
    signed = await accounts.log_in(email="ann@example.org", password=GOOD_PASSWORD)
    assert signed.actor.is_manager
    assert (await accounts.get_organisation(signed.actor)).slug == founded.slug == "help"
