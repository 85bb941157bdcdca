"""A network that lets no WebSocket through: the pages go around by long polls, and nobody notices."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.daemon import Daemon
from tests.browser.line import laid_line
from tests.browser.people import Client, found
from tests.browser.watching import Visitors

BLOCKED = r"WebSocket connection to .* failed: .* 403"


def test_talk_without_websockets(daemon: Daemon, visitors: Visitors) -> None:
    """Client and consultant talk, reload, and talk on; a server killed meanwhile comes back."""
    visitors.expect_interruption()
    visitors.expect_complaint(
        BLOCKED, r"Failed to load resource: the server responded with a status of (404|410)"
    )
    house = found(visitors)
    with laid_line() as theirs, laid_line() as ours:
        for line in (theirs, ours):
            line.refuse_upgrades()
        page = visitors.open(proxy=ours.proxy, storage_state=house.manager.page.context.storage_state())
        mara = type(house.manager)(page=page, name=house.manager.name, email=house.manager.email)
        house.manager.page.close()
        mara.open_console()
        client = Client(scope=visitors.open(proxy=theirs.proxy), name="Robin")
        client.page.goto(f"/o/{house.slug}")
        client.enter()
        mara.claim("Robin")
        client.say("Is anybody there?")
        expect(mara.log).to_contain_text("Is anybody there?")
        mara.say("Robin", "Yes, and you?")
        expect(client.log).to_contain_text("Yes, and you?")
        assert (theirs.refused, ours.refused) == (2, 2)

        for page in (client.page, mara.page):
            page.reload()
        expect(client.log).to_contain_text("Yes, and you?")
        client.say("Still here.")
        expect(mara.log).to_contain_text("Still here.")
        # A page that was loaded again gives WebSockets another chance.
        assert (theirs.refused, ours.refused) == (4, 4)

        daemon.kill()
        client.say("Said while it was away.")
        daemon.start()
        expect(mara.log).to_contain_text("Said while it was away.", timeout=40_000)
        expect(mara.log.get_by_text("Said while it was away.", exact=True)).to_have_count(1)
        assert (theirs.refused, ours.refused) == (4, 4)
