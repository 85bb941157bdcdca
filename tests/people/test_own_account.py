"""Forgotten and changed passwords, own name and address, leaving; on a real PostgreSQL."""

from __future__ import annotations

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred

from hotline.domain.model import Presence, Status
from hotline.errors import Gone, Invalid, NotAllowed, NotFound, TooFast
from hotline.procedures.context import Context
from hotline.procedures.table import PROCEDURES
from hotline.store import rooms
from tests.helpers import House, list_entries, make_client
from tests.people.conftest import GOOD_PASSWORD, token_in

NEW_PASSWORD = "granite-lantern-tuesday"


def _link(mail):
    [line] = [line for line in mail.body.splitlines() if line.startswith("https://")]
    return line


@ensureDeferred
async def test_forgotten_password(accounts, registered, mailed):
    """The mailed link lets its owner choose a new password, once, and ends all their logins."""
    signed = await registered()
    await accounts.forgot_password("MARA@seelefon.example")
    [mail] = await mailed()
    assert mail.recipient == "mara@seelefon.example"
    token = token_in(_link(mail))
    for _ in range(3):
        assert (await accounts.get_reset(token)).name == "Mara"
    with pytest.raises(Invalid) as caught:
        await accounts.change_password_by_reset(token, "mara seelefon")
    assert set(caught.value.details) == {"password"}
    await accounts.change_password_by_reset(token, NEW_PASSWORD)
    assert await accounts.find_actor(signed.token) is None
    with pytest.raises(Invalid):
        await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    await accounts.log_in(email="mara@seelefon.example", password=NEW_PASSWORD, device=signed.device)
    with pytest.raises(Gone):
        await accounts.change_password_by_reset(token, GOOD_PASSWORD)
    told = [mail.subject for mail in await mailed()][1:]
    assert told == ["Your password was changed", "Somebody logged in to your account"], (
        "the device is unknown"
    )


@ensureDeferred
async def test_unknown_address_gets_no_mail_and_the_same_answer(accounts, registered, mailed):
    """Nothing tells whether an address is known; only what is no address is refused."""
    await registered()
    assert await accounts.forgot_password("nobody@seelefon.example") is None
    assert await accounts.forgot_password("mara@seelefon.example") is None
    assert len(await mailed()) == 1
    with pytest.raises(Invalid):
        await accounts.forgot_password("nobody")


@ensureDeferred
async def test_mails_have_a_head(accounts, registered, mailed):
    """Above the text stands the organisation's mark, in every mail, once it has one."""
    manager = (await registered()).actor
    await accounts.forgot_password("mara@seelefon.example")
    await accounts.change_organisation(manager, {"logo_text": "SF"})
    await accounts.forgot_password("mara@seelefon.example")
    await accounts.invite(manager, email="kim@seelefon.example", role="staff")
    plain, reset, invitation = [mail.body for mail in await mailed()]
    assert plain.startswith("Hello,")
    assert reset.startswith("SF\n\nHello,")
    assert invitation.startswith("SF\n\nHello,")


@ensureDeferred
async def test_resets_are_few_and_short(accounts, registered, mailed, now, limit):
    """Asking often sends as many mails as may be; each link ends in time, all of them with the first used."""
    await registered()
    limit(links_per_person=2)
    for _ in range(4):
        await accounts.forgot_password("mara@seelefon.example")
    assert len(await mailed()) == 2
    limit(links_per_person=0)
    await accounts.forgot_password("mara@seelefon.example")
    links = [token_in(_link(mail)) for mail in await mailed()]
    assert len(links) == 3
    limit(links_per_person=3, reset_minutes=20)
    now.advance(minutes=31)
    for token in (*links, "invented", "\x00"):
        with pytest.raises(Gone):
            await accounts.get_reset(token)
    await accounts.forgot_password("mara@seelefon.example")
    await accounts.forgot_password("mara@seelefon.example")
    first, second = [token_in(_link(mail)) for mail in (await mailed())[3:]]
    await accounts.change_password_by_reset(second, NEW_PASSWORD)
    with pytest.raises(Gone):
        await accounts.get_reset(first)


@ensureDeferred
async def test_a_forgotten_password_is_answered_before_anything_is_done(
    accounts, registered, database, mailed
):
    """What takes time for a known address is done beside the answer; what fails of it is in the log."""
    await registered()
    answered = Deferred.fromCoroutine(accounts.forgot_password("mara@seelefon.example"))
    answered.addCallback(lambda _: accounts.is_settled)
    assert await answered is False
    assert len(await mailed()) == 1
    assert accounts.is_settled


