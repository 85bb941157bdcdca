"""An organisation with a row in every table, and what leads to each of them.

In comes a house; out come its ids and secrets as plain values, and the same as ids and secrets that nobody
has: what a stranger knows.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from hotline.domain.aids import check_answer, check_referral
from hotline.domain.audit import Action
from hotline.domain.entries import Entry as LifeEntry
from hotline.domain.groups import Group
from hotline.domain.model import Kind, NoteKind, Role, Sender
from hotline.domain.questions import FilledIn
from hotline.domain.rooms import claim, close, sender_of
from hotline.store import (
    appointments,
    asked,
    audit,
    blocks,
    clients,
    counts,
    drafts,
    factors,
    groups,
    invitations,
    logins,
    mails,
    members,
    messages,
    notes,
    passkeys,
    policies,
    presence,
    pushes,
    ready_answers,
    receipts,
    records,
    referrals,
    resets,
    rooms,
    steps,
    surveys,
    tokens,
)
from hotline.store.database import Database, Transaction
from hotline.store.ids import secret_hash
from hotline.store.journal import Entry, Journal
from hotline.store.pushes import Subscription
from tests.conftest import Now
from tests.helpers import add_block, make_client, make_house

WORD = "planted"
"""Part of everything that people wrote or that names somebody."""
EMAIL = "staff@planted.example"
ENDPOINT = "https://push.example/planted"
LONG_AGO = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Of one row each; `room_id` is served, `waiting_id` waits, `closed_id` has ended."""

    organisation_id: str
    slug: str
    consultant_id: str
    colleague_id: str
    manager_id: str
    client_id: str
    room_id: str
    waiting_id: str
    closed_id: str
    left_id: str
    group_id: str
    ended_group_id: str
    group_client_id: str
    code: str
    block_id: str
    survey_id: str
    plain_id: str
    login_id: str
    token_id: str
    mail_id: str
    step_id: str
    invitation_id: str
    passkey_id: str
    answer_id: str
    referral_id: str
    email: str
    endpoint: str
    nonce: str
    key_hash: bytes
    secret: bytes
    name: str
    """The client's, as it stands in the database."""
    message: Any
    """One row of the room, as it stands there."""

    def of_nobody(self) -> Ids:
        """Others of the same kind, which lead nowhere."""
        values: dict[str, Any] = {}
        for number, each in enumerate(fields(self)):
            kind = type(getattr(self, each.name))
            values[each.name] = {str: f"nobody{number:010}", bytes: b"nobody's"}.get(kind, self.message)
        return Ids(**values)


