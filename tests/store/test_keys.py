"""Keys and what they seal, in a real PostgreSQL: no plain word stands there; a key dies with its owner."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from msgspec import structs
from psycopg2 import sql
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent

from hotline.domain.entries import Entry
from hotline.domain.groups import Group
from hotline.domain.model import Kind, Message, NoteKind, Role, Sender
from hotline.domain.questions import FilledIn
from hotline.domain.rooms import sender_of
from hotline.errors import NonceReused, NotFound, StartError, Unavailable
from hotline.store import (
    blocks,
    clientlist,
    clients,
    corrections,
    data_keys,
    drafts,
    forgetting,
    groups,
    guardian,
    mails,
    masters,
    messages,
    notes,
    records,
    rooms,
    surveys,
    unsealed,
)
from hotline.store.database import Database, Transaction
from hotline.store.journal import Entry as Said
from hotline.store.journal import Journal
from hotline.store.keys import Keys
from hotline.store.masters import Masters
from hotline.store.sealed import LOST, stamp
from hotline.store.seals import FIRST, NUMBERED, about, version_of
from tests.conftest import Now
from tests.helpers import NAUGHTY, Entered, House, make_client, make_house
from tests.keys import MASTER, make_keys, write_master_keys

EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
MAIL = "planted mail"
# Each in another place.
SECRETS = {
    name: f"planted {name}"
    for name in ("name", "answer", "said", "edited", "note", "draft", "topic", "travels", "record", "survey")
} | {name: f"planted {name}" for name in ("reason", "decider", "second")}
# Of what never stood there unsealed.
GROUP = {name: f"planted {name}" for name in ("group", "purpose", "code", "member", "word")}


@pytest.fixture
def dump(dsn: str) -> Callable[[], str]:
    """Everything that stands in the database, as one text."""

    def read() -> str:
        connection = psycopg2.connect(dsn)
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
            rows = []
            for (table,) in cursor.fetchall():
                cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
                rows += [f"{table}: {row}" for (row,) in cursor.fetchall()]
            return "\n".join(rows)
        finally:
            connection.close()

    return read


async def said_in(tx: Transaction, organisation_id: str, room_id: str, after: int = 0) -> list[Message]:
    """As the relay reads it."""
    found = await messages.list_after_each(tx, [(organisation_id, room_id, after)], 50)
    return found[organisation_id, room_id]


async def write_everywhere(database: Database, house: House, now: Now) -> Entered:
    """Something of each kind that is sealed."""
    organisation_id, staff = house.organisation_id, sender_of(house.staff)
    client = await make_client(database, house, now(), SECRETS["name"])
    room_id = client.room_id
    journal = Journal(database, "node", now, lambda *offered: None)
    message = await journal.append(Said(actor=client.actor, room_id=room_id, text=SECRETS["said"], nonce="1"))
    again = await journal.append(Said(actor=client.actor, room_id=room_id, text="typo", nonce="2"))
    assert message.seq == again.seq - 1
    async with database.transaction(organisation_id) as tx:
        answers = {"issues": SECRETS["answer"]}
        filled_in = FilledIn(name=SECRETS["name"], language="en", answers=answers, consented=None)
        await clients.enter_again(tx, organisation_id, client.actor.id, filled_in, b"k", now())
        await corrections.replace(
            tx, client.actor, room_id, again.seq, Kind.EDITED, SECRETS["edited"], "3", now()
        )
        await notes.add(tx, organisation_id, room_id, NoteKind.NOTE, SECRETS["note"], staff, now())
        await drafts.put(tx, organisation_id, house.staff.id, room_id, SECRETS["draft"], now())
        await rooms.take_place(tx, organisation_id, room_id, now(), topic=SECRETS["topic"], risk=False)
        await tx.run(
            "UPDATE rooms SET note = %(note)s WHERE room_id = %(room)s",
            room=room_id,
            note=rooms.seal_note(
                await data_keys.get(tx, organisation_id, room_id),
                organisation_id,
                room_id,
                SECRETS["travels"],
            ),
        )
        record = records.Record(
            answers={"outcome": SECRETS["record"]},
            counted=[("outcome", SECRETS["record"])],
            saved_by=house.staff.id,
            saved_by_name="staff",
            saved_at=now(),
        )
        await records.put(tx, organisation_id, room_id, record)
        await surveys.add(tx, organisation_id, {"how": SECRETS["survey"]}, now())
        await blocks.add(
            tx,
            organisation_id,
            "block",
            client_id=client.actor.id,
            room_id=room_id,
            reason=SECRETS["reason"],
            by=replace(house.staff, name=SECRETS["decider"]),
            now=now(),
            until=now() + timedelta(hours=1),
            wanted_until=now() + timedelta(hours=2),
        )
        await blocks.agree(tx, organisation_id, "block", replace(house.staff, name=SECRETS["second"]))
        await mails.add(tx, organisation_id, "tom@example.org", f"{MAIL} subject", f"{MAIL} body", now())
        await _open_group(tx, house, now())
    return client


async def _open_group(tx: Transaction, house: House, now: datetime) -> None:
    """With a client in it who has said something, and an entry of the audit log by whom."""
    group = Group(
        room_id="group",
        code=GROUP["code"],
        name=GROUP["group"],
        text=GROUP["purpose"],
        opens_at=now,
        ends_at=now + timedelta(hours=1),
        most_clients=5,
        is_listed=True,
    )
    await groups.add(tx, house.organisation_id, group, now)
    member = Sender(id="member", name=GROUP["member"], role=Role.CLIENT)
    filled_in = FilledIn(name=member.name, language=None, answers={}, consented=None)
    await clients.add(tx, house.organisation_id, member.id, filled_in, b"key", now)
    await groups.add_client(tx, house.organisation_id, "group", member.id, b"device", now)
    said = Entry(kind=Kind.MESSAGE, text=GROUP["word"])
    await messages.append_entry(tx, house.organisation_id, "group", said, member, now)


async def check_everywhere(database: Database, house: House, client: Entered) -> None:
    """All of it is read as it was written."""
    organisation_id, room_id = house.organisation_id, client.room_id
    async with database.transaction(organisation_id) as tx:
        said = await said_in(tx, organisation_id, room_id)
        texts = [message.text for message in said]
        assert texts[-3:] == [SECRETS["said"], SECRETS["edited"], SECRETS["edited"]]
        assert {message.sender.name for message in said} == {SECRETS["name"]}
        profile = await clients.get_profile(tx, organisation_id, room_id)
        assert (profile.name, profile.answers) == (SECRETS["name"], {"issues": SECRETS["answer"]})
        [note], _ = await notes.list_after(tx, organisation_id, room_id, 0, 50)
        assert note.text == SECRETS["note"]
        [draft] = await drafts.list_all(tx, organisation_id, house.staff.id)
        assert draft.text == SECRETS["draft"]
        listed = (await clientlist.find_rooms(tx, organisation_id, [room_id]))[room_id]
        assert (listed.name, listed.topic) == (SECRETS["name"], SECRETS["topic"])
        assert (await rooms.get(tx, organisation_id, room_id)).note == SECRETS["travels"]
        record = await records.find(tx, organisation_id, room_id)
        assert record is not None
        assert record.answers == {"outcome": SECRETS["record"]}
        assert record.counted == [("outcome", SECRETS["record"])]
        [survey], _ = await surveys.list_before(tx, organisation_id, None, 10)
        assert survey.answers == {"how": SECRETS["survey"]}
        block = await blocks.lock(tx, organisation_id, "block", EARLIER)
        assert (block.reason, block.client_name) == (SECRETS["reason"], SECRETS["name"])
        assert block.agreed_by is not None
        assert (block.blocked_by.name, block.agreed_by.name) == (SECRETS["decider"], SECRETS["second"])
        [(_, mail_id)] = await mails.due(tx, EARLIER.replace(year=2100))
        mail = await mails.take(tx, organisation_id, mail_id, EARLIER.replace(year=2100))
        assert mail is not None
        assert (mail.subject, mail.body) == (f"{MAIL} subject", f"{MAIL} body")
        group = await groups.get(tx, organisation_id, "group")
        [word] = await said_in(tx, organisation_id, "group")
    told = {"group": group.name, "purpose": group.text, "code": group.code}
    assert told | {"member": word.sender.name, "word": word.text} == GROUP


@ensureDeferred
async def test_no_plain_word_stands_in_the_database(
    database: Database, dsn: str, now: Now, reactor: Any, dump: Callable[[], str]
) -> None:
    """And all of them are read again, also by a process that has just started."""
    house = await make_house(database, now())
    client = await write_everywhere(database, house, now)
    assert [word for word in (*SECRETS.values(), *GROUP.values(), MAIL) if word in dump()] == []
    await check_everywhere(database, house, client)
    fresh = Database(reactor, dsn, keys=make_keys())
    await check_everywhere(fresh, house, client)
    fresh.close()


@ensureDeferred
async def test_naughty_texts_come_back(database: Database, now: Now) -> None:
    """As names and as what was said, whatever is in them."""
    house = await make_house(database, now())
    for text in NAUGHTY:
        client = await make_client(database, house, now(), text)
        async with database.transaction(house.organisation_id) as tx:
            entry, sender = Entry(kind=Kind.MESSAGE, text=text), sender_of(client.actor)
            await messages.append_entry(tx, house.organisation_id, client.room_id, entry, sender, now())
            said = await said_in(tx, house.organisation_id, client.room_id, after=1)
        assert [(message.text, message.sender.name) for message in said] == [(text, text)]


@ensureDeferred
async def test_what_was_stored_before_is_sealed(
    database: Database, now: Now, dump: Callable[[], str]
) -> None:
    """Plain rows of before are sealed one by one, each once, and read as ever."""
    house = await make_house(database, now())
    client = await write_everywhere(database, house, now)
    where = {"organisation": house.organisation_id, "room": client.room_id, "client": client.actor.id}
    async with database.transaction(house.organisation_id) as tx:
        await _unseal(tx, house, client)
    database.keys = make_keys()  # what was in memory were keys of before
    assert all(word in dump() for word in SECRETS.values())
    assert await guardian.seal_all(database) == 4
    assert await guardian.seal_all(database) == 0
    assert [word for word in SECRETS.values() if word in dump()] == []
    await check_everywhere(database, house, client)
    async with database.transaction(house.organisation_id) as tx:
        await unsealed.seal_one(tx, house.organisation_id, where["room"])  # as by a slower node
    await check_everywhere(database, house, client)


async def _unseal(tx: Any, house: House, client: Entered) -> None:
    """As an older hotline would have left it."""
    room = {"organisation": house.organisation_id, "room": client.room_id}
    for message in await said_in(tx, house.organisation_id, client.room_id):
        await tx.run(
            "UPDATE messages SET text = %(text)s, sender_name = %(name)s"
            " WHERE room_id = %(room)s AND seq = %(seq)s",
            room=client.room_id, text=message.text, name=message.sender.name, seq=message.seq,
        )  # fmt: skip
    await tx.run("UPDATE notes SET text = %(text)s", text=SECRETS["note"])
    await tx.run("UPDATE drafts SET text = %(text)s", text=SECRETS["draft"])
    await tx.run(
        "UPDATE rooms SET topic = %(topic)s, note = %(note)s WHERE room_id = %(room)s",
        **room, topic=SECRETS["topic"], note=SECRETS["travels"],
    )  # fmt: skip
    await tx.run(
        "UPDATE records SET answers = jsonb_build_object('outcome', %(text)s),"
        " counted = jsonb_build_array(jsonb_build_array('outcome', %(text)s))",
        text=SECRETS["record"],
    )
    await tx.run("UPDATE surveys SET answers = jsonb_build_object('how', %(text)s)", text=SECRETS["survey"])
    await tx.run(
        "UPDATE clients SET name = %(name)s, answers = jsonb_build_object('issues', %(answer)s)"
        " WHERE client_id = %(client)s",
        client=client.actor.id, name=SECRETS["name"], answer=SECRETS["answer"],
    )  # fmt: skip
    await tx.run(
        "UPDATE blocks SET reason = %(reason)s, blocked_by_name = %(decider)s, agreed_by_name = %(second)s",
        **{name: SECRETS[name] for name in ("reason", "decider", "second")},
    )
    await tx.run("DELETE FROM data_keys WHERE owner_id NOT IN ('group', 'member')")
    await tx.run(
        "INSERT INTO unsealed SELECT organisation_id, room_id, 'room' FROM rooms WHERE client_id IS NOT NULL"
        " UNION ALL SELECT organisation_id, client_id, 'client' FROM clients WHERE client_id <> 'member'"
        " UNION ALL SELECT organisation_id, survey_id, 'survey' FROM surveys"
        " UNION ALL SELECT organisation_id, block_id, 'block' FROM blocks",
    )
    assert await tx.rows("SELECT FROM rooms WHERE room_id = %(room)s", **room)


@ensureDeferred
async def test_a_moved_or_changed_text_is_lost_alone(
    database: Database, now: Now, no_logged_failures: list[str]
) -> None:
    """Whoever can write to the database cannot put a text elsewhere; the others are read as before."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    journal = Journal(database, "node", now, lambda *offered: None)
    for number in range(3):
        now.advance(seconds=1)
        said = Said(actor=client.actor, room_id=client.room_id, text=f"text {number}", nonce=f"{number}")
        await journal.append(said)
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE messages SET text = (SELECT text FROM messages WHERE seq = 2) WHERE seq = 3")
        await tx.run("UPDATE clients SET name = 'Eve'")
        found = await said_in(tx, house.organisation_id, client.room_id, after=1)
        assert [message.text for message in found] == ["text 0", LOST, "text 2"]
        assert (await clients.get_profile(tx, house.organisation_id, client.room_id)).name == LOST


