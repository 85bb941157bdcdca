"""What managers do with others and with the organisation; two managers at once; deletion. Real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg2
import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.task import deferLater

from hotline.domain import rooms as life
from hotline.domain.aids import check_answer, check_referral
from hotline.domain.groups import Group
from hotline.domain.model import Intake, NoteKind, Role
from hotline.errors import Invalid, NotAllowed, NotFound, TooFast, Unavailable
from hotline.store import (
    appointments,
    asked,
    blocks,
    drafts,
    emptying,
    factors,
    groups,
    notes,
    organisations,
    pushes,
    ready_answers,
    receipts,
    records,
    referrals,
    rooms,
    steps,
    surveys,
)
from hotline.store.pushes import Subscription
from hotline.store.records import Record
from tests.helpers import House, add_block, logged, make_client
from tests.people.conftest import GOOD_PASSWORD, token_in
from tests.people.test_passkeys import with_passkey

ALL_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'schema_version'
"""


@ensureDeferred
async def test_manager_removes_and_promotes(accounts, registered, joined):
    """A manager changes roles and removes people; their logins are over at once."""
    manager = await registered()
    tom = await joined(manager)
    await accounts.set_role(manager.actor, tom.actor.id, "manager")
    assert (await accounts.find_actor(tom.token)).role is Role.MANAGER
    await accounts.set_role(manager.actor, tom.actor.id, Role.STAFF)
    await accounts.remove_consultant(manager.actor, tom.actor.id)
    assert await accounts.find_actor(tom.token) is None
    with pytest.raises(NotFound):
        await accounts.remove_consultant(manager.actor, tom.actor.id)


@ensureDeferred
async def test_only_managers_of_the_same_organisation(accounts, registered, joined):
    """Staff may not; and who belongs to another organisation is not found."""
    manager, other = await registered(), await registered("Other", "Olga")
    tom = await joined(manager)
    for actor in (tom.actor, replace(tom.actor, role=Role.MANAGER)):
        with pytest.raises(NotAllowed):
            await accounts.remove_consultant(actor, manager.actor.id)
        with pytest.raises(NotAllowed):
            await accounts.set_role(actor, tom.actor.id, "manager")
        with pytest.raises(NotAllowed):
            await accounts.change_organisation(actor, {"name": "Mine"})
        with pytest.raises(NotAllowed):
            await accounts.delete_organisation(actor, password=GOOD_PASSWORD, typed_name="Seelefon")
    for wanted in (other.actor.id, "nobody", "", "\x00", "x" * 100):
        with pytest.raises(NotFound):
            await accounts.remove_consultant(manager.actor, wanted)
        with pytest.raises(NotFound):
            await accounts.set_role(manager.actor, wanted, "staff")
    with pytest.raises(Invalid):
        await accounts.remove_consultant(manager.actor, 5)


@pytest.mark.parametrize("role", ["client", "boss", "", None, 5, ["staff"], "MANAGER"])
@ensureDeferred
async def test_odd_roles(accounts, registered, role):
    """There are two roles to give."""
    manager = await registered()
    with pytest.raises(Invalid) as caught:
        await accounts.set_role(manager.actor, manager.actor.id, role)
    assert set(caught.value.details) == {"role"}


@ensureDeferred
async def test_the_last_manager_stays(accounts, registered, joined):
    """Nobody, not even the manager, makes the organisation lose its last one."""
    manager = await registered()
    await joined(manager)
    with pytest.raises(NotAllowed):
        await accounts.set_role(manager.actor, manager.actor.id, "staff")
    with pytest.raises(NotAllowed):
        await accounts.remove_consultant(manager.actor, manager.actor.id)


@ensureDeferred
async def test_two_managers_demote_each_other_at_once(accounts, registered, joined):
    """Of two who do it in the same moment one stays manager, every time."""
    for number in range(5):
        one = await registered(f"Org{number}", f"One{number}")
        two = await joined(one, f"Two{number}", "manager")
        results = await DeferredList(
            [
                Deferred.fromCoroutine(accounts.set_role(one.actor, two.actor.id, "staff")),
                Deferred.fromCoroutine(accounts.set_role(two.actor, one.actor.id, "staff")),
            ],
            consumeErrors=True,
        )
        assert sorted(done for done, _ in results) == [False, True]
        roles = [entry.role for entry in await accounts.list_staff(one.actor)]
        assert sorted(roles) == [Role.MANAGER, Role.STAFF]


