"""WAMP-CRA, WAMP-SCRAM and cryptosign from HELLO to WELCOME, with the client's half written here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from scramp import ScramClient

from hotline.router.ports import Credentials
from tests.router.outside import ROLES, House, Peer

Connect = Callable[[], Peer]

SECRET = "a secret of some length"
SALT = "0123456789abcdef0123456789abcdef"
ITERATIONS = 4096
SALTED_KEY = hashlib.pbkdf2_hmac("sha256", SECRET.encode(), SALT.encode(), ITERATIONS)
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
CLIENT_NONCE = base64.b64encode(b"0123456789abcdef").decode()

DENIED = "wamp.error.authentication_denied"
WRONG = [3, {"message": "This is not the right answer."}, DENIED]


@pytest.fixture
def house() -> House:
    """A router that knows one script by its secret, another by its key."""
    house = House()
    script = Credentials(
        salt=SALT,
        iterations=ITERATIONS,
        salted_key=SALTED_KEY,
        public_key=None,
        authrole="manager",
        reference="manager",
    )
    public_key = PRIVATE_KEY.public_key().public_bytes_raw()
    house.outside.known = {
        "script": script,
        "a=b,c": script,
        "keyed": replace(script, salted_key=None, public_key=public_key),
    }
    return house


def hello(peer: Peer, method: str, authid: str | None = "script", **extra: Any) -> list[Any]:
    """HELLO with one method; gives the answer."""
    details = {"roles": ROLES, "authmethods": [method], "authid": authid, "authextra": extra}
    (answer,) = peer.say(1, "acme", details)
    return list(answer)


def sign_cra(extra: dict[str, Any], secret: str = SECRET) -> str:
    """What a client of WAMP-CRA answers."""
    salted = hashlib.pbkdf2_hmac(
        "sha256", secret.encode(), extra["salt"].encode(), extra["iterations"], extra["keylen"]
    )
    return base64.b64encode(
        hmac.digest(base64.b64encode(salted), extra["challenge"].encode(), "sha256")
    ).decode()


def sign_scram(
    extra: dict[str, Any], secret: str = SECRET, authid: str = "script"
) -> tuple[str, dict[str, Any], str]:
    """What a client of WAMP-SCRAM answers, and the verifier it expects."""
    salted = hashlib.pbkdf2_hmac(
        "sha256", secret.encode(), base64.b64decode(extra["salt"]), extra["iterations"]
    )
    message = (
        f"n={authid},r={CLIENT_NONCE},r={extra['nonce']},s={extra['salt']},i={extra['iterations']},"
        f"c=biws,r={extra['nonce']}"
    ).encode()
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    verifier = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
    told = {"nonce": extra["nonce"], "channel_binding": None, "cbind_data": None}
    return base64.b64encode(proof).decode(), told, "v=" + base64.b64encode(verifier).decode()


def sign_cryptosign(extra: dict[str, Any], key: Ed25519PrivateKey = PRIVATE_KEY) -> str:
    """What a client of cryptosign answers."""
    challenge = bytes.fromhex(extra["challenge"])
    return (key.sign(challenge) + challenge).hex()


def test_cra(connect: Connect) -> None:
    """The challenge names this session, the right signature is welcomed with the role the outside gives."""
    peer = connect()
    code, method, extra = hello(peer, "wampcra")
    assert (code, method) == (4, "wampcra")
    challenge = json.loads(extra["challenge"])
    assert challenge["session"] == peer.session.id
    assert (challenge["authid"], challenge["authrole"]) == ("script", "manager")
    (welcome,) = peer.say(5, sign_cra(extra), {})
    assert welcome[:2] == [2, challenge["session"]]
    assert [welcome[2][key] for key in ("authid", "authrole", "authmethod")] == [
        "script",
        "manager",
        "wampcra",
    ]


@pytest.mark.parametrize("authid", ["script", "a=b,c"])
def test_scram(connect: Connect, authid: str) -> None:
    """Both sides prove themselves; `,` and `=` in a name are escaped as in RFC 5802."""
    peer = connect()
    code, method, extra = hello(peer, "wamp-scram", authid, nonce=CLIENT_NONCE, channel_binding=None)
    assert (code, method, extra["kdf"], extra["memory"]) == (4, "wamp-scram", "pbkdf2", None)
    assert extra["nonce"].startswith(CLIENT_NONCE)
    proof, told, verifier = sign_scram(extra, authid=authid.replace("=", "=3D").replace(",", "=2C"))
    (welcome,) = peer.say(5, proof, told)
    assert welcome[0] == 2
    assert welcome[2]["authextra"] == {"verifier": verifier}
    assert welcome[2]["authmethod"] == "wamp-scram"


@pytest.mark.parametrize("authid", ["script", "a=b,c"])
def test_scram_as_others_understand_it(connect: Connect, authid: str) -> None:
    """A SCRAM-SHA-256 that knows nothing of WAMP is let in, and convinced of the router."""
    client = ScramClient(["SCRAM-SHA-256"], authid, SECRET, c_nonce=CLIENT_NONCE)
    assert client.get_client_first().startswith("n,,n=")
    peer = connect()
    _, _, extra = hello(peer, "wamp-scram", authid, nonce=CLIENT_NONCE)
    client.set_server_first(f"r={extra['nonce']},s={extra['salt']},i={extra['iterations']}")
    binding, nonce, proof = client.get_client_final().split(",", 2)
    assert (binding, nonce) == ("c=biws", f"r={extra['nonce']}")
    (welcome,) = peer.say(5, proof.removeprefix("p="), {"nonce": extra["nonce"]})
    # It raises what is not the proof of who has the salted key.
    client.set_server_final(welcome[2]["authextra"]["verifier"])


@pytest.mark.parametrize("named", [None, PRIVATE_KEY.public_key().public_bytes_raw().hex()])
def test_cryptosign(connect: Connect, named: str | None) -> None:
    """A signature of our challenge by the key the outside knows is welcomed."""
    peer = connect()
    extra = {} if named is None else {"pubkey": named}
    code, method, challenge = hello(peer, "cryptosign", "keyed", **extra)
    assert (code, method, len(challenge["challenge"])) == (4, "cryptosign", 64)
    (welcome,) = peer.say(5, sign_cryptosign(challenge), {})
    assert (welcome[0], welcome[2]["authmethod"]) == (2, "cryptosign")


def answers_to(method: str, extra: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Answers that are all wrong."""
    if method == "wampcra":
        signature = sign_cra(extra)
        return [
            (text, {}) for text in (sign_cra(extra, "guess"), "", "\u00e9", signature + "=", signature[:-1])
        ]
    if method == "cryptosign":
        other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
        signature = sign_cryptosign(extra)
        foreign = b"x" * 32
        return [
            (text, {})
            for text in (
                sign_cryptosign(extra, other),
                (PRIVATE_KEY.sign(foreign) + foreign).hex(),
                signature[:-2],
                signature[:128],
                "00" * 96,
                "zz",
                "\u00e9",
                "",
            )
        ]
    proof, told, _ = sign_scram(extra)
    return [
        (sign_scram(extra, "guess")[0], told),
        (proof, {}),
        (proof, {**told, "nonce": CLIENT_NONCE}),
        (proof, {**told, "channel_binding": "tls-unique"}),
        (proof, {**told, "cbind_data": "AAAA"}),
        (base64.b64encode(base64.b64decode(proof)[:-1]).decode(), told),
        ("", told),
        ("\u00e9", told),
    ]


