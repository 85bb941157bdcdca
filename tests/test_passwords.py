"""Passwords: whole length counts, odd ones are no error, easy ones are named, the queue is short."""

from __future__ import annotations

import stat
import subprocess
import sys
from time import process_time

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList, gatherResults

from hotline.errors import Invalid, StartError, Unavailable
from hotline.passwords import UNUSABLE, Passwords


@pytest.fixture
def passwords(reactor, tmp_path):
    """Real hashing at the least cost."""
    passwords = Passwords(reactor, tmp_path, cost=4)
    passwords.start()
    yield passwords
    passwords.stop()


@ensureDeferred
async def test_right_and_wrong(passwords):
    """The same password is right, any other wrong, and each hash has a salt of its own."""
    one, two = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert one != two
    assert one.startswith("hmac384-bcrypt$$2b$04$")
    assert await passwords.verify("correct horse", one)
    assert not await passwords.verify("correct horsf", one)
    assert not await passwords.verify("", one)


@ensureDeferred
async def test_every_character_counts(passwords):
    """What differs only after 72 bytes, or after a NUL, is another password."""
    long = "x" * 100
    assert not await passwords.verify(long + "b", await passwords.hash(long + "a"))
    assert not await passwords.verify("a\x00b", await passwords.hash("a\x00c"))


@ensureDeferred
async def test_one_way_of_writing_a_character(passwords):
    """Composed and decomposed letters are the same password, as keyboards differ."""
    assert await passwords.verify("Straße cafe\u0301", await passwords.hash("Straße caf\u00e9"))


@pytest.mark.parametrize("odd", ["", "\x00", "\ud800\udfff", "x" * 1_000_000, "🙂" * 100, "\u202e"])
@ensureDeferred
async def test_odd_passwords_are_wrong_without_an_error(passwords, odd):
    """Whatever is typed, checking answers."""
    assert not await passwords.verify(odd, await passwords.hash("something else"))
    assert await passwords.verify(odd, await passwords.hash(odd))
    assert not await passwords.verify(odd, None)


@pytest.mark.parametrize(
    "stored", [UNUSABLE, "", "none", "plain$password", "$", "hmac384-bcrypt", "hmac384-bcrypt$$2b$04$x"]
)
@ensureDeferred
async def test_no_password_fits_what_is_no_hash(passwords, stored):
    """Somebody without a password yet, or with a hash of an unknown kind, cannot log in."""
    assert not await passwords.verify("password", stored)


@ensureDeferred
async def test_several_of_one_person_take_one_look(passwords):
    """Hashes made like another have its salt: the same password is the same, and one look tells of all."""
    first = await passwords.hash("one")
    same, second = await passwords.hash("one", first), await passwords.hash("two", first)
    assert (same, second[:36]) == (first, first[:36])
    stored = {first, second, UNUSABLE}
    for password, right in (("one", {first}), ("two", {second}), ("three", set())):
        assert await passwords.matching(password, stored) == right
    assert await passwords.matching("one", ()) == set()
    for nothing in (UNUSABLE, "", first[:-1]):
        assert await passwords.hash("one", nothing) != first
    apart = await passwords.hash("one")
    assert await passwords.matching("one", {first, apart}) == {first, apart}


@ensureDeferred
async def test_a_costlier_hash_has_a_salt_of_its_own(reactor, passwords, tmp_path):
    """What another node made at less cost is no model for a new password."""
    dearer = Passwords(reactor, tmp_path, cost=5)
    dearer.start()
    try:
        cheap = await passwords.hash("one")
        dear = await dearer.hash("one", cheap)
        assert dear.startswith("hmac384-bcrypt$$2b$05$")
        assert await dearer.matching("one", {cheap, dear}) == {cheap, dear}
    finally:
        dearer.stop()


@ensureDeferred
async def test_unknown_people_take_as_long(reactor, tmp_path):
    """Checking for nobody does the same work as for somebody."""
    passwords = Passwords(reactor, tmp_path, cost=8)
    passwords.start()
    try:
        stored = await passwords.hash("right")

        best = dict.fromkeys((stored, None), 9.0)
        for _ in range(7):
            for of in best:
                # What it costs, not how long it takes: others may keep the machine busy.
                began = process_time()
                await passwords.verify("wrong", of)
                best[of] = min(best[of], process_time() - began)
        assert 0.5 < best[stored] / best[None] < 2
    finally:
        passwords.stop()


