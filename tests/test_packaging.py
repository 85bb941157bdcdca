"""What is installed: the wheel has everything hotline needs at run time, and the lock files are whole."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.config import LIMITS, load_settings
from hotline.settable import OPTIONS

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "src" / "hotline" / "web" / "static"


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """A wheel built from what is in the checkout now."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("src", "twisted"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(
        [
            sys.executable, "-c", "from setuptools.build_meta import build_wheel; print(build_wheel('.'))",
        ],
        cwd=copy, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(next(copy.glob("*.whl"))) as archive:
        yield archive


@pytest.mark.slow
def test_the_wheel_carries_everything(wheel: zipfile.ZipFile) -> None:
    """Modules, plugins, migrations, templates, browser app: what the checkout has, the wheel has."""
    names = set(wheel.namelist())
    expected = {
        str(path.relative_to(ROOT / "src"))
        for pattern in ("**/*.py", "store/schema/*.sql", "web/templates/**/*", "web/static/**/*")
        for path in (ROOT / "src" / "hotline").glob(pattern)
        if path.is_file() and not path.name.startswith(".")
    }
    expected |= {str(path.relative_to(ROOT)) for path in (ROOT / "twisted" / "plugins").glob("*.py")}
    assert not expected - names
    assert "hotline/web/static/manifest.json" in names, "the browser app is not built: make web"
    assert "hotline/web/static/embed.js" in names
    assert any(name.startswith("hotline/store/schema/0001") for name in names)
    assert "twisted/plugins/hotline_plugin.py" in names
    # A module of these names would hide Twisted itself.
    assert not names & {"twisted/__init__.py", "twisted/plugins/__init__.py"}
    assert not [
        name for name in names if name.startswith(("tests", "bench", "web/")) or "node_modules" in name
    ]


@pytest.mark.slow
def test_the_wheel_works_by_itself(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Unpacked elsewhere twistd shows the plugin and its options, and the command its help."""
    wheel.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}

    def printed(code: str, *arguments: str) -> str:
        """What it prints as a command of its own; it must be the unpacked hotline that speaks."""
        checked = "import sys, hotline.errors as e; assert e.__file__.startswith(sys.argv.pop(1)); " + code
        command = [sys.executable, "-c", checked, str(tmp_path), *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    twistd = "from twisted.scripts.twistd import run; run()"
    assert re.search(r"^\s+hotline\s", printed(twistd, "--help"), re.MULTILINE)
    options = printed(twistd, "hotline", "--help")
    assert [option.flag for option in OPTIONS if option.flag not in options] == []
    assert "usage: hotline" in printed("sys.argv[0] = 'hotline'; import hotline.cli as c; c.main()", "--help")


def test_a_checkout_may_be_called_anything(tmp_path: Path) -> None:
    """Its path file works with spaces and letters in the name, whatever the locale of who starts it."""
    checkout = tmp_path / "hot liné"
    checkout.mkdir()
    venv = checkout / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (recipe,) = re.findall(
        r"^\t@\$\(PY\) (-c '[^']*hotline-plugins.pth[^']*')$", (ROOT / "Makefile").read_text(), re.M
    )
    subprocess.run(f".venv/bin/python {recipe}", shell=True, cwd=checkout, check=True)
    found = f"import os, sys; print({os.fsencode(checkout)} in map(os.fsencode, sys.path))"
    for locale in ("C", "C.UTF-8"):
        command = [venv / "bin" / "python", "-c", found]
        ran = subprocess.run(command, cwd=tmp_path, env={"LC_ALL": locale}, capture_output=True, text=True)
        assert (ran.stdout, ran.stderr) == ("True\n", "")


def test_every_package_is_listed() -> None:
    """setup.cfg names packages one by one: a new one must not be forgotten."""
    listed = set(setup()["options"]["packages"].split())
    present = {
        ".".join(path.parent.relative_to(ROOT / "src").parts) for path in (ROOT / "src").rglob("__init__.py")
    }
    assert listed == present | {"twisted.plugins"}


# The first versions without holes that would have been ours. Twisted: answers of one client given to another
# (CVE-2024-41671), redirects and Host headers shown as HTML (CVE-2024-41810, CVE-2022-39348), names without
# an end (CVE-2026-42304). Autobahn: headers by its redirects (CVE-2020-35678). Werkzeug: its parser of forms,
# which nothing of ours uses (CVE-2023-46136, CVE-2024-49767).
AT_LEAST = {"Twisted": (26, 10, 0), "autobahn": (20, 12, 3), "Werkzeug": (3, 0, 6)}


@pytest.mark.parametrize("name", AT_LEAST)
def test_known_holes_are_not_brought_back(name: str) -> None:
    """By no change of what is locked."""
    locked = (ROOT / "requirements" / "constraints.txt").read_text()
    version = re.search(rf"^{name}==([\d.]+)$", locked, re.MULTILINE)
    assert version
    assert tuple(map(int, version[1].split("."))) >= AT_LEAST[name]


def test_constraints_are_exact_and_name_no_host() -> None:
    """Exact versions only, of every direct dependency, from wherever the machine gets its packages."""
    lines = [
        line
        for line in (ROOT / "requirements" / "constraints.txt").read_text().splitlines()
        if line[:1] != "#"
    ]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._]+", line) for line in lines)
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    config = setup()
    wanted = "\n".join(
        [config["options"]["install_requires"], *config["options.extras_require"].values()]
    ).split("\n")
    names = {re.split(r"[ \[<>=;]", line.strip(), maxsplit=1)[0].lower() for line in wanted if line.strip()}
    assert names <= pinned
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert {re.split(r"[<>=]", name, maxsplit=1)[0] for name in build} <= pinned


def test_the_lock_of_the_browser_app_is_whole() -> None:
    """`npm ci` refuses a lock that misses a package, also of another platform; and it names no other host."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    package = json.loads((ROOT / "web" / "package.json").read_text())
    packages = lock["packages"]
    assert packages[""].get("dependencies", {}) == package.get("dependencies", {})
    assert packages[""].get("devDependencies", {}) == package.get("devDependencies", {})
    missing = [
        (path, name)
        for path, entry in packages.items()
        for name in {**entry.get("dependencies", {}), **entry.get("optionalDependencies", {})}
        if f"node_modules/{name}" not in packages and f"{path}/node_modules/{name}" not in packages
    ]
    assert not missing
    hosts = {entry["resolved"].split("/")[2] for entry in packages.values() if "resolved" in entry}
    assert hosts <= {"registry.npmjs.org"}


def test_the_example_of_the_manual_is_right(tmp_path: Path) -> None:
    """The configuration file shown to operators is accepted as it stands."""
    manual = (ROOT / "docs" / "operators.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    path = tmp_path / "hotline.toml"
    path.write_text(example)
    settings = load_settings({"config": str(path)}, {})
    assert settings.public_url == "https://help.example"
    assert settings.session_limits.messages_per_second == 5
    assert set(tomllib.loads(example)["limits"]) <= set(LIMITS)
