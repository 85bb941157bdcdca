"""WAMP clients that others have written tell one story; in the middle of it the daemon is killed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_twisted import ensureDeferred

from hotline.store import tokens
from hotline.store.database import Database
from hotline.store.ids import new_secret, secret_hash
from hotline.store.tokens import Keys
from tests.helpers import House
from tests.system.conftest import MakeDaemon, dsn_url, house_with_tokens
from tests.system.daemon import ROOT, _Process, free_port, until

HERE = Path(__file__).parent
TELLING_SECONDS = 40.0

# `make` puts a Node.js there when the machine has none.
PATH = f"{ROOT / '.venv' / 'node'}:{os.environ['PATH']}"

WEBSOCKET = [("websocket", "json"), ("websocket", "msgpack"), ("websocket", "cbor")]
RAWSOCKET = [("rawsocket", "json"), ("rawsocket", "msgpack"), ("rawsocket", "cbor")]
# What it offers when nobody tells it what to, and in what the two then speak: see `SPOKEN`.
DEFAULT = ("websocket", None)
# Each with every transport and serializer that it has (of those that the specification names).
CLIENTS = {
    ("autobahn_python.py", "asyncio"): [*WEBSOCKET, DEFAULT, *RAWSOCKET],
    ("autobahn_python.py", "twisted"): [*WEBSOCKET, DEFAULT, *RAWSOCKET],
    ("autobahn_js.mjs",): [*WEBSOCKET, DEFAULT, ("rawsocket", "json")],
    ("wampy_js.mjs",): WEBSOCKET,
}
SPOKEN = {"autobahn_python.py": "cbor.batched", "autobahn_js.mjs": "json"}
# How the two scripts of a story log in. Autobahn for Python has SCRAM as an earlier draft had it.
METHODS = {
    "autobahn_python.py": ["ticket", "wampcra", "cryptosign"],
    "autobahn_js.mjs": ["ticket", "wampcra", "cryptosign", "wamp-scram"],
    "wampy_js.mjs": ["ticket", "wampcra", "cryptosign"],
}
CHAPTERS = ["before", "after"]
# It does not notice the end of a RawSocket connection: it tells the first chapter only.
DOES_NOT_COME_BACK = (("autobahn_js.mjs",), "rawsocket")


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the libraries that the lock file names beside the scripts."""
    if not (HERE / "node_modules" / "autobahn").is_dir():
        # autobahn-js asks for Node.js 22 because of the WebSocket in it; the script brings another.
        bring = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        subprocess.run(bring, cwd=HERE, env={**os.environ, "PATH": PATH}, check=True)
    node = shutil.which("node", path=PATH)
    assert node is not None, "the JavaScript clients need Node.js"
    return node


SEED = b"interoperation, in 32 octets now"
SALT = "0123456789abcdef0123456789abcdef"
ITERATIONS = 4096
LOGINS = {
    "ticket": {"authid": "manager", "secret": "manager-secret"},
    "wampcra": {"authid": "prover", "secret": "prover-secret"},
    "wamp-scram": {"authid": "prover", "secret": "prover-secret"},
    "cryptosign": {"authid": "signer", "secret": SEED.hex()},
}


async def add_tokens_with_keys(database: Database, house: House) -> None:
    """The manager's `prover`, for CRA and SCRAM, and `signer`, for cryptosign."""
    salted = hashlib.pbkdf2_hmac("sha256", b"prover-secret", SALT.encode(), ITERATIONS)
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    now = datetime.now(UTC)
    async with database.transaction(house.organisation_id) as tx:
        for name, keys in (
            ("prover", Keys(salt=SALT, iterations=ITERATIONS, salted_key=salted)),
            ("signer", Keys(salt=SALT, iterations=ITERATIONS, public_key=public)),
        ):
            digest = secret_hash(new_secret())
            await tokens.add(tx, house.organisation_id, house.manager.id, name, digest, now, keys)


def logins_of(library: str, number: int) -> list[dict[str, str]]:
    """The two logins of a library's way, so that all ways together have each of its methods."""
    methods = METHODS[library]
    chosen = [methods[(number + more) % len(methods)] for more in (0, 1)]
    return [{"method": method, **LOGINS[method]} for method in chosen]


