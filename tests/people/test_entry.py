"""The way in: throttled without locking anybody out, in two steps, with a choice. On a real PostgreSQL."""

from __future__ import annotations

from base64 import b32decode

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList

from hotline.accounts import Accounts, Signed, Unfinished
from hotline.domain import totp
from hotline.domain.limits import DomainLimits
from hotline.errors import Gone, Invalid, TooFast, Unavailable
from hotline.passwords import Passwords
from tests.passkeys import Device
from tests.people.conftest import GOOD_PASSWORD

EMAIL = "mara@seelefon.example"
WRONG = "not the " + GOOD_PASSWORD


async def fail(accounts, times, email=EMAIL, **more):
    """Type a wrong password so often; what became of each."""
    found = []
    for _ in range(times):
        with pytest.raises((Invalid, TooFast)) as caught:
            await accounts.log_in(email=email, password=WRONG, **more)
        found.append(type(caught.value))
    return found


@ensureDeferred
async def test_guessing_is_slowed_down_the_same_for_unknown_addresses(accounts, registered, now):
    """Five tries, then ever longer waits; known or not, the answers are the same ones."""
    await registered()
    for email in (EMAIL, "nobody@seelefon.example"):
        assert await fail(accounts, 7, email) == [Invalid] * 5 + [TooFast] * 2
    with pytest.raises(TooFast):
        await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    now.advance(seconds=1)
    await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    assert await fail(accounts, 1) == [Invalid]


@ensureDeferred
async def test_the_owner_gets_in_from_a_known_device(accounts, registered, now):
    """Somebody else's guesses never keep whoever logged in from this device before; a copied mark can be no
    help with guessing, and one of another address is none."""
    signed = await registered()
    other = await registered("Other", "Olga")
    await fail(accounts, 50)
    for device in (None, "", other.device, signed.device[:-1] + "x", "x" * 86):
        with pytest.raises(TooFast):
            await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, device=device)
    again = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, device=signed.device)
    assert again.actor.id == signed.actor.id
    assert await fail(accounts, 6, device=signed.device) == [Invalid] * 5 + [TooFast]
    # Knowing the device helps nobody who does not know the password, and hurts nobody who comes by another.
    await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, device=again.device)


@ensureDeferred
async def test_a_network_is_slowed_down_and_others_are_not(database, passwords, registered, now):
    """Wrong passwords of ever new addresses from one network wait; a known device there does not."""
    accounts = Accounts(database, passwords, DomainLimits(logins_per_network=3), "http://localhost", now)
    signed = await registered()
    for number in range(3):
        assert await fail(accounts, 1, f"n{number}@example.org", network="192.0.2.0/24") == [Invalid]
    assert await fail(accounts, 1, "more@example.org", network="192.0.2.0/24") == [TooFast]
    assert await fail(accounts, 1, "more@example.org", network="198.51.100.0/24") == [Invalid]
    for _ in range(10):
        await accounts.log_in(
            email=EMAIL, password=GOOD_PASSWORD, network="192.0.2.0/24", device=signed.device
        )
    now.advance(seconds=6)
    await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, network="192.0.2.0/24")


@ensureDeferred
async def test_a_network_registers_and_asks_for_links_so_often(database, passwords, mailed, now):
    """Beyond that it waits, known address or not; other networks, and whoever comes from nowhere, do not."""
    limits = DomainLimits(registrations_per_network=2, resets_per_network=2)
    accounts = Accounts(database, passwords, limits, "http://localhost", now)

    def register(number, network):
        return accounts.register_organisation(
            organisation=f"House {number}",
            username="Mara",
            email=f"n{number}@example.org",
            password=GOOD_PASSWORD,
            network=network,
        )

    for number in range(2):
        await register(number, "192.0.2.0/24")
    with pytest.raises(Invalid):  # what cannot be used does not count
        await accounts.register_organisation(
            organisation="", username="", email="", password="", network="198.51.100.0/24"
        )
    with pytest.raises(TooFast) as caught:
        await register(2, "192.0.2.0/24")
    assert caught.value.details == {"retry_after": 1800.0}
    for number, network in enumerate(("198.51.100.0/24", "198.51.100.0/24", None, None, None), start=3):
        await register(number, network)
    now.advance(minutes=30)
    await register(2, "192.0.2.0/24")

    for email in ("n0@example.org", "nobody@example.org"):
        await accounts.forgot_password(email, network="203.0.113.0/24")
    for email in ("n1@example.org", "nobody@example.org"):
        with pytest.raises(TooFast) as caught:
            await accounts.forgot_password(email, network="203.0.113.0/24")
        assert caught.value.details == {"retry_after": 1800.0}
    await accounts.forgot_password("n1@example.org", network="192.0.2.0/24")
    await accounts.settled()
    assert sorted(mail.recipient for mail in await mailed()) == ["n0@example.org", "n1@example.org"]