_SWAP = """
UPDATE messages SET seq = -seq WHERE seq IN (2, 3);
UPDATE messages SET seq = 5 + seq WHERE seq < 0;
UPDATE notes SET seq = -seq;
UPDATE notes SET seq = 3 + seq
"""


@ensureDeferred
async def test_exchanged_numbers_are_noticed(
    database: Database, now: Now, no_logged_failures: list[str]
) -> None:
    """What one and the same person said at one and the same time cannot be put in another order."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    journal = Journal(database, "node", now, lambda *offered: None)
    for text in ("no", "yes", "maybe"):
        await journal.append(Said(actor=client.actor, room_id=client.room_id, text=text, nonce=text))
    where = (house.organisation_id, client.room_id)
    async with database.transaction(house.organisation_id) as tx:
        for text in ("not a word", "all of it"):
            await notes.add(tx, *where, NoteKind.NOTE, text, sender_of(house.staff), now())
        await tx.run(_SWAP)
        found = await said_in(tx, *where, after=1)
        written, _ = await notes.list_after(tx, *where, 0, 50)
    assert [(message.seq, message.text) for message in found] == [(2, LOST), (3, LOST), (4, "maybe")]
    assert [(note.seq, note.text) for note in written] == [(1, LOST), (2, LOST)]


async def _seal_as_before(tx: Transaction, organisation_id: str, room_id: str) -> None:
    """The room's texts in the first version, which is not bound to their numbers."""
    cipher = await data_keys.get(tx, organisation_id, room_id)
    for message in await said_in(tx, organisation_id, room_id):
        place = ("messages", organisation_id, room_id, message.kind, stamp(message.at), message.sender.id)
        about_it = about(*place, message.sender.role, message.nonce or "")
        text = cipher.seal_text(f"{message.sender.name}\0{message.text}", about_it)
        await tx.run("UPDATE messages SET text = %(text)s WHERE seq = %(seq)s", text=text, seq=message.seq)