@ensureDeferred
async def test_api_tokens_end_with_the_password(accounts, registered, mailed):
    """By a link always; whoever changes it may keep them. Making one takes a fresh proof, and is mailed."""
    signed = await registered()
    organisation_id = signed.actor.organisation_id

    async def works(token):
        return await accounts.authenticate(organisation_id, *token) is not None

    token = await accounts.create_token(signed.actor, "bot", days=30, scopes=["read"])
    [mail] = await mailed()
    assert (mail.recipient, mail.subject) == ("mara@seelefon.example", "An API token was made")
    assert "for 30 days, for this: read" in " ".join(mail.body.split())
    await accounts.change_password(signed.actor, old=GOOD_PASSWORD, new=NEW_PASSWORD, keeps_tokens=True)
    assert await works(token)
    await accounts.change_password(signed.actor, old=NEW_PASSWORD, new=GOOD_PASSWORD)
    assert not await works(token)
    token = await accounts.create_token(signed.actor, "bot")
    assert await works(token)
    await accounts.forgot_password("mara@seelefon.example")
    [link] = [_link(mail) for mail in await mailed() if "/changepw/" in mail.body]
    await accounts.change_password_by_reset(token_in(link), NEW_PASSWORD)
    assert not await works(token)


@ensureDeferred
async def test_change_password_ends_the_other_logins(accounts, registered):
    """Whoever knows the old password puts a new one; their other logins end, and links for it too."""
    first = await registered()
    second = await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    with pytest.raises(Invalid) as caught:
        await accounts.change_password(first.actor, old="wrong", new=NEW_PASSWORD)
    assert set(caught.value.details) == {"old"}
    with pytest.raises(Invalid) as caught:
        await accounts.change_password(first.actor, old=GOOD_PASSWORD, new="seelefonseelefon")
    assert set(caught.value.details) == {"new"}
    renewed = await accounts.change_password(first.actor, old=GOOD_PASSWORD, new=NEW_PASSWORD)
    assert await accounts.find_actor(first.token) is None
    assert await accounts.find_actor(renewed) == first.actor
    assert await accounts.find_actor(second.token) is None
    await accounts.log_in(email="mara@seelefon.example", password=NEW_PASSWORD)


@ensureDeferred
async def test_change_name_and_address(accounts, registered, mailed):
    """The name changes with the password, the address when its link is used; both addresses are told."""
    signed = await registered()
    await registered("Other", "Olga")
    with pytest.raises(Invalid) as caught:
        await accounts.change_profile(signed.actor, username="", email="x", password=GOOD_PASSWORD)
    assert set(caught.value.details) == {"username", "email"}
    with pytest.raises(Invalid) as caught:
        await accounts.change_profile(signed.actor, username="M", email="m@example.org", password="wrong")
    assert set(caught.value.details) == {"password"}
    await accounts.change_profile(
        signed.actor, username="Mara B.", email="m@example.org", password=GOOD_PASSWORD
    )
    assert (await accounts.find_actor(signed.token)).name == "Mara B."
    confirm, warning = sorted(await mailed(), key=lambda mail: mail.recipient)
    assert (confirm.recipient, warning.recipient) == ("m@example.org", "mara@seelefon.example")
    [link] = [line for line in confirm.body.splitlines() if "/account/email/" in line]
    assert link not in warning.body
    await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD, device=signed.device)
    assert await accounts.get_new_email(token_in(link)) == "m@example.org"
    await accounts.confirm_email(token_in(link))
    assert [mail.subject for mail in await mailed() if mail.recipient == "mara@seelefon.example"] == [
        warning.subject,
        "Your email address was changed",
    ]
    await accounts.log_in(email="m@example.org", password=GOOD_PASSWORD)
    for used in (token_in(link), "invented", "\x00", "\ud800"):
        with pytest.raises(Gone):
            await accounts.confirm_email(used)


