"""API tokens that are for a part only: what each scope lets through, over WAMP; and their end."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.limits import DomainLimits
from hotline.domain.model import Role, Scope
from hotline.procedures import scripts
from hotline.procedures.scopes import READING, needed
from hotline.procedures.table import PROCEDURES
from hotline.store import factors, policies, tokens
from hotline.store.ids import secret_hash
from hotline.store.policies import Policy
from hotline.upkeep import Upkeep
from tests.conftest import Now
from tests.helpers import House, make_client, make_house
from tests.procedures.test_matrix import ARGUMENTS, NOT_ALLOWED, NOT_AUTHORIZED
from tests.procedures.wired import Guest, Wired, uri_of

WAMP = (Path(__file__).parents[2] / "docs" / "wamp.md").read_text()


async def add_token(wired: Wired, house: House, now: Now, *scopes: Scope, days: int | None = None) -> str:
    name = "-".join(scopes)
    async with wired.database.transaction(house.organisation_id) as tx:
        await tokens.add(
            tx,
            house.organisation_id,
            house.manager.id,
            name,
            secret_hash("secret " + name),
            now(),
            scopes=scopes,
            expires_at=None if days is None else now() + timedelta(days=days),
        )
    return name


def test_what_reads_exists_and_is_in_the_reference() -> None:
    """No procedure that is said to read only has another name by now, and the reference lists the same."""
    assert PROCEDURES.keys() >= READING
    listed = WAMP.partition("procedures that only read: ")[2].partition(".\n")[0]
    assert set(re.findall(r"`(hotline\.[a-z_.]+)`", listed)) == READING


@pytest.mark.parametrize("scope", list(Scope))
@ensureDeferred
async def test_a_scope_is_for_its_procedures(wired: Wired, now: Now, scope: Scope) -> None:
    """A manager's token with one scope: what takes another scope is refused, and nothing stored."""
    house = await make_house(wired.database, now(), "own")
    client = await make_client(wired.database, house, now())
    name = await add_token(wired, house, now, scope)
    guest = await wired.join("own", name, f"secret {name}")
    await wired.settled()
    before = wired.everything()
    tried = 0
    for uri, procedure in PROCEDURES.items():
        if Role.MANAGER in procedure.roles and needed(uri, procedure.roles) is not scope:
            answer = await guest.call(uri, **ARGUMENTS[uri](client.room_id, house.staff.id))
            assert uri_of(answer) == NOT_ALLOWED, uri
            assert "token" in answer[-1]["reason"], uri
            tried += 1
    assert tried > 10
    await wired.settled()
    assert wired.everything() == before
    mine = {
        Scope.READ: ("hotline.statistics.get", {}),
        Scope.SPEAK: ("hotline.room.claim", {"room": client.room_id}),
        Scope.MANAGE: ("hotline.staff.set_role", {"id": house.staff.id, "role": "manager"}),
    }
    uri, arguments = mine[scope]
    assert (await guest.call(uri, **arguments))[0] == 50


@ensureDeferred
async def test_what_only_managers_do_takes_a_token_to_manage(wired: Wired, now: Now) -> None:
    """Also by procedures that everybody may call: the service closed and opened, others' skills, the
    organisation's ready answers. What everybody does by them takes one to speak."""
    house = await make_house(wired.database, now(), "own")
    speaker, both = [
        await wired.join("own", name, f"secret {name}")
        for name in [await add_token(wired, house, now, *each) for each in ([Scope.SPEAK], list(Scope))]
    ]
    answer = {"shortcut": "hi", "text": "Hello"}
    skills = {"languages": ["en"], "topics": []}
    made = await both.call("hotline.answers.set", scope="organisation", **answer)
    assert (await both.call("hotline.organisation.set_intake", intake="closed"))[0] == 50
    await wired.settled()
    before = wired.everything()
    for uri, arguments in (
        ("hotline.organisation.set_intake", {"intake": "scheduled"}),
        ("hotline.staff.set_skills", {"id": house.staff.id, **skills}),
        ("hotline.answers.set", {"scope": "organisation", "shortcut": "ho", "text": "Hello"}),
        ("hotline.answers.remove", {"id": made[3][0]["id"]}),
    ):
        refused = await speaker.call(uri, **arguments)
        assert uri_of(refused) == NOT_ALLOWED, uri
        assert "token" in refused[-1]["reason"], uri
        await wired.settled()
        assert wired.everything() == before, uri
        done = await both.call(uri, **arguments)
        assert done[0] == 50, done
        await wired.settled()
        before = wired.everything()
    assert (await speaker.call("hotline.organisation.set_intake", intake="paused"))[0] == 50
    assert (await speaker.call("hotline.staff.set_skills", id=house.manager.id, **skills))[0] == 50
    assert (await speaker.call("hotline.answers.set", scope="own", **answer))[0] == 50


