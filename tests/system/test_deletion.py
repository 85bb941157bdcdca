"""A manager deletes the organisation: everybody is out at once, and no trace of it is left in any table."""

from __future__ import annotations

import json
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from pytest_twisted import ensureDeferred

from tests.system.conftest import MakeDaemon, dsn_url
from tests.system.daemon import Daemon, until
from tests.system.peers import Peer, Refused, connect
from tests.web.browser import Browser

PASSWORD = "violet tractor under marmalade"
NAME = "Zephyrine Lighthouse"
SLUG = "zephyrine-lighthouse"
# In every text this organisation's people type, so that a trace of any of it can be found.
MARK = "zephyrine"


async def log_in(reactor: Any, daemon: Daemon, browser: Browser) -> Peer:
    """A console's session, by a ticket for the login's cookie."""
    got = await browser.request(
        "POST",
        "/session/ticket",
        headers={"origin": browser.base, "sec-fetch-site": "same-origin"},
        body=b"",
    )
    assert got.status == 200, got.text
    answer = json.loads(got.text)
    return await connect(
        reactor, daemon.url, answer["realm"], authid=answer["authid"], ticket=answer["ticket"]
    )


async def register(reactor: Any, daemon: Daemon, name: str, email: str) -> Browser:
    browser = Browser(reactor, daemon.base)
    done = await browser.fill(
        "/register/org", organisation=name, username=f"Mira of {name}", email=email, password=PASSWORD
    )
    assert (done.status, done.location) == (303, "/clientlist"), done.text
    return browser


def traces(dsn: str, organisation_id: str) -> list[str]:
    """Every table and column that still has the organisation's id or anything its people typed."""
    connection = psycopg2.connect(dsn)
    try:
        cursor = connection.cursor()
        cursor.execute("SET row_security = on")
        cursor.execute(
            "SELECT t.table_name, c.column_name FROM information_schema.tables t"
            " JOIN information_schema.columns c USING (table_schema, table_name)"
            " WHERE t.table_schema NOT IN ('pg_catalog', 'information_schema')"
            " AND t.table_type = 'BASE TABLE'"
            " ORDER BY 1, 2"
        )
        columns = cursor.fetchall()
        assert len({table for table, _ in columns}) >= 10
        found = []
        for table, column in columns:
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {} WHERE {}::text ILIKE %s OR {}::text ILIKE %s").format(
                    sql.Identifier(table), sql.Identifier(column), sql.Identifier(column)
                ),
                (f"%{organisation_id}%", f"%{MARK}%"),
            )
            count = cursor.fetchone()[0]
            if count:
                found.append(f"{table}.{column}")
        return found
    finally:
        connection.close()


@ensureDeferred
async def test_nothing_is_left(make_daemon: MakeDaemon, dsn: str, reactor: Any) -> None:
    """With every kind of row there: people, invitation, reset, token, rooms open and closed, sessions."""
    daemon = make_daemon("--database", dsn_url(dsn), config="")
    await daemon.start()
    other = await register(reactor, daemon, "Other House", "other@example.org")
    browser = await register(reactor, daemon, NAME, f"{MARK}@example.org")
    invited = await browser.fill("/invite", email=f"sam@{MARK}.example", role="staff")
    link = invited.get("input", aria_label="Link of the invitation").attributes["value"]
    colleague = Browser(reactor, daemon.base)
    await colleague.fill(link.removeprefix(daemon.base), username=f"Sam {MARK}", password=PASSWORD)
    await browser.fill("/invite", email=f"pending@{MARK}.example", role="manager")
    made = await browser.fill("/account", action="token", name=f"{MARK} statistics")
    secret = made.get("input", aria_label="Secret of the token").attributes["value"]
    await Browser(reactor, daemon.base).fill("/forgotpw", email=f"sam@{MARK}.example")

    manager = await log_in(reactor, daemon, browser)
    staff = await log_in(reactor, daemon, colleague)
    script = await connect(reactor, daemon.url, SLUG, authid=f"{MARK} statistics", ticket=secret)
    clients = []
    for number in range(3):
        peer = await connect(reactor, daemon.url, SLUG)
        entered = await peer.call(
            "hotline.anteroom.enter",
            name=f"{MARK} {number}",
            answers={"issues": f"about {MARK}"},
            language="de",
        )
        await peer.say(entered["room"], f"hello {MARK}", f"{MARK}-n1")
        clients.append((peer, entered))
    await staff.call("hotline.room.claim", room=clients[0][1]["room"])
    manager_id = (await script.call("hotline.me.get"))["id"]
    await staff.call(
        "hotline.room.transfer", room=clients[0][1]["room"], to=manager_id, note=f"a note on {MARK}"
    )
    await staff.call("hotline.room.claim", room=clients[1][1]["room"])
    await staff.call("hotline.room.close", room=clients[1][1]["room"])
    visitor = await connect(reactor, daemon.url, SLUG)
    bystander = await log_in(reactor, daemon, other)

    organisation_id = organisation_of(dsn, SLUG)
    there = {trace.split(".")[0] for trace in traces(dsn, organisation_id)}
    assert {
        "organisations",
        "consultants",
        "logins",
        "tokens",
        "invitations",
        "resets",
        "clients",
        "rooms",
    } <= there
    assert {"members", "messages"} <= there

    done = await browser.fill("/organisation", action="delete", typed_name=NAME, password=PASSWORD)
    assert (done.status, done.location) == (303, "/login?done=organisation-deleted"), done.text
    everybody = [manager, staff, script, visitor, *(peer for peer, _ in clients)]
    for peer in everybody:
        await until(reactor, lambda peer=peer: peer.gone.called, 5.0, "the end of a session")
        assert peer.left is not None
        assert peer.left.reason == "wamp.close.killed"
    # Who went last is marked as gone in the database: that must bring nothing back.
    await bystander.call("hotline.clientlist.get")
    assert traces(dsn, organisation_id) == []

    assert (await colleague.get("/clientlist")).status == 303
    assert (await Browser(reactor, daemon.base).get(f"/o/{SLUG}")).status == 404
    for credentials in ({}, {"authid": f"{MARK} statistics", "ticket": secret}):
        with pytest.raises(Refused, match=r"wamp\.error\.no_such_realm"):
            await connect(reactor, daemon.url, SLUG, **credentials)
    line = f"{SLUG} was deleted: its audit log ends with "
    await until(reactor, lambda: line in daemon.log, 5.0, "the line of the log")
    assert MARK not in daemon.log.replace(SLUG, ""), "of the organisation its address, of people nothing"
    assert not bystander.gone.called
    assert (await bystander.call("hotline.me.get"))["organisation"] == "Other House"


def organisation_of(dsn: str, slug: str) -> str:
    connection = psycopg2.connect(dsn)
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT organisation_id FROM organisations WHERE slug = %s", (slug,))
        return str(cursor.fetchone()[0])
    finally:
        connection.close()