async def fill(database: Database, now: Now) -> Ids:
    """The organisation, with something in every table."""
    moment = now()
    house = await make_house(database, moment, WORD, at_closing="dismiss", automatic_assignment=True)
    organisation_id, staff, colleague = house.organisation_id, house.staff, house.colleague
    served, waiting, closed, left = [
        await make_client(database, house, moment - LONG_AGO, f"{WORD} {name}")
        for name in ("served", "waiting", "closed", "left")
    ]
    later, secret = moment + timedelta(hours=1), secret_hash("secret")
    journal = Journal(database, "node", now, lambda *offered: None)
    async with database.transaction(organisation_id) as tx:
        where = (tx, organisation_id)
        for entered in (served, closed):
            room = await rooms.lock(*where, entered.room_id)
            outcome = claim(room, staff, staff.name)
            assert outcome is not None
            await rooms.apply(*where, room, outcome, sender_of(staff), moment - LONG_AGO, f"{WORD} note")
            await members.add(*where, entered.room_id, staff.id, Role.STAFF, moment)
        await members.add(*where, served.room_id, colleague.id, Role.STAFF, moment)
        room = await rooms.lock(*where, closed.room_id)
        await rooms.apply(*where, room, close(room, staff.name), sender_of(staff), moment - LONG_AGO)
        await asked.add(*where, waiting.room_id, staff.id, moment)
        room = await rooms.lock(*where, served.room_id)
        await appointments.put(*where, room, staff.id, moment, moment + timedelta(minutes=30))
        await rooms.take_place(*where, waiting.room_id, moment, topic=WORD, risk=False)
        await tx.run("UPDATE rooms SET left_message = true WHERE room_id = %(room)s", room=left.room_id)
        await clients.set_return(*where, served.actor.id, secret)
        await presence.attach(*where, False, [served.actor.id], "node", moment - LONG_AGO)
        note = await notes.add(
            *where, served.room_id, NoteKind.NOTE, WORD, sender_of(staff), moment, nonce="n"
        )
        assert note.seq == 1
        await drafts.put(*where, staff.id, served.room_id, WORD, moment)
        record = records.Record(
            answers={"outcome": WORD}, counted=[], saved_by=staff.id, saved_by_name=WORD, saved_at=moment
        )
        await records.put(*where, served.room_id, record)
        await surveys.add(*where, {"how": WORD}, moment)
        survey_id = (await tx.get("SELECT survey_id FROM surveys")).survey_id
        await add_block(tx, house, served, "block", moment)
        await tx.run("UPDATE blocks SET wanted_until = %(until)s", until=later)
        await blocks.remember_device(*where, served.actor.id, secret, moment)
        await counts.add(*where, moment, {("entered", ""): 3})
        await tx.run(
            "INSERT INTO waits VALUES (%(organisation)s, 'wait', %(hour)s, 1, 60)",
            organisation=organisation_id,
            hour=moment - LONG_AGO,
        )
        await tx.run(
            "INSERT INTO surveys VALUES (%(organisation)s, 'plain', %(day)s, '{}')",
            organisation=organisation_id,
            day=moment.date(),
        )
        await tx.run(
            "INSERT INTO unsealed VALUES (%(organisation)s, 'plain', 'survey')", organisation=organisation_id
        )
        for number in range(3):
            at = moment - LONG_AGO + timedelta(days=number)
            await audit.add(*where, audit.person_of(staff), Action.ROOM_READ, at)
        await audit.add_opening(tx, house.manager, Action.ROOM_READ, served.room_id, moment)
        await receipts.add(*where, "client", {"rooms": 1}, moment)
        code = await _groups(tx, organisation_id, staff.id, secret, moment)
        answer = check_answer("answer", "own", WORD, WORD, None)
        await ready_answers.add(*where, staff.id, answer)
        referral = check_referral("referral", WORD, "112", "", [], [])
        await referrals.add(*where, referral)
        stored = await tx.get("SELECT name FROM clients WHERE client_id = %(id)s", id=served.actor.id)
        said = await tx.get(
            f"SELECT {messages.COLUMNS} FROM messages WHERE room_id = %(room)s AND seq = 1",
            room=served.room_id,
        )
        rest = await _secrets(tx, organisation_id, staff.id, house.manager.id, secret, moment, later)
    await journal.append(Entry(actor=served.actor, room_id=served.room_id, text=WORD, nonce="n"))
    return Ids(
        organisation_id=organisation_id,
        slug=house.slug,
        consultant_id=staff.id,
        colleague_id=colleague.id,
        manager_id=house.manager.id,
        client_id=served.actor.id,
        room_id=served.room_id,
        waiting_id=waiting.room_id,
        closed_id=closed.room_id,
        left_id=left.room_id,
        group_id="group",
        ended_group_id="endedgroup",
        group_client_id="groupclient",
        code=code,
        block_id="block",
        survey_id=survey_id,
        plain_id="plain",
        answer_id=answer.answer_id,
        referral_id=referral.referral_id,
        email=EMAIL,
        endpoint=ENDPOINT,
        nonce="n",
        key_hash=secret_hash(served.key),
        secret=secret,
        name=stored.name,
        message=said,
        **rest,
    )


