"""The pages on a real port with a real database, and browsers without a window."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.web.resource import Resource

from hotline.accounts import Accounts
from hotline.addresses import OwnAddresses
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Organisation
from hotline.passwords import Passwords
from hotline.store.database import Database
from hotline.web.app import Pages, resource
from hotline.web.rendering import TEMPLATES
from hotline.web.request import site
from tests.web.browser import Browser

PASSWORD = "violet tractor under marmalade"

APPS = ("anteroom", "console", "away", "group")
LANGUAGES = (
    ("en", "English", "ltr"),
    ("de", "Deutsch (Sie)", "ltr"),
    ("de-x-informal", "Deutsch (du)", "ltr"),
    ("ar", "العربية", "rtl"),
)
WORDS = sorted(
    {said for path in TEMPLATES.glob("*.jinja") for said in re.findall(r'say\("([^"]+)"\)', path.read_text())}
)
"""What pages say in the reader's language; here its tag stands before it."""
FILES = {
    "manifest.json": json.dumps(
        {
            "src/pages/pages.ts": {
                "file": "assets/pages-1.js",
                "css": ["assets/pages-1.css"],
                "isEntry": True,
            },
            "src/console/main.tsx": {"file": "assets/console-1.js", "imports": ["_shared"], "isEntry": True},
            "src/anteroom/main.tsx": {
                "file": "assets/anteroom-1.js",
                "imports": ["_shared"],
                "isEntry": True,
            },
            "src/away/main.ts": {"file": "assets/away-1.js", "imports": ["_shared"], "isEntry": True},
            "src/group/main.tsx": {"file": "assets/group-1.js", "imports": ["_shared"], "isEntry": True},
            "src/group/listed.ts": {
                "file": "assets/listed-1.js",
                "css": ["assets/listed-1.css"],
                "isEntry": True,
            },
            "src/look/first.ts": {"file": "assets/first-1.js", "isEntry": True},
            "_shared": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"]},
        }
    ),
    "languages.json": json.dumps(
        [
            {
                "tag": tag,
                "name": name,
                "direction": direction,
                "texts": {app: f"assets/{app}-{tag}.js" for app in APPS},
                "words": {said: said if tag == "en" else f"{tag}: {said}" for said in WORDS},
            }
            for tag, name, direction in LANGUAGES
        ]
    ),
    "assets/pages-1.js": "'pages';",
    "assets/pages-1.css": "body { color: black }\n" * 40,
    "assets/console-1.js": "'console';",
    "assets/anteroom-1.js": "'anteroom';",
    "assets/away-1.js": "'away';",
    "assets/group-1.js": "'group';",
    "assets/listed-1.js": "'listed';",
    "assets/listed-1.css": "strong { color: black }",
    "assets/first-1.js": "'first';",
    "assets/shared-1.js": "'shared';",
    "assets/shared-1.css": "main { color: black }",
    "embed.js": "'embed';",
    "push.js": "'push';",
    "logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A very small built browser app."""
    for name, text in FILES.items():
        path = tmp_path / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "static"


class _WebSocket(Resource):
    """What stands at /ws here: says that it was reached."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        return b"websocket"


class House:
    """The pages as they run in a test."""

    def __init__(self, reactor: Any, database: Database, accounts: Callable[[str], Accounts]) -> None:
        self._reactor = reactor
        self.database = database
        self.reasons: list[str] = []
        placeholder = site(Resource(), reactor)
        self._port = reactor.listenTCP(0, placeholder, interface="127.0.0.1")
        self.port: int = self._port.getHost().port
        self.base = f"http://127.0.0.1:{self.port}"
        self.accounts = accounts(self.base)
        self._site = placeholder

    def open(
        self,
        static: Path,
        now: Any,
        *,
        public_url: str | None = None,
        own_addresses: bool = False,
        registers_by_mail: bool = False,
    ) -> None:
        """Serve; again with another public address."""
        url = public_url or self.base
        root: Any = resource(
            accounts=self.accounts,
            database=self.database,
            public_url=url,
            own_addresses=OwnAddresses(public_url=url) if own_addresses else None,
            secure=url.startswith("https:"),
            now=now,
            websocket=_WebSocket(),
            ready=self._ready,
            static=static,
            registers_by_mail=registers_by_mail,
        )
        self.pages: Pages = root.pages
        self._site.resource = root

    def browser(self) -> Browser:
        return Browser(self._reactor, self.base)

    async def manager(self, organisation: str = "Lighthouse", email: str = "mira@example.org") -> Browser:
        """A browser in which a new organisation's manager is logged in."""
        browser = self.browser()
        done = await browser.fill(
            "/register/org", organisation=organisation, username="Mira", email=email, password=PASSWORD
        )
        assert (done.status, done.location) == (303, "/clientlist"), done.text
        return browser

    async def colleague(
        self, manager: Browser, email: str = "sam@example.org", role: str = "staff"
    ) -> Browser:
        """A browser in which somebody is logged in whom this manager invited."""
        invited = await manager.fill("/invite", email=email, role=role)
        link = invited.get("input", aria_label="Link of the invitation").attributes["value"]
        browser = self.browser()
        done = await browser.fill(link.removeprefix(self.base), username="Sam", password=PASSWORD)
        assert (done.status, done.location) == (303, "/clientlist"), done.text
        return browser

    async def close(self) -> None:
        await self.accounts.settled()
        await self._port.stopListening()

    async def _ready(self) -> list[str]:
        return self.reasons


@pytest.fixture
def house(reactor: Any, database: Database, passwords: Passwords, now: Any, static: Path) -> Iterator[House]:
    """The pages at a free port."""

    def accounts(base: str) -> Accounts:
        return Accounts(database, passwords, DomainLimits(), base, now)

    house = House(reactor, database, accounts)
    house.open(static, now)
    yield house
    pytest_twisted.blockon(Deferred.fromCoroutine(house.close()))


async def stored(house: House, browser: Browser) -> Organisation:
    """The organisation as it is in the database."""
    actor = await house.accounts.find_actor(browser.cookies["hotline"])
    assert actor is not None
    return await house.accounts.get_organisation(actor)
