"""`hotline org`, `hotline staff`, `hotline token`: organisations, consultants and API tokens.

In come names, slugs and addresses, out go lists and links. The same rules hold as on the pages.
"""

from __future__ import annotations

import os
import secrets
import sys
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from hotline.commands.house import House, now
from hotline.commands.output import Output
from hotline.domain.audit import Action
from hotline.domain.export import FORMATS
from hotline.errors import StartError
from hotline.store import audit, consultants, emptying, organisations, tokens

_LONGEST_SECRET = 10_000


async def list_organisations(house: House, arguments: Namespace, output: Output) -> None:
    async with house.database.transaction() as tx:
        listed = await organisations.list_all(tx)
    output.table(
        [{"slug": one.slug, "name": one.name, "created_at": one.created_at} for one in listed],
        ("slug", "name", "created_at"),
    )


async def create_organisation(house: House, arguments: Namespace, output: Output) -> None:
    if arguments.password_file is None:
        created = await house.accounts.found_organisation(
            organisation=arguments.name,
            username=arguments.username,
            email=arguments.email,
            language=arguments.language,
        )
        output.value(
            {"slug": created.slug, "link": created.link, "expires_at": created.expires_at},
            f"{created.slug} exists now. Its manager chooses a password here, once, soon:\n{created.link}",
        )
        return
    signed = await house.accounts.register_organisation(
        organisation=arguments.name,
        username=arguments.username,
        email=arguments.email,
        password=read_secret(arguments.password_file),
        language=arguments.language,
    )
    await house.accounts.log_out(signed.token)
    organisation = await house.accounts.get_organisation(signed.actor)
    output.value({"slug": organisation.slug}, f"{organisation.slug} exists now.")


async def delete_organisation(house: House, arguments: Namespace, output: Output) -> None:
    organisation_id = await house.find_organisation_id(arguments.slug)
    confirm(arguments, f"Everything of {arguments.slug} will be gone for good.", arguments.slug)
    await emptying.empty(house.database, organisation_id)
    async with house.database.transaction(organisation_id) as tx:
        left = await organisations.delete(tx, organisation_id)
    if left is None:
        raise StartError(f"somebody else has deleted {arguments.slug}")
    output.value(
        {"deleted": arguments.slug, "audit": str(left.audit), "receipts": str(left.receipts)},
        f"{arguments.slug} is deleted: {left.told}.",
    )


async def export(house: House, arguments: Namespace, output: Output) -> None:
    """Each file whole or not there, and for its owner only."""
    organisation_id = await house.find_organisation_id(arguments.slug)
    directory = Path(arguments.directory).absolute()
    files = [directory / f"{arguments.slug}.{form}" for form in FORMATS]
    await house.accounts.note_export(organisation_id, None)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for form, path in zip(FORMATS, files, strict=True):
            fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            try:
                with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    async for part in house.accounts.export_of(organisation_id, form):
                        file.write(part)
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StartError(f"cannot write to {directory}: {error.strerror}") from error
    output.value(
        {"files": [str(path) for path in files]},
        f"Everything of {arguments.slug} is in {' and '.join(map(str, files))}, for anybody to read.",
    )


async def list_staff(house: House, arguments: Namespace, output: Output) -> None:
    organisation_id = await house.find_organisation_id(arguments.organisation)
    async with house.database.transaction(organisation_id) as tx:
        staff = await consultants.list_all(tx, organisation_id)
    output.table(
        [
            {
                "id": entry.consultant_id,
                "name": entry.name,
                "email": entry.email,
                "role": entry.role,
                "presence": entry.presence,
                "rooms": entry.rooms,
            }
            for entry in staff
        ],
        ("name", "email", "role", "presence", "rooms"),
    )


async def invite(house: House, arguments: Namespace, output: Output) -> None:
    manager = await house.get_manager(arguments.organisation)
    invited = await house.accounts.invite(manager, email=arguments.email, role=arguments.role)
    output.value({"link": invited.link, "expires_at": invited.expires_at}, invited.link)


async def remove_consultant(house: House, arguments: Namespace, output: Output) -> None:
    consultant = await house.get_consultant(arguments.organisation, arguments.email)
    manager = await house.get_manager(arguments.organisation)
    await house.accounts.remove_consultant(manager, consultant.consultant_id)
    output.value({"removed": consultant.email}, f"{consultant.email} is removed.")


async def create_token(house: House, arguments: Namespace, output: Output) -> None:
    owner = await house.get_consultant(arguments.organisation, arguments.email)
    name, secret = await house.accounts.create_token(
        replace(owner.actor(), is_operator=True),
        arguments.name,
        arguments.public_key,
        scopes=arguments.scope or ("read", "speak", "manage"),
        days=arguments.days,
    )
    if secret:
        output.note(f"{name} is the authid, this the ticket, shown only now:")
        output.value({"name": name, "secret": secret}, secret)
    else:
        output.value({"name": name}, f"{name} is the authid; log in by cryptosign with your key.")


async def list_tokens(house: House, arguments: Namespace, output: Output) -> None:
    organisation_id = await house.find_organisation_id(arguments.organisation)
    async with house.database.transaction(organisation_id) as tx:
        owners = {
            entry.consultant_id: entry.email for entry in await consultants.list_all(tx, organisation_id)
        }
        listed = await tokens.list_all(tx, organisation_id)
    output.table(
        [
            {
                "name": token.name,
                "owner": owners.get(token.consultant_id),
                "created_at": token.created_at,
                "used_at": token.used_at,
                "scopes": " ".join(sorted(token.scopes)),
                "expires_at": token.expires_at,
            }
            for token in listed
        ],
        ("name", "owner", "created_at", "used_at", "scopes", "expires_at"),
    )


async def revoke_token(house: House, arguments: Namespace, output: Output) -> None:
    organisation_id = await house.find_organisation_id(arguments.organisation)
    async with house.database.transaction(organisation_id) as tx:
        for token in await tokens.list_all(tx, organisation_id):
            if token.name == arguments.name:
                await tokens.revoke(tx, organisation_id, token.consultant_id, token.token_id)
                await audit.add(
                    tx,
                    organisation_id,
                    audit.OPERATOR,
                    Action.TOKEN_REVOKED,
                    now(),
                    kind="token",
                    subject=token.token_id,
                )
                break
        else:
            raise StartError(f"{arguments.organisation} has no token {arguments.name!r}")
    output.value({"revoked": arguments.name}, f"{arguments.name} is revoked.")


def read_secret(path: str) -> str:
    """The first line of a file, or of standard input for `-`. :raises StartError: there is none."""
    try:
        with nullcontext(sys.stdin) if path == "-" else open(path, encoding="utf-8") as file:
            text = file.read(_LONGEST_SECRET)
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not text'}"
        ) from error
    secret = text.split("\n", 1)[0].rstrip("\r")
    if not secret:
        raise StartError(f"{path} is empty")
    return secret


def confirm(arguments: Namespace, warning: str, word: str) -> None:
    """Ask for a word on a terminal, unless --yes was given.

    :raises StartError: no, or nobody there to ask.
    """
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise StartError(f"{warning} Give --yes if that is meant.")
    sys.stderr.write(f"{warning}\nType {word} to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != word:
        raise StartError("nothing was done")