@ensureDeferred
async def test_invitations_of_somebody_removed_are_gone(accounts, registered, joined):
    """Whoever is no manager any more leaves no open doors behind."""
    manager = await registered()
    for leave in (
        lambda actor: accounts.remove_consultant(manager.actor, actor.id),
        lambda actor: accounts.set_role(manager.actor, actor.id, "staff"),
    ):
        second = await joined(manager, f"Ute{leave.__code__.co_firstlineno}", "manager")
        invited = await accounts.invite(second.actor, email="friend@example.org", role="manager")
        await leave(second.actor)
        assert await accounts.list_invitations(manager.actor) == []
        with pytest.raises(Exception, match="link"):
            await accounts.get_invitation(token_in(invited.link))


@ensureDeferred
async def test_settings_change(accounts, registered):
    """What is given changes, all else stays; everything wrong is told at once, and nothing is stored then."""
    manager = await registered()
    before = await accounts.get_organisation(manager.actor)
    changed = await accounts.change_organisation(
        manager.actor,
        {
            "colours": {"accent": "#2A6F6B"},
            "allowed_sites": ["https://www.example.org/", "https://www.example.org"],
            "retention_hours": 0,
            "intake": "paused",
        },
    )
    assert changed == replace(
        before,
        colours={"accent": "#2a6f6b"},
        allowed_sites=("https://www.example.org",),
        retention_hours=0,
        intake=Intake.PAUSED,
    )
    assert await accounts.change_organisation(manager.actor, {"name": "New"}) == replace(changed, name="New")
    assert (await accounts.change_organisation(manager.actor, {"logo_text": " SF "})).logo_text == "SF"
    with pytest.raises(Invalid) as caught:
        await accounts.change_organisation(
            manager.actor,
            {
                "name": "",
                "logo_text": "two\nlines",
                "intake": "yes",
                "colours": {"accent": "red; }"},
                "allowed_sites": ["*"],
                "retention_hours": -1,
            },
        )
    assert set(caught.value.details) == {
        "name",
        "logo_text",
        "intake",
        "colours",
        "allowed_sites",
        "retention_hours",
    }
    assert (await accounts.get_organisation(manager.actor)).name == "New"


@ensureDeferred
async def test_deleting_needs_password_and_name(accounts, registered):
    """Neither a wrong password nor another name deletes anything."""
    manager = await registered()
    for password, typed, fields in (
        ("wrong", "Seelefon", {"password"}),
        (GOOD_PASSWORD, "seelefon", {"typed_name"}),
        (None, None, {"password", "typed_name"}),
    ):
        with pytest.raises(Invalid) as caught:
            await accounts.delete_organisation(manager.actor, password=password, typed_name=typed)
        assert set(caught.value.details) == fields
    assert await accounts.find_actor(manager.token) == manager.actor


@pytest.mark.parametrize("is_away", [False, True])
@ensureDeferred
async def test_who_does_not_wait_for_the_end_of_deleting(
    accounts, registered, joined, database, reactor, monkeypatch, is_away
):
    """A browser that is closed meanwhile leaves no half of an organisation behind, nor does a colleague who
    takes one's role, or the word back; what fails is logged."""
    manager = await registered()
    second = await joined(manager, "Ute", "manager")
    empty_all = emptying.empty

    async def empty(*where):
        await deferLater(reactor, 0)  # it is waited for by now
        deleting.cancel()
        await accounts.set_role(second.actor, manager.actor.id, "staff")
        assert await accounts.take_deletion_back(second.actor) is False
        if is_away:
            raise Unavailable
        await empty_all(*where)

    monkeypatch.setattr(emptying, "empty", empty)
    with logged() as lines:
        deleting = Deferred.fromCoroutine(
            accounts.delete_organisation(manager.actor, password=GOOD_PASSWORD, typed_name="Seelefon")
        )
        with pytest.raises(CancelledError):
            await deleting
        await accounts.settled()
    assert any("deleting an organisation failed" in line for line in lines) is is_away
    async with database.transaction() as tx:
        assert bool(await organisations.list_all(tx)) is is_away


