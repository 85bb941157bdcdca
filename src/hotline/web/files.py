"""Files of the built browser app, and the scripts at addresses of their own.

Visits come in, answers go out, packed or 304 where the browser takes that. Nothing here needs a login.
"""

from __future__ import annotations

import re
from typing import Any

from hotline.errors import NotFound
from hotline.web.answers import Answer
from hotline.web.visit import Visit


async def static(visit: Visit, path: str) -> Answer:
    """Any file of the app."""
    return visit.house.assets.answer(path, **_conditions(visit))


async def loader(visit: Visit) -> Answer:
    """The script that other sites include."""
    return visit.house.assets.loader(**_conditions(visit))


async def calls(visit: Visit) -> Answer:
    """The service worker by which consultants are called; not at an organisation's own address."""
    if visit.organisation_here is not None:
        raise NotFound()
    return visit.house.assets.calls(**_conditions(visit))


async def favicon(visit: Visit) -> Answer:
    """The picture of a tab."""
    return visit.house.assets.answer("favicon.svg", **_conditions(visit))


def _conditions(visit: Visit) -> dict[str, Any]:
    accepted = visit.request.getHeader("accept-encoding") or ""
    codings = {coding.strip().replace(" ", "") for coding in accepted.lower().split(",")}
    return {
        "accepts_gzip": "gzip" in codings
        or any(re.fullmatch(r"gzip;q=(?:1|0\.[1-9]).*", c) for c in codings),
        "known": visit.request.getHeader("if-none-match") or "",
    }
