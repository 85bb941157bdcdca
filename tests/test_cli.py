"""`hotline ...`: what it prints and its exit codes, on a real PostgreSQL and against a real daemon."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred

from hotline.cli import main, make_parser, run
from hotline.commands.finding import of_bell, of_disk
from hotline.commands.house import opened
from hotline.commands.output import plain
from hotline.config import load_settings
from hotline.errors import NotFound, Unavailable
from hotline.store import data_keys, guardian, keyless, organisations, receipts
from hotline.store.clients import get_profile
from hotline.store.database import Database
from hotline.store.forgetting import delete_room
from hotline.store.messages import list_as_member
from hotline.store.migrations import migrations
from hotline.store.probes import Bell
from tests.conftest import administer
from tests.helpers import NAUGHTY, make_client, make_house
from tests.keys import make_keys, write_master_keys
from tests.system.daemon import Daemon, until

KEPT = Path(__file__).parent / "store" / "kept" / "0007.backup"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    problems: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def hotline(reactor):
    """Runs a command line in this process."""

    async def hotline(*arguments):
        out, problems = io.StringIO(), io.StringIO()
        code = await run(reactor, make_parser().parse_args([*map(str, arguments)]), out, problems)
        return Ran(code, out.getvalue(), problems.getvalue())

    return hotline


def as_url(dsn):
    """A connection string as operators write it."""
    parts = parse_dsn(dsn)
    return (
        f"postgresql://{parts['user']}:{quote(parts.get('password', ''), safe='')}@/{parts['dbname']}"
        f"?host={quote(parts['host'], safe='')}&port={parts['port']}"
    )


@pytest.fixture
def place(dsn, tmp_path):
    """The options that lead to the test's own database."""
    keys = write_master_keys(tmp_path)
    return ("--database", as_url(dsn), "--data", str(tmp_path / "data"), "--master-keys", str(keys))


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    """Settings of whoever runs the tests do not count."""
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)


