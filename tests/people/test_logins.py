"""Registering, logging in and out, cookies, tickets and WAMP authentication, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from hotline.accounts import Accounts
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Role
from hotline.errors import Invalid, NotAllowed, NotFound, ProofNeeded
from hotline.store import consultants, organisations
from hotline.store.ids import secret_hash
from hotline.store.logins import add_ticket
from tests.people.conftest import GOOD_PASSWORD


async def _problems(awaitable):
    with pytest.raises(Invalid) as caught:
        await awaitable
    return caught.value.details


@ensureDeferred
async def test_registering_makes_organisation_and_manager(accounts, database, registered):
    """Nobody is there before; the first person is a manager, logged in, of an organisation with an address
    made of its name."""
    async with database.transaction() as tx:
        assert await organisations.list_all(tx) == []
    signed = await registered("Seelefön Berlin", "Mara")
    assert signed.actor.role is Role.MANAGER
    assert await accounts.find_actor(signed.token) == signed.actor
    async with database.transaction(signed.actor.organisation_id) as tx:
        organisation = await organisations.get(tx, signed.actor.organisation_id)
        assert await organisations.find_by_slug(tx, "seelefon-berlin") == organisation.organisation_id
    assert (organisation.name, organisation.slug) == ("Seelefön Berlin", "seelefon-berlin")


@ensureDeferred
async def test_organisations_of_one_name_get_addresses_of_their_own(accounts):
    """Two of the same name, even at the same moment, both come into being."""

    def register(number):
        return Deferred.fromCoroutine(
            accounts.register_organisation(
                organisation="Help",
                username="Ann",
                email=f"ann{number}@example.org",
                password=GOOD_PASSWORD,
            )
        )

    signed = await gatherResults([register(number) for number in range(5)])
    slugs = {(await accounts.get_organisation(one.actor)).slug for one in signed}
    assert slugs == {"help", "help-2", "help-3", "help-4", "help-5"}


@ensureDeferred
async def test_registering_tells_all_problems_at_once(accounts):
    """Each wrong field has its problem in the one answer, and nothing is stored."""
    problems = await _problems(
        accounts.register_organisation(organisation=" ", username="a\nb", email="nobody", password="short")
    )
    assert set(problems) == {"organisation", "username", "email", "password"}
    problems = await _problems(
        accounts.register_organisation(
            organisation="Sorgentelefon", username="", email="x@example.org", password="sorgentelefon123"
        )
    )
    assert set(problems) == {"username", "password"}
    assert problems["password"].startswith("is too easy to guess.")


@pytest.mark.parametrize("odd", [None, 5, ["a"], "\x00" * 20, "\ud800" * 20, "x" * 5000, "🙂" * 300])
@ensureDeferred
async def test_odd_input_is_refused_as_invalid(accounts, registered, odd):
    """Whatever is typed anywhere, the answer is a problem by field."""
    signed = await registered()
    form = {"organisation": "A", "username": "B", "email": "c@example.org", "password": GOOD_PASSWORD}
    for field in form:
        assert set(await _problems(accounts.register_organisation(**{**form, field: odd}))) == {field}
    await _problems(accounts.log_in(email="mara@seelefon.example", password=odd))
    await _problems(accounts.log_in(email=odd, password=GOOD_PASSWORD))
    await _problems(accounts.change_password(signed.actor, old=GOOD_PASSWORD, new=odd))
    await _problems(accounts.change_password(signed.actor, old=odd, new=GOOD_PASSWORD))
    await _problems(accounts.create_token(signed.actor, odd))
    await _problems(accounts.invite(signed.actor, email=odd, role="staff"))
    await _problems(accounts.invite(signed.actor, email="x@example.org", role=odd))


@ensureDeferred
async def test_log_in_and_out(accounts, registered, now):
    """The right password gives a cookie, good until logging out; capitals in addresses do not matter, nor
    how old the password is."""
    await registered()
    signed = await accounts.log_in(email="MARA@Seelefon.example", password=GOOD_PASSWORD)
    assert (await accounts.find_actor(signed.token)).name == "Mara"
    await accounts.log_out(signed.token)
    assert await accounts.find_actor(signed.token) is None
    await accounts.log_out(signed.token)
    await accounts.log_out("never given out")
    now.advance(days=3650)
    assert (await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)).actor.name == "Mara"


@ensureDeferred
async def test_wrong_password_and_unknown_address_look_the_same(accounts, registered):
    """Nobody learns from the answer whether an address is known."""
    await registered()
    wrong = await _problems(accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD + "."))
    unknown = await _problems(accounts.log_in(email="nobody@seelefon.example", password=GOOD_PASSWORD))
    assert wrong == unknown


@ensureDeferred
async def test_login_ends_when_idle_or_old(accounts, registered, now):
    """Half an hour without use ends a login; use keeps it, but for twelve hours at most."""
    signed = await registered()
    for _ in range(25):
        now.advance(minutes=28)
        assert await accounts.find_actor(signed.token) is not None
    now.advance(minutes=28)
    assert await accounts.find_actor(signed.token) is None
    again = await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    now.advance(minutes=31)
    assert await accounts.find_actor(again.token) is None


@ensureDeferred
async def test_limits_of_zero_are_no_limits(database, passwords, now, registered):
    """With the limits set to 0 a login and a ticket never end by themselves."""
    endless = Accounts(
        database,
        passwords,
        DomainLimits(
            login_hours=0, login_idle_minutes=0, ticket_seconds=0, invitation_hours=0, proof_minutes=0
        ),
        "http://localhost:8080/",
        now,
    )
    await registered()
    signed = await endless.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    _, authid, ticket = await endless.issue_ticket(signed.actor)
    invited = await endless.invite(signed.actor, email="new@example.org", role="staff")
    now.advance(days=3000)
    assert await endless.find_actor(signed.token) == signed.actor
    await endless.require_proof(signed.actor)
    assert await endless.authenticate(signed.actor.organisation_id, authid, ticket) == signed.actor
    assert await endless.get_invitation(invited.link.rpartition("/")[2]) == (
        "Seelefon",
        "new@example.org",
        "staff",
    )


@ensureDeferred
async def test_ticket_is_good_once(accounts, registered):
    """A ticket gives the actor with the login, and only the first time."""
    signed = await registered()
    slug, authid, ticket = await accounts.issue_ticket(signed.actor)
    assert slug == "seelefon"
    assert await accounts.authenticate(signed.actor.organisation_id, authid, ticket) == signed.actor
    assert await accounts.authenticate(signed.actor.organisation_id, authid, ticket) is None


@ensureDeferred
async def test_ticket_of_two_at_once_is_good_for_one(accounts, registered):
    """Two sessions with the same ticket at the same moment: exactly one is let in."""
    signed = await registered()
    _, authid, ticket = await accounts.issue_ticket(signed.actor)
    found = await gatherResults(
        [
            Deferred.fromCoroutine(accounts.authenticate(signed.actor.organisation_id, authid, ticket))
            for _ in range(6)
        ]
    )
    assert [one for one in found if one is not None] == [signed.actor]


@ensureDeferred
async def test_ticket_does_not_outlive_time_login_or_wall(accounts, registered, joined, now):
    """A ticket is no good after a minute, without its login, for somebody else or elsewhere."""
    signed = await registered()
    other = await registered("Other", "Olga")
    tom = await joined(signed)
    organisation_id = signed.actor.organisation_id

    _, authid, ticket = await accounts.issue_ticket(signed.actor)
    now.advance(seconds=61)
    assert await accounts.authenticate(organisation_id, authid, ticket) is None

    _, authid, ticket = await accounts.issue_ticket(signed.actor)
    assert await accounts.authenticate(other.actor.organisation_id, authid, ticket) is None
    assert await accounts.authenticate(organisation_id, tom.actor.id, ticket) is None
    assert await accounts.authenticate(organisation_id, authid, ticket) is None

    _, authid, ticket = await accounts.issue_ticket(signed.actor)
    await accounts.log_out(signed.token)
    assert await accounts.authenticate(organisation_id, authid, ticket) is None
    with pytest.raises(NotAllowed):
        await accounts.issue_ticket(
            tom.actor.__class__(organisation_id=organisation_id, id="x", name="x", role=Role.CLIENT)
        )


@pytest.mark.parametrize("authid", ["", "x" * 5000, "\x00", "\ud800", "a" * 16])
@ensureDeferred
async def test_odd_authids_are_nobody(accounts, registered, authid):
    """What PostgreSQL cannot even be asked for is nobody, without an error."""
    signed = await registered()
    for ticket in ("", "\x00", "\ud800", "x" * 100_000):
        assert await accounts.authenticate(signed.actor.organisation_id, authid, ticket) is None
        assert await accounts.find_actor(ticket) is None


@ensureDeferred
async def test_api_token_logs_in_until_revoked(accounts, registered, joined, now):
    """A token's name and secret give its owner in the role of that moment; revoked or elsewhere: nobody."""
    signed = await registered()
    other = await registered("Other", "Olga")
    tom = await joined(signed)
    organisation_id = signed.actor.organisation_id
    name, secret = await accounts.create_token(tom.actor, " night bot ")
    assert name == "night bot"
    found = await accounts.authenticate(organisation_id, name, secret)
    assert (found.id, found.role, found.login_id) == (tom.actor.id, Role.STAFF, None)
    await accounts.set_role(signed.actor, tom.actor.id, "manager")
    assert (await accounts.authenticate(organisation_id, name, secret)).role is Role.MANAGER
    assert await accounts.authenticate(organisation_id, name, secret + "x") is None
    assert await accounts.authenticate(other.actor.organisation_id, name, secret) is None

    [token] = await accounts.list_tokens(tom.actor)
    assert (token.name, token.token_id) == ("night bot", found.token_id)
    assert token.used_at == now().replace(hour=0, minute=0)  # the day only
    assert await accounts.list_tokens(signed.actor) == []
    for stranger in (signed.actor, other.actor):
        with pytest.raises(NotFound):
            await accounts.revoke_token(stranger, token.token_id)
    assert set(await _problems(accounts.create_token(signed.actor, "night bot"))) == {"name"}
    await accounts.revoke_token(tom.actor, token.token_id)
    assert await accounts.authenticate(organisation_id, name, secret) is None