@ensureDeferred
async def test_asking_for_an_address_does_not_tell_whether_it_is_known(accounts, registered, mailed):
    """One that has an account, in another organisation, is answered and counted as any; only it is told."""
    signed = await registered()
    await registered("Other", "Olga")
    for email in ("olga@other.example", "nobody@other.example", "olga@other.example"):
        assert await accounts.change_profile(
            signed.actor, username="Mara", email=email, password=GOOD_PASSWORD
        )
    with pytest.raises(TooFast):
        await accounts.change_profile(
            signed.actor, username="Mara", email="olga@other.example", password=GOOD_PASSWORD
        )
    sent = {mail.recipient: mail for mail in await mailed()}
    assert "/account/email/" in sent["nobody@other.example"].body
    assert sent["olga@other.example"].subject == "Your email address has an account"
    assert "/account/" not in sent["olga@other.example"].body
    assert sent["mara@seelefon.example"].subject == "Your email address is about to change"
    assert (await accounts.get_profile(signed.actor)).email == "mara@seelefon.example"


@ensureDeferred
async def test_a_new_password_stops_a_new_address(accounts, registered, mailed, now):
    """Whoever is told of a change they did not want changes the password, and that is all."""
    signed = await registered()
    asked = {"username": "Mara", "password": GOOD_PASSWORD}
    await accounts.change_profile(signed.actor, **asked, email="thief@example.org")
    [link] = [line for mail in await mailed() for line in mail.body.splitlines() if "/account/email/" in line]
    await accounts.change_password(signed.actor, old=GOOD_PASSWORD, new="copper ladder seventeen owls")
    with pytest.raises(Gone):
        await accounts.confirm_email(token_in(link))
    asked["password"] = "copper ladder seventeen owls"
    await accounts.change_profile(signed.actor, **asked, email="new@example.org")
    now.advance(minutes=31)
    [link] = [
        line
        for mail in await mailed()
        for line in mail.body.splitlines()
        if "/account/email/" in line and mail.recipient == "new@example.org"
    ]
    with pytest.raises(Gone):
        await accounts.confirm_email(token_in(link))


@ensureDeferred
async def test_presence_is_kept(accounts, registered):
    """What somebody chose is theirs; others see away while no session is there."""
    signed = await registered()
    await accounts.set_presence(signed.actor, Presence.BUSY)
    assert (await accounts.get_profile(signed.actor)).presence is Presence.BUSY
    [entry] = await accounts.list_staff(signed.actor)
    assert entry.presence is Presence.AWAY


@ensureDeferred
async def test_leaving_for_good(accounts, registered, joined, database, now):
    """Who leaves is gone with logins and tokens, and the room they served waits again, and says so."""
    manager = await registered()
    tom = await joined(manager)
    house = House(
        organisation_id=manager.actor.organisation_id,
        slug="seelefon",
        manager=manager.actor,
        staff=tom.actor,
        colleague=tom.actor,
    )
    client = await make_client(database, house, now())
    context = Context(
        actor=tom.actor, database=database, accounts=accounts, now=now, become=lambda actor: None
    )
    await PROCEDURES["hotline.room.claim"](context, [], {"room": client.room_id})
    assert {entry.name: entry.rooms for entry in await accounts.list_staff(manager.actor)} == {
        "Mara": 0,
        "Tom": 1,
    }
    name, secret = await accounts.create_token(tom.actor, "bot")

    with pytest.raises(Invalid):
        await accounts.delete_account(tom.actor, "wrong")
    await accounts.delete_account(tom.actor, GOOD_PASSWORD)

    assert await accounts.find_actor(tom.token) is None
    assert await accounts.authenticate(house.organisation_id, name, secret) is None
    assert [entry.name for entry in await accounts.list_staff(manager.actor)] == ["Mara"]
    async with database.transaction(house.organisation_id) as tx:
        room = await rooms.get(tx, house.organisation_id, client.room_id)
    entries = await list_entries(database, house.organisation_id, client.room_id)
    assert (room.status, room.served_by) == (Status.WAITING, None)
    assert [entry.kind.value for entry in entries] == ["entered", "claimed", "left"]
    with pytest.raises(NotFound):
        await accounts.get_profile(tom.actor)


@ensureDeferred
async def test_the_only_manager_cannot_leave(accounts, registered, joined):
    """An organisation never is without a manager; with two, one may go."""
    manager = await registered()
    await joined(manager)
    with pytest.raises(NotAllowed) as caught:
        await accounts.delete_account(manager.actor, GOOD_PASSWORD)
    assert caught.value.details["reason"] == "you are the only manager; make somebody else a manager first"
    await joined(manager, "Ute", "manager")
    await accounts.delete_account(manager.actor, GOOD_PASSWORD)
