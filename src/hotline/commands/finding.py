"""What the doctor found: one thing that was looked at, and what mends it.

In come plain facts, out come findings. Pure: who measured, and what is printed, is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.store.condition import Logged
from hotline.store.probes import Bell, Opened

MOST_SECONDS_APART = 5
"""Codes of authenticator apps bear thirty, tickets a minute."""
LEAST_FREE_BYTES = 2**30
_FULL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; `mend` is a command, or what to do, if it is not in order."""

    check: str
    ok: bool
    finding: str
    mend: str | None = None


def of_exposed(exposed: Sequence[str]) -> Finding:
    """Passwords that others on the machine can read."""
    return Finding(
        check="passwords of hotline's own",
        ok=not exposed,
        finding="; ".join(exposed) or "not in the open",
        mend="give it by HOTLINE_DATABASE, HOTLINE_MAIL or a --config of mode 600" if exposed else None,
    )


def of_bell(bell: Bell) -> Iterator[Finding]:
    """LISTEN, its queue, and the clocks."""
    yield Finding(
        check="LISTEN",
        ok=bell.rings,
        finding="what is notified is heard" if bell.rings else "what is notified is not heard",
        mend=None if bell.rings else "lead --database to PostgreSQL itself, not to a pooler of transactions",
    )
    roomy = bell.queue_usage < _FULL
    stuck = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction';"
    yield Finding(
        check="notification queue",
        ok=roomy,
        finding=f"{bell.queue_usage:.0%} full",
        mend=None if roomy else stuck,
    )
    apart = abs(bell.seconds_ahead)
    right = apart <= MOST_SECONDS_APART
    where = "ahead of" if bell.seconds_ahead > 0 else "behind"
    yield Finding(
        check="clock",
        ok=right,
        finding="as PostgreSQL's" if right else f"PostgreSQL's is {apart:.0f} seconds {where} the one here",
        mend=None if right else "timedatectl set-ntp true   # here, and on PostgreSQL's machine",
    )


def of_log(logged_by: Sequence[Logged]) -> Finding:
    """What PostgreSQL writes into its own log, where no deletion reaches it."""
    settings = ", ".join(f"{each.name} = {each.value}" for each in logged_by)
    return Finding(
        check="PostgreSQL's log",
        ok=not logged_by,
        finding=f"names and addresses can come into it by {settings}"
        if logged_by
        else "no statement comes into it",
        mend=" ".join(each.mend for each in logged_by) or None,
    )


def of_disk(path: Path, free: int) -> Finding:
    """Room for what will be said."""
    enough = free >= LEAST_FREE_BYTES
    return Finding(
        check="disk",
        ok=enough,
        finding=f"{free / 2**30:.1f} GiB are free in {path}",
        mend=None if enough else f"make room: du -xh {path} | sort -h | tail",
    )


def of_keys(opened: Opened, missing: str, master_keys: Path) -> Finding:
    """Everything sealed can be read. :param missing: what has no key, in words; or nothing."""
    whole = not opened.broken and not missing
    if opened.broken:
        told = (
            f"of {opened.broken} of {opened.organisations} organisations cannot be opened with {master_keys}"
        )
    elif missing:
        told = f"of {missing} are not there"
    else:
        told = f"all {opened.keys} of {opened.organisations} organisations can be opened"
    mend = f"bring back {master_keys} from a copy, or: hotline restore FILE --keys KEYFILE"
    return Finding(check="keys", ok=whole, finding=told, mend=None if whole else mend)
