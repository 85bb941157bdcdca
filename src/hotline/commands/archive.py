"""The file that `hotline backup` makes: a tar of what the database held and of what that adds up to.

In come a dump of PostgreSQL's custom format and the sums of its tables, out comes one file; and back.
It never asks a database. A bare dump, made by pg_dump itself, counts as an archive without sums.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import msgspec

from hotline.errors import StartError
from hotline.store.sums import Sum

_DUMP = "database.dump"
_SUMS = "sums.json"
_MAGIC_OF_DUMPS = b"PGDMP"


def pack(target: Path, dump: Path, tables: dict[str, Sum], directory: Path) -> None:
    """Write the file anew. `directory` is a place for what is in between."""
    sums = directory / _SUMS
    sums.write_bytes(msgspec.json.format(msgspec.json.encode(tables)))
    with tarfile.open(target, "w") as archive:
        for path, name in ((sums, _SUMS), (dump, _DUMP)):
            archive.add(path, name, filter=_nameless)


def unpack(source: Path, directory: Path) -> tuple[Path, dict[str, Sum] | None]:
    """The dump, and what its tables add up to, if that is known. :raises StartError: not such a file."""
    with source.open("rb") as file:
        if file.read(len(_MAGIC_OF_DUMPS)) == _MAGIC_OF_DUMPS:
            return source, None
    try:
        with tarfile.open(source, "r:") as archive:
            for name in (_SUMS, _DUMP):
                member = archive.getmember(name)
                # Links may lead to themselves, and what is sparse grows without end.
                content = archive.extractfile(member) if member.type == tarfile.REGTYPE else None
                if content is None or member.issparse():
                    raise StartError(f"{source} is not a backup of hotline")
                with content, (directory / name).open("wb") as target:
                    shutil.copyfileobj(content, target)
        tables = msgspec.json.decode((directory / _SUMS).read_bytes(), type=dict[str, Sum])
    except (tarfile.TarError, KeyError, ValueError) as error:  # msgspec's and those of UTF-8 are ValueErrors
        raise StartError(f"{source} is not a backup of hotline, or not the whole of one") from error
    return directory / _DUMP, tables


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody who gets the file learns who made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