@ensureDeferred
async def test_texts_of_the_first_version_are_read_on(database: Database, now: Now) -> None:
    """They are known again by their nonces, too, and bound to their numbers when they are corrected."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    journal = Journal(database, "node", now, lambda *offered: None)
    said = [
        Said(actor=client.actor, room_id=client.room_id, text=text, nonce=text) for text in ("one", "two")
    ]
    for entry in said:
        await journal.append(entry)
    where = (house.organisation_id, client.room_id)
    async with database.transaction(house.organisation_id) as tx:
        before = await said_in(tx, *where)
        await _seal_as_before(tx, *where)
        assert await said_in(tx, *where) == before
        rows = await tx.rows("SELECT text FROM messages")
        assert {version_of(row.text) for row in rows} == {FIRST}
    assert (await journal.append(said[0])).seq == 2
    with pytest.raises(NonceReused):
        await journal.append(structs.replace(said[0], text="another"))
    assert (await journal.append(structs.replace(said[0], nonce="new"))).seq == 4
    async with database.transaction(house.organisation_id) as tx:
        await corrections.replace(tx, client.actor, client.room_id, 3, Kind.EDITED, "zwei", "3", now())
        texts = [message.text for message in await said_in(tx, *where)]
        rows = await tx.rows("SELECT text FROM messages ORDER BY seq")
    assert texts == ["Robin came in.", "one", "zwei", "one", "zwei"]
    assert [version_of(row.text) for row in rows] == [FIRST, FIRST, NUMBERED, NUMBERED, NUMBERED]


@ensureDeferred
async def test_the_key_dies_with_its_owner(database: Database, now: Now, dump: Callable[[], str]) -> None:
    """With the room, the client, the survey, the block, and all of them with the organisation."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    client = await write_everywhere(database, house, now)
    kept = await make_client(database, other, now())
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE rooms SET status = 'closed', closed_at = %(now)s", now=now())
        owners = {row.owner_id for row in await tx.rows("SELECT owner_id FROM data_keys")}
        assert {client.room_id, client.actor.id} < owners
        assert len(owners) == 6
        await forgetting.expire_room(tx, house.organisation_id, client.room_id, now() + timedelta(days=91))
        await blocks.lift(tx, house.organisation_id, "block")
        await forgetting.expire_room(tx, house.organisation_id, "group", now() + timedelta(days=91))
        [(survey,)] = await tx.rows("SELECT owner_id FROM data_keys")
        await surveys.delete(tx, house.organisation_id, survey)
        assert await tx.rows("SELECT owner_id FROM data_keys") == []
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("DELETE FROM organisations")
    left = [line for line in dump().splitlines() if line.startswith(("data_keys", "organisation_keys"))]
    assert len(left) == 3
    assert all(other.organisation_id in line for line in left)
    async with database.transaction(other.organisation_id) as tx:
        assert (await clients.get_profile(tx, other.organisation_id, kept.room_id)).name == "Robin"


