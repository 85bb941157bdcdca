"""A client whose connection was lost: absent at once, off the list after the grace time."""

from __future__ import annotations

from typing import Any

from pytest_twisted import ensureDeferred

from hotline.store.database import Database
from tests.system.conftest import NO_LIMITS, MakeDaemon, as_consultant, dsn_url, enter, house_with_tokens
from tests.system.daemon import until
from tests.system.peers import connect, failure


@ensureDeferred
async def test_absence(make_daemon: MakeDaemon, dsn: str, database: Database, reactor: Any) -> None:
    """Of two who are cut off one comes back within the grace time and stays, the other's room is closed."""
    daemon = make_daemon("--database", dsn_url(dsn), config=NO_LIMITS + "upkeep_seconds = 2\n")
    await daemon.start()
    house = await house_with_tokens(database)
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE organisations SET grace_seconds = 2")
    staff = await as_consultant(reactor, daemon, house)
    clientlist = await staff.collect("hotline.clientlist")
    gone, gone_entered = await enter(reactor, daemon, house, "Gone")
    back, back_entered = await enter(reactor, daemon, house, "Back")
    for peer in (gone, back):
        peer._transport.abort()
        await peer.gone

    def last_of(room: str) -> dict[str, Any]:
        return next((event for event in reversed(clientlist) if event["room"]["room"] == room), {})

    for entered in (gone_entered, back_entered):
        await until(
            reactor,
            lambda room=entered["room"]: last_of(room).get("room", {}).get("present") is False,
            2.0,
            "absence on the clientlist",
        )
    again = await connect(
        reactor, daemon.url, house.slug, authid=back_entered["client"], ticket=back_entered["key"]
    )
    await until(reactor, lambda: last_of(back_entered["room"])["room"]["present"], 2.0, "presence")
    await until(
        reactor,
        lambda: last_of(gone_entered["room"])["change"] == "removed",
        10.0,
        "the abandoned room to leave the list",
    )
    (listed,) = await staff.call("hotline.clientlist.get")
    assert (listed["name"], listed["status"], listed["present"]) == ("Back", "waiting", True)
    assert (await again.call("hotline.anteroom.place", room=back_entered["room"]))["position"] == 1
    error = await failure(staff.call("hotline.room.claim", room=gone_entered["room"]))
    assert error.error == "hotline.error.room_closed"
    late = await connect(
        reactor, daemon.url, house.slug, authid=gone_entered["client"], ticket=gone_entered["key"]
    )
    history = await late.call("hotline.room.history", room=gone_entered["room"])
    assert [message["kind"] for message in history["messages"]] == ["entered", "closed"]