@ensureDeferred
async def test_sessions_of_tokens_end_where_a_factor_is_missing(wired: Wired, now: Now) -> None:
    """When the organisation begins to ask for one, and when its owner gives the last one up; those of who has
    one, and of another organisation, go on."""
    house = await make_house(wired.database, now(), "own")
    other = await make_house(wired.database, now(), "two")
    where = (house.organisation_id, house.manager.id)
    strict = Policy(require_second_factor=True)

    async def enter(slug: str, whose: House) -> Guest:
        name = await add_token(wired, whose, now, Scope.READ)
        return await wired.join(slug, name, f"secret {name}")

    guest, stranger = await enter("own", house), await enter("two", other)
    async with wired.database.transaction(house.organisation_id) as tx:
        await policies.put(tx, house.organisation_id, strict)
    assert (await guest.next(lambda array: array[0] == 6))[2] == "wamp.close.killed"
    async with wired.database.transaction(house.organisation_id) as tx:
        await factors.put_authenticator(tx, *where, b"sealed")
        await factors.confirm(tx, *where, 1, now())
    guest = await wired.join("own", "read", "secret read")
    async with wired.database.transaction(house.organisation_id) as tx:
        await policies.put(tx, house.organisation_id, Policy())
        await policies.put(tx, house.organisation_id, strict)
    await wired.settled()
    assert guest.is_open
    async with wired.database.transaction(house.organisation_id) as tx:
        assert await factors.remove_authenticator(tx, *where)
    assert (await guest.next(lambda array: array[0] == 6))[2] == "wamp.close.killed"
    await wired.settled()
    assert stranger.is_open


@ensureDeferred
async def test_topics_follow_the_scopes(wired: Wired, now: Now) -> None:
    """To follow takes read, to say something speak, to offer procedures and look around manage."""
    house = await make_house(wired.database, now(), "own")
    client = await make_client(wired.database, house, now())
    room = f"hotline.room.{client.room_id}"
    names = [await add_token(wired, house, now, *each) for each in ([Scope.READ], [Scope.SPEAK], list(Scope))]
    reader, speaker, both = [await wired.join("own", name, f"secret {name}") for name in names]
    assert (await both.call("hotline.room.claim", room=client.room_id))[0] == 50
    assert (await reader.subscribe("hotline.clientlist"))[0] == 33
    assert (await reader.subscribe(room))[0] == 33
    assert uri_of(await speaker.subscribe("hotline.clientlist")) == NOT_AUTHORIZED
    assert uri_of(await reader.publish(room, "hello", nonce="a")) == NOT_ALLOWED
    assert uri_of(await reader.publish(room + ".typing", typing=True)) == NOT_AUTHORIZED
    assert (await speaker.publish(room, "hello", nonce="a"))[0] == 17
    for guest, answer in ((reader, 8), (speaker, 8), (both, 50)):
        assert (await guest.call("wamp.session.count"))[0] == answer
    actor = replace(house.manager, token_id="token")
    for scope in Scope:
        limited = replace(actor, scopes=frozenset({scope}))
        assert scripts.may_offer(limited, "own", "org.own.x") == (scope is Scope.MANAGE)
        assert scripts.may_call(limited, "own", "org.own.x") == (scope is Scope.SPEAK)


@ensureDeferred
async def test_a_token_ends(wired: Wired, now: Now) -> None:
    """After its days nobody comes in by it, and the next beat ends who is in."""
    house = await make_house(wired.database, now(), "own")
    name = await add_token(wired, house, now, Scope.READ, days=1)
    guest = await wired.join("own", name, f"secret {name}")
    upkeep = Upkeep(wired.reactor, wired.database, "node", DomainLimits(), now)
    now.advance(hours=23)
    await upkeep.beat()
    await wired.settled()
    assert guest.is_open
    now.advance(hours=1)
    assert await wired.accounts.authenticate(house.organisation_id, name, f"secret {name}") is None
    await upkeep.beat()
    assert (await guest.next(lambda array: array[0] == 6))[2] == "wamp.close.killed"
    async with wired.database.transaction(house.organisation_id) as tx:
        assert await tokens.list_all(tx, house.organisation_id) == []
