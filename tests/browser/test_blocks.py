"""Ending and blocking: what the consultant does, what the client reads, and what another visit finds."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.looking import look_at
from tests.browser.people import House
from tests.browser.watching import Visitors


def test_a_client_is_blocked_and_let_in_again(house: House, visitors: Visitors) -> None:
    """A browser in which nothing was stored before is known again; a colleague agrees, and lifts it."""
    kim, mara = house.invite("Kim"), house.manager
    kim.open_console()
    robin = house.arrive("Robin")
    kim.claim("Robin")
    stored = "Object.keys(localStorage).filter(name => name.endsWith('.device')).length"
    assert robin.page.evaluate(stored) == 0

    kim.more("End and block")
    dialog = kim.page.get_by_role("dialog")
    dialog.get_by_label("For how long").select_option("3 hours")
    dialog.get_by_label("Reason").fill("Insults")
    dialog.get_by_role("button", name="End and block").click()
    expect(kim.page.get_by_role("alert")).to_contain_text("A colleague has to agree to more.")
    look_at(kim.page, "console-notice")
    expect(robin.log).to_contain_text("A new conversation has to wait.")
    robin.page.evaluate(
        f"async () => {{ while ({stored} !== 1) await new Promise(go => setTimeout(go, 50)) }}"
    )

    # Another visit of the same browser, as somebody new.
    again = robin.page.context.new_page()
    again.goto(f"/o/{house.slug}")
    expect(again.get_by_role("heading", level=2)).to_have_text("A new conversation has to wait.")
    expect(again.get_by_role("main")).to_contain_text("We had to end the last one.")
    expect(again.get_by_role("main")).to_contain_text(re.compile("You are welcome again: "))
    look_at(again, "anteroom-blocked")
    expect(again.get_by_role("button", name="Start")).to_have_count(0)
    elsewhere = visitors.open()
    elsewhere.goto(f"/o/{house.slug}")
    expect(elsewhere.get_by_role("button", name="Start")).to_be_visible()

    mara.page.get_by_role("button", name=re.compile("^Blocks")).click()
    blocks = mara.page.get_by_role("dialog", name="Blocked clients")
    expect(blocks).to_contain_text("Insults")
    look_at(mara.page, "console-blocks")
    blocks.get_by_role("button", name=re.compile("^Agree")).click()
    expect(blocks).to_contain_text(f"agreed by {mara.name}")
    blocks.get_by_role("button", name=re.compile("^Lift")).click()
    blocks.get_by_role("button", name="Lift", exact=True).click()
    expect(blocks).to_contain_text("Nobody is blocked.")
    again.reload()
    expect(again.get_by_role("button", name="Start")).to_be_visible()
    assert again.evaluate(stored) == 0
