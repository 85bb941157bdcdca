"""`hotline keys`, `hotline receipts` and `hotline audit`: what seals, and what stands in sealed rows.

In come settings, out come changed files and rewrapped keys; receipts of deletions and entries of the audit
log, and what is wrong with them. Daemons go on meanwhile: they read the file again when they meet a key they
do not know, and before they wrap one.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Protocol

from hotline.commands.house import House, now
from hotline.commands.output import Output
from hotline.domain import wire
from hotline.domain.times import wire_time
from hotline.errors import StartError
from hotline.store import audit, data_keys, guardian, receipts
from hotline.store.chain import Chain
from hotline.store.database import Transaction
from hotline.store.masters import Masters


async def list_all(house: House, arguments: Namespace, output: Output) -> None:
    """The ids of the keys in the file, and which of them the database needs; never a key."""
    masters, needed = _masters(house), await _needed(house)
    for master in masters.ids:
        newest, used = master == masters.newest.id, master in needed
        output.value(
            {"key": master, "newest": newest, "needed": used},
            f"{master}{'  newest' if newest else ''}{'  needed' if used else ''}",
        )


async def add(house: House, arguments: Namespace, output: Output) -> None:
    """One more key in the file, to be copied to the other nodes before `rotate`."""
    masters = _masters(house)
    masters.add()
    output.value(
        {"key": masters.newest.id},
        f"{masters.path} has the key {masters.newest.id} now: copy the file to all other nodes, "
        "then hotline keys rotate",
    )


async def rotate(house: House, arguments: Namespace, output: Output) -> None:
    """Wrap all organisations' keys with the newest key of the file; a new one, if that is in use already."""
    masters = _masters(house)
    if masters.newest.id in await _needed(house):
        masters.add()
    count = await guardian.rewrap_all(house.database, now())
    output.value(
        {"key": masters.newest.id, "organisations": count},
        f"The keys of {count} organisations are wrapped by {masters.newest.id} now. Copy {masters.path} to "
        "where its copies are; hotline keys forget takes the old ones out of it.",
    )


async def forget(house: House, arguments: Namespace, output: Output) -> None:
    """Take all keys but the newest out of the file, if the database needs none of them."""
    masters = _masters(house)
    # Until the file is written nobody wraps anything: a daemon that read it before asks the database then.
    async with house.database.transaction() as tx:
        needed = await data_keys.hold_masters(tx)
        masters.read_again()
        still = [master for master in needed if master != masters.newest.id]
        if still:
            raise StartError(
                f"{', '.join(still)} still wraps keys of organisations: run hotline keys rotate first"
            )
        count = masters.keep_newest()
    output.value({"forgotten": count}, f"{count} taken out of {masters.path}.")


async def list_receipts(house: House, arguments: Namespace, output: Output) -> None:
    """Of each deletion: its number, when, why, and how many of what."""
    organisation_id = await house.find_organisation_id(arguments.organisation)
    async with house.database.reading(organisation_id) as tx:
        found = await receipts.list_all(tx, organisation_id)
    for receipt in found:
        at = wire_time(receipt.at)
        counted = ", ".join(f"{count} {what}" for what, count in receipt.counts.items())
        output.value(
            {"number": receipt.number, "at": at, "kind": receipt.kind, "counts": receipt.counts},
            f"{receipt.number}  {at}  {receipt.kind}: {counted}",
        )


async def verify_receipts(house: House, arguments: Namespace, output: Output) -> None:
    """:raises StartError: says what is wrong with them."""
    await _verify(house, arguments, output, "receipts", receipts)


async def list_audit(house: House, arguments: Namespace, output: Output) -> None:
    """Who did what, and when; the oldest first."""
    organisation_id = await house.find_organisation_id(arguments.organisation)
    async with house.database.transaction(organisation_id) as tx:
        found = await audit.list_all(tx, organisation_id)
    for entry in found:
        said = wire.audit_entry(entry)
        subject = f"  {entry.subject.kind} {entry.subject.id}" if entry.subject else ""
        told = ", ".join(f"{name}: {value}" for name, value in entry.details.items())
        output.value(
            said,
            f"{entry.number}  {said['at']}  {entry.actor.name}  {entry.action}{subject}"
            f"{f'  ({told})' if told else ''}",
        )


async def verify_audit(house: House, arguments: Namespace, output: Output) -> None:
    """:raises StartError: says what is wrong with it."""
    await _verify(house, arguments, output, "entries", audit)


class _Row(Protocol):
    """The module of what stands in sealed rows."""

    CHAIN: Chain

    async def verify(self, tx: Transaction, organisation_id: str) -> list[str]: ...

    async def list_all(self, tx: Transaction, organisation_id: str) -> Sequence[object]: ...


async def _verify(house: House, arguments: Namespace, output: Output, what: str, row: _Row) -> None:
    organisation_id = await house.find_organisation_id(arguments.organisation)
    async with house.database.transaction(organisation_id) as tx:
        problems = await row.verify(tx, organisation_id)
        count = len(await row.list_all(tx, organisation_id))
        end = (await row.CHAIN.list_ends(tx)).get(organisation_id)
        if arguments.noted is not None:
            number, mark = arguments.noted
            if await row.CHAIN.find_mark(tx, organisation_id, number) != mark:
                problems.append(f"{number} is missing, or is not the one that was noted")
    if problems:
        raise StartError(f"{what}: " + "; ".join(problems))
    told = f" The last one is {end}." if end else ""
    output.value(
        {what: count, "end": None if end is None else str(end)},
        f"All {count} {what} are there, each as it was written.{told}",
    )


def _masters(house: House) -> Masters:
    assert house.database.keys is not None
    return house.database.keys.masters


async def _needed(house: House) -> list[str]:
    async with house.database.reading() as tx:
        return await data_keys.list_masters(tx)