@ensureDeferred
async def test_own_logins_are_listed_and_ended(accounts, registered, joined):
    """Each sees and ends their own logins only."""
    first = await registered()
    tom = await joined(first)
    second = await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD)
    listed = await accounts.list_logins(first.actor)
    assert {login.login_id for login in listed} == {first.actor.login_id, second.actor.login_id}
    with pytest.raises(NotFound):
        await accounts.end_login(tom.actor, second.actor.login_id)
    with pytest.raises(NotFound):
        await accounts.end_login(first.actor, "no id, is it?")
    await accounts.end_login(first.actor, second.actor.login_id)
    assert await accounts.find_actor(second.token) is None
    assert await accounts.find_actor(first.token) == first.actor


@ensureDeferred
async def test_a_ticket_cannot_be_made_across_organisations(database, registered, now):
    """The database itself refuses a ticket for another organisation's consultant."""
    one, two = await registered("One", "Ann"), await registered("Two", "Bob")
    with pytest.raises(Exception, match="foreign key"):
        async with database.transaction(one.actor.organisation_id) as tx:
            await add_ticket(
                tx,
                one.actor.organisation_id,
                secret_hash("x"),
                two.actor.id,
                one.actor.login_id,
                now(),
                now(),
            )
    async with database.transaction(one.actor.organisation_id) as tx:
        assert await consultants.find(tx, two.actor.organisation_id, two.actor.id) is None


