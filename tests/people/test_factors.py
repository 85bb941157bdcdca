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
    await accounts.prove(signed.actor, password=GOOD_PASSWORD, code=codes[2])
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
    """Five minutes after the log-in everything about factors, a token, a new password, a new address and
    each deletion ask for the same again: the password, and with a second factor that as well; neither alone
    will do."""
    signed = await registered()
    weighty = [
        accounts.begin_app,
        accounts.get_setup,
        lambda actor: accounts.confirm_app(actor, "123456"),
        accounts.renew_codes,
        accounts.remove_app,
        lambda actor: accounts.put_policy(actor, Policy()),
        lambda actor: accounts.create_token(actor, "bot"),
        lambda actor: accounts.change_password(actor, old=GOOD_PASSWORD, new="granite-lantern-tuesday"),
        lambda actor: accounts.change_profile(
            actor, username="Mara", email="new@example.org", password=GOOD_PASSWORD
        ),
        lambda actor: accounts.delete_account(actor, GOOD_PASSWORD),
        lambda actor: accounts.delete_organisation(actor, password=GOOD_PASSWORD, typed_name="Seelefon"),
    ]
    secret, _ = await with_app(accounts, signed, now)
    now.advance(minutes=5)
    for ask in weighty:
        with pytest.raises(ProofNeeded):
            await ask(signed.actor)
        with pytest.raises(ProofNeeded):  # as a script, which has no login
            await ask(replace(signed.actor, login_id=None, token_id="token"))
    code = code_at(secret, now)
    for field, wrong in (
        ("password", {"password": "wrong", "code": code}),
        ("code", {"password": GOOD_PASSWORD, "code": "wrong"}),
        ("code", {"password": GOOD_PASSWORD}),
        ("password", {"code": code}),
    ):
        with pytest.raises(Invalid) as caught:
            await accounts.prove(signed.actor, **wrong)
        assert set(caught.value.details) == {field}
    with pytest.raises(ProofNeeded):
        await accounts.renew_codes(signed.actor)
    renewed = await accounts.prove(signed.actor, password=GOOD_PASSWORD, code=code)
    assert await accounts.find_actor(signed.token) is None
    assert await accounts.find_actor(renewed) == signed.actor
    assert len(await accounts.renew_codes(signed.actor)) == 10
    now.advance(minutes=5)
    again = await accounts.prove(signed.actor, password=GOOD_PASSWORD, code=code_at(secret, now))
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
async def test_a_lost_factor(accounts, registered, joined, mailed, now, limit):
    """The manager starts, the person finishes with link and password; nobody else, and not twice."""
    manager, other = await registered(), await registered("Other", "Olga")
    tom = await joined(manager)
    with pytest.raises(NotFound):
        await accounts.start_factor_reset(manager.actor, tom.actor.id)  # has none
    await with_app(accounts, tom, now)
    token = await accounts.create_token(tom.actor, "bot")
    with pytest.raises(NotAllowed):
        await accounts.start_factor_reset(tom.actor, tom.actor.id)
    with pytest.raises(NotFound):
        await accounts.start_factor_reset(other.actor, tom.actor.id)
    limit(links_per_person=2)
    for _ in range(2):
        await accounts.start_factor_reset(manager.actor, tom.actor.id)
    with pytest.raises(TooFast):
        await accounts.start_factor_reset(manager.actor, tom.actor.id)
    limit(links_per_person=0)
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
    assert await accounts.authenticate(tom.actor.organisation_id, *token) is None
    for token in (*tokens, "invented", "\x00", "\ud800"):
        with pytest.raises(Gone):
            await accounts.give_factors_up(token, GOOD_PASSWORD)


