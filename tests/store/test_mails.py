"""Mails that wait, in a real PostgreSQL: due in their time, taken by one at a time, gone when sent."""

from __future__ import annotations

from datetime import timedelta

from pytest_twisted import ensureDeferred

from hotline.store import mails
from hotline.store.sealed import LOST
from tests.helpers import NAUGHTY, make_house


@ensureDeferred
async def test_due_in_their_time(database, now):
    """Only what is due is listed, of all organisations, the longest waiting first."""
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    for house in (two, one):
        async with database.transaction(house.organisation_id) as tx:
            await mails.add(tx, house.organisation_id, "a@example.org", "Hello", "there", now())
        now.advance(minutes=1)
    async with database.transaction() as tx:
        assert [organisation_id for organisation_id, _ in await mails.due(tx, now())] == [
            two.organisation_id,
            one.organisation_id,
        ]
        assert len(await mails.due(tx, now() - timedelta(seconds=90))) == 1
        assert await mails.due(tx, now() - timedelta(hours=1)) == []


@ensureDeferred
async def test_one_takes_it(database, now):
    """While one has a mail nobody else gets it; postponed, it is not due; others never see it."""
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    async with database.transaction(one.organisation_id) as tx:
        for text in NAUGHTY:
            await mails.add(tx, one.organisation_id, "a@example.org", text, text, now())
    async with database.transaction() as tx:
        listed = await mails.due(tx, now())
    seen = []
    for organisation_id, mail_id in listed:
        async with (
            database.transaction(organisation_id) as tx,
            database.transaction(organisation_id) as rival,
        ):
            mail = await mails.take(tx, organisation_id, mail_id, now())
            seen.append(mail.body)
            assert mail.subject == mail.body
            assert await mails.take(rival, organisation_id, mail_id, now()) is None
            await mails.postpone(tx, organisation_id, mail_id, now() + timedelta(minutes=1))
        async with database.transaction(organisation_id) as tx:
            assert await mails.take(tx, organisation_id, mail_id, now()) is None
    assert sorted(seen) == sorted(NAUGHTY)
    now.advance(minutes=1)
    organisation_id, mail_id = listed[0]
    async with database.transaction(two.organisation_id) as tx:
        assert await mails.take(tx, organisation_id, mail_id, now()) is None
        await mails.sent(tx, organisation_id, mail_id)
    async with database.transaction(organisation_id) as tx:
        assert (await mails.take(tx, organisation_id, mail_id, now())).attempts == 1
        await mails.sent(tx, organisation_id, mail_id)
        assert await mails.take(tx, organisation_id, mail_id, now()) is None
    async with database.transaction() as tx:
        assert len(await mails.due(tx, now())) == len(NAUGHTY) - 1


@ensureDeferred
async def test_what_is_in_them_is_sealed(database, now, no_logged_failures):
    """For this mail and recipient: nobody who writes to the database can have the link sent to themselves.
    Mails of an older hotline are read as they stand; without the key those that are sealed are lost alone."""
    house = await make_house(database, now())
    organisation_id = house.organisation_id
    link = "https://talk.example/register/user/abc"
    async with database.transaction(organisation_id) as tx:
        for recipient in ("a@example.org", "b@example.org", "c@example.org"):
            await mails.add(tx, organisation_id, recipient, "Join", link, now())
        rows = await tx.rows("SELECT mail_id, recipient, subject, body FROM mails ORDER BY recipient")
        assert [row for row in rows if row.subject or "register" in row.body] == []
        await tx.run("UPDATE mails SET recipient = 'eve@example.org' WHERE recipient = 'b@example.org'")
        await tx.run("UPDATE mails SET subject = 'Old', body = 'plain' WHERE recipient = 'c@example.org'")
        found = [await mails.take(tx, organisation_id, row.mail_id, now()) for row in rows]
        assert [(mail.subject, mail.body) for mail in found] == [
            ("Join", link),
            (LOST, LOST),
            ("Old", "plain"),
        ]
    async with database.transaction(organisation_id) as tx:
        await tx.run("UPDATE organisation_keys SET wrapped = wrapped || 'x'")
    database.keys.forget_all()
    async with database.transaction(organisation_id) as tx:
        found = [await mails.take(tx, organisation_id, row.mail_id, now()) for row in rows]
    assert [mail.body for mail in found] == [LOST, LOST, "plain"]