@dataclass(slots=True, kw_only=True)
class Teller:
    """One library at work; it tells the story in all its ways at the same time."""

    library: tuple[str, ...]
    ways: dict[str, dict[str, Any]]
    """By their names."""
    process: _Process = field(default_factory=_Process)
    transport: Any = None

    @property
    def facts(self) -> dict[str, list[Any]]:
        """What it has told so far, way by way."""
        told: dict[str, list[Any]] = {name: [] for name in self.ways}
        for line in self.process.output.splitlines(keepends=True):
            if line[-1] == "\n":
                name, fact = json.loads(line)
                told[name].append(fact)
        return told

    async def has_told(self, reactor: Any, count: int) -> None:
        """Wait until it has told so many chapters in every way, as far as there are so many."""
        expected = {name: 1 + min(count, len(way["chapters"])) for name, way in self.ways.items()}

        def told() -> dict[str, int]:
            return {name: len(facts) for name, facts in self.facts.items()}

        await until(
            reactor,
            lambda: told() == expected or self.process.exit_code is not None,
            TELLING_SECONDS,
            f"{self.library} to tell {count} chapters",
        )
        assert told() == expected, f"{self.library}: {self.process.output}\n{self.process.errors}"

    def go_on(self) -> None:
        self.transport.write(b"\n")


def story(house: House, chapter: str, seqs: list[int]) -> dict[str, Any]:
    """The facts of a chapter, the same for everybody."""
    return {
        "chapter": chapter,
        "add": {"sum": 42, "note": "Grüße 👋"},
        "refused": {"uri": "org.error.no", "args": [1, "two"], "kwargs": {"three": [3, None, True]}},
        "nowhere": "wamp.error.no_such_procedure",
        "me": house.manager.name,
        "wrong": "hotline.error.not_found",
        "event": [[chapter, 1.5, {"deep": [1, [2]]}], {"when": chapter}],
        "message": [f"{chapter} 👋", seqs[-1], "message", "client", chapter],
        "seqs": seqs,
    }


@pytest.mark.slow
@ensureDeferred
async def test_a_story_with_a_crash(
    make_daemon: MakeDaemon, dsn: str, database: Database, reactor: Any, node: str
) -> None:
    """All ways to log in, RPC, events and rooms over every serializer, and again after kill -9."""
    raw = free_port()
    endpoint = f"rawsocket:tcp:{raw}:interface=127.0.0.1"
    daemon = make_daemon("--database", dsn_url(dsn), "--transport", endpoint)
    await daemon.start()
    house = await house_with_tokens(database)
    await add_tokens_with_keys(database, house)
    tellers: list[Teller] = []
    try:
        for library, known in CLIENTS.items():
            ways = [
                {
                    "url": daemon.url if kind == "websocket" else f"rs://127.0.0.1:{raw}",
                    "serializer": serializer,
                    "name": f"{len(tellers)}{kind}{serializer}",
                    "logins": logins_of(library[0], number),
                    "chapters": CHAPTERS[:1] if (library, kind) == DOES_NOT_COME_BACK else CHAPTERS,
                }
                for number, (kind, serializer) in enumerate(known)
            ]
            script, *more = library
            program = [sys.executable if script.endswith(".py") else node, str(HERE / script), *more]
            teller = Teller(library=library, ways={way["name"]: way for way in ways})
            line = [*program, house.slug, json.dumps(ways)]
            teller.transport = reactor.spawnProcess(teller.process, line[0], line, env=dict(os.environ))
            tellers.append(teller)
        for teller in tellers:
            await teller.has_told(reactor, 1)
        await daemon.kill()
        await daemon.start()
        for teller in tellers:
            teller.go_on()
        for teller in tellers:
            await teller.has_told(reactor, 2)
            teller.go_on()
        for teller in tellers:
            await until(reactor, lambda one=teller: one.process.exit_code is not None, 10, "its end")  # type: ignore[misc]
    finally:
        for teller in tellers:
            print(f"--- {teller.library}\n{teller.process.output}{teller.process.errors}")
            if teller.process.exit_code is None:
                teller.transport.signalProcess(signal.SIGKILL)
                await teller.process.ended
    for teller in tellers:
        assert teller.process.exit_code == 0
        assert "Traceback" not in teller.process.errors
        for name, (sessions, before, *after) in teller.facts.items():
            way = teller.ways[name]
            assert sessions == {
                "sessions": [
                    ["client", "anonymous"],
                    ["client", "ticket"],
                    *(["manager", login["method"]] for login in way["logins"]),
                ],
                "spoken": [way["serializer"] or SPOKEN[teller.library[0]]],
            }
            assert before == story(house, "before", [1, 2, 3])
            assert after == [story(house, "after", [1, 2, 3, 4])] * (len(way["chapters"]) - 1)