@ensureDeferred
async def test_tokens_of_who_lacks_a_factor_let_nobody_in(accounts, registered, joined, now):
    """From the moment the organisation asks for one, by secret or key, until they have one; none is made."""
    manager = await registered()
    tom = await joined(manager)
    organisation_id = manager.actor.organisation_id
    token = await accounts.create_token(tom.actor, "bot")
    await with_app(accounts, manager, now)
    assert await accounts.authenticate(organisation_id, *token) is not None
    token_id, *_ = await accounts.find_token_keys(organisation_id, "bot")
    await accounts.put_policy(manager.actor, Policy(require_second_factor=True))
    assert await accounts.authenticate(organisation_id, *token) is None
    assert await accounts.use_token(organisation_id, token_id) is None
    with pytest.raises(FactorNeeded):
        await accounts.create_token(replace(tom.actor, login_id=None, is_operator=True), "another")
    tom = await accounts.log_in(email=f"tom@{organisation_id}.example", password=GOOD_PASSWORD)
    await with_app(accounts, tom, now)
    assert await accounts.authenticate(organisation_id, *token) is not None
    assert (await accounts.use_token(organisation_id, token_id)).id == tom.actor.id


@ensureDeferred
async def test_without_the_last_factor_nobody_stays(accounts, registered, joined, now):
    """Where one is asked for, whoever gives theirs up is logged out at once, and sets up another one."""
    manager = await registered()
    await with_app(accounts, manager, now)
    assert await accounts.remove_app(manager.actor) is False
    assert await accounts.find_actor(manager.token) == manager.actor
    await with_app(accounts, manager, now)
    await accounts.put_policy(manager.actor, Policy(require_second_factor=True))
    token = await accounts.create_token(manager.actor, "bot")
    assert await accounts.remove_app(manager.actor) is True
    assert await accounts.find_actor(manager.token) is None
    assert await accounts.authenticate(manager.actor.organisation_id, *token) is None
    again = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    assert await accounts.lacks_factor(again.actor)


@ensureDeferred
async def test_passwords_are_longer_without_a_second_factor(accounts, registered, joined, now):
    """Fifteen characters, or twelve with a second factor, own or asked of everybody, that stands beside."""
    short, manager = "Zg7#pq!Lw2vR", await registered()
    for ask in (
        accounts.register_organisation(
            organisation="S", username="Ann", email="ann@example.org", password=short
        ),
        accounts.change_password(manager.actor, old=GOOD_PASSWORD, new=short),
    ):
        with pytest.raises(Invalid) as caught:
            await ask
        assert [*caught.value.details.values()] == ["must have at least 15 characters"]
    await with_app(accounts, manager, now)
    await accounts.change_password(manager.actor, old=GOOD_PASSWORD, new=short)
    invited = [
        (await accounts.invite(manager.actor, email=f"{name}@example.org", role="staff")).link
        for name in ("tom", "kim")
    ]
    with pytest.raises(Invalid):
        await accounts.accept_invitation(token_in(invited[0]), username="Tom", password=short)
    await accounts.put_policy(manager.actor, Policy(require_second_factor=True))
    await accounts.accept_invitation(token_in(invited[1]), username="Kim", password=short)


@ensureDeferred
async def test_managers_end_logins(accounts, registered, joined):
    """Of people of their own organisation, at once, with API tokens; their own one with which they ask
    stays."""
    manager, other = await registered(), await registered("Other", "Olga")
    tom = await joined(manager)
    for actor, error in ((tom.actor, NotAllowed), (other.actor, NotFound)):
        with pytest.raises(error):
            await accounts.end_logins_of(actor, tom.actor.id)
    assert await accounts.find_actor(tom.token) is not None
    token = await accounts.create_token(tom.actor, "bot")
    assert await accounts.count_tokens(manager.actor) == {tom.actor.id: 1}
    assert await accounts.authenticate(tom.actor.organisation_id, *token) is not None
    await accounts.end_logins_of(manager.actor, tom.actor.id)
    assert await accounts.find_actor(tom.token) is None
    assert await accounts.authenticate(tom.actor.organisation_id, *token) is None
    assert await accounts.count_tokens(manager.actor) == {}
    elsewhere = await accounts.log_in(email=EMAIL, password=GOOD_PASSWORD)
    await accounts.end_logins_of(manager.actor, manager.actor.id)
    assert await accounts.find_actor(elsewhere.token) is None
    assert await accounts.find_actor(manager.token) is not None


