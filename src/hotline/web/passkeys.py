"""What a script of ours asks before the browser makes or shows a passkey.

A visit comes in, options for the browser go out as JSON. The browser's answer comes back in an ordinary form
of the page it is for: at the login, in the account, before what is of weight.
"""

from __future__ import annotations

from typing import Any

from hotline.errors import Invalid
from hotline.web.answers import Answer, structured
from hotline.web.visit import Visit


async def options(visit: Visit) -> Answer:
    """Options for what the field `for` says."""
    return structured(await _options(visit))


async def _options(visit: Visit) -> dict[str, Any]:
    accounts, wanted = visit.house.accounts, visit.fields.get("for", "")
    if wanted == "add":
        return await accounts.begin_passkey(visit.person())
    if wanted == "proof":
        return await accounts.show_as_proof(visit.person())
    if wanted == "step":
        return await accounts.show_at_step(visit.fields.get("step", ""))
    if wanted == "login" and visit.secret is not None:
        return accounts.show_at_login(visit.secret)
    raise Invalid(reason="This is not something a passkey is for here. Please load the page again.")