@ensureDeferred
async def test_a_login_from_an_unknown_device_is_mailed(accounts, registered, joined, mailed, now):
    """Its owner learns when, and what to do, but neither network nor browser; of the first one, of one from
    where they came in before, and of one in another organisation, nobody is told."""
    manager = await registered()
    tom = await joined(manager)
    other = await registered("Other", "Olga")
    before = len(await mailed())
    email = "mara@seelefon.example"
    known = await accounts.log_in(email=email, password=GOOD_PASSWORD, device=manager.device)
    await accounts.log_in(email=email, password=GOOD_PASSWORD, device=known.device)
    assert len(await mailed()) == before
    for stranger in (None, "x" * 86, tom.device, other.device, manager.device[:-1] + "-"):
        await accounts.log_in(email=email, password=GOOD_PASSWORD, network="203.0.113.0/24", device=stranger)
    told = (await mailed())[before:]
    assert [(mail.recipient, mail.subject) for mail in told] == [
        (email, "Somebody logged in to your account")
    ] * 5
    body = told[0].body
    assert f"{now().day} {now():%B %Y, %H:%M} UTC" in body
    assert "has not been used for it before" in body
    assert "choose a new password at once" in body
    assert "203.0.113" not in body
    assert "attempts" not in body


@ensureDeferred
@pytest.mark.parametrize("most", [2, 3, 0])
async def test_a_login_after_failures_is_mailed(reactor, accounts, registered, mailed, now, limit, most):
    """Three wrong passwords, then the right one: its owner is told, also if it was from here, and once; with
    other limits after others, or never."""
    signed = await registered()
    limit(failures_told=most)
    email = "mara@seelefon.example"

    async def failures():
        return len((await accounts.list_audit(signed.actor, action="login.failed"))[0])

    for number in (2, 3):
        wanted = await failures() + number
        for _ in range(number):
            now.advance(minutes=10)  # nobody has to wait
            await _problems(accounts.log_in(email=email, password="wrong", device=signed.device))
        while await failures() < wanted:  # noted behind the answer's back
            await deferLater(reactor, 0.01, lambda: None)
        for _ in range(2):
            now.advance(minutes=10)
            await accounts.log_in(email=email, password=GOOD_PASSWORD, device=signed.device)
    told = await mailed()
    assert len(told) == {2: 2, 3: 1, 0: 0}[most]
    if told:
        assert "3 attempts with a wrong password or code had failed" in told[-1].body
        assert "has not been used" not in told[-1].body


