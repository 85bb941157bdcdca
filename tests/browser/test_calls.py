"""Being called with the page closed, as far as a browser without a maker's push service can be."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from hotline.webpush import encoded
from tests.browser.conftest import whole_browser
from tests.browser.looking import look_at
from tests.browser.people import House, console_of, log_in
from tests.browser.watching import Visitors
from tests.push_service import Browser as Keys

# Light Chromium knows no push messages.
browser = whole_browser()

# Chromium without its maker's services is refused a subscription: it is given one here, for as long as its
# service worker is registered, as a browser does it.
SUBSCRIBED = """
const place = { endpoint: %s, keys: %s };
const one = { toJSON: () => place, unsubscribe: async () => true };
PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || !/^[-_A-Za-z0-9]{87}$/.test(applicationServerKey)) throw new Error("refused");
    return one;
};
PushManager.prototype.getSubscription = async () => one;
"""
PAYLOADS = {"waiting": "Somebody is waiting", "test": "This is how you are called. Nobody is waiting."}
SHOWN = """async () => {
    const registration = await navigator.serviceWorker.getRegistration("/clientlist");
    return (await registration.getNotifications()).map(({ title, body }) => [title, body]);
}"""
# What the browser says when its push service gives it another address. Only the browser itself could make an
# event that waits: this one's waiting is seen by the test.
CHANGED = """place => {
    const event = new ExtendableEvent("pushsubscriptionchange");
    event.newSubscription = { toJSON: () => place };
    const seen = [];
    event.waitUntil = work => seen.push(work);
    self.dispatchEvent(event);
    return Promise.all(seen);
}"""
REGISTERED = "async () => (await navigator.serviceWorker.getRegistrations()).map(one => one.scope)"


def give_push_service(context: BrowserContext, home: str) -> None:
    context.grant_permissions(["notifications"], origin=home)
    keys = Keys()
    told = {"p256dh": encoded(keys.p256dh), "auth": encoded(keys.auth)}
    endpoint = json.dumps("https://push.invalid/of-this-browser")
    context.add_init_script(SUBSCRIBED % (endpoint, json.dumps(told)))


def deliver(page: Page, home: str, payload: str) -> None:
    """As the browser's own push service does."""
    session = page.context.new_cdp_session(page)
    found: list[Any] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(10)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": home, "registrationId": found[0]["registrationId"], "data": payload},
    )
    session.detach()


def test_being_called_in_this_browser(house: House, visitors: Visitors) -> None:
    """Turned on, called, tried, and ended by logging out; the notification says nothing of anybody."""
    page = house.manager.page
    give_push_service(page.context, visitors.home)
    page.goto("/account")
    card = page.locator("#calls")
    told_here = card.locator("[data-told]")
    on, off, try_it = (
        card.get_by_role("button", name=name)
        for name in ("Call me in this browser", "No longer in this browser", "Try it")
    )
    expect(told_here).to_have_text("You are called in no browser.")
    expect(try_it).to_be_hidden()
    on.click()
    expect(card.get_by_role("status")).to_have_text("This browser calls you from now on.")
    expect(told_here).to_have_text("You are called in one browser.")
    assert page.evaluate(REGISTERED) == [f"{visitors.home}/clientlist"]
    look_at(page, "account-calls")
    page.reload()
    expect(off).to_be_visible()
    expect(on).to_be_hidden()
    for kind, text in PAYLOADS.items():
        deliver(page, visitors.home, json.dumps({"kind": kind}))
        # A later call takes the place of the one before; for a moment there may be none.
        shown = json.dumps([["hotline", text]], separators=(",", ":"))
        page.wait_for_function(f"async () => JSON.stringify(await ({SHOWN})()) === {json.dumps(shown)}")
    try_it.click()
    expect(card.get_by_role("status")).to_contain_text("on its way")
    keys = Keys()
    told = {"p256dh": encoded(keys.p256dh), "auth": encoded(keys.auth)}
    [worker] = page.context.service_workers
    worker.evaluate(CHANGED, {"endpoint": "https://push.invalid/another", "keys": told})
    page.reload()
    expect(off).to_be_visible()
    expect(told_here).to_have_text("You are called in one browser.")
    off.click()
    expect(told_here).to_have_text("You are called in no browser.")
    assert page.evaluate(REGISTERED) == []
    on.click()
    expect(told_here).to_have_text("You are called in one browser.")
    card.get_by_role("button", name="In none of my browsers").click()
    expect(told_here).to_have_text("You are called in no browser.")
    expect(card.get_by_role("button", name="In none of my browsers")).to_be_hidden()
    on.click()
    expect(told_here).to_have_text("You are called in one browser.")

    house.manager.log_out()
    assert page.evaluate(REGISTERED) == []
    log_in(page, house.manager.email)
    console_of(page, house.manager.name, house.manager.email)
    page.goto("/account")
    expect(told_here).to_have_text("You are called in no browser.")
    expect(on).to_be_visible()
