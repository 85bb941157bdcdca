"""`make demo`: the daemon with two organisations, their staff, and clients who come, talk and go.

In come the daemon's options, out come addresses and logins on standard output, and a daemon that runs
until Ctrl-C. Everything said goes over WAMP, as from anybody's script; nothing here is part of the daemon.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from autobahn.wamp.exception import Error, TransportLost
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater, react
from twisted.internet.threads import deferToThread

from hotline.commands.house import opened
from hotline.commands.scripted import CallError
from hotline.config import Settings, load_settings
from hotline.demo import before, scenes
from hotline.demo.founding import found
from hotline.demo.stories import PASSWORD, STORIES
from hotline.errors import StartError

READY = "hotline is ready on"


def main() -> None:
    """Run it until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m hotline.demo", description=__doc__)
    parser.add_argument("--data", default="var/demo")
    parser.add_argument("--http", action="append")
    arguments = parser.parse_args()
    try:
        settings = load_settings({"data": arguments.data, "http": arguments.http or []}, os.environ)
    except StartError as error:
        parser.error(str(error))
    daemon = _start_daemon(settings)
    try:
        react(lambda reactor: Deferred.fromCoroutine(_run(reactor, settings, daemon)))
    finally:
        sys.exit(daemon.wait())


def _start_daemon(settings: Settings) -> subprocess.Popen[str]:
    twistd = str(Path(sys.executable).with_name("twistd"))
    command = [twistd, "-n", "--pidfile=", "hotline", "--data", str(settings.data)]
    for endpoint in settings.http:
        command += ["--http", endpoint]
    # In a session of its own: Ctrl-C comes to us, and we stop it in order.
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


async def _run(reactor: Any, settings: Settings, daemon: subprocess.Popen[str]) -> None:
    # The daemon's end ends the threads that read from it, for which the reactor waits.
    reactor.addSystemEventTrigger("before", "shutdown", daemon.terminate)
    await deferToThread(_await_ready, daemon)
    async with opened(reactor, settings) as house:
        casts = [await found(house, story) for story in STORIES]
    url = settings.public_url.replace("http", "ws", 1) + "/ws"
    async with AsyncExitStack() as stay:
        plays = [Deferred.fromCoroutine(before.play(reactor, url, cast, stay)) for cast in casts]
        await gatherResults(plays, consumeErrors=True)
        _tell(settings)
        for cast in casts:
            _for_ever(reactor, partial(scenes.consultant, reactor, url, cast))
            names = cast.story.clients
            for number in range(len(names)):
                turn = itertools.cycle(names[number:] + names[:number])
                _for_ever(reactor, partial(scenes.client, reactor, url, cast.story, turn, number))
        await deferToThread(_pass_on, daemon)


def _await_ready(daemon: subprocess.Popen[str]) -> None:
    assert daemon.stdout is not None
    for line in daemon.stdout:
        if line.startswith(READY):
            return
        sys.stderr.write(line)
    raise SystemExit(daemon.wait())


def _pass_on(daemon: subprocess.Popen[str]) -> None:
    assert daemon.stdout is not None
    for line in daemon.stdout:
        sys.stderr.write(line)


def _tell(settings: Settings) -> None:
    print(f"\n{READY} {settings.public_url}\n")
    for story in STORIES:
        print(f"  {story.name}")
        print(f"    as a consultant:  {settings.public_url}/login")
        for name, email in (story.manager, story.staff, story.colleague):
            print(f"                      {email}  {PASSWORD}  ({name})")
        print(f"    as a client:      {settings.public_url}/o/{story.slug}")
        if story.is_assigning:
            print('                      Whoever chooses "Here" is given clients, without claiming them.')
    print("\n  Scripted clients come and go; claim one and talk. Ctrl-C stops everything.\n", flush=True)


def _for_ever(reactor: Any, scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene again and again; a daemon that restarts only makes a pause."""

    async def play() -> None:
        while True:
            await deferLater(reactor, random.uniform(1, 15))  # noqa: S311 no secret
            try:
                await scene()
            except (StartError, CallError, Error, TransportLost) as error:
                print(f"a scene was interrupted: {error}", file=sys.stderr)

    Deferred.fromCoroutine(play()).addErrback(lambda failure: failure.printTraceback())


if __name__ == "__main__":
    main()