@pytest.mark.parametrize(
    "easy",
    [
        "password1234",
        "aaaaaaaaaaaa",
        "qwertyuiop12",
        "Seelefon-1234",
        "seelefonberlin",
        "hotlinehotline",
        "x" * 256,
    ],
)
@ensureDeferred
async def test_easy_passwords_are_named(passwords, easy):
    """What is on every list, repeats itself, or is made of the own names, is refused with a reason."""
    with pytest.raises(Invalid) as caught:
        await passwords.check_strength(easy, ("Seelefon Berlin", "Mara", "mara.berger@example.org"), "new")
    problem = caught.value.details["new"]
    assert problem.startswith("is too easy to guess. ")
    assert problem.endswith(".")


@pytest.mark.parametrize(
    "good", ["violet-anchor-midnight", "k8#Vq!2pLw9z", "🙂 herring über Kartoffel", "\ud800ge mu xo pfi tra"]
)
@ensureDeferred
async def test_good_passwords_pass(passwords, good):
    """What nobody guesses passes, whatever it is written in."""
    await passwords.check_strength(good, ("Seelefon", "Mara", "mara@example.org"))


@ensureDeferred
async def test_words_of_one_do_not_count_for_another(passwords):
    """Several judged at once are each judged with their own words only."""

    def judged(words):
        return Deferred.fromCoroutine(passwords.check_strength("zwischenrufbrombeere", words))

    own = judged(("zwischenruf", "brombeere"))
    others = [judged(()) for _ in range(4)]
    results = await DeferredList([own, *others, judged(("zwischenruf", "brombeere"))], consumeErrors=True)
    assert [done for done, _ in results] == [False, True, True, True, True, False]


@ensureDeferred
async def test_too_many_at_once_are_turned_away(reactor, tmp_path):
    """Some work, so many wait, and the next one is told to come back; afterwards all is as before."""
    passwords = Passwords(reactor, tmp_path, cost=6, threads=1, queue=3)
    passwords.start()
    try:
        waiting = [Deferred.fromCoroutine(passwords.hash("x")) for _ in range(4)]
        with pytest.raises(Unavailable):
            await passwords.hash("x")
        with pytest.raises(Unavailable):
            await passwords.verify("x", None)
        await gatherResults(waiting)
        assert await passwords.verify("x", await passwords.hash("x"))
    finally:
        passwords.stop()


@ensureDeferred
async def test_pepper_belongs_to_the_hash(reactor, tmp_path):
    """Made once, for its owner's eyes only; with another pepper no password is right."""
    one = Passwords(reactor, tmp_path / "a", cost=4)
    again = Passwords(reactor, tmp_path / "a", cost=4)
    other = Passwords(reactor, tmp_path / "b", cost=4)
    assert stat.S_IMODE((tmp_path / "a" / "pepper").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["pepper"]
    for passwords in (one, again, other):
        passwords.start()
    try:
        stored = await one.hash("secret words")
        assert await again.verify("secret words", stored)
        assert not await other.verify("secret words", stored)
    finally:
        for passwords in (one, again, other):
            passwords.stop()


def test_pepper_that_others_can_read_or_that_is_damaged_stops_the_start(reactor, tmp_path):
    """The operator is told which file, in one line."""
    pepper = tmp_path / "pepper"
    pepper.write_bytes(b"x" * 32)
    pepper.chmod(0o644)
    with pytest.raises(StartError, match="chmod 600"):
        Passwords(reactor, tmp_path)
    pepper.chmod(0o600)
    pepper.write_bytes(b"x")
    with pytest.raises(StartError, match="damaged"):
        Passwords(reactor, tmp_path)
    pepper.unlink()
    pepper.mkdir(mode=0o700)
    with pytest.raises(StartError, match="cannot use"):
        Passwords(reactor, tmp_path)


def test_two_who_start_at_once_share_one_pepper(tmp_path):
    """Daemon and command line starting in the same moment agree on one."""
    script = (
        "import sys, pathlib\n"
        "from hotline.passwords import _read_pepper\n"
        "print(_read_pepper(pathlib.Path(sys.argv[1])).hex())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(4)]
    assert len({process.communicate()[0] for process in running}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pepper"]