@ensureDeferred
async def test_a_key_that_was_not_committed_is_not_remembered(database: Database, now: Now) -> None:
    """What is sealed later is sealed with a key that is stored."""
    house = await make_house(database, now())
    with pytest.raises(RuntimeError):
        async with database.transaction(house.organisation_id) as tx:
            await data_keys.make(tx, house.organisation_id, "room")
            raise RuntimeError
    assert database.keys is not None
    assert database.keys.find((house.organisation_id, "room")) is None
    assert database.keys.find((house.organisation_id, "")) is None
    async with database.transaction(house.organisation_id) as tx:
        with pytest.raises(NotFound):
            await data_keys.get(tx, house.organisation_id, "room")


@ensureDeferred
async def test_a_new_master_key(
    database: Database, dsn: str, now: Now, reactor: Any, tmp_path: Path, dump: Callable[[], str]
) -> None:
    """Rewrapped while others work: they read the file again; the old key is then needed no more."""
    path = write_master_keys(tmp_path)
    database.keys = Keys(Masters(path))
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    client = await write_everywhere(database, house, now)
    elsewhere = Database(reactor, dsn, keys=Keys(Masters(path)))
    await make_client(elsewhere, other, now())
    old = Masters(path).newest.id
    master_keys = Masters(path)
    master_keys.add()
    rotating = Database(reactor, dsn, keys=Keys(master_keys))
    assert await guardian.rewrap_all(rotating, now()) == 2
    assert await guardian.rewrap_all(rotating, now()) == 0
    assert await guardian.list_needed(reactor, dsn) == [master_keys.newest.id]
    assert old not in dump()
    for process in (database, elsewhere):
        await check_everywhere(process, house, client)
        await make_client(process, other, now())
    assert master_keys.keep_newest() == 1
    await guardian.open_masters(reactor, dsn, path)
    write_master_keys(tmp_path)
    with pytest.raises(StartError, match="lacks the master key"):
        await guardian.open_masters(reactor, dsn, path)
    lost = Database(reactor, dsn, keys=make_keys())
    with pytest.raises(Unavailable):
        await check_everywhere(lost, house, client)
    for process in (elsewhere, rotating, lost):
        process.close()


