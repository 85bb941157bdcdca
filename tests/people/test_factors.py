"""Second factors: set up, used, lost, asked for by the organisation. On a real PostgreSQL."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import replace

import psycopg2
import pytest
from pytest_twisted import ensureDeferred

from hotline.accounts import Unfinished
from hotline.domain.model import Role
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
from hotline.store.policies import Policy
from hotline.store.seals import Broken
from tests.people.conftest import GOOD_PASSWORD, token_in
from tests.people.test_entry import EMAIL, code_at, with_app


@ensureDeferred
async def test_setting_up_takes_a_right_code(accounts, registered, mailed, now):
    """Before a code of it is confirmed nothing is asked for; then it is, and the person is told."""
    signed = await registered()
    with pytest.raises(NotFound):
        await accounts.confirm_app(signed.actor, "123456")
    first = await accounts.begin_app(signed.actor)
    assert await accounts.get_setup(signed.actor) == first
    assert (await accounts.begin_app(signed.actor)).secret != first.secret
    setup = await accounts.get_setup(signed.actor)
    stale = code_at(b32decode(first.secret.replace(" ", "")), now)
    secret = b32decode(setup.secret.replace(" ", ""))
    assert len(secret) * 8 == 160
    for wrong in (stale, "", "12345", "x" * 5000, None, 123456):
        with pytest.raises(Invalid):
            await accounts.confirm_app(signed.actor, wrong)
    assert (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).actor.id == signed.actor.id
    codes = await accounts.confirm_app(signed.actor, code_at(secret, now))
    assert len(set(codes)) == 10
    assert {len(code.replace("-", "")) for code in codes} == {24}, "120 bits, or a plain hash would not do"
    assert [mail.subject for mail in await mailed()][1:] == ["A second factor was set up"]
    assert "choices" in dir(await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD))
    for again in (accounts.begin_app, accounts.get_setup):
        with pytest.raises((AlreadyExists, NotFound)):
            await again(signed.actor)
    standing = await accounts.get_factors(signed.actor)
    assert (standing.has_app, standing.has_any, standing.recovery_codes) == (True, True, 10)


@ensureDeferred
async def test_a_recovery_code_works_once(accounts, registered, mailed, now):
    """However it is spelt; the person is told, and of new codes the old ones are worthless."""
    signed = await registered()
    _, codes = await with_app(accounts, signed, now)

    async def enter(code):
        now.advance(minutes=2)  # nobody guesses here
        step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
        return await accounts.finish_login(step, code, device=signed.device)

    assert (await enter(codes[0].lower().replace("-", " "))).actor.id == signed.actor.id
    with pytest.raises(Invalid):
        await enter(codes[0])
    assert "There are 9 left" in [mail.body for mail in await mailed()][-1]
    await accounts.prove(signed.actor, password=GOOD_PASSWORD)
    fresh = await accounts.renew_codes(signed.actor)
    with pytest.raises(Invalid):
        await enter(codes[1])
    await enter(fresh[1])


@ensureDeferred
async def test_secrets_and_codes_are_not_in_the_database(accounts, registered, database, dsn, now):
    """The app's secret is sealed for its place, and of recovery codes there are hashes only."""
    signed, other = await registered(), await registered("Other", "Olga")
    secret, codes = await with_app(accounts, signed, now)
    await with_app(accounts, other, now)
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute(
        "SELECT secret FROM authenticators ORDER BY organisation_id = %s", [signed.actor.organisation_id]
    )
    theirs, sealed = (bytes(row[0]) for row in cursor.fetchall())
    assert secret not in sealed
    cursor.execute("SELECT string_agg(encode(code_hash, 'escape'), ' ') FROM recovery_codes")
    stored = cursor.fetchone()[0]
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    # Somebody else's sealed secret in one's own row is not read as one's own.
    connection.close()
    async with database.transaction(signed.actor.organisation_id) as tx:
        assert await tx.run("UPDATE authenticators SET secret = %(secret)s", secret=theirs) == 1
    step = (await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)).choices[0].step
    with pytest.raises(Broken):
        await accounts.finish_login(step, code_at(secret, now))


@ensureDeferred
async def test_what_is_of_weight_takes_a_fresh_proof(accounts, registered, now):
    """Five minutes after the password everything about factors asks for it again; a code will do as well."""
    signed = await registered()
    weighty = [
        accounts.begin_app,
        accounts.get_setup,
        lambda actor: accounts.confirm_app(actor, "123456"),
        accounts.renew_codes,
        accounts.remove_app,
        lambda actor: accounts.put_policy(actor, Policy()),
    ]
    secret, _ = await with_app(accounts, signed, now)
    now.advance(minutes=5)
    for ask in weighty:
        with pytest.raises(ProofNeeded):
            await ask(signed.actor)
        with pytest.raises(ProofNeeded):  # as a script, which has no login
            await ask(replace(signed.actor, login_id=None, token_id="token"))
    with pytest.raises(Invalid):
        await accounts.prove(signed.actor, password="wrong")
    with pytest.raises(Invalid):
        await accounts.prove(signed.actor, code="wrong")
    with pytest.raises(ProofNeeded):
        await accounts.renew_codes(signed.actor)
    renewed = await accounts.prove(signed.actor, code=code_at(secret, now))
    assert await accounts.find_actor(signed.token) is None
    assert await accounts.find_actor(renewed) == signed.actor
    assert len(await accounts.renew_codes(signed.actor)) == 10
    now.advance(minutes=5)
    again = await accounts.prove(signed.actor, password=GOOD_PASSWORD)
    assert await accounts.find_actor(renewed) is None
    assert await accounts.find_actor(again) == signed.actor
    await accounts.remove_app(signed.actor)
    assert not (await accounts.get_factors(signed.actor)).has_any
    assert (await accounts.get_factors(signed.actor)).recovery_codes == 0


