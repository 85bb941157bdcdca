"""Passkeys: made, shown as second factor or instead of a password, lost. With a device in software."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred
from twisted.logger import globalLogPublisher

from hotline.accounts import Signed, Unfinished
from hotline.errors import (
    AlreadyExists,
    FactorNeeded,
    Gone,
    Invalid,
    NotAllowed,
    NotFound,
    ProofNeeded,
    TooFast,
)
from hotline.logs import LINES
from hotline.people.ceremonies import Ceremonies
from hotline.store import passkeys
from hotline.store.policies import Policy
from tests.conftest import Now
from tests.passkeys import Device, encoded
from tests.people.conftest import GOOD_PASSWORD, token_in
from tests.people.test_entry import EMAIL, code_at, with_app

ORIGIN = "https://talk.example.org"
VISIT = "the value of this browser's cookie"


async def with_passkey(accounts, signed, name="my laptop", **options):
    """A device whose passkey is set up."""
    device = Device(ORIGIN, **options)
    await accounts.add_passkey(signed.actor, name, device.make(await accounts.begin_passkey(signed.actor)))
    return device


async def step_of(accounts, email=EMAIL):
    """The second step that the password opens."""
    unfinished = await accounts.log_in(email=email, password=GOOD_PASSWORD)
    assert isinstance(unfinished, Unfinished)
    return unfinished.choices[0].step


@ensureDeferred
async def test_a_second_factor(accounts, registered, mailed, now):
    """Made with a fresh proof, it is asked for after the password; the person sees it and is told."""
    signed = await registered()
    device = Device(ORIGIN, verifies=False)
    options = await accounts.begin_passkey(signed.actor)
    assert options["rp"]["id"] == "talk.example.org"
    assert (await accounts.get_factors(signed.actor)).has_any is False
    codes = await accounts.add_passkey(signed.actor, " my key ", device.make(options))
    assert len(codes) == 10
    assert [mail.subject for mail in await mailed()] == ["A passkey was added"]
    unfinished = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    assert (unfinished.has_passkeys, unfinished.has_codes) == (True, True)
    step = unfinished.choices[0].step
    with pytest.raises(Invalid):
        await accounts.finish_login(step, code="123456")
    options = await accounts.show_at_step(step)
    assert [one["id"] for one in options["allowCredentials"]] == [encoded(device.credential_id)]
    done = await accounts.finish_login(step, passkey=device.show(options))
    assert (type(done), done.actor.id) == (Signed, signed.actor.id)
    with pytest.raises(Gone):
        await accounts.show_at_step(step)
    [named] = await accounts.list_passkeys(signed.actor)
    assert (named.name, named.made_on, named.used_on) == ("my key", now().date(), now().date())
    more = await accounts.begin_passkey(signed.actor)
    assert [one["id"] for one in more["excludeCredentials"]] == [encoded(device.credential_id)]


@ensureDeferred
async def test_instead_of_a_password(accounts, registered):
    """A device that makes sure of its owner logs in alone; one that does not, cannot."""
    signed = await registered()
    sure = await with_passkey(accounts, signed)
    unsure = await with_passkey(accounts, signed, "a stick", verifies=False)
    options = accounts.show_at_login(VISIT)
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")
    done = await accounts.log_in_by_passkey(sure.show(options), VISIT, network="8.8.4.0/24")
    assert done.actor.id == signed.actor.id
    assert await accounts.find_actor(done.token) == done.actor
    await accounts.log_in_by_passkey(sure.show(accounts.show_at_login(VISIT)), VISIT, device=done.device)
    for device in (unsure, Device(ORIGIN)):
        with pytest.raises(Invalid) as caught:
            await accounts.log_in_by_passkey(device.show(accounts.show_at_login(VISIT)), VISIT)
        assert set(caught.value.details) == {"passkey"}


@ensureDeferred
async def test_what_is_refused(accounts, registered, now):
    """Another origin, host, kind, challenge, signature or person; too late, twice, or counted backwards."""
    signed, other = await registered(), await registered("Other", "Olga")
    device = await with_passkey(accounts, signed)
    theirs = await with_passkey(accounts, other)

    async def refuse(answer, visit=VISIT):
        before = {login.login_id for login in await accounts.list_logins(signed.actor)}
        with pytest.raises(Invalid):
            await accounts.log_in_by_passkey(answer, visit)
        now.advance(minutes=2)  # nobody guesses here
        assert before >= {login.login_id for login in await accounts.list_logins(signed.actor)}

    def asked():
        return accounts.show_at_login(VISIT)

    await refuse(device.show(asked(), origin="https://talk.example.com"))
    await refuse(device.show(asked(), origin="http://talk.example.org"))
    await refuse(device.show(asked(), host="example.org"))
    await refuse(device.show(asked(), type="webauthn.create"))
    await refuse(device.show(asked(), challenge=encoded(secrets.token_bytes(64))))
    await refuse(device.show(asked(), challenge=""))
    await refuse(device.show(asked()), "another browser's cookie")
    await refuse(device.show(await accounts.show_as_proof(signed.actor)), signed.actor.login_id)
    late = device.show(asked())
    now.advance(minutes=5)
    await refuse(late)
    swapped = json.loads(device.show(asked()))
    swapped["id"] = swapped["rawId"] = encoded(theirs.credential_id)
    await refuse(json.dumps(swapped))
    forged = json.loads(device.show(asked()))
    forged["response"]["userHandle"] = encoded(other.actor.id.encode())
    await refuse(json.dumps(forged))
    once = device.show(asked())
    assert (await accounts.log_in_by_passkey(once, VISIT)).actor.id == signed.actor.id
    await refuse(once)
    device.count -= 1
    await refuse(device.show(asked()))  # as a copy of the device would
    device.count -= 2
    await refuse(device.show(asked()))
    device.count += 5
    assert (await accounts.log_in_by_passkey(device.show(asked()), VISIT)).actor.id == signed.actor.id


@ensureDeferred
async def test_a_challenge_is_taken_once_without_a_count(accounts, registered):
    """Devices that do not count their uses: what they signed works once all the same."""
    signed = await registered()
    device = await with_passkey(accounts, signed, counts=False)
    answer = device.show(accounts.show_at_login(VISIT))
    await accounts.log_in_by_passkey(answer, VISIT)
    with pytest.raises(Invalid):
        await accounts.log_in_by_passkey(answer, VISIT)
    await accounts.log_in_by_passkey(device.show(accounts.show_at_login(VISIT)), VISIT)
    made = Device(ORIGIN)
    answer = made.make(await accounts.begin_passkey(signed.actor))
    await accounts.add_passkey(signed.actor, "second", answer)
    [second] = [one for one in await accounts.list_passkeys(signed.actor) if one.name == "second"]
    await accounts.remove_passkey(signed.actor, second.passkey_id)
    with pytest.raises(Invalid):
        await accounts.add_passkey(signed.actor, "again", answer)


@ensureDeferred
async def test_nobody_elses_passkey(accounts, registered, joined, database):
    """At the second step, as a proof, to be added or removed: of colleague or other organisation, refused."""
    signed, other = await registered(), await registered("Other", "Olga")
    tom = await joined(signed)
    device = await with_passkey(accounts, signed)
    for stranger in (other, tom):
        theirs = await with_passkey(accounts, stranger)
        step = await step_of(accounts)
        with pytest.raises(Invalid):
            await accounts.finish_login(step, passkey=theirs.show(await accounts.show_at_step(step)))
        with pytest.raises(Invalid):
            await accounts.prove_by_passkey(
                signed.actor, theirs.show(await accounts.show_as_proof(signed.actor))
            )
        [named] = await accounts.list_passkeys(stranger.actor)
        with pytest.raises(NotFound):
            await accounts.remove_passkey(signed.actor, named.passkey_id)
        with pytest.raises(AlreadyExists):
            await accounts.add_passkey(
                signed.actor, "theirs", theirs.make(await accounts.begin_passkey(signed.actor))
            )
        with pytest.raises(Invalid):  # made for somebody else's page
            await accounts.add_passkey(
                signed.actor, "x", Device(ORIGIN).make(await accounts.begin_passkey(stranger.actor))
            )
    async with database.transaction(other.actor.organisation_id) as tx:
        for organisation_id in (signed.actor.organisation_id, other.actor.organisation_id):
            assert await passkeys.find(tx, organisation_id, device.credential_id) is None
            assert await passkeys.list_of(tx, organisation_id, signed.actor.id) == []
        assert await passkeys.find_organisation(tx, device.credential_id) == signed.actor.organisation_id


@ensureDeferred
async def test_making_one_takes_a_fresh_proof(accounts, registered, now):
    """Five minutes later a proof is asked for, which a device that makes sure of its owner gives."""
    signed = await registered()
    device = await with_passkey(accounts, signed)
    [named] = await accounts.list_passkeys(signed.actor)
    unsure = await with_passkey(accounts, signed, "a stick", verifies=False)
    options = await accounts.begin_passkey(signed.actor)
    now.advance(minutes=5)
    for ask in (
        accounts.begin_passkey,
        lambda actor: accounts.add_passkey(actor, "late", Device(ORIGIN).make(options)),
        lambda actor: accounts.remove_passkey(actor, named.passkey_id),
    ):
        for actor in (signed.actor, replace(signed.actor, login_id=None, token_id="token")):
            with pytest.raises(ProofNeeded):
                await ask(actor)
    with pytest.raises(Invalid):
        await accounts.prove_by_passkey(signed.actor, unsure.show(await accounts.show_as_proof(signed.actor)))
    await accounts.prove_by_passkey(signed.actor, device.show(await accounts.show_as_proof(signed.actor)))
    await accounts.remove_passkey(signed.actor, named.passkey_id)
    with pytest.raises(Invalid):
        await accounts.log_in_by_passkey(device.show(accounts.show_at_login(VISIT)), VISIT)


@ensureDeferred
async def test_it_counts_as_a_factor(accounts, registered, joined, mailed, now):
    """For the organisation's policy, the manager's way out for who lost it, and the recovery codes."""
    manager = await registered()
    tom = await joined(manager)
    await with_passkey(accounts, manager)
    await accounts.put_policy(manager.actor, Policy(require_second_factor=True))
    assert await accounts.find_actor(tom.token) is None
    address = f"tom@{manager.actor.organisation_id}.example"
    tom = await accounts.log_in(email=address, password=GOOD_PASSWORD)
    with pytest.raises(FactorNeeded):
        await accounts.issue_ticket(tom.actor)
    device = await with_passkey(accounts, tom)
    await accounts.issue_ticket(tom.actor)
    assert await accounts.list_with_factors(manager.actor) == {manager.actor.id, tom.actor.id}
    await accounts.start_factor_reset(manager.actor, tom.actor.id)
    [link] = [line for mail in await mailed() for line in mail.body.splitlines() if "/lostfactor/" in line]
    await accounts.give_factors_up(token_in(link), GOOD_PASSWORD)
    assert not (await accounts.get_factors(tom.actor)).has_any
    with pytest.raises(Invalid):
        await accounts.log_in_by_passkey(device.show(accounts.show_at_login(VISIT)), VISIT)
    secret, _ = await with_app(accounts, manager, now)
    [named] = await accounts.list_passkeys(manager.actor)
    await accounts.remove_passkey(manager.actor, named.passkey_id)
    standing = await accounts.get_factors(manager.actor)
    assert (standing.has_any, standing.passkeys, standing.recovery_codes) == (True, 0, 10)
    assert isinstance(await accounts.finish_login(await step_of(accounts), code_at(secret, now)), Signed)
    await accounts.remove_app(manager.actor)
    assert (await accounts.get_factors(manager.actor)).recovery_codes == 0


@ensureDeferred
async def test_wrong_ones_wait(accounts, registered):
    """As wrong passwords do, per passkey and per network; whoever came in from here before does not."""
    signed = await registered()
    device = await with_passkey(accounts, signed)

    def wrong():
        return device.show(accounts.show_at_login("another cookie"))

    for _ in range(5):
        with pytest.raises(Invalid):
            await accounts.log_in_by_passkey(wrong(), VISIT)
    with pytest.raises(TooFast):
        await accounts.log_in_by_passkey(device.show(accounts.show_at_login(VISIT)), VISIT)
    answer = device.show(accounts.show_at_login(VISIT))
    assert (await accounts.log_in_by_passkey(answer, VISIT, device=signed.device)).actor.id == signed.actor.id


@ensureDeferred
async def test_bad_input(accounts, registered, limit):
    """Names and answers that are none, and more passkeys than anybody needs: refused, and nothing stored."""
    signed = await registered()
    for name in ("", "x" * 81, "a\nb", None):
        with pytest.raises(Invalid) as caught:
            answer = Device(ORIGIN).make(await accounts.begin_passkey(signed.actor))
            await accounts.add_passkey(signed.actor, name, answer)
        assert set(caught.value.details) == {"name"}
    wrong = Device("https://elsewhere.example").make(await accounts.begin_passkey(signed.actor))
    for answer in ("", "{}", "[]", "null", "[" * 9000, "x" * 20_000, None, wrong):
        with pytest.raises(Invalid):
            await accounts.add_passkey(signed.actor, "x", answer)
        with pytest.raises(Invalid):
            await accounts.log_in_by_passkey(answer, VISIT)
    assert await accounts.list_passkeys(signed.actor) == []
    limit(passkeys_per_person=2)
    for number in range(2):
        await with_passkey(accounts, signed, f"key {number}")
    with pytest.raises(NotAllowed):
        await accounts.begin_passkey(signed.actor)
    limit(passkeys_per_person=0)
    await accounts.begin_passkey(signed.actor)
    with pytest.raises(NotFound):
        await accounts.remove_passkey(signed.actor, "unknown")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://talk.example.org", "talk.example.org"),
        ("https://Talk.example.org:8443", "talk.example.org"),
        ("http://localhost:8080", "localhost"),
        ("http://talk.example.org", None),
        ("http://127.0.0.1:8080", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]:8443", None),
    ],
)
def test_where_there_are_passkeys(url, host):
    """Browsers tie them to a name, and want encryption but on the machine itself."""
    ceremonies = Ceremonies(url, b"k" * 32, Now())
    assert ceremonies.host == host
    if host is None:
        with pytest.raises(Invalid):
            ceremonies.to_show(("login", "x"), allowed=(), is_alone=True)


def test_nobody_fills_the_log_with_words_of_their_own():
    """Whatever is sent instead of a passkey, a few lines a minute say what kind of thing it was."""
    events = []
    ceremonies = Ceremonies(ORIGIN, b"k" * 32, Now())
    globalLogPublisher.addObserver(events.append)
    try:
        for number in range(100):
            for words in (f"canary {number}", json.dumps({"id": f"canary {number}", "rawId": "canary"})):
                with pytest.raises(Invalid):
                    ceremonies.id_in(words)
    finally:
        globalLogPublisher.removeObserver(events.append)
    told = [event for event in events if event["log_namespace"] == "hotline.people.ceremonies"]
    assert 0 < len(told) <= LINES
    assert "canary" not in repr(told)


@given(st.data())
def test_damaged_answers(data):
    """Any byte of any part exchanged: refused, never another error."""
    ceremonies = Ceremonies(ORIGIN, b"k" * 32, Now())
    options = ceremonies.to_make(("add",), who="w", email="e", name="n", known=())
    answer = json.loads(Device(ORIGIN).make(options))
    part = data.draw(st.sampled_from(sorted(answer["response"])))
    answer["response"][part] = encoded(data.draw(st.binary(max_size=200)))
    with pytest.raises(Invalid):
        ceremonies.check_made(json.dumps(answer), ("add",))
