"""What the parameters of the store's functions are given, by their names: in come somebody's ids and secrets.

Some functions have values of their own: for what they do to be seen, or for a name that means something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hotline.domain import aids, audit
from hotline.domain.appointments import Appointment
from hotline.domain.defaults import DEFAULT_QUESTIONS
from hotline.domain.entries import Entry
from hotline.domain.groups import Group
from hotline.domain.model import Actor, Kind, NoteKind, Organisation, Presence, Role, Room, Sender, Status
from hotline.domain.questions import FilledIn, Forms
from hotline.domain.rooms import Outcome
from hotline.store.events import Bounds
from hotline.store.passkeys import Passkey
from hotline.store.policies import Policy
from hotline.store.pushes import Push, Subscription, mark_of
from hotline.store.records import Record
from hotline.store.steps import Step
from tests.conftest import Now
from tests.store.full_house import LONG_AGO, WORD, Ids

NOW = Now()()
LATER = NOW + timedelta(days=1)
NODE_GONE = NOW + LONG_AGO


def actor(ids: Ids) -> Actor:
    return Actor(
        organisation_id=ids.organisation_id,
        id=ids.client_id,
        name=WORD,
        role=Role.CLIENT,
        login_id=ids.login_id,
    )


def room(ids: Ids) -> Room:
    return Room(
        room_id=ids.room_id,
        client_id=ids.client_id,
        status=Status.ACTIVE,
        last_seq=2,
        entered_at=NOW,
        closed_at=None,
        served_by=ids.consultant_id,
        note=None,
    )


def appointment(ids: Ids) -> Appointment:
    return Appointment(
        consultant_id=ids.consultant_id,
        begins_at=NOW,
        ends_at=LATER,
        is_kept=False,
        is_served=False,
        is_cancelled=False,
    )


def organisation(ids: Ids) -> Organisation:
    return Organisation(
        organisation_id=ids.organisation_id, slug=ids.slug, name=f"new {WORD}", created_at=NOW
    )


def passkey(ids: Ids) -> Passkey:
    return Passkey(
        passkey_id=ids.passkey_id,
        organisation_id=ids.organisation_id,
        consultant_id=ids.consultant_id,
        credential_id=ids.secret,
        public_key=b"key",
        sign_count=1,
        name=b"name",
        made_on=date(2026, 1, 1),
        used_on=None,
    )


def record(ids: Ids) -> Record:
    return Record(
        answers={"outcome": "other"}, counted=[], saved_by=ids.consultant_id, saved_by_name="x", saved_at=NOW
    )


GROUP = Group(
    room_id="",
    code="new",
    name="other",
    text="other",
    opens_at=NOW,
    ends_at=LATER,
    most_clients=5,
    is_listed=False,
)
FORMS = Forms(
    language="en",
    questions=DEFAULT_QUESTIONS[:1],
    survey=(),
    record=(),
    record_required=False,
    consent={},
    consent_required=False,
)

# By the name of the parameter, and for some functions by its own.
VALUES: dict[str, Callable[[Ids], Any]] = {
    "organisation_id": lambda ids: ids.organisation_id,
    "room_id": lambda ids: ids.room_id,
    "room_ids": lambda ids: [ids.room_id],
    "client_id": lambda ids: ids.client_id,
    "client_ids": lambda ids: [ids.client_id],
    "consultant_id": lambda ids: ids.consultant_id,
    "member_id": lambda ids: ids.consultant_id,
    "person_id": lambda ids: ids.manager_id,
    "author_id": lambda ids: ids.consultant_id,
    "sender_id": lambda ids: ids.client_id,
    "owner_id": lambda ids: ids.room_id,
    "owner": lambda ids: ids.consultant_id,
    "owners": lambda ids: [(ids.organisation_id, ids.room_id)],
    "block_id": lambda ids: ids.block_id,
    "survey_id": lambda ids: ids.survey_id,
    "login_id": lambda ids: ids.login_id,
    "token_id": lambda ids: ids.token_id,
    "mail_id": lambda ids: ids.mail_id,
    "invitation_id": lambda ids: ids.invitation_id,
    "passkey_id": lambda ids: ids.passkey_id,
    "answer_id": lambda ids: ids.answer_id,
    "referral_id": lambda ids: ids.referral_id,
    "invited_by": lambda ids: ids.manager_id,
    "ids": lambda ids: [ids.manager_id],
    "actors": lambda ids: [actor(ids)],
    "followed": lambda ids: [(ids.consultant_id, ids.room_id)],
    "actor": actor,
    "by": actor,
    "sender": lambda ids: Sender(id=ids.consultant_id, name="x", role=Role.STAFF),
    "author": lambda ids: Sender(id=ids.consultant_id, name="x", role=Role.STAFF),
    "room": room,
    "appointment": appointment,
    "organisation": organisation,
    "passkey": passkey,
    "record": record,
    "step": lambda ids: Step(
        step_id=ids.step_id,
        organisation_id=ids.organisation_id,
        consultant_id=ids.consultant_id,
        detail="",
        wrong=0,
    ),
    "push": lambda ids: Push(is_test=False, due_at=NOW),
    "answer": lambda ids: aids.ReadyAnswer(
        answer_id=ids.answer_id, scope=aids.Scope.OWN, shortcut="s", text="other", language=None
    ),
    "group": lambda ids: replace(GROUP, room_id=f"{ids.group_id}2"),
    "code": lambda ids: ids.code,
    "is_muted": lambda ids: True,
    "referral": lambda ids: aids.Referral(
        referral_id=ids.referral_id, name="other", contact="112", text="", languages=(), topics=()
    ),
    "subscription": lambda ids: Subscription(endpoint=ids.endpoint, p256dh=b"p", auth=b"a", created_at=NOW),
    "email": lambda ids: ids.email,
    "slug": lambda ids: ids.slug,
    "wanted": lambda ids: [(ids.organisation_id, ids.room_id, 0)],
    "known": lambda ids: [(ids.organisation_id, ids.room_id, 0)],
    "endpoint": lambda ids: ids.endpoint,
    "mark": lambda ids: mark_of(ids.endpoint),
    "nonce": lambda ids: ids.nonce,
    "key_hash": lambda ids: ids.key_hash,
    **dict.fromkeys(
        ("token_hash", "ticket_hash", "return_hash", "device_hash", "code_hash", "secret_hash"),
        lambda ids: ids.secret,
    ),
    **dict.fromkeys(("credential_id", "challenge_hash"), lambda ids: ids.secret),
    **dict.fromkeys(("now", "at", "made_on", "today"), lambda ids: NOW),
    "begins_at": lambda ids: NOW,
    "ends_at": lambda ids: LATER,
    **dict.fromkeys(("until", "wanted_until", "expires_at", "due_at"), lambda ids: LATER),
    "since": lambda ids: NOW - LONG_AGO,
    "before": lambda ids: NOW + LONG_AGO,
    "after": lambda ids: 0,
    **dict.fromkeys(("seq", "of", "limit", "most", "sign_count", "hours"), lambda ids: 5),
    "idle_minutes": lambda ids: 30,
    "priority": lambda ids: 1,
    **dict.fromkeys(
        ("name", "text", "reason", "detail", "recipient", "subject", "body", "kind", "topic"),
        lambda ids: "other",
    ),
    "password": lambda ids: "hash",
    "language": lambda ids: "de",
    "languages": lambda ids: ["de"],
    "topics": lambda ids: ["other"],
    "answers": lambda ids: {"issues": "other"},
    "filled_in": lambda ids: FilledIn(name="other", language="de", answers={}, consented=None),
    "role": lambda ids: Role.MANAGER,
    "presence": lambda ids: Presence.BUSY,
    "purpose": lambda ids: "login",
    "purposes": lambda ids: "login",
    "node": lambda ids: "node",
    "newest": lambda ids: "another",
    "action": lambda ids: audit.Action.ROOM_READ,
    "policy": lambda ids: Policy(require_second_factor=True, two_managers_to_delete=True),
    "value": lambda ids: FORMS,
    "bounds": lambda ids: Bounds(first_seq=0, last_seq=10),
    "entry": lambda ids: Entry(kind=Kind.JOINED, text="x"),
    "outcome": lambda ids: Outcome(
        status=Status.ACTIVE, served_by=ids.consultant_id, entries=(Entry(kind=Kind.JOINED, text="x"),)
    ),
    "words": lambda ids: [],
    "tried": lambda ids: [],
    "hashes": lambda ids: [b"another"],
    "having": lambda ids: set(),
    "names": lambda ids: ["two_managers_to_delete"],
    "changes": lambda ids: {("entered", ""): 1},
    "counts": lambda ids: {"rooms": 1},
    "public_key": lambda ids: b"key",
    "secret": lambda ids: b"another",
    "is_consultant": lambda ids: True,
    "worked": lambda ids: False,
    "is_reverse": lambda ids: False,
    "risk": lambda ids: True,
    "rows": lambda ids: [ids.message],
    "stored": lambda ids: {ids.client_id: ids.name},
}
OF_FUNCTION: dict[str, dict[str, Callable[[Ids], Any]]] = {
    "appointments.ARRIVED": {"now": lambda ids: NOW},
    "appointments.forget": {"now": lambda ids: NODE_GONE},
    "asked.remove": {"room_id": lambda ids: ids.waiting_id},
    "asked.list_ids": {"room_id": lambda ids: ids.waiting_id},
    "assigning.give": {"room_id": lambda ids: ids.waiting_id, "consultant_id": lambda ids: ids.manager_id},
    "assigning.list_waiting": {"now": lambda ids: NOW - 2 * LONG_AGO},
    "audit.add": {"by": lambda ids: audit.Person(id=ids.consultant_id, name="x")},
    "audit.add_opening": {"action": lambda ids: audit.Action.PROFILE_READ},
    "audit.cut": {"before": lambda ids: NOW - timedelta(days=100)},
    "blocks.add": {"block_id": lambda ids: f"{ids.block_id}2"},
    "blocks.remember_device": {"device_hash": lambda ids: ids.secret + b"2"},
    "blocks.end": {"now": lambda ids: NODE_GONE},
    "clientlist.list_closed": {"before": lambda ids: None},
    "clients.add": {"client_id": lambda ids: f"{ids.client_id}2"},
    "clients.set_return": {"return_hash": lambda ids: ids.secret + b"2"},
    "consultants.add": {
        "consultant_id": lambda ids: f"{ids.consultant_id}2",
        "email": lambda ids: "x@y.example",
    },
    "consultants.list_managers_since": {"since": lambda ids: NOW + LONG_AGO},
    "corrections.find": {"seq": lambda ids: 1},
    "corrections.replace": {"of": lambda ids: 1, "kind": lambda ids: Kind.EDITED, "nonce": lambda ids: "new"},
    "counts.list_all": {"since": lambda ids: date(2026, 1, 1), "until": lambda ids: date(2026, 12, 31)},
    "data_keys.make": {"owner_id": lambda ids: f"{ids.room_id}2"},
    "factors.confirm": {"step": lambda ids: 5, "consultant_id": lambda ids: ids.manager_id},
    "factors.use_step": {"step": lambda ids: 5},
    "factors.put_authenticator": {"consultant_id": lambda ids: ids.colleague_id},
    "forgetting.expire_room": {"room_id": lambda ids: ids.closed_id, "now": lambda ids: NODE_GONE},
    "forgetting.delete_room": {"room_id": lambda ids: ids.closed_id},
    "forgetting.expire_survey": {"now": lambda ids: NODE_GONE},
    "forgetting.unsay": {
        "room_id": lambda ids: ids.group_id,
        "client_id": lambda ids: ids.group_client_id,
    },
    "groups.change": {"group": lambda ids: replace(GROUP, room_id=ids.group_id)},
    "groups.get": {"room_id": lambda ids: ids.group_id},
    "groups.get_listed": {"room_id": lambda ids: ids.group_id},
    "groups.list_participants": {"room_id": lambda ids: ids.group_id},
    "groups.set_muted": {"room_id": lambda ids: ids.group_id},
    "groups.find_of_client": {"client_id": lambda ids: ids.group_client_id},
    "groups.add_client": {"room_id": lambda ids: ids.group_id, "client_id": lambda ids: f"{ids.client_id}3"},
    "groups.remove_client": {
        "room_id": lambda ids: ids.group_id,
        "client_id": lambda ids: ids.group_client_id,
    },
    "groups_due.let_go": {
        "room_id": lambda ids: ids.group_id,
        "client_id": lambda ids: ids.group_client_id,
        "now": lambda ids: NODE_GONE,
    },
    "groups_due.end": {"room_id": lambda ids: ids.ended_group_id},
    "groups_due.mute": {"room_id": lambda ids: ids.group_id, "now": lambda ids: NODE_GONE},
    "invitations.forget_old": {"now": lambda ids: NODE_GONE},
    "invitations.add": {"token_hash": lambda ids: ids.secret + b"2"},
    "invitations.withdraw_of": {"consultant_id": lambda ids: ids.manager_id},
    "logins.add_login": {"token_hash": lambda ids: ids.secret + b"2"},
    "logins.add_ticket": {"ticket_hash": lambda ids: ids.secret + b"2"},
    "logins.is_proved": {"since": lambda ids: NOW - LONG_AGO},
    "logins.touch": {"now": lambda ids: LATER},
    "logins.prove": {"now": lambda ids: LATER},
    "messages.list_as_member": {"before": lambda ids: None},
    "notes.add": {"kind": lambda ids: NoteKind.NOTE},
    "organisations.add": {
        "organisation": lambda ids: replace(organisation(ids), organisation_id=f"{ids.organisation_id}2")
    },
    "organisations.free_slug": {"wanted": lambda ids: ids.slug},
    "passkeys.add": {
        "passkey_id": lambda ids: f"{ids.passkey_id}2",
        "credential_id": lambda ids: ids.secret + b"2",
    },
    "passkeys.count_on": {"today": lambda ids: date(2026, 11, 22)},
    "passkeys.take_challenge": {"challenge_hash": lambda ids: ids.secret + b"2"},
    "presence.attach": {"node": lambda ids: "another"},
    "presence.mark_consultant_lost": {"consultant_id": lambda ids: ids.manager_id},
    "pushes.take": {
        "consultant_id": lambda ids: ids.manager_id,
        "between": lambda ids: timedelta(minutes=1),
    },
    "pushes.done": {"consultant_id": lambda ids: ids.manager_id},
    "ready_answers.list_after": {"after": lambda ids: None},
    "ready_answers.add": {
        "answer": lambda ids: aids.ReadyAnswer(
            answer_id=f"{ids.answer_id}2", scope=aids.Scope.OWN, shortcut="new", text="x", language=None
        )
    },
    "receipts.list_after": {"after": lambda ids: None},
    "referrals.list_after": {"after": lambda ids: None},
    "referrals.add": {
        "referral": lambda ids: aids.Referral(
            referral_id=f"{ids.referral_id}2", name="x", contact="112", text="", languages=(), topics=()
        )
    },
    "resets.forget_old": {"now": lambda ids: NODE_GONE},
    "resets.add": {"token_hash": lambda ids: ids.secret + b"2"},
    "rooms.add": {"room_id": lambda ids: f"{ids.room_id}2"},
    "members.add": {"room_id": lambda ids: ids.waiting_id},
    "rooms.take_place": {"room_id": lambda ids: ids.left_id},
    "rooms.dismiss": {"room_id": lambda ids: ids.waiting_id},
    "rooms.close_abandoned": {"room_id": lambda ids: ids.waiting_id, "now": lambda ids: NODE_GONE},
    "steps.forget_old": {"now": lambda ids: NODE_GONE},
    "steps.add": {"token_hash": lambda ids: ids.secret + b"2"},
    "surveys.mark": {"room_id": lambda ids: ids.closed_id},
    "surveys.list_before": {"before": lambda ids: None},
    "shown.find": {"authid": lambda ids: ids.client_id, "shown_hash": lambda ids: ids.key_hash},
    "tokens.add": {"name": lambda ids: "new", "secret_hash": lambda ids: ids.secret + b"2"},
    "tokens.find": {"name": lambda ids: WORD},
    "tokens.find_keys": {"name": lambda ids: WORD},
    "unsealed.seal_one": {"owner_id": lambda ids: ids.plain_id},
    "vanished.release": {"now": lambda ids: NODE_GONE},
    "waits.forget_old": {"now": lambda ids: NODE_GONE},
}