def from_a_shell(*arguments, env=None):
    """Runs a command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from hotline.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path), **(env or {})},
    )


@ensureDeferred
async def test_how_long_a_statement_of_a_command_takes(reactor, dsn, place, database, tmp_path):
    """As long as the operator says, as with the daemon: of a large organisation one may take its time."""
    config = tmp_path / "hotline.toml"
    config.write_text("[limits]\nstatement_seconds = 0.2\n")
    given = dict(zip((name[2:] for name in place[::2]), place[1::2], strict=True))
    settings = load_settings({**given, "config": str(config)}, {})
    async with opened(reactor, settings) as house:
        with pytest.raises(Unavailable):
            async with house.database.transaction() as tx:
                await tx.rows("SELECT pg_sleep(2)")
    await make_house(database, datetime.now(UTC))
    connection = psycopg2.connect(dsn)
    connection.cursor().execute("LOCK TABLE surveys, unsealed")
    seconds = settings.domain_limits.statement_seconds
    with pytest.raises(Unavailable):
        await keyless.count(reactor, dsn, seconds)
    with pytest.raises(Unavailable):
        await keyless.delete(reactor, dsn, settings.master_keys, datetime.now(UTC), seconds)
    with pytest.raises(Unavailable):
        await guardian.seal(reactor, dsn, settings.master_keys, seconds)
    connection.close()


@ensureDeferred
async def test_organisations(hotline, place, database, tmp_path):
    """Made with a link or a password, listed, deleted with everything."""
    assert (await hotline("org", "list", *place, "--json")).json == []
    made = await hotline(
        "org", "create", "Tür & Tor", "--username", "Mara", "--email", "m@example.org", *place
    )
    assert made.code == 0
    assert re.search(
        r"^tur-tor exists now\..*\nhttp://127\.0\.0\.1:8080/changepw/\S{43}$", made.out, re.DOTALL
    )
    (tmp_path / "password").write_text("violet-anchor-midnight\n")
    made = await hotline(
        *("org", "create", "Other", "--username", "Olga", "--email", "o@example.org", "--language", "de"),
        *("--password-file", tmp_path / "password", *place, "--json"),
    )
    assert made.json == {"slug": "other"}
    async with database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, "other")
    async with database.transaction(organisation_id) as tx:
        assert (await organisations.get(tx, organisation_id)).languages == ("de",)
    listed = await hotline("org", "list", *place)
    assert [line.split("  ")[0] for line in listed.out.splitlines()] == ["SLUG", "other", "tur-tor"]
    old_terminal = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    listed = from_a_shell("org", "list", *place, env=old_terminal)
    assert (listed.returncode, "T\\xfcr & Tor" in listed.stdout) == (0, True), listed.stderr
    again = await hotline("org", "create", "", "--username", "", "--email", "m@example.org", *place)
    assert (again.code, again.problems) == (
        1,
        "hotline: organisation must not be empty; username must not be empty\n",
    )
    asked = await hotline("org", "delete", "other", *place)
    assert (asked.code, asked.problems.endswith("Give --yes if that is meant.\n")) == (1, True)
    gone = (await hotline("org", "delete", "other", "--yes", *place, "--json")).json
    assert (gone["deleted"], gone["receipts"]) == ("other", "nothing")
    assert re.fullmatch(r"2:[0-9a-f]{16}", gone["audit"]), "its log in and out"
    assert [one["slug"] for one in (await hotline("org", "list", *place, "--json")).json] == ["tur-tor"]


@ensureDeferred
async def test_staff(hotline, place, database, now):
    """Listed, invited and removed, by the rules of the pages."""
    await make_house(database, now())
    listed = (await hotline("staff", "list", "--organisation", "haven", *place, "--json")).json
    assert [(one["name"], one["role"], one["presence"]) for one in listed] == [
        ("colleague of haven", "staff", "away"),
        ("manager of haven", "manager", "away"),
        ("staff of haven", "staff", "away"),
    ]
    invited = await hotline(
        *("staff", "invite", "new@example.org", "--role", "manager", "--organisation", "haven", *place),
        *("--public-url", "https://talk.example.org"),
    )
    assert re.fullmatch(r"https://talk\.example\.org/register/user/\S{43}\n", invited.out)
    removed = await hotline("staff", "remove", "STAFF@haven.example", "--organisation", "haven", *place)
    assert removed.out == "staff@haven.example is removed.\n"
    for arguments, sentence in (
        (("staff", "remove", "staff@haven.example", "--organisation", "haven"), "has no consultant"),
        (("staff", "remove", "manager@haven.example", "--organisation", "haven"), "is the only manager"),
        (("staff", "invite", "nobody", "--organisation", "haven"), "is not an email address"),
        (("staff", "list", "--organisation", "nowhere"), "there is no organisation"),
        (("staff", "list", "--organisation", "\udcff\x00"), "there is no organisation"),
    ):
        ran = await hotline(*arguments, *place)
        assert (ran.code, ran.out) == (1, "")
        assert sentence in ran.problems
        assert ran.problems.startswith("hotline: ")
        assert ran.problems.count("\n") == 1


@ensureDeferred
async def test_tokens(hotline, place, database, now):
    """Made for a consultant, listed without secret, revoked by name."""
    await make_house(database, now())
    here = ("--organisation", "haven", *place)
    made = (
        await hotline("token", "create", "night bot", "--email", "staff@haven.example", *here, "--json")
    ).json
    assert made["name"] == "night bot"
    assert len(made["secret"]) == 43
    listed = await hotline("token", "list", *here, "--json")
    assert [(one["name"], one["owner"], one["used_at"]) for one in listed.json] == [
        ("night bot", "staff@haven.example", None)
    ]
    assert made["secret"] not in listed.out
    shown = await hotline("token", "create", "two", "--email", "staff@haven.example", *here)
    assert re.fullmatch(r"\S{43}\n", shown.out), "the secret alone, to be written into a file"
    taken = await hotline("token", "create", "two", "--email", "manager@haven.example", *here)
    assert (taken.code, taken.problems) == (1, "hotline: name is already taken\n")
    assert (await hotline("token", "revoke", "two", *here)).code == 0
    assert (await hotline("token", "revoke", "two", *here)).code == 1


@ensureDeferred
async def test_master_keys(hotline, place, database, now):
    """A new one wraps everything; the old one goes when nothing needs it, and not before."""
    await make_client(database, await make_house(database, now()), now())
    [first] = (await hotline("keys", "list", *place, "--json")).json_lines
    assert (first["newest"], first["needed"]) == (True, True)
    added = (await hotline("keys", "add", *place, "--json")).json
    early = await hotline("keys", "forget", *place)
    assert (early.code, first["key"] in early.problems) == (1, True)
    rotated = (await hotline("keys", "rotate", *place, "--json")).json
    assert rotated == {"key": added["key"], "organisations": 1}, "the one that was added is used"
    assert (await hotline("keys", "forget", *place, "--json")).json == {"forgotten": 1}
    assert (await hotline("keys", "rotate", *place, "--json")).json["key"] not in (first["key"], added["key"])
    shown = await hotline("keys", "list", *place, "--json")
    assert [key["needed"] for key in shown.json_lines] == [False, True]
    assert not re.search("[0-9a-f]{64}", shown.out), "no key itself is ever shown"


@ensureDeferred
async def test_receipts(hotline, place, database, now, dsn):
    """Listed in order, verified; one that is missing or altered shows, whoever did it."""
    house = await make_house(database, now())
    for _ in range(3):
        async with database.transaction(house.organisation_id) as tx:
            await receipts.add(tx, house.organisation_id, "retention", {"rooms": 1, "notes": 0}, now())
    here = ("--organisation", "haven", *place)
    listed = (await hotline("receipts", "list", *here, "--json")).json_lines
    assert [(one["number"], one["kind"], one["counts"]) for one in listed] == [
        (number, "retention", {"rooms": 1}) for number in (1, 2, 3)
    ]
    verified = (await hotline("receipts", "verify", *here, "--json")).json
    assert verified["receipts"] == 3
    noted = ("receipts", "verify", *here, "--noted")
    assert (await hotline(*noted, verified["end"])).code == 0
    for wrong in ("4:" + verified["end"][2:], "2:" + verified["end"][2:]):
        missed = await hotline(*noted, wrong)
        assert (missed.code, f"{wrong[0]} is missing, or is not the one" in missed.problems) == (1, True)
    connection = psycopg2.connect(dsn)
    for change, sentence in (
        ("UPDATE receipts SET counts = '{\"rooms\": 2}' WHERE number = 2", "2 was altered"),
        ("DELETE FROM receipts WHERE number = 3", "after 2 there are some missing, up to 3"),
        ("DELETE FROM receipts WHERE number = 1", "between 0 and 2 there are some missing"),
    ):
        cursor = connection.cursor()
        cursor.execute("SET ROLE hotline_app")
        cursor.execute("SELECT set_config('hotline.organisations', %s, false)", (house.organisation_id,))
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(change)
        connection.rollback()
        cursor.execute("ALTER TABLE receipts NO FORCE ROW LEVEL SECURITY")
        cursor.execute(change)
        cursor.execute("ALTER TABLE receipts FORCE ROW LEVEL SECURITY")
        connection.commit()
        broken = await hotline("receipts", "verify", *here)
        assert (broken.code, sentence in broken.problems) == (1, True), broken
    connection.close()


@ensureDeferred
async def test_audit(hotline, place, database, now, dsn):
    """What commands do is an operator's; listed in order; an entry that was altered shows."""
    await make_house(database, now())
    here = ("--organisation", "haven", *place)
    await hotline("token", "create", "robot", "--email", "staff@haven.example", *here)
    await hotline("token", "revoke", "robot", *here)
    await hotline("staff", "remove", "staff@haven.example", *here)
    listed = (await hotline("audit", "list", *here, "--json")).json_lines
    assert [(one["number"], one["action"], one["actor"]) for one in listed] == [
        (number, action, {"id": "", "name": "operator"})
        for number, action in enumerate(("token.made", "token.revoked", "person.removed"), 1)
    ]
    shown = (await hotline("audit", "list", *here)).out
    assert "token.made" in shown
    assert "robot" not in shown
    assert (await hotline("audit", "verify", *here, "--json")).json["entries"] == 3
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute("ALTER TABLE audit NO FORCE ROW LEVEL SECURITY")
    cursor.execute("UPDATE audit SET actor_id = 'x' WHERE number = 2")
    connection.commit()
    connection.close()
    broken = await hotline("audit", "verify", *here)
    assert (broken.code, "2 was altered" in broken.problems) == (1, True), broken


