"""Taking an organisation's data along, for as long as one may."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.accounts import Accounts
from hotline.errors import NotAllowed
from hotline.people import exports


@ensureDeferred
async def test_who_is_a_manager_no_more_reads_no_further(
    accounts: Accounts, registered: Any, joined: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two parts, of which there are many even here."""
    monkeypatch.setattr(exports, "_PART_CHARACTERS", 1)
    manager = await registered()
    other = await joined(manager, role="manager")
    parts = await accounts.export(other.actor, "json")
    assert await anext(parts)
    assert await anext(parts)
    await accounts.set_role(manager.actor, other.actor.id, "staff")
    with pytest.raises(NotAllowed):
        await anext(parts)
    with pytest.raises(StopAsyncIteration):
        await anext(parts)
