"""The people of the stories: what they do in their windows, by roles and labels as a screen reader sees them.

In come windows, out come windows in another state. Nothing here asserts more than that a step was possible.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.watching import Visitors

PASSWORD = "several calm otters paddle home"
_numbers = itertools.count(1)
_CALL = """async ([procedure, kwargs]) => {
    const { realm, authid, ticket } = await (await fetch("/session/ticket", { method: "POST" })).json();
    const socket = new WebSocket(`ws://${location.host}/ws`, "wamp.2.json");
    const say = message => socket.send(JSON.stringify(message));
    socket.onopen = () => say([1, realm, { roles: { caller: {} }, authmethods: ["ticket"], authid }]);
    const answer = await new Promise((resolve, reject) => {
        socket.onmessage = ({ data }) => {
            const message = JSON.parse(data);
            if (message[0] === 4) say([5, ticket, {}]);
            if (message[0] === 2) say([48, 1, {}, procedure, [], kwargs]);
            if (message[0] === 50) resolve(message[3][0] ?? null);
            if (message[0] === 8 || message[0] === 3) reject(new Error(data));
        };
    });
    socket.close();
    return answer;
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultant:
    """Somebody logged in, before the console."""

    page: Page
    name: str
    email: str
    password: str = PASSWORD

    @property
    def list(self) -> Locator:
        return self.page.get_by_role("region", name="Clients", exact=True)

    @property
    def profile(self) -> Locator:
        return self.page.get_by_role("complementary", name="Profile")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("region", name="Conversation")

    @property
    def tabs(self) -> Locator:
        return self.page.get_by_role("list", name="Open chats")

    @property
    def link(self) -> Locator:
        """The line that tells how the connection is."""
        return self.page.locator(".desk-top").get_by_role("status")

    def entry(self, client: str) -> Locator:
        """The client's line on the clientlist."""
        name = self.page.get_by_text(client, exact=True)
        return self.list.get_by_role("listitem").filter(has=name)

    def composer(self, client: str) -> Locator:
        return self.page.get_by_label(f"Your message to {client}", exact=True)

    def tab(self, client: str) -> Locator:
        return self.tabs.get_by_role("listitem").filter(has_text=client)

    def claim(self, client: str) -> None:
        """Presses "Chat now" and sees the chat open."""
        self.page.get_by_role("button", name=f"Chat now with {client}", exact=True).click()
        expect(self.composer(client)).to_be_visible()
        # The log is fetched last: from here on nothing passing is missed.
        expect(self.log.get_by_role("paragraph").first).to_be_visible()

    def say(self, client: str, text: str) -> None:
        self.composer(client).fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def more(self, button: str) -> None:
        """Presses one of the buttons that are seldom wanted in the chat in front."""
        top = self.page.locator(".front-top")
        top.locator("summary").click()
        top.get_by_role("button", name=button, exact=True).click()

    def call(self, procedure: str, **kwargs: Any) -> Any:
        """What a procedure answers to this person."""
        return self.page.evaluate(_CALL, [procedure, kwargs])

    def open_console(self) -> None:
        self.page.goto("/clientlist")
        expect(self.link).to_have_text("Connected")

    def log_out(self) -> None:
        self.page.get_by_role("button", name="Log out").click()
        expect(self.page).to_have_url(re.compile("/login"))


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An organisation as its founder left it."""

    visitors: Visitors
    organisation: str
    slug: str
    manager: Consultant

    def invite(self, name: str, role: str = "staff") -> Consultant:
        """The manager has invited somebody, who has joined and stands before the console in a window."""
        email = f"{name.lower()}.{self.slug}@haven.example"
        link = self.manager.call("hotline.staff.invite", email=email, role=role)["link"]
        page = self.visitors.open()
        send(page, link, username=name, password=PASSWORD)
        return console_of(page, name, email)

    def arrive(self, name: str = "Robin", **answers: str) -> Client:
        """Somebody opens the anteroom as a whole page and enters."""
        client = Client(scope=self.visitors.open(), name=name)
        client.page.goto(f"/o/{self.slug}")
        client.enter(**answers)
        return client


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody in the anteroom, which is a whole page or a frame in one."""

    scope: Page | FrameLocator
    name: str

    @property
    def page(self) -> Page:
        assert isinstance(self.scope, Page)
        return self.scope

    @property
    def composer(self) -> Locator:
        return self.scope.get_by_label("Your message", exact=True)

    @property
    def log(self) -> Locator:
        return self.scope.get_by_role("region", name="Conversation")

    @property
    def place(self) -> Locator:
        return self.scope.get_by_role("heading", name="in line")

    @property
    def link(self) -> Locator:
        """The line that tells how the connection is."""
        return self.scope.get_by_role("contentinfo").get_by_role("status")

    def fill(self, **answers: str) -> None:
        self.scope.get_by_label("What may we call you?").fill(self.name)
        labels = {"age": "Age", "gender": "Gender", "issues": "What would you like to talk about?"}
        for name, answer in answers.items():
            self.scope.get_by_label(labels[name]).fill(answer)

    def enter(self, **answers: str) -> None:
        """Fills in the form, starts, and may write."""
        self.fill(**answers)
        self.scope.get_by_role("button", name="Start", exact=True).click()
        expect(self.composer).to_be_visible()

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.scope.get_by_role("button", name="Send", exact=True).click()

    def leave(self) -> None:
        self.scope.get_by_role("button", name="End conversation").click()
        self.scope.get_by_role("button", name="End it").click()
        expect(self.scope.get_by_role("heading", name="You have left the conversation")).to_be_visible()


def come_in(scope: Page | FrameLocator, name: str, address: str = "") -> Client:
    """Somebody comes into a group that is open, at this address or where they are."""
    if isinstance(scope, Page) and address:
        scope.goto(address)
    scope.get_by_label("What may we call you here?").fill(name)
    scope.get_by_role("button", name="Come in", exact=True).click()
    client = Client(scope=scope, name=name)
    expect(client.composer).to_be_visible()
    return client


def expect_delivered(*pages: Page) -> None:
    """Nothing said on these pages is still on its way: only what was acknowledged survives a reload."""
    for page in pages:
        expect(page.locator(".message.pending")).to_have_count(0)


def home_of(page: Page) -> str:
    """The address of the daemon this window looks at."""
    scheme, host, *_ = urlsplit(page.url)
    return f"{scheme}://{host}"


def found(visitors: Visitors, organisation: str = "Haven", name: str = "Mara") -> House:
    """Somebody has registered an organisation (its name gets a number) and stands before an empty console."""
    organisation = f"{organisation} {next(_numbers)}"
    email = f"{name.lower()}.{organisation.split()[-1]}@haven.example"
    page = visitors.open()
    send(page, "/register/org", organisation=organisation, username=name, email=email, password=PASSWORD)
    manager = console_of(page, name, email)
    slug = page.locator("#console").get_attribute("data-realm")
    assert slug
    return House(visitors=visitors, organisation=organisation, slug=slug, manager=manager)


def send(page: Page, address: str, **fields: str) -> None:
    """What a browser sends of the form there, without showing it; the page goes where the answer leads."""
    sending = page.context.request
    token = re.search(r'name="csrf" value="(\w+)"', sending.get(address).text())
    assert token, f"no form at {address}"
    answer = sending.post(address, form={"csrf": token[1], **fields}, max_redirects=0)
    assert answer.status == 303, answer.text()
    page.goto(answer.headers["location"])


def console_of(page: Page, name: str, email: str) -> Consultant:
    """The console after a login, connected."""
    consultant = Consultant(page=page, name=name, email=email)
    expect(page).to_have_url(f"{home_of(page)}/clientlist")
    expect(consultant.link).to_have_text("Connected")
    return consultant


def ask_in(manager: Consultant, email: str, role: str = "staff") -> str:
    """The manager invites; the link as the page shows it."""
    page = manager.page
    page.goto("/invite")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.get_by_label("Link of the invitation")
    expect(link).to_be_visible()
    return link.input_value()


def join(page: Page, name: str) -> None:
    """An invited person at the link's page."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()


def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