@ensureDeferred
async def test_deleted_organisation_leaves_no_row(accounts, registered, joined, database, dsn, now):
    """After the deletion no table holds a row of it, and the other organisation has all of its own."""
    counts = {}

    def rows_of(organisation_id):
        connection = psycopg2.connect(dsn)
        try:
            cursor = connection.cursor()
            cursor.execute(ALL_TABLES)
            found = {}
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT count(*) FROM {table} WHERE organisation_id = %s", [organisation_id])
                found[table] = cursor.fetchone()[0]
            return found
        finally:
            connection.close()

    managers = []
    for name in ("Stays", "Goes"):
        manager = await registered(name, f"M{name}")
        managers.append(manager)
        tom = await joined(manager, f"T{name}")
        house = House(
            organisation_id=manager.actor.organisation_id,
            slug=name.lower(),
            manager=manager.actor,
            staff=tom.actor,
            colleague=tom.actor,
        )
        client = await make_client(database, house, now())
        async with database.transaction(house.organisation_id) as tx:
            room = await rooms.lock(tx, house.organisation_id, client.room_id)
            outcome = life.claim(room, tom.actor, None)
            await rooms.apply(tx, house.organisation_id, room, outcome, life.sender_of(tom.actor), now())
        record = Record(answers={}, counted=[], saved_by=tom.actor.id, saved_by_name="T", saved_at=now())
        async with database.transaction(house.organisation_id) as tx:
            await records.put(tx, house.organisation_id, client.room_id, record)
            await surveys.add(tx, house.organisation_id, {"helped": 3}, now())
            await asked.add(tx, house.organisation_id, client.room_id, manager.actor.id, now())
            await drafts.put(tx, house.organisation_id, tom.actor.id, client.room_id, "Not yet", now())
            author = life.sender_of(tom.actor)
            await notes.add(tx, house.organisation_id, client.room_id, NoteKind.NOTE, "For us", author, now())
            answer = check_answer("hello", "own", "hello", "Hello", None)
            await ready_answers.add(tx, house.organisation_id, tom.actor.id, answer)
            referral = check_referral("line", "Night line", "112", "", [], [])
            await referrals.add(tx, house.organisation_id, referral)
            await receipts.add(tx, house.organisation_id, "retention", {"rooms": 1}, now())
            await add_block(tx, house, client, "a block", now())
            await blocks.remember_device(tx, house.organisation_id, client.actor.id, b"hash", now())
            soon = now() + timedelta(hours=1)
            await appointments.put(tx, house.organisation_id, room, tom.actor.id, now(), soon)
            group = Group(
                room_id="group",
                code=name,
                name="Thursdays",
                text="",
                opens_at=now(),
                ends_at=soon,
                most_clients=5,
                is_listed=True,
            )
            await groups.add(tx, house.organisation_id, group, now())
            await groups.add_client(tx, house.organisation_id, "group", client.actor.id, b"hash", now())
            browser = Subscription(
                endpoint="https://push.example/a", p256dh=b"p", auth=b"a", created_at=now()
            )
            assert await pushes.put(tx, house.organisation_id, tom.actor.id, browser, most=1)
            await pushes.want(tx, house.organisation_id, tom.actor.id)
            await tx.run(
                "INSERT INTO unsealed VALUES (%(organisation)s, 'of before', 'room')",
                organisation=house.organisation_id,
            )
        await accounts.issue_ticket(tom.actor)
        await accounts.create_token(tom.actor, "bot")
        await accounts.invite(manager.actor, email=f"new@{name.lower()}.example", role="staff")
        await accounts.begin_app(tom.actor)
        await with_passkey(accounts, tom)
        async with database.transaction(house.organisation_id) as tx:
            where = (house.organisation_id, tom.actor.id)
            await factors.put_codes(tx, *where, [b"code"])
            await steps.add(tx, *where, name.encode(), "login", now=now(), expires_at=now())
        await accounts.forgot_password(f"m{name.lower()}@{name.lower()}.example")
        await accounts.settled()
        counts[name] = rows_of(house.organisation_id)
        assert [table for table, count in counts[name].items() if not count] == []
    stays, goes = managers
    await accounts.delete_organisation(goes.actor, password=GOOD_PASSWORD, typed_name="Goes")
    assert not any(rows_of(goes.actor.organisation_id).values())
    assert rows_of(stays.actor.organisation_id) == counts["Stays"]
    assert await accounts.find_actor(goes.token) is None


@ensureDeferred
async def test_an_organisation_is_exported_so_often(accounts, registered, now, limit):
    """Each export reads everything there is: so many an hour, and other organisations do not wait."""
    limit(exports_per_hour=4)
    manager, other = await registered(), await registered("Other", "Olga")
    for signed in (manager, other):
        await accounts.prove(signed.actor, password=GOOD_PASSWORD)
    for _ in range(4):
        await accounts.export(manager.actor, "json")
    with pytest.raises(TooFast) as caught:
        await accounts.export(manager.actor, "html")
    assert caught.value.details == {"retry_after": 900.0}
    await accounts.export(other.actor, "json")
    now.advance(minutes=15)
    for signed in (manager, other):
        await accounts.prove(signed.actor, password=GOOD_PASSWORD)
    await accounts.export(manager.actor, "html")