METHODS = (("wampcra", "script"), ("wamp-scram", "script"), ("cryptosign", "keyed"))


@pytest.mark.parametrize(("method", "authid"), METHODS)
def test_wrong_answers(house: House, connect: Connect, method: str, authid: str) -> None:
    """Whatever is wrong with an answer, the peer hears the same, has no second try, and no realm appears."""
    count = len(answers_to(method, hello(connect(), method, authid, nonce=CLIENT_NONCE)[2]))
    for number in range(count):
        peer = connect()
        extra = hello(peer, method, authid, nonce=CLIENT_NONCE)[2]
        assert peer.say(5, *answers_to(method, extra)[number]) == [WRONG]
        assert peer.link.closed is not None
        assert peer.say(5, *answers_to(method, extra)[number]) == []
    assert not house.router.realms


@pytest.mark.parametrize(("method", "authid"), METHODS)
def test_answers_of_another_session(connect: Connect, method: str, authid: str) -> None:
    """What was right for one challenge is wrong for the next."""
    first, second = connect(), connect()
    extra = hello(first, method, authid, nonce=CLIENT_NONCE)[2]
    assert hello(second, method, authid, nonce=CLIENT_NONCE)[2] != extra
    right: tuple[Any, ...] = (
        sign_scram(extra)[:2]
        if method == "wamp-scram"
        else ((sign_cra if method == "wampcra" else sign_cryptosign)(extra), {})
    )
    assert second.say(5, *right) == [WRONG]
    assert first.say(5, *right)[0][0] == 2