async def _groups(tx: Transaction, organisation_id: str, staff_id: str, device: bytes, now: datetime) -> str:
    """One that goes on, with a client in it who has long been away, and one whose time is over; a code."""
    for room_id in ("group", "endedgroup"):
        group = Group(
            room_id=room_id,
            code=f"{WORD} code of {room_id}",
            name=f"{WORD} group",
            text=WORD,
            opens_at=now - LONG_AGO,
            ends_at=now + (LONG_AGO if room_id == "group" else timedelta()),
            most_clients=5,
            is_listed=True,
        )
        await groups.add(tx, organisation_id, group, now - LONG_AGO)
        await members.add(tx, organisation_id, room_id, staff_id, Role.STAFF, now - LONG_AGO)
    sender = Sender(id="groupclient", name=WORD, role=Role.CLIENT)
    filled_in = FilledIn(name=WORD, language=None, answers={}, consented=None)
    await clients.add(tx, organisation_id, sender.id, filled_in, secret_hash("of the group"), now - LONG_AGO)
    await groups.add_client(tx, organisation_id, "group", sender.id, device, now - LONG_AGO)
    said = LifeEntry(kind=Kind.MESSAGE, text=WORD)
    await messages.append_entry(tx, organisation_id, "group", said, sender, now - LONG_AGO)
    return f"{WORD} code of group"


async def _secrets(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    manager_id: str,
    secret: bytes,
    now: datetime,
    later: datetime,
) -> dict[str, str]:
    """One of each; the ids of those that have one."""
    person = (tx, organisation_id, consultant_id)
    login = await logins.add_login(*person, secret, now, 12)
    await logins.add_ticket(tx, organisation_id, secret, consultant_id, login.login_id, now, later)
    token_id = await tokens.add(*person, WORD, secret, now, expires_at=later)
    await steps.add(*person, secret, "login", now=now, expires_at=later)
    await resets.add(*person, secret, now, later)
    invitation_id = await invitations.add(
        tx,
        organisation_id,
        secret,
        email="new@planted.example",
        role=Role.STAFF,
        invited_by=manager_id,
        now=now,
        expires_at=later,
    )
    await mails.add(tx, organisation_id, "new@planted.example", WORD, WORD, now)
    assert await factors.put_authenticator(*person, b"sealed")
    assert await factors.confirm(*person, 1, now)
    await factors.put_codes(*person, [secret])
    assert await passkeys.add(
        *person,
        "passkey",
        credential_id=secret,
        public_key=b"key",
        sign_count=1,
        name=b"planted",
        made_on=date(2026, 1, 1),
    )
    assert await passkeys.take_challenge(
        tx, organisation_id, challenge_hash=secret, now=now, expires_at=later
    )
    await policies.ask_deletion(tx, organisation_id, manager_id, now)
    await policies.ask_loosening(tx, organisation_id, manager_id, ["require_second_factor"], now)
    browser = Subscription(endpoint=ENDPOINT, p256dh=b"planted", auth=b"a", created_at=now)
    assert await pushes.put(*person, browser, most=1)
    assert await factors.put_authenticator(tx, organisation_id, manager_id, b"sealed")
    await presence.attach(tx, organisation_id, True, [consultant_id], "node", now - LONG_AGO)
    await presence.detach(tx, organisation_id, True, [consultant_id], "node", now - LONG_AGO)
    await pushes.want(tx, organisation_id, manager_id, is_test=True)
    await tx.run("UPDATE pushes SET due_at = %(now)s", now=now)
    await presence.attach(tx, organisation_id, True, [manager_id], "node", now)
    ids = {"mail_id": "SELECT mail_id AS id FROM mails", "step_id": "SELECT step_id AS id FROM steps"}
    return {name: (await tx.get(sql)).id for name, sql in ids.items()} | {
        "login_id": login.login_id,
        "token_id": token_id,
        "invitation_id": invitation_id,
        "passkey_id": "passkey",
    }
