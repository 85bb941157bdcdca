"""The manual is true: the WAMP reference says what the code's tables say, and what is linked to exists."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hotline.errors import HotlineError
from hotline.procedures.table import CLIENT, CONSULTANTS, EVERYBODY, MANAGERS, PROCEDURES, Procedure
from hotline.protocols.limits import SessionLimits
from hotline.router import uris

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "wamp.md").read_text()
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
WHO = {CLIENT: "clients", CONSULTANTS: "consultants", MANAGERS: "managers", EVERYBODY: "members"}


def squeezed(text: str) -> str:
    return " ".join(text.split())


def signature(procedure: Procedure) -> str:
    """As the reference has it: name and arguments with their defaults."""
    arguments = []
    for field in msgspec.structs.fields(procedure.arguments):
        default: Any = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        needed = default is msgspec.NODEFAULT
        shown = "unset" if default is msgspec.UNSET else needed or json.dumps(default)
        arguments.append(field.name if needed else f"{field.name}={shown}")
    return f"{procedure.uri}({', '.join(arguments)})"


def section(title: str) -> str:
    return REFERENCE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> dict[str, list[str]]:
    """The table of a section by its first column."""
    found = {}
    for line in section(title).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


def test_every_procedure_is_described_and_no_other() -> None:
    """In the order of the table in the code, with the same arguments and defaults."""
    headings = re.findall(r"^### `(.*)`$", section("Procedures"), re.MULTILINE)
    assert headings == [signature(procedure) for procedure in PROCEDURES.values()]


@pytest.mark.parametrize("uri", PROCEDURES)
def test_who_and_what(uri: str) -> None:
    """Who may call it, and what its docstring says."""
    procedure = PROCEDURES[uri]
    described = section("Procedures").partition(f"### `{signature(procedure)}`")[2].partition("\n### ")[0]
    expected = f"For {WHO[procedure.roles]}. {inspect.getdoc(procedure.function)}"
    assert squeezed(described) == squeezed(expected)


def test_every_error_is_described() -> None:
    """Those of hotline.errors, no other of hotline's, and all WAMP errors the router says by itself."""
    known = {HotlineError.uri}
    classes = [HotlineError]
    while classes:
        classes += (subclasses := classes.pop().__subclasses__())
        known |= {each.uri for each in subclasses}
    listed = set(rows("Errors"))
    assert {uri for uri in listed if uri.startswith("hotline.")} == known
    said = {
        str(uri)
        for name, uri in vars(uris).items()
        if name.isupper() and str(uri).startswith(("wamp.", "hotline."))
    }
    assert {uri for uri in said - {uris.RESERVED} if f"`{uri}`" not in REFERENCE} == set()


def test_every_limit_is_described() -> None:
    """With its default."""
    listed = {key: float(cells[0]) for key, cells in rows("Limits").items()}
    assert listed == {field.name: float(field.default) for field in msgspec.structs.fields(SessionLimits)}


def test_every_topic_is_described() -> None:
    """The families the code knows."""
    room = "hotline.room.<room>"
    assert set(rows("Topics")) == {
        "hotline.clientlist",
        "hotline.staff",
        "hotline.organisation",
        "hotline.answers",
        "hotline.referrals",
        "hotline.blocks",
        "hotline.groups",
        "hotline.me.<id>.drafts",
        "hotline.me.<id>.answers",
        *(room + suffix for suffix in ("", ".typing", ".seen", ".place", ".notes")),
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_tests_exist(page: Path) -> None:
    """Relative links lead to files, and tests that are named are there."""
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target
    for name in re.findall(r"`(tests/[\w/.]+)`", text):
        assert (ROOT / name).exists(), name


def test_every_part_is_on_the_map() -> None:
    """Each module and package of hotline's own is named in the page about how it is built."""
    named = set(re.findall(r"`([\w/]+)(?:\.py)?`", (ROOT / "docs" / "architecture.md").read_text()))
    inside = (ROOT / "src" / "hotline").iterdir()
    parts = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert parts - {each.strip("/") for each in named} == {"__init__"}