@ensureDeferred
async def test_backup_and_restore(hotline, place, database, now, empty_dsn, tmp_path):
    """A backup made while others write holds everything, and comes back here or in an empty database."""
    house = await make_house(database, now())
    for name in NAUGHTY:
        await make_client(database, house, now(), name)
    file, keys = tmp_path / "all.backup", tmp_path / "keys.backup"
    saved = await hotline("backup", file, "--keys", keys, *place, "--json")
    assert saved.code == 0, saved.problems
    assert {path.stat().st_mode & 0o777 for path in (file, keys)} == {0o600}
    assert {path.name for path in tmp_path.iterdir() if "backup" in path.name} == {file.name, keys.name}

    await hotline("org", "delete", "haven", "--yes", *place)
    back = await hotline("restore", file, "--keys", keys, "--yes", *place, "--json")
    assert (back.code, back.json["organisations"]) == (0, 1), back.problems
    assert (back.json["unreadable"], set(back.json["without_keys"].values())) == (None, {0})
    assert len((await hotline("staff", "list", "--organisation", "haven", *place, "--json")).json) == 3

    elsewhere = ("--database", as_url(empty_dsn), "--data", str(tmp_path / "other"), *place[-2:])
    unread = (await hotline("restore", file, "--keys", keys, *elsewhere[:-2], "--json")).json["unreadable"]
    assert "master_keys is missing" in unread
    both = ("restore", file, "--keys", keys, "--yes", *elsewhere, "--json")
    assert (await hotline(*both)).json["unreadable"] is None
    connection = psycopg2.connect(empty_dsn)
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM clients")
    assert cursor.fetchone() == (len(NAUGHTY),)
    connection.close()
    findings = (await hotline("doctor", *elsewhere, "--json")).json
    assert {one["check"] for one in findings if not one["ok"]} <= {
        "data directory",
        "browser app",
        "passwords of hotline's own",
    }
    assert (
        await hotline("org", "create", "New", "--username", "A", "--email", "a@x.example", *elsewhere)
    ).code == 0

    refused = await hotline("restore", file, *place)
    assert (refused.code, "will be replaced" in refused.problems) == (1, True)


@ensureDeferred
async def test_export(hotline, place, database, now, tmp_path):
    """Two files for their owner alone, of this organisation and no other."""
    house, other = await make_house(database, now()), await make_house(database, now(), "harbour")
    await make_client(database, house, now(), "Ada")
    await make_client(database, other, now(), "Bo")
    made = await hotline("org", "export", "haven", tmp_path / "out", *place, "--json")
    assert made.code == 0, made.problems
    files = [Path(file) for file in made.json["files"]]
    assert sorted(files) == sorted((tmp_path / "out").iterdir())
    assert [(file.name, file.stat().st_mode & 0o777) for file in files] == [
        ("haven.json", 0o600),
        ("haven.html", 0o600),
    ]
    found = json.loads(files[0].read_text())
    assert [one["client"]["name"] for one in found["conversations"]] == ["Ada"]
    assert ">Ada<" in files[1].read_text()
    assert ">Bo<" not in files[1].read_text()
    for arguments in (("nowhere", tmp_path / "out"), ("haven", files[0])):
        refused = await hotline("org", "export", *arguments, *place)
        assert (refused.code, refused.problems.count("\n")) == (1, 1), arguments


