"""What every page works with: made once at the start, and the same for all requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from hotline.accounts import Accounts
from hotline.addresses import OwnAddresses
from hotline.store.database import Database
from hotline.web.assets import Assets
from hotline.web.cookies import Cookies
from hotline.web.rendering import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every page works with."""

    accounts: Accounts
    database: Database
    now: Callable[[], datetime]
    ready: Callable[[], Awaitable[list[str]]]
    upkept: Callable[[], str] | None
    templates: Templates
    assets: Assets
    cookies: Cookies
    public_url: str
    own_addresses: OwnAddresses | None
    secure: bool
    registers_by_mail: bool = False
