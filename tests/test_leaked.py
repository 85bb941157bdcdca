"""Passwords that others lost: what is in the file is found, what is not is not, and a wrong file is named."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred

from hotline.errors import Invalid, StartError, Unavailable
from hotline.leaked import LeakedPasswords
from hotline.passwords import Passwords

STOLEN = "violet-anchor-midnight"
NOT_SORTED = "is not sorted by hash"
NO_LIST = "is no list of passwords"


def line_of(password: str, number: int = 3) -> str:
    """As Have I Been Pwned writes it."""
    plain = password.encode("utf-8", "surrogatepass")
    return f"{hashlib.sha1(plain, usedforsecurity=False).hexdigest().upper()}:{number}"


def write(path: Path, *passwords: str, end: str = "\r\n") -> LeakedPasswords:
    path.write_bytes("".join(line + end for line in sorted(map(line_of, passwords))).encode())
    return LeakedPasswords(path)


@given(
    stolen=st.sets(st.text(max_size=5), min_size=1, max_size=60),
    others=st.sets(st.text(max_size=5), max_size=20),
    lower=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    has_last_end=st.booleans(),
    numbers=st.lists(st.integers(0, 10**11), min_size=60, max_size=60),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_all_of_them_and_no_other(
    tmp_path: Path,
    stolen: set[str],
    others: set[str],
    lower: bool,
    end: str,
    has_last_end: bool,
    numbers: list[int],
) -> None:
    """However long the lines are, and however they end."""
    lines = sorted(line_of(each, number) for each, number in zip(stolen, numbers, strict=False))
    text = end.join(lines) + (end if has_last_end else "")
    path = tmp_path / "stolen"
    path.write_text(text.lower() if lower else text, newline="")
    leaked = LeakedPasswords(path)
    leaked.check()
    assert {each for each in stolen | others if leaked.holds(each)} == stolen


def test_long_files(tmp_path: Path) -> None:
    """Of more lines than places are looked at, the first, the last and all between are found."""
    everything = [f"password {number}" for number in range(2000)]
    leaked = write(tmp_path / "stolen", *everything)
    leaked.check()
    assert all(map(leaked.holds, everything))
    assert not any(leaked.holds(f"password {number}") for number in range(2000, 2500))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", NO_LIST),
        ("\n", NO_LIST),
        ("password1\npassword2\n", NO_LIST),
        ("x" * 5000, NO_LIST),
        (line_of("a") + "\n\n" + line_of("b") + "\n", NO_LIST),
        (line_of("a")[:32] + ":1\n", NO_LIST),  # NTLM
        ("\n".join(sorted(map(line_of, "abcdefgh"), reverse=True)) + "\n", NOT_SORTED),
        (line_of("a") + "\n" + line_of("a") + "\n", NOT_SORTED),
    ],
    ids=["empty", "blank", "words", "one line", "gap", "other hashes", "backwards", "twice"],
)
def test_other_files_are_refused(tmp_path: Path, text: str, problem: str) -> None:
    """By name, and before a password is looked for."""
    path = tmp_path / "other"
    path.write_text(text)
    with pytest.raises(StartError, match=f"other {problem}"):
        LeakedPasswords(path).check()
    with pytest.raises(StartError, match="absent cannot be read: No such file"):
        LeakedPasswords(tmp_path / "absent").check()


@ensureDeferred
async def test_nobody_may_choose_one(reactor: Any, tmp_path: Path) -> None:
    """However good it would be; a file that is gone lets none pass, and a new one counts at once."""
    path = tmp_path / "stolen"
    passwords = Passwords(reactor, tmp_path, cost=4, leaked=write(path, STOLEN))
    passwords.start()
    try:
        with pytest.raises(Invalid) as caught:
            await passwords.check_strength(STOLEN, ())
        assert caught.value.details["password"].startswith("is known: it was stolen")
        await passwords.check_strength(f"{STOLEN}s", ())
        path.unlink()
        with pytest.raises(Unavailable):
            await passwords.check_strength(f"{STOLEN}s", ())
        write(path, f"{STOLEN}s")
        await passwords.check_strength(STOLEN, ())
    finally:
        passwords.stop()


def test_a_daemon_does_not_start_with_another_file(reactor: Any, tmp_path: Path) -> None:
    """Better than to find out when somebody sets a password."""
    passwords = Passwords(reactor, tmp_path, leaked=LeakedPasswords(tmp_path / "absent"))
    with pytest.raises(StartError, match="absent cannot be read"):
        passwords.start()