@ensureDeferred
async def test_keys_are_kept_apart(hotline, place, database, now, reactor, dsn, tmp_path):
    """A dump has no keys in it; with keys of later, what was deleted meanwhile is left out."""
    house = await make_house(database, now())
    clients = [await make_client(database, house, now(), name) for name in ("Ada", "Bo", "Cy")]
    file, early, late = (tmp_path / name for name in ("all", "early", "late"))
    assert (await hotline("backup", file, "--keys", early, *place)).code == 0
    with tarfile.open(file) as archive:
        assert not set(json.load(archive.extractfile("sums.json"))) & set(data_keys.TABLES)
    async with database.transaction(house.organisation_id) as tx:
        await delete_room(tx, house.organisation_id, clients[0].room_id, "client", now())
    another = await make_client(database, house, now(), "Di")
    assert (await hotline("backup", "--keys", late, *place)).code == 0
    assert late.stat().st_mode & 0o777 == 0o600

    proved = await hotline("backup", "--verify", file, "--keys", late, *place, "--json")
    assert proved.code == 0, proved.problems
    assert proved.json["without_keys"] == {"rooms": 1, "clients": 1, "surveys": 0, "blocks": 0}

    alone = await hotline("restore", file, "--yes", *place)
    assert "cannot be read: 3 conversations, 3 clients without a key" in alone.out
    assert "hotline restore FILE --keys KEYFILE" in alone.out
    back = await hotline("restore", file, "--keys", late, "--yes", *place)
    assert back.code == 0, back.problems
    assert f"Left out, because their keys are not in {late}: 1 conversation, 1 client." in back.out
    here = ("--organisation", "haven", *place)
    assert [one["counts"] for one in (await hotline("receipts", "list", *here, "--json")).json_lines] == [
        {"rooms": 1, "messages": 1, "clients": 1}
    ]
    assert (await hotline("receipts", "verify", *here)).code == 0
    reader = Database(reactor, dsn, size=1, keys=make_keys())
    try:
        async with reader.transaction(house.organisation_id) as tx:
            names = {(await get_profile(tx, house.organisation_id, one.room_id)).name for one in clients[1:]}
            with pytest.raises(NotFound):
                await get_profile(tx, house.organisation_id, another.room_id)
    finally:
        reader.close()
    assert names == {"Bo", "Cy"}

    bad = tmp_path / "bad"
    with tarfile.open(early) as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    sums = json.loads((tmp_path / "parts" / "sums.json").read_text())
    sums["data_keys"]["rows"] -= 1
    (tmp_path / "parts" / "sums.json").write_text(json.dumps(sums))
    with tarfile.open(bad, "w") as archive:
        for part in ("sums.json", "database.dump"):
            archive.add(tmp_path / "parts" / part, part)
    for arguments, sentence in (
        (("restore", file, "--yes", "--keys", bad), "the keys are not what they were: data_keys"),
        (("restore", file, "--yes", "--keys", file), "is not what hotline backup --keys made"),
        (("restore", early, "--yes", "--keys", early), "is not a backup of hotline"),
        (("restore", file, "--yes", "--keys", tmp_path / "none"), "there is no file"),
        (("restore", KEPT, "--yes", "--keys", early), "was made before there were keys"),
        (("backup",), "give a FILE"),
        (("backup", "--verify", "--keys", early), "which FILE"),
        (("backup", file, "--keys", file), "two files"),
    ):
        refused = await hotline(*arguments, *place)
        assert (refused.code, refused.problems.count("\n")) == (1, 1), arguments
        assert sentence in refused.problems
    assert len((await hotline("receipts", "list", *here, "--json")).json_lines) == 1, "as it was"


@ensureDeferred
async def test_a_deleted_organisation_stays_deleted(hotline, place, database, now, dsn, tmp_path):
    """Restored with keys of later, nothing of it comes back, no key is made for it, and it is named; one in
    which nothing was sealed yet never had a key, and comes back."""
    await make_client(database, await make_house(database, now(), "gone"), now())
    await make_client(database, await make_house(database, now(), "kept"), now())
    await make_house(database, now(), "unused")
    made = ("org", "create", "Empty", "--username", "A", "--email", "a@x.example")
    assert (await hotline(*made, *place)).code == 0
    file, early, late = (tmp_path / name for name in ("all", "early", "late"))
    assert (await hotline("backup", file, "--keys", early, *place)).code == 0
    for slug in ("gone", "empty"):
        assert (await hotline("org", "delete", slug, "--yes", *place)).code == 0
    assert (await hotline("backup", "--keys", late, *place)).code == 0

    proved = await hotline("backup", "--verify", file, "--keys", late, *place, "--json")
    assert (proved.code, proved.json["organisations_without_keys"]) == (0, ["empty", "gone"]), proved.problems
    back = await hotline("restore", file, "--keys", late, "--yes", *place)
    assert f"Left out whole, because their keys are not in {late}: empty, gone." in back.out
    assert "2 organisations." in back.out
    assert [one["slug"] for one in (await hotline("org", "list", *place, "--json")).json] == [
        "kept",
        "unused",
    ]
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute("SELECT slug FROM organisation_keys JOIN organisations USING (organisation_id)")
    assert cursor.fetchall() == [("kept",)]
    connection.close()
    early_again = await hotline("restore", file, "--keys", early, "--yes", *place, "--json")
    assert (early_again.json["organisations"], early_again.json["organisations_left_out"]) == (4, [])