@ensureDeferred
async def test_who_has_one_of_two_accounts_guesses_no_faster_at_the_other(accounts, registered, audited, now):
    """An address with a password of its own in each organisation: each is good for its own alone, and being
    right about one makes guesses at the other neither free, nor cheaper by the device, nor silent."""
    mine, other = await registered(), await registered("Other", "Olga")
    link = (await accounts.invite(other.actor, email=EMAIL, role="staff")).link
    theirs = await accounts.accept_invitation(link.rpartition("/")[2], username="Eve", password=WRONG)
    found = []
    for _ in range(7):
        try:
            # What is right for nobody at their device is looked at as from any other.
            await accounts.log_in(email=EMAIL, password="another " + WRONG, device=theirs.device)
        except Invalid:
            found.append(Invalid)
        except TooFast:
            found.append(TooFast)
            now.advance(seconds=2)
    assert found == [Invalid] * 5 + [TooFast, Invalid]
    now.advance(hours=1)
    found.clear()
    for _ in range(7):
        try:
            done = await accounts.log_in(email=EMAIL, password=WRONG)
            assert done.actor.organisation_id == other.actor.organisation_id
            found.append(Signed)
        except TooFast:
            found.append(TooFast)
            now.advance(seconds=2)
    assert found == [Signed] * 5 + [TooFast, Signed]
    await accounts.settled()
    assert await audited(mine) == [("login.begun", "")] + [("login.failed", "password")] * 7
    for _ in range(7):
        done = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, device=mine.device)
        assert done.actor.organisation_id == mine.actor.organisation_id, "and its owner never waits for it"
    with pytest.raises(TooFast):
        await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)


@ensureDeferred
async def test_what_failed_is_noted_whatever_it_was(accounts, registered, audited, mailed, now):
    """Wrong codes and passkeys at the second step, alone and as a proof, and a wrong password at the link for
    a lost factor: each stands in the audit log, and the owner is told at the next log-in."""
    signed = await registered()
    device = Device("https://talk.example.org")
    await accounts.add_passkey(signed.actor, "key", device.make(await accounts.begin_passkey(signed.actor)))
    await accounts.start_factor_reset(signed.actor, signed.actor.id)
    [link] = [line for mail in await mailed() for line in mail.body.splitlines() if "/lostfactor/" in line]
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    with pytest.raises(Invalid):
        await accounts.finish_login(step, code="123456")
    with pytest.raises(Invalid):
        await accounts.finish_login(step, passkey=device.show(accounts.show_at_login("another page")))
    with pytest.raises(Invalid):
        await accounts.log_in_by_passkey(device.show(accounts.show_at_login("elsewhere")), "here")
    with pytest.raises(Invalid):
        await accounts.prove_by_passkey(signed.actor, device.show(accounts.show_at_login("here")))
    with pytest.raises(Invalid):
        await accounts.give_factors_up(link.rpartition("/")[2], WRONG)
    failed = [step for action, step in await audited(signed) if action == "login.failed"]
    assert failed == ["code", "passkey", "passkey", "proof", "factors"]
    await accounts.log_in_by_passkey(device.show(accounts.show_at_login("here")), "here")
    assert any("5 attempts with a wrong password or code" in mail.body for mail in await mailed())


