"""Where the daemon of a data directory is reached, as commands find it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hotline import running

URL = "http://127.0.0.1:9000"


def test_noted_and_forgotten(tmp_path: Path) -> None:
    """As long as the process runs; nothing else is left in the directory."""
    assert running.find_public_url(tmp_path) is None
    running.note(tmp_path, URL)
    assert running.find_public_url(tmp_path) == URL
    assert len(list(tmp_path.iterdir())) == 1
    running.forget(tmp_path)
    running.forget(tmp_path)
    assert running.find_public_url(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_a_process_that_was_killed(tmp_path: Path) -> None:
    """Its note is nobody's any more; and a process that stops leaves that of its successor alone."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    (tmp_path / "running.json").write_text(json.dumps({"process": ended.pid, "public_url": URL}))
    assert running.find_public_url(tmp_path) is None
    running.forget(tmp_path)
    assert list(tmp_path.iterdir())
    running.note(tmp_path, URL)
    assert running.find_public_url(tmp_path) == URL


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"process": "x"}', '{"process": null}'])
def test_a_note_that_is_none(text: str, tmp_path: Path) -> None:
    """Whatever is in the file: no daemon."""
    (tmp_path / "running.json").write_text(text)
    assert running.find_public_url(tmp_path) is None
    running.forget(tmp_path)