@ensureDeferred
async def test_a_backup_is_proved(hotline, place, database, now, dsn, tmp_path):
    """Whole: yes. Of bytes that were altered, of other rows, or without sums: no, and with the reason."""
    house = await make_house(database, now())
    for name in NAUGHTY:
        await make_client(database, house, now(), name)
    file, keys = tmp_path / "all.backup", tmp_path / "keys.backup"
    assert (await hotline("backup", file, "--keys", keys, *place)).code == 0
    proved = await hotline("backup", "--verify", file, "--keys", keys, *place, "--json")
    assert proved.code == 0, proved.problems
    assert proved.json["rows"] > len(NAUGHTY)
    assert set(proved.json["without_keys"].values()) == {0}

    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    sums = json.loads((tmp_path / "parts" / "sums.json").read_text())
    sums["clients"]["rows"] += 1
    (tmp_path / "parts" / "sums.json").write_text(json.dumps(sums))
    with tarfile.open(tmp_path / "other", "w") as archive:
        for part in ("sums.json", "database.dump"):
            archive.add(tmp_path / "parts" / part, part)
    (tmp_path / "altered").write_bytes(file.read_bytes()[:-20_000] + bytes(20_000))
    for path, sentence in (
        (tmp_path / "other", "does not hold what the database held: clients"),
        (tmp_path / "parts" / "database.dump", "does not tell what it should hold"),
        (tmp_path / "altered", ""),
        (tmp_path / "missing", "there is no file"),
    ):
        refused = await hotline("backup", "--verify", path, *place)
        assert (refused.code, refused.problems.count("\n")) == (1, 1), path
        assert sentence in refused.problems


@ensureDeferred
async def test_a_backup_of_the_first_schema_in_use_comes_back(hotline, reactor, empty_dsn, tmp_path):
    """A file made by the hotline of then: restored, brought forward, all of it there and read as before."""
    keys = ("--master-keys", str(write_master_keys(tmp_path)))
    here = ("--database", as_url(empty_dsn), "--data", str(tmp_path / "data"), *keys)
    back = await hotline("restore", KEPT, *here, "--json")
    assert (back.code, back.json["organisations"]) == (0, 2), back.problems
    assert back.json["migrations"] == sum(number > 7 for number, _ in migrations())
    staff = (await hotline("staff", "list", "--organisation", "lighthouse-helpline", *here, "--json")).json
    assert [(one["name"], one["role"]) for one in staff] == [("Maria", "manager"), ("Sam", "staff")]
    connection = psycopg2.connect(empty_dsn)
    cursor = connection.cursor()
    cursor.execute("SELECT organisation_id, room_id, min(member_id) FROM members GROUP BY 1, 2")
    rooms = cursor.fetchall()
    connection.close()
    assert back.json["sealed"] == 18, "each room and each client"
    database = Database(reactor, empty_dsn, size=1, keys=make_keys())
    kept = []
    for organisation_id, room_id, member_id in rooms:
        async with database.transaction(organisation_id) as tx:
            found, more = await list_as_member(
                tx, organisation_id, room_id, member_id, limit=100, after=0, before=None
            )
            assert not more
            assert [one.seq for one in found] == list(range(1, len(found) + 1))
            kept += found
    database.close()
    assert (len(rooms), len(kept)) == (9, 34)
    assert "It began when I moved here." in {message.text for message in kept}


@ensureDeferred
async def test_restore_of_something_else_changes_nothing(hotline, place, database, now, tmp_path, empty_dsn):
    """A file that is no backup, or of another program, is refused, and all is as before."""
    await make_house(database, now())
    (tmp_path / "text").write_text("hello")
    cut = tmp_path / "cut"
    await hotline("backup", cut, *place)
    cut.write_bytes(cut.read_bytes()[:-20_000])
    foreign = tmp_path / "foreign"
    connection = psycopg2.connect(empty_dsn)
    connection.cursor().execute("CREATE TABLE somebody_elses (id int)")
    connection.commit()
    connection.close()
    await hotline("backup", foreign, "--database", as_url(empty_dsn), "--data", str(tmp_path / "other"))
    for file in ("text", "cut", "foreign", "missing"):
        ran = await hotline("restore", tmp_path / file, "--yes", *place)
        assert ran.code == 1, file
        assert ran.problems.count("\n") == 1
        assert len((await hotline("staff", "list", "--organisation", "haven", *place, "--json")).json) == 3
    assert (await hotline("backup", tmp_path / "no" / "where", *place)).code == 1