async def add_house(process: Database, slug: str, now: Now) -> None:
    """An organisation whose key this process makes."""
    await make_client(process, await make_house(process, now(), slug), now())


@ensureDeferred
async def test_a_forgotten_master_key_wraps_nothing(dsn: str, now: Now, reactor: Any, tmp_path: Path) -> None:
    """A process that has read the file before makes no key by which the next start would fail: it reads the
    file again, and where only a copy of before is, nothing new is made."""
    path = write_master_keys(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    running, elsewhere = (
        Database(reactor, dsn, keys=Keys(Masters(file)))
        for file in (path, write_master_keys(tmp_path / "elsewhere"))
    )
    await add_house(running, "before", now)
    master_keys = Masters(path)
    master_keys.add()
    await add_house(elsewhere, "meanwhile", now)
    assert await guardian.list_needed(reactor, dsn) != [master_keys.newest.id], "which is nowhere else yet"
    rotating = Database(reactor, dsn, keys=Keys(master_keys))
    assert await guardian.rewrap_all(rotating, now()) == 2
    assert master_keys.keep_newest() == 1
    await add_house(running, "after", now)
    with pytest.raises(Unavailable):
        await add_house(elsewhere, "without", now)
    assert await guardian.list_needed(reactor, dsn) == [master_keys.newest.id]
    assert (await guardian.open_masters(reactor, dsn, path)).ids == [master_keys.newest.id]
    for process in (running, elsewhere, rotating):
        process.close()


@ensureDeferred
async def test_the_first_key_is_wrapped_by_what_the_file_has_by_then(
    dsn: str, now: Now, reactor: Any, tmp_path: Path
) -> None:
    """Also when the file was changed after the start, before there was any organisation."""
    path = write_master_keys(tmp_path)
    running = Database(reactor, dsn, keys=Keys(Masters(path)))
    master_keys = Masters(path)
    master_keys.add()
    master_keys.keep_newest()
    await add_house(running, "first", now)
    assert await guardian.list_needed(reactor, dsn) == [master_keys.newest.id]
    running.close()


@ensureDeferred
async def test_who_forgets_waits_for_who_wraps(database: Database, now: Now) -> None:
    """Otherwise a key could be taken out of the file after an organisation has come to need it, unseen."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as wrapping:
        await data_keys.of_organisation(wrapping, house.organisation_id)
        waiting = Deferred.fromCoroutine(_hold(database))
        async with database.transaction() as tx:
            while not await tx.rows("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                pass
        assert not waiting.called
    assert await waiting == [Masters(database.keys.masters.path).newest.id]  # type: ignore[union-attr]  # has them


async def _hold(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return await data_keys.hold_masters(tx)


def test_the_file_stays_its_owner_s(tmp_path: Path) -> None:
    """Whoever runs the command: the daemon has to read it on."""
    path = write_master_keys(tmp_path)
    path.chmod(0o400)
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(path, owner, -1)
    master_keys = Masters(path)
    master_keys.add()
    master_keys.keep_newest()
    found = path.stat()
    assert (found.st_uid, found.st_mode & 0o7777) == (owner, 0o400)


def test_a_file_that_cannot_be_read_any_more(tmp_path: Path) -> None:
    """Is told to the log, and the keys of before are held on to."""
    path = write_master_keys(tmp_path)
    master_keys = Masters(path)
    path.chmod(0o644)
    with capturedLogs() as logged:
        assert master_keys.find_newest([]) == master_keys.newest
        assert master_keys.find("unknown") is None
    assert len(logged) == 3
    assert {formatEvent(event) for event in logged} == {
        f"the master keys are those of before: others can read {path}: chmod 600 {path}"
    }


@ensureDeferred
async def test_the_file_and_the_database_belong_together(
    database: Database, dsn: str, now: Now, reactor: Any, tmp_path: Path
) -> None:
    """Made for a database in which nothing is sealed; never anew for one that has need of another."""
    path = tmp_path / "new" / "master_keys"
    made = await guardian.open_masters(reactor, dsn, path)
    assert path.stat().st_mode & 0o777 == 0o600
    masters.make(path)
    assert Masters(path).ids == made.ids
    await make_client(database, await make_house(database, now()), now())
    with pytest.raises(StartError, match="lacks the master key"):
        await guardian.open_masters(reactor, dsn, path)
    with pytest.raises(StartError, match="is missing"):
        await guardian.open_masters(reactor, dsn, tmp_path / "none")


@pytest.mark.parametrize("content", ["", "# nothing\n", "00\n", "xyz\n", MASTER + "00\n", "\u00fc"])
def test_a_damaged_file(tmp_path: Path, content: str) -> None:
    """One clear line, and nothing is overwritten."""
    path = write_master_keys(tmp_path)
    path.write_text(content)
    with pytest.raises(StartError, match="damaged"):
        Masters(path)
    assert path.read_text() == content


def test_a_file_that_others_can_read(tmp_path: Path) -> None:
    """Is not used."""
    path = write_master_keys(tmp_path)
    path.chmod(0o640)
    with pytest.raises(StartError, match="chmod 600"):
        Masters(path)


def test_memory_is_bounded() -> None:
    """The least used key goes first."""
    keys = make_keys(most=2)
    cipher = keys.masters.newest
    for name in ("a", "b"):
        keys.remember({("o", name): cipher}, keys.forgotten)
    assert keys.find(("o", "a")) is cipher
    keys.remember({("o", "c"): cipher}, keys.forgotten)
    assert [name for name in "abc" if keys.find(("o", name))] == ["a", "c"]
    keys.forget("o", "a")
    assert keys.find(("o", "a")) is None


def test_how_far_a_room_is_is_known_as_long_as_its_key() -> None:
    """It never goes back, and goes with the key, however that goes."""
    keys = make_keys(most=2)
    cipher = keys.masters.newest
    a, b, c = (("o", name) for name in "abc")
    keys.saw_seq(a, 5)
    assert keys.find_last_seq(a) == 0  # without a key it is nothing to anybody
    keys.remember({a: cipher, b: cipher}, keys.forgotten)
    for seq in (5, 7, 6):
        keys.saw_seq(a, seq)
        keys.saw_seq(b, seq)
    assert (keys.find_last_seq(a), keys.find_last_seq(b)) == (7, 7)
    keys.remember({c: cipher}, keys.forgotten)
    keys.saw_seq(c, 1)
    assert [keys.find_last_seq(room) for room in (a, b, c)] == [0, 7, 1]
    keys.forget("o", "b")
    assert [keys.find_last_seq(room) for room in (a, b, c)] == [0, 0, 1]
    keys.forget_all()
    assert [keys.find_last_seq(room) for room in (a, b, c)] == [0, 0, 0]