@ensureDeferred
async def test_a_full_queue_costs_no_try(reactor, database, registered, now, tmp_path):
    """Whoever finds no room in the queue is told so, and no wrong password is counted; whoever logged
    in here before finds room."""
    slow = Passwords(reactor, tmp_path / "data", cost=9, queue=1)
    slow.start()
    try:
        accounts = Accounts(database, slow, DomainLimits(), "http://localhost", now)
        signed = await registered()
        results = await DeferredList(
            [
                Deferred.fromCoroutine(accounts.log_in(email=f"n{number}@example.org", password=WRONG))
                for number in range(30)
            ],
            consumeErrors=True,
        )
        kinds = [failure.type for _, failure in results]
        flood = DeferredList(
            [
                Deferred.fromCoroutine(accounts.log_in(email=f"m{number}@example.org", password=WRONG))
                for number in range(30)
            ],
            consumeErrors=True,
        )
        await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, device=signed.device)
        await flood
        assert set(kinds) == {Invalid, Unavailable}
        refused = kinds.index(Unavailable)
        assert await fail(accounts, 6, f"n{refused}@example.org") == [Invalid] * 5 + [TooFast]
    finally:
        slow.stop()


@ensureDeferred
async def test_own_password_cannot_be_guessed_by_a_borrowed_login(accounts, registered):
    """Also whoever is logged in waits after five wrong passwords, whatever form asks."""
    signed = await registered()
    for number in range(6):
        with pytest.raises(Invalid if number < 5 else TooFast):
            await (
                accounts.delete_account(signed.actor, WRONG)
                if number % 2
                else accounts.change_password(signed.actor, old=WRONG, new=GOOD_PASSWORD)
            )


async def with_app(accounts, signed, now):
    """The secret of an app that is set up, with its recovery codes."""
    setup = await accounts.begin_app(signed.actor)
    secret = b32decode(setup.secret.replace(" ", ""))
    codes = await accounts.confirm_app(signed.actor, code_at(secret, now))
    now.advance(seconds=30)
    return secret, codes


def code_at(secret, now):
    return totp.code_of(secret, int(now().timestamp() // 30))


@ensureDeferred
async def test_second_factor_at_the_second_step(accounts, registered, now):
    """With an app set up the password opens a second step, which takes a code, once, in ten minutes."""
    signed = await registered()
    secret, _ = await with_app(accounts, signed, now)
    first = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    assert isinstance(first, Unfinished)
    [choice] = first.choices
    assert choice.organisation == "Seelefon"
    code = code_at(secret, now)
    with pytest.raises(Invalid) as caught:
        await accounts.finish_login(choice.step, "000000" if code != "000000" else "000001")
    assert set(caught.value.details) == {"code"}
    done = await accounts.finish_login(choice.step, f"{code[:3]} {code[3:]}")
    assert isinstance(done, Signed)
    assert done.actor.id == signed.actor.id
    for step in (choice.step, "invented", "\x00", "\ud800"):
        with pytest.raises(Gone):
            await accounts.finish_login(step, code)
    again = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    with pytest.raises(Invalid):  # the same code a second time
        await accounts.finish_login(again.choices[0].step, code)
    now.advance(minutes=11)
    with pytest.raises(Gone):
        await accounts.finish_login(again.choices[0].step, code_at(secret, now))


@ensureDeferred
async def test_password_and_code_at_once(accounts, registered, now):
    """Scripts and password managers send both with the first request."""
    signed = await registered()
    secret, _ = await with_app(accounts, signed, now)
    with pytest.raises(Invalid) as caught:
        await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, code="no code")
    assert set(caught.value.details) == {"code"}
    done = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD, code=code_at(secret, now))
    assert done.actor.id == signed.actor.id


@ensureDeferred
async def test_codes_cannot_be_guessed(accounts, registered, now):
    """Five wrong codes end a step; ever new steps do not help, since the account waits longer and longer."""
    signed = await registered()
    await with_app(accounts, signed, now)
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    found = []
    for number in range(8):
        with pytest.raises((Invalid, TooFast, Gone)) as caught:
            await accounts.finish_login(step, f"00000{number}")
        found.append(type(caught.value))
        now.advance(seconds=2 if number == 5 else 0)
    assert found == [Invalid] * 5 + [TooFast, Gone, TooFast]
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    with pytest.raises(TooFast):
        await accounts.finish_login(step, "000000")