@ensureDeferred
async def test_doctor_names_what_mends(hotline, place, dsn, tmp_path, monkeypatch):
    """All in order: 0. Else 1, and each finding has what mends it."""
    (tmp_path / "data").mkdir()
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HOTLINE_DATABASE", place[1])
        checks = {one["check"]: one for one in (await hotline("doctor", *place[2:], "--json")).json}
    assert all(one["ok"] for name, one in checks.items() if name != "browser app"), checks
    assert all((one["mend"] is None) == one["ok"] for one in checks.values())
    assert {"LISTEN", "clock", "disk", "keys", "notification queue", "mail"} <= checks.keys()

    (tmp_path / "data" / "pepper").write_bytes(b"x" * 32)
    (tmp_path / "data" / "pepper").chmod(0o644)
    connection = psycopg2.connect(dsn)
    connection.cursor().execute("ALTER TABLE messages NO FORCE ROW LEVEL SECURITY")
    connection.commit()
    connection.close()
    many = tmp_path / "many.toml"
    many.write_text("[limits]\nconnections = 3000000\n")
    words = tmp_path / "words"
    words.write_text("password\n")
    options = ("--mail", "smtp://127.0.0.1:1", "--config", many, "--leaked-passwords", words)
    ran = await hotline("doctor", *place, *options)
    assert ran.code == 1
    assert ", where [limits] allows 3000000" in ran.out
    for line in (
        "passwords of hotline's own: --database has a password, and every user of this machine can see",
        f"mend: chmod 600 {tmp_path}/data/pepper",
        "mend: ALTER TABLE messages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;",
        "mend: correct --mail",
        "mend: correct --leaked-passwords",
        "mend: LimitNOFILE=3000128 in the unit of systemd, or ulimit -Hn 3000128",
    ):
        assert line in ran.out


@ensureDeferred
async def test_doctor_looks_at_what_postgresql_logs(hotline, place, dsn, postgres):
    """Each setting by which addresses come into its log is named, with the command that mends it."""
    name = parse_dsn(dsn)["dbname"]
    wrong = {
        "log_statement": "mod",
        "log_min_duration_statement": "250ms",
        "log_min_error_statement": "error",
        "log_error_verbosity": "default",
    }
    try:
        for setting, value in wrong.items():
            administer(postgres.administrator, f"ALTER DATABASE {name} SET {setting} = '{value}'")
        found = await log_finding(hotline, place)
        assert not found["ok"]
        assert found["finding"].endswith(
            ", ".join(f"{setting} = {value}" for setting, value in wrong.items())
        )
        for command in found["mend"].split("; "):
            administer(postgres.administrator, command)
        assert (await log_finding(hotline, place))["ok"]
    finally:
        administer(postgres.administrator, f"ALTER DATABASE {name} RESET ALL")


async def log_finding(hotline, place):
    """What the doctor says of PostgreSQL's log."""
    return {one["check"]: one for one in (await hotline("doctor", *place, "--json")).json}["PostgreSQL's log"]