@ensureDeferred
async def test_a_link_for_the_password_leaves_factors(accounts, registered, mailed, now):
    """Whoever reads the mails of somebody still needs their second factor."""
    signed = await registered()
    await with_app(accounts, signed, now)
    await accounts.forgot_password(EMAIL)
    [link] = [line for mail in await mailed() for line in mail.body.splitlines() if "/changepw/" in line]
    await accounts.change_password_by_reset(token_in(link), "granite-lantern-tuesday")
    asked = await accounts.log_in(email=EMAIL, password="granite-lantern-tuesday")
    assert isinstance(asked, Unfinished)
    assert asked.has_codes


@ensureDeferred
async def test_organisations_ask_for_second_factors(accounts, registered, joined, now):
    """Who has none is thrown out at once, gets no ticket, and sets one up; the manager needs one first."""
    manager = await registered()
    tom = await joined(manager)
    with pytest.raises(Invalid):
        await accounts.put_policy(manager.actor, Policy(require_second_factor=True))
    await with_app(accounts, manager, now)
    with pytest.raises(NotAllowed):
        await accounts.put_policy(tom.actor, Policy(require_second_factor=True))
    await accounts.put_policy(manager.actor, Policy(require_second_factor=True))
    assert await accounts.find_actor(manager.token) == manager.actor
    assert await accounts.find_actor(tom.token) is None
    tom = await accounts.log_in(email=f"tom@{manager.actor.organisation_id}.example", password=GOOD_PASSWORD)
    assert await accounts.lacks_factor(tom.actor)
    with pytest.raises(FactorNeeded):
        await accounts.issue_ticket(tom.actor)
    await with_app(accounts, tom, now)
    assert not await accounts.lacks_factor(tom.actor)
    await accounts.issue_ticket(tom.actor)


@ensureDeferred
async def test_a_lost_factor(accounts, registered, joined, mailed, now):
    """The manager starts, the person finishes with link and password; nobody else, and not twice."""
    manager, other = await registered(), await registered("Other", "Olga")
    tom = await joined(manager)
    with pytest.raises(NotFound):
        await accounts.start_factor_reset(manager.actor, tom.actor.id)  # has none
    await with_app(accounts, tom, now)
    with pytest.raises(NotAllowed):
        await accounts.start_factor_reset(tom.actor, tom.actor.id)
    with pytest.raises(NotFound):
        await accounts.start_factor_reset(other.actor, tom.actor.id)
    for _ in range(3):
        await accounts.start_factor_reset(manager.actor, tom.actor.id)
    with pytest.raises(TooFast):
        await accounts.start_factor_reset(manager.actor, tom.actor.id)
    sent = [mail for mail in await mailed() if mail.subject == "Give up your second factor"]
    assert {mail.recipient for mail in sent} == {f"tom@{manager.actor.organisation_id}.example"}
    tokens = [token_in(line) for mail in sent for line in mail.body.splitlines() if "/lostfactor/" in line]
    with pytest.raises(Invalid):
        await accounts.give_factors_up(tokens[0], "wrong")
    assert (await accounts.get_factors(tom.actor)).has_app
    await accounts.give_factors_up(tokens[0], GOOD_PASSWORD)
    assert not (await accounts.get_factors(tom.actor)).has_any
    assert await accounts.find_actor(tom.token) is None
    for token in (*tokens, "invented", "\x00", "\ud800"):
        with pytest.raises(Gone):
            await accounts.give_factors_up(token, GOOD_PASSWORD)


@ensureDeferred
async def test_managers_end_logins(accounts, registered, joined):
    """Of people of their own organisation, at once; their own one with which they ask stays."""
    manager, other = await registered(), await registered("Other", "Olga")
    tom = await joined(manager)
    for actor, error in ((tom.actor, NotAllowed), (other.actor, NotFound)):
        with pytest.raises(error):
            await accounts.end_logins_of(actor, tom.actor.id)
    assert await accounts.find_actor(tom.token) is not None
    await accounts.end_logins_of(manager.actor, tom.actor.id)
    assert await accounts.find_actor(tom.token) is None
    elsewhere = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    await accounts.end_logins_of(manager.actor, manager.actor.id)
    assert await accounts.find_actor(elsewhere.token) is None
    assert await accounts.find_actor(manager.token) is not None


@ensureDeferred
async def test_two_managers_delete(accounts, registered, joined, mailed, now):
    """The first asks and the others are told; a second one deletes, within a week; each may take it back."""
    manager = await registered()
    await accounts.put_policy(manager.actor, Policy(two_managers_to_delete=True))
    typed = {"password": GOOD_PASSWORD, "typed_name": "Seelefon"}
    with pytest.raises(NotAllowed):
        await accounts.delete_organisation(manager.actor, **typed)
    second = await joined(manager, "Tom", Role.MANAGER)
    assert await accounts.delete_organisation(manager.actor, **typed) is False
    assert await accounts.find_deletion(second.actor) == manager.actor.id
    assert [mail.recipient for mail in await mailed() if "about to be deleted" in mail.subject] == [
        f"tom@{manager.actor.organisation_id}.example"
    ]
    assert await accounts.delete_organisation(manager.actor, **typed) is False  # one is not two
    now.advance(days=8)
    assert await accounts.find_deletion(second.actor) is None
    assert await accounts.delete_organisation(second.actor, **typed) is False
    await accounts.take_deletion_back(manager.actor)
    assert await accounts.find_deletion(second.actor) is None
    assert await accounts.delete_organisation(second.actor, **typed) is False
    assert await accounts.delete_organisation(manager.actor, **typed) is True
    with pytest.raises(NotFound):
        await accounts.get_organisation(manager.actor)