@ensureDeferred
async def test_of_two_with_the_same_code_one_comes_in(accounts, registered, now):
    """A code that somebody saw over a shoulder is worth nothing at the same moment either."""
    signed = await registered()
    secret, _ = await with_app(accounts, signed, now)
    steps = [(await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step for _ in range(3)]
    results = await DeferredList(
        [Deferred.fromCoroutine(accounts.finish_login(step, code_at(secret, now))) for step in steps],
        consumeErrors=True,
    )
    assert sorted(done for done, _ in results) == [False, False, True]


@ensureDeferred
async def test_as_many_organisations_as_are_offered(accounts, registered, limit):
    """Of whoever works for more than an operator lets be offered, the oldest ones are."""
    await registered()
    other = await registered("Other", "Olga")
    link = (await accounts.invite(other.actor, email=EMAIL, role="staff")).link
    await accounts.accept_invitation(link.rpartition("/")[2], username="Mara", password=GOOD_PASSWORD)
    for most, offered in ((0, 2), (2, 2), (1, 0)):
        limit(accounts_per_address=most)
        entered = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
        assert len(getattr(entered, "choices", ())) == offered


@ensureDeferred
async def test_a_step_has_codes_and_minutes(accounts, registered, now, limit):
    """As many wrong codes, and as long, as an operator says."""
    signed = await registered()
    secret, _ = await with_app(accounts, signed, now)
    limit(login_codes=1, login_step_minutes=2)
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    with pytest.raises(Invalid):
        await accounts.finish_login(step, "000000")
    with pytest.raises(Gone):
        await accounts.finish_login(step, code_at(secret, now))
    late = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    now.advance(minutes=2)
    with pytest.raises(Gone):
        await accounts.get_unfinished(late)
    limit(login_codes=0, login_step_minutes=0)
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    for _ in range(7):
        now.advance(minutes=2)
        with pytest.raises(Invalid):
            await accounts.finish_login(step, "000000")
    now.advance(minutes=2)
    assert (await accounts.finish_login(step, code_at(secret, now))).actor.id == signed.actor.id


@ensureDeferred
async def test_who_waits_is_the_operators(database, passwords, registered, now):
    """After how many wrong passwords an account waits, and how long a network does between two."""
    limits = DomainLimits(wrong_logins=2, logins_per_network=1, network_login_seconds=30)
    accounts = Accounts(database, passwords, limits, "http://localhost", now)
    await registered()
    assert await fail(accounts, 3) == [Invalid, Invalid, TooFast]
    assert await fail(accounts, 2, "x@example.org", network="192.0.2.0/24") == [Invalid, TooFast]
    now.advance(seconds=29)
    assert await fail(accounts, 1, "y@example.org", network="192.0.2.0/24") == [TooFast]
    now.advance(seconds=1)
    assert await fail(accounts, 1, "y@example.org", network="192.0.2.0/24") == [Invalid]


@ensureDeferred
async def test_one_of_several_organisations_is_chosen(accounts, registered, now):
    """Whoever works for two chooses; each account has second factors of its own, the password is one."""
    one, other = await registered(), await registered("Other", "Olga")
    link = (await accounts.invite(other.actor, email=EMAIL, role="staff")).link
    second = await accounts.accept_invitation(
        link.rpartition("/")[2], username="Mara", password=GOOD_PASSWORD
    )
    secret, _ = await with_app(accounts, second, now)
    first = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    assert [choice.organisation for choice in first.choices] == ["Other", "Seelefon"]
    done = await accounts.finish_login(first.choices[1].step)
    assert (done.actor.organisation_id, done.actor.id) == (one.actor.organisation_id, one.actor.id)
    asked = await accounts.finish_login(first.choices[0].step)
    assert isinstance(asked, Unfinished)
    done = await accounts.finish_login(asked.choices[0].step, code_at(secret, now))
    assert done.actor.id == second.actor.id

    fresh = "granite-lantern-tuesday"
    renewed = await accounts.change_password(one.actor, old=GOOD_PASSWORD, new=fresh)
    assert await accounts.find_actor(done.token) is None  # logged out there too
    assert await accounts.find_actor(renewed) is not None
    assert len((await accounts.log_in(email=EMAIL, password=fresh)).choices) == 2
    with pytest.raises(Invalid):
        await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)


@ensureDeferred
async def test_a_new_password_ends_steps_under_way(accounts, registered, now):
    """Whoever knew the old password and waits for a code has to begin again."""
    signed = await registered()
    secret, _ = await with_app(accounts, signed, now)
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    await accounts.change_password(signed.actor, old=GOOD_PASSWORD, new="granite-lantern-tuesday")
    with pytest.raises(Gone):
        await accounts.finish_login(step, code_at(secret, now))