@ensureDeferred
async def test_doctor_opens_every_key(hotline, place, database, now, dsn, tmp_path):
    """A key that was altered, or is not there, is found, with what mends it."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute("ALTER TABLE data_keys NO FORCE ROW LEVEL SECURITY")
    connection.commit()
    for change, sentence in (
        (
            "UPDATE data_keys SET wrapped = wrapped || 'x' WHERE owner_id = %s",
            "of 1 of 1 organisations cannot",
        ),
        ("DELETE FROM data_keys WHERE owner_id = %s", "of 1 conversation are not there"),
    ):
        before = {one["check"]: one for one in (await hotline("doctor", *place, "--json")).json}
        cursor.execute(change, (client.room_id,))
        connection.commit()
        found = {one["check"]: one for one in (await hotline("doctor", *place, "--json")).json}
        assert (sentence in found["keys"]["finding"], found["keys"]["ok"]) == (True, False)
        assert "hotline restore FILE --keys KEYFILE" in found["keys"]["mend"]
    connection.close()
    assert "cannot be opened" in before["keys"]["finding"]


@pytest.mark.parametrize(
    ("finding", "mend"),
    [
        (of_disk(Path("/data"), 5 * 2**20), "make room: du -xh /data"),
        (next(of_bell(Bell(rings=False, queue_usage=0, seconds_ahead=0))), "not to a pooler"),
        ([*of_bell(Bell(rings=True, queue_usage=0.7, seconds_ahead=0))][1], "idle in transaction"),
        ([*of_bell(Bell(rings=True, queue_usage=0, seconds_ahead=-6.2))][2], "timedatectl set-ntp true"),
    ],
    ids=["disk", "LISTEN", "queue", "clock"],
)
def test_what_is_around_the_database(finding, mend):
    """Too little room, a deaf or stuck database and another clock are told, each with what mends it."""
    assert (finding.ok, mend in finding.mend) == (False, True)


@ensureDeferred
async def test_schema(hotline, place, empty_dsn, tmp_path):
    """On an empty database commands say what to do, migrate does it, and twice does no harm."""
    fresh = ("--database", as_url(empty_dsn), "--data", str(tmp_path))
    refused = await hotline("org", "list", *fresh)
    assert (refused.code, refused.problems) == (
        1,
        "hotline: the database is older than this hotline: run hotline migrate\n",
    )
    findings = {one["check"]: one for one in (await hotline("doctor", *fresh, "--json")).json}
    assert findings["schema"]["mend"] == "hotline migrate"
    assert (await hotline("migrate", *fresh, "--json")).json["applied"] >= 1
    assert (await hotline("migrate", *fresh, "--json")).json["applied"] == 0
    assert (await hotline("org", "list", *fresh)).code == 0


@ensureDeferred
async def test_unreachable_databases(hotline, tmp_path):
    """One line, no traceback, and no password in it."""
    nowhere = await hotline(
        "org", "list", "--database", "postgresql://u:secret@127.0.0.1:1/x", "--data", tmp_path
    )
    assert nowhere.code == 1
    assert nowhere.problems.startswith("hotline: the database cannot be used: ")
    assert nowhere.problems.count("\n") == 1
    assert "secret" not in nowhere.problems
    empty = await hotline("org", "list", "--data", tmp_path / "empty")
    assert (empty.code, empty.problems.endswith("run hotline migrate\n")) == (1, True)
    assert not (tmp_path / "empty").exists()
    wrong = await hotline("org", "list", "--database", "mysql://x", "--json")
    assert json.loads(wrong.problems)["error"] == "hotline.error.start"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("org",),
        ("org", "create"),
        ("say", "room"),
        ("watch", "--realm", "x", "t", "--count", "0"),
    ],
)
def test_not_understood(arguments, monkeypatch, capsys):
    """Exit code 2 and how it is used, as everywhere."""
    monkeypatch.setattr(sys, "argv", ["hotline", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith("usage: hotline")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("watch", "--realm", "x", "t", "--count", "many"), "--count: must be a whole number, 1 or more"),
        (("audit", "verify", "--organisation", "x", "--noted", "7"), "--noted: must be as in the log"),
        (("receipts", "verify", "--organisation", "x", "--noted", "a:b"), "--noted: must be as in the log"),
    ],
)
def test_values_that_are_none(arguments, words, capsys):
    """The line says what the value must be, in words of no program."""
    with pytest.raises(SystemExit) as ended:
        make_parser().parse_args(arguments)
    last = capsys.readouterr().err.splitlines()[-1]
    assert ended.value.code == 2
    assert words in last


def test_what_a_call_needs(capsys):
    """A call without arguments of its own is one."""
    with pytest.raises(SystemExit):
        make_parser().parse_args(["call"])
    assert capsys.readouterr().err.endswith("are required: --realm, procedure\n")


@pytest.mark.parametrize("line", ["org list --json", "--json org list", "--json migrate", "migrate --json"])
def test_json_before_or_behind_the_command(line):
    """And only if it is there."""
    assert make_parser().parse_args(line.split()).json
    assert not make_parser().parse_args(line.replace("--json", "").split()).json


def test_the_exit_code_is_that_of_the_process():
    """What nobody understands, from a shell."""
    ran = from_a_shell("nonsense")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("usage: hotline")


def test_texts_cannot_steer_the_terminal():
    """Control characters, also those that turn text around, are shown, not sent."""
    assert plain("a\x1b[31mb\r\n\u202ec\ud800") == "a\\x1b[31mb\\r\\n\\u202ec\\ud800"
    assert plain("Grüße 👾") == "Grüße 👾"


@ensureDeferred
async def test_scripted_client(hotline, dsn, database, now, tmp_path, reactor):
    """Call, watch and say against a real daemon, over WebSocket and RawSocket, and what goes wrong."""
    house = await make_house(database, now())
    socket = tmp_path / "rs"
    daemon = Daemon(reactor, tmp_path, "--database", as_url(dsn), "--transport", f"rawsocket:unix:{socket}")
    await daemon.start()
    try:
        place = ("--organisation", "haven", "--database", as_url(dsn), "--data", tmp_path)
        ticket = tmp_path / "ticket"
        ticket.write_text(
            (await hotline("token", "create", "bot", "--email", "staff@haven.example", *place)).out
        )
        visitor = ("--url", daemon.url, "--realm", "haven")
        login = ("--authid", "bot", "--ticket-file", ticket)
        web, raw = (*visitor, *login), ("--url", f"rs://unix:{socket}", "--realm", "haven", *login)

        described = await hotline("call", "hotline.anteroom.describe", *visitor, "--json")
        assert described.json["organisation"] == "Haven"
        for way in (web, raw):
            assert (await hotline("call", "hotline.me.get", *way, "--json")).json["id"] == house.staff.id
        await hotline("call", "hotline.anteroom.enter", "name=Robin", 'answers={"age": "17"}', *visitor)
        [waiting] = (await hotline("call", "hotline.clientlist.get", *raw, "--json")).json
        room = waiting["room"]
        profile = await hotline("call", "hotline.room.profile", f"room={room}", *web, "--json")
        assert profile.json["answers"] == {"age": "17"}
        assert (await hotline("call", "hotline.room.claim", f"room={room}", *web)).code == 0

        out, problems = io.StringIO(), io.StringIO()
        watching = make_parser().parse_args(
            [*map(str, ("watch", f"hotline.room.{room}", "--count", len(NAUGHTY), *raw, "--json"))]
        )
        watched = Deferred.fromCoroutine(run(reactor, watching, out, problems))
        await until(reactor, lambda: "watching" in problems.getvalue())
        for number, text in enumerate(NAUGHTY):
            assert (await hotline("say", room, text, "--nonce", f"n{number}", *web)).out == "said\n"
        assert await watched == 0
        events = [json.loads(line) for line in out.getvalue().splitlines()]
        assert [event["args"][0] for event in events] == list(NAUGHTY)
        history = await hotline(
            "call", "hotline.room.history", f"room={room}", "after=2", "limit=3", *web, "--json"
        )
        assert [message["text"] for message in history.json["messages"]] == list(NAUGHTY[:3])

        for arguments, error in (
            (("say", room, "other", "--nonce", "n0", *web), "hotline.error.nonce_reused"),
            (("say", room, "  ", *web), "hotline.error.invalid"),
            (("call", "hotline.nothing", *web), "wamp.error"),
            (("call", "hotline.me.get", *visitor), "hotline.error.not_allowed"),
            (("call", "hotline.me.get", "x=1", *web), "hotline.error.invalid"),
            (("call", "hotline.me.get", "nonsense", *web), "has to be name=value"),
            (("call", "hotline.me.set_presence", "presence=NaN", *web), "hotline.error.invalid"),
            (("call", "hotline.me.set_presence", "presence=1e999", *web), "hotline.error.invalid"),
            (("call", "hotline.me.set_presence", 'presence="\\ud800"', *web), "hotline.error.invalid"),
            (("call", "hotline.me.set_presence", "presence=\udcff", *web), "is not UTF-8"),
            (("watch", "hotline.room.\udcff", *web), "is not UTF-8"),
            (("call", "", *web), "wamp.error.invalid_uri"),
            (("watch", "hotline. room", *web), "wamp.error.invalid_uri"),
            (("say", "no room", "Hello", *web), "wamp.error.invalid_uri"),
            (("watch", "hotline.room.zzz", *web), "wamp.error.not_authorized"),
            (("call", "x", "--url", daemon.url, "--realm", "nowhere"), "wamp.error.no_such_realm"),
            (("call", "x", *visitor, "--authid", "bot", "--ticket-file", __file__), "wamp.error"),
            (("call", "x", *visitor, "--authid", "bot"), "go together"),
            (("call", "x", "--realm", "haven", "--url", daemon.base + "/login"), "has to be ws://"),
            (
                ("call", "x", "--realm", "haven", "--url", f"ws://127.0.0.1:{daemon.port}/"),
                "connection ended",
            ),
            (("call", "x", "--realm", "haven", "--url", "ws://127.0.0.1:1/ws"), "cannot be reached"),
            (("call", "x", "--realm", "haven", "--url", "rs://unix:/nowhere"), "cannot be reached"),
        ):
            ran = await hotline(*arguments)
            assert ran.code == 1, arguments
            assert ran.out == ""
            assert error in ran.problems
            last = ran.problems.splitlines()[-1]
            assert last.startswith("hotline: ")

        watched = Deferred.fromCoroutine(
            run(
                reactor,
                make_parser().parse_args([*map(str, ("watch", "hotline.clientlist", *web))]),
                out,
                problems,
            )
        )
        await until(reactor, lambda: "watching hotline.clientlist" in problems.getvalue())
        await daemon.stop()
        assert await watched == 1
        assert problems.getvalue().endswith("hotline: the connection ended\n")
    finally:
        if daemon.is_running:
            await daemon.stop()


@ensureDeferred
async def test_commands_on_the_embedded_database(hotline, open_directory, reactor):
    """Without a daemon the command runs PostgreSQL for itself; with one it uses the daemon's."""
    place = ("--data", str(open_directory))
    write_master_keys(open_directory)
    assert (await hotline("migrate", *place)).code == 0
    assert (
        await hotline("org", "create", "Haven", "--username", "A", "--email", "a@x.example", *place)
    ).code == 0
    daemon = Daemon(reactor, open_directory)
    await daemon.start()
    try:
        assert [one["slug"] for one in (await hotline("org", "list", *place, "--json")).json] == ["haven"]
        invite = ("staff", "invite", "b@x.example", "--organisation", "haven", *place, "--json")
        assert (await hotline(*invite)).json["link"].startswith(f"{daemon.base}/register/user/")
        elsewhere = await hotline(*invite, "--public-url", "https://help.example")
        assert elsewhere.json["link"].startswith("https://help.example/")
        assert (await hotline("backup", open_directory / "b", *place)).code == 0
        assert (await hotline("doctor", *place, "--json")).json[0]["ok"]
        back = await hotline("restore", open_directory / "b", "--yes", *place, "--json")
        assert (back.code, back.json["restart"]) == (0, True)
        described = await hotline(
            "call", "hotline.anteroom.describe", "--url", daemon.url, "--realm", "haven", "--json"
        )
        assert described.json["organisation"] == "Haven"
    finally:
        await daemon.stop()
