"""Who may import whom: the table of the architecture as a test, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# Each unit is a package, or a module directly in hotline; those not named here are told apart below.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "limits": set(),
    "logs": set(),
    "descriptors": set(),
    "discreet": set(),
    "domain": {"errors", "limits"},
    "store": {"domain", "errors", "logs"},
    "procedures": {"accounts", "domain", "errors", "limits", "store"},
    "relay": {"domain", "errors", "store"},
    "protocols": {"discreet", "errors", "limits", "logs"},
    "router": {"errors", "logs", "protocols"},
    "admission": {"accounts", "domain", "router", "store"},
    "open_realm": {"errors", "router", "store"},
    "web": {"accounts", "addresses", "discreet", "domain", "errors", "logs", "networks", "store"},
    # What people do with their accounts: asked by procedures, pages and commands alike.
    "people": {"domain", "errors", "limits", "logs", "passwords", "store", "webpush"},
    "accounts": {"people"},
    "passwords": {"domain", "errors", "leaked", "secret_files"},
    "leaked": {"errors"},
    "secret_files": {"errors"},
    "webpush": {"errors", "secret_files"},
    "public_hosts": set(),
    "rounds": {"errors"},
    "pusher": {"domain", "errors", "rounds", "store", "webpush"},
    "delivery": {"errors"},
    "assigner": {"domain", "errors", "rounds", "store"},
    "errands": {"errors"},
    "news": {"aids_news", "appointment_news", "domain", "errands", "errors", "store"},
    "appointment_news": {"aids_news", "domain", "errors", "store"},
    "aids_news": {"domain", "store"},
    "rings": {"news", "relay", "store"},
    "chores": {"domain", "errors", "store"},
    "upkeep": {"chores", "domain", "store"},
    "addresses": set(),
    "networks": set(),
    "running": set(),
    "metrics": {"discreet", "domain", "errors", "relay", "store"},
    "checked": {"addresses", "errors"},
    "settable": {"domain", "limits", "protocols"},
    "exposed": {"checked"},
    "config": {"checked", "domain", "errors", "exposed", "leaked", "limits", "protocols", "settable"},
    "options": {"config", "errors", "settable"},
    "origins": {"addresses", "config", "logs"},
}

# Units that put others together take what they need, but never tap.
COMPOSING = {"cli", "commands", "demo", "mail", "manual", "node", "permissions", "service", "wiring"}
MAY_IMPORT_TAP = {"cli"}

# In domain there is no I/O, no clock and no dice.
NOT_IN_DOMAIN = {
    "asyncio", "autobahn", "builtins", "http", "io", "klein", "logging", "os", "pathlib", "psycopg2",
    "random", "secrets", "shutil", "socket", "ssl", "subprocess", "tempfile", "threading", "time",
    "twisted", "txpostgres", "uuid",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "monotonic", "time"}

MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((SOURCE / "hotline").rglob("*.py"))
}


@cache
def nodes_of(module: str) -> list[ast.AST]:
    """All of its source, as a tree read out."""
    return list(ast.walk(ast.parse(MODULES[module].read_text())))


def imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.stmt]]:
    """Every imported module's name, and of `from package import name` also package.name."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def unit_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def ours(module: str) -> set[str]:
    """The modules of hotline that this one imports."""
    return {
        name for name, _ in imports(nodes_of(module)) if name in MODULES and name not in ("hotline", module)
    }


@pytest.mark.parametrize("module", MODULES)
def test_imports_follow_the_table(module: str) -> None:
    """A module imports only units that its own unit may."""
    unit = unit_of(module)
    imported = {unit_of(name) for name in ours(module)} - {unit}
    if unit in MAY_IMPORT:
        assert imported <= MAY_IMPORT[unit]
    elif unit in COMPOSING:
        assert unit in MAY_IMPORT_TAP or "tap" not in imported
    else:
        assert unit in ("tap", ""), f"{unit} is in no row of the table: add one"


@pytest.mark.parametrize("module", MODULES)
def test_the_reactor_is_imported_in_tap_alone(module: str) -> None:
    """Everybody else is handed the reactor."""
    if module != "hotline.tap":
        assert "twisted.internet.reactor" not in {name for name, _ in imports(nodes_of(module))}


@pytest.mark.parametrize("module", MODULES)
def test_imports_are_absolute_and_at_the_top(module: str) -> None:
    """No relative import, and none inside a function or class."""
    nodes = nodes_of(module)
    assert not [node.lineno for _, node in imports(nodes) if isinstance(node, ast.ImportFrom) and node.level]
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    inner = [scope for scope in nodes if isinstance(scope, scopes)]
    assert not [node.lineno for scope in inner for _, node in imports(ast.walk(scope))]


@pytest.mark.parametrize("module", [module for module in MODULES if unit_of(module) == "domain"])
def test_domain_is_pure(module: str) -> None:
    """Nothing in domain does I/O, tells the time or rolls dice."""
    nodes = nodes_of(module)
    assert not {name.split(".")[0] for name, _ in imports(nodes)} & NOT_IN_DOMAIN
    called = {
        node.func.attr
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & CLOCKS


@pytest.mark.parametrize(
    "package", [str(path.relative_to(SOURCE)) for path in sorted(SOURCE.rglob("__init__.py"))]
)
def test_packages_hold_at_most_a_docstring(package: str) -> None:
    """What a package offers is in its modules."""
    body = ast.parse((SOURCE / package).read_text()).body
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def test_there_are_no_cycles() -> None:
    """Following imports from any module never leads back to it."""
    done: set[str] = set()

    def follow(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for name in sorted(ours(module)):
                follow(name, (*path, module))
            done.add(module)

    for module in MODULES:
        follow(module, ())


def test_every_unit_of_the_table_exists() -> None:
    """A row for something that is gone would hide that a new unit has none."""
    units = {unit_of(module) for module in MODULES}
    assert set(MAY_IMPORT) <= units