@ensureDeferred
async def test_two_managers_delete(accounts, registered, joined, mailed, now):
    """The first asks and the others are told; a second one deletes, within a week; each may take it back.
    Whoever became a manager within the last week is neither."""
    manager = await registered()
    await accounts.put_policy(manager.actor, Policy(two_managers_to_delete=True))
    typed = {"password": GOOD_PASSWORD, "typed_name": "Seelefon"}
    with pytest.raises(NotAllowed):
        await accounts.delete_organisation(manager.actor, **typed)
    second = await joined(manager, "Tom", Role.STAFF)
    now.advance(days=8)
    await accounts.set_role(manager.actor, second.actor.id, Role.MANAGER)
    now.advance(days=6)
    for actor in (manager.actor, second.actor):
        with pytest.raises(NotAllowed) as caught:
            await accounts.delete_organisation(actor, **typed)
        assert "managers for 7 days" in caught.value.details["reason"]
    now.advance(days=1)
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


@ensureDeferred
async def test_less_safety_takes_two_managers(accounts, registered, joined, mailed, audited, now):
    """Where it takes two to delete, it takes two to ask for less: the same two, for the same, within a week;
    and who has just become a manager is none of them. More of it takes one."""
    loose = Policy()
    manager = await registered()
    address = f"tom@{manager.actor.organisation_id}.example"
    second = await joined(manager, "Tom", Role.MANAGER)
    secrets = {manager.actor.id: (await with_app(accounts, manager, now))[0]}
    strict = Policy(require_second_factor=True, two_managers_to_delete=True)
    assert await accounts.put_policy(manager.actor, strict) is True
    second = await accounts.log_in(email=address, password=GOOD_PASSWORD)
    secrets[second.actor.id] = (await with_app(accounts, second, now))[0]

    async def again():
        """Both, logged in just now with their apps."""
        found = []
        for signed, email in ((manager, EMAIL), (second, address)):
            step = (await accounts.log_in(email=email, password=GOOD_PASSWORD)).choices[0].step
            found.append(await accounts.finish_login(step, code_at(secrets[signed.actor.id], now)))
        return found

    with pytest.raises(NotAllowed):
        await accounts.put_policy(manager.actor, loose)
    assert await accounts.get_policy(manager.actor) == strict

    now.advance(days=7)
    manager, second = await again()
    told = len(await mailed())
    assert await accounts.put_policy(manager.actor, loose) is False
    assert await accounts.put_policy(manager.actor, loose) is False  # one is not two
    assert {mail.recipient for mail in (await mailed())[told:]} == {address}
    assert await accounts.get_policy(manager.actor) == strict
    waiting = await accounts.find_loosening(second.actor)
    assert waiting.names == ["require_second_factor", "two_managers_to_delete"]
    half = Policy(two_managers_to_delete=True)
    assert await accounts.put_policy(second.actor, half) is False  # something else
    assert (await accounts.find_loosening(manager.actor)).asked_by == second.actor.id
    await accounts.take_loosening_back(manager.actor)
    assert await accounts.find_loosening(manager.actor) is None
    assert await accounts.put_policy(manager.actor, loose) is False
    now.advance(days=8)
    manager, second = await again()
    assert await accounts.find_loosening(second.actor) is None
    assert await accounts.put_policy(second.actor, loose) is False
    assert await accounts.put_policy(manager.actor, loose) is True
    assert await accounts.get_policy(manager.actor) == loose
    actions = [action for action, _ in await audited(manager)]
    assert (actions.count("loosening.asked"), actions.count("loosening.taken_back")) == (5, 1)
    typed = {"password": GOOD_PASSWORD, "typed_name": "Seelefon"}
    assert await accounts.delete_organisation(manager.actor, **typed) is True