@ensureDeferred
async def test_the_first_login_is_not_mailed(accounts, mailed):
    """Whoever was given an account and a link logs in for the first time, and is told of the second time."""
    email = "mara@seelefon.example"
    founded = await accounts.found_organisation(organisation="Seelefon", username="Mara", email=email)
    await accounts.change_password_by_reset(founded.link.rpartition("/")[2], GOOD_PASSWORD)
    subjects = ["Your password was changed", "Somebody logged in to your account"]
    for told in (subjects[:1], subjects):
        await accounts.log_in(email=email, password=GOOD_PASSWORD)
        assert [mail.subject for mail in await mailed()] == told


@ensureDeferred
async def test_ending_another_login_takes_a_fresh_proof(accounts, registered, now):
    """Five minutes after the password it is asked for again; not for one's own login, nor of a script."""
    signed = await registered()
    logins = [await accounts.log_in(email="mara@seelefon.example", password=GOOD_PASSWORD) for _ in range(3)]
    fresh, other, third = [each.actor.login_id for each in logins]
    await accounts.end_login(signed.actor, fresh)
    now.advance(minutes=5)
    with pytest.raises(ProofNeeded):
        await accounts.end_login(signed.actor, other)
    assert await accounts.find_actor(logins[1].token) is not None
    await accounts.end_login(replace(signed.actor, login_id=None, token_id="token"), third)
    token = await accounts.prove(signed.actor, password=GOOD_PASSWORD)
    await accounts.end_login(signed.actor, other)
    assert await accounts.find_actor(logins[1].token) is None
    now.advance(minutes=5)
    await accounts.end_login(signed.actor, signed.actor.login_id)
    assert await accounts.find_actor(token) is None


@pytest.mark.parametrize(
    "name", ["Prizes at HTTPS://evil.example", "WWW.evil.example", "\uff57ww.x", "a://b"]
)
@ensureDeferred
async def test_no_web_address_is_mailed_as_a_name(accounts, registered, name):
    """Neither organisations nor people are called by an address, so that no invitation carries one."""
    signed = await registered()
    form = {"email": "c@example.org", "password": GOOD_PASSWORD}
    problems = await _problems(accounts.register_organisation(organisation=name, username=name, **form))
    problem = "must not contain a web address; a dot needs a space behind it"
    assert problems == dict.fromkeys(("organisation", "username"), problem)
    assert set(await _problems(accounts.change_organisation(signed.actor, {"name": name}))) == {"name"}
    logo = await _problems(accounts.change_organisation(signed.actor, {"logo_text": name}))
    assert set(logo) == {"logo_text"}
    assert set(
        await _problems(
            accounts.change_profile(
                signed.actor, username=name, email="mara@seelefon.example", password=GOOD_PASSWORD
            )
        )
    ) == {"username"}


@ensureDeferred
async def test_an_address_that_was_a_name_may_stay(accounts, registered, database):
    """What an organisation and its people were called before the rule is saved again with other changes."""
    signed = await registered()
    name = "www.seelefon.example"
    async with database.transaction(signed.actor.organisation_id) as tx:
        await tx.run("UPDATE organisations SET name = %(name)s", name=name)
        await tx.run("UPDATE consultants SET name = %(name)s", name=name)
    changed = await accounts.change_organisation(signed.actor, {"name": name, "retention_hours": 12})
    assert (changed.name, changed.retention_hours) == (name, 12)
    assert not await accounts.change_profile(
        signed.actor, username=name, email="mara@seelefon.example", password=GOOD_PASSWORD
    )