@pytest.mark.parametrize("method", ["wampcra", "wamp-scram", "cryptosign"])
@pytest.mark.parametrize("authid", ["nobody", "", None, "a\0", "keyed", "script"])
def test_unknown_authids_look_like_wrong_answers(connect: Connect, method: str, authid: str | None) -> None:
    """Who does not exist, or cannot prove it this way, is challenged alike, twice with the same salt."""
    challenges = []
    for _ in range(2):
        peer = connect()
        code, _, extra = hello(peer, method, authid, nonce=CLIENT_NONCE)
        assert code == 4
        challenges.append(extra)
        answer = ("00" * 96, {}) if method == "cryptosign" else ("AAAA", {"nonce": extra.get("nonce")})
        assert peer.say(5, *answer) == [WRONG]
    known = hello(connect(), method, "script", nonce=CLIENT_NONCE)[2]
    assert set(challenges[0]) == set(known)
    for key in ("salt", "iterations"):
        assert challenges[0].get(key) == challenges[1].get(key)
        assert len(str(challenges[0].get(key))) == len(str(known.get(key)))
    if method == "wampcra":
        first, second = (json.loads(each["challenge"]) for each in challenges)
        assert set(first) == set(json.loads(known["challenge"]))
        assert first["authrole"] == second["authrole"]
        assert first["authrole"] in ("staff", "manager")


@pytest.mark.parametrize(
    ("method", "extra"),
    [
        ("wamp-scram", {}),
        ("wamp-scram", {"nonce": 5}),
        ("wamp-scram", {"nonce": ""}),
        ("wamp-scram", {"nonce": "no base64, at all"}),
        ("wamp-scram", {"nonce": CLIENT_NONCE, "channel_binding": "tls-unique"}),
        ("cryptosign", {"channel_binding": "tls-unique"}),
    ],
)
def test_hello_that_cannot_be_challenged(connect: Connect, method: str, extra: dict[str, Any]) -> None:
    """Without a nonce, or with channel binding, there is no challenge."""
    (code, _, reason) = hello(connect(), method, **extra)
    assert (code, reason) == (3, DENIED)


def test_another_key_is_named(connect: Connect) -> None:
    """A public key in HELLO that is not the one known makes the right signature wrong."""
    peer = connect()
    extra = hello(peer, "cryptosign", "keyed", pubkey="00" * 32)[2]
    assert peer.say(5, sign_cryptosign(extra), {}) == [WRONG]


def test_revoked_while_proving(house: House, connect: Connect) -> None:
    """Who is gone when the proof is there is not let in, and not told why."""
    peer = connect()
    extra = hello(peer, "wampcra")[2]
    house.outside.known.clear()
    assert peer.say(5, sign_cra(extra), {}) == [WRONG]


def test_only_authenticate_while_challenged(connect: Connect) -> None:
    """Anything but AUTHENTICATE and ABORT is a violation, also with these methods."""
    for method, authid in METHODS:
        peer = connect()
        hello(peer, method, authid, nonce=CLIENT_NONCE)
        assert peer.say(48, 1, {}, "hotline.echo")[0][2] == "wamp.error.protocol_violation"


def test_challenges_are_timed(house: House, connect: Connect) -> None:
    """An answer after the deadline is none."""
    peer = connect()
    extra = hello(peer, "wampcra")[2]
    house.clock.advance(10.1)
    assert peer.heard()[0][2] == "wamp.error.timeout"
    assert peer.say(5, sign_cra(extra), {}) == []


@pytest.mark.parametrize("port", ["credentials", "proven"])
def test_link_lost_while_asking(house: House, connect: Connect, port: str) -> None:
    """Who is gone before the outside answers leaves no trace."""
    house.outside.held = {port}
    peer = connect()
    details = {"roles": ROLES, "authmethods": ["wampcra"], "authid": "script"}
    answers = peer.say(1, "acme", details)
    if port == "proven":
        peer.say(5, sign_cra(answers[0][2]), {})
    peer.session.link_lost()
    house.outside.let_go()
    assert peer.heard() == []
    assert (house.router.realms, house.router.sessions, len(house.router.tasks)) == ({}, set(), 0)
