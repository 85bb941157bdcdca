"""`make demo`: the daemon with two organisations, their staff, and clients who come, talk and go.

In come the daemon's options, out come addresses and logins on standard output, and a daemon that runs
until Ctrl-C. Everything said goes over WAMP, as from anybody's script; nothing here is part of the daemon.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from autobahn.wamp.exception import Error, TransportLost
from autobahn.wamp.types import PublishOptions
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.task import deferLater, react
from twisted.internet.threads import deferToThread

from hotline.accounts import Accounts
from hotline.commands.house import House, opened
from hotline.commands.scripted import CallError, joined
from hotline.config import Settings, load_settings
from hotline.domain.aids import Scope
from hotline.domain.defaults import DEFAULT_QUESTIONS, SUGGESTED_SURVEY
from hotline.domain.model import Actor, FormName, Question, QuestionKind
from hotline.errors import StartError

PASSWORD = "candle-harbour-otter-42"
TOKEN = "demo"
READY = "hotline is ready on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One organisation of the demonstration."""

    name: str
    slug: str
    manager: tuple[str, str]
    staff: tuple[str, str]
    clients: tuple[str, ...]


STORIES = (
    Story(
        name="Lighthouse Helpline",
        slug="lighthouse-helpline",
        manager=("Maria", "maria@lighthouse.example"),
        staff=("Sam", "sam@lighthouse.example"),
        clients=("Robin", "Kim", "Alex", "Noor", "Toni"),
    ),
    Story(
        name="Campus Counselling",
        slug="campus-counselling",
        manager=("Jo", "jo@campus.example"),
        staff=("Lee", "lee@campus.example"),
        clients=("Sasha", "Chris", "Amal", "Uli"),
    ),
)

CLIENT_SAYS = (
    "Hello? I am not sure whether this is the right place.",
    "I have not slept well for weeks, and I cannot talk about it at home.",
    "It began when I moved here.",
    "Nobody asked me that before.",
    "Yes. I think that would help.",
    "Thank you. I will try that, and come back if it does not work.",
)
CONSULTANT_SAYS = (
    "It is. Take all the time you need.",
    "That sounds exhausting. Since when has it been like this?",
    "What was different before?",
    "Would you like us to think about one small thing for this evening?",
    "Good. Let us write it down together.",
    "Take care. The door is open.",
)
QUESTIONS = (
    Question(name="age", label="Age", kind=QuestionKind.AGE_BAND, required=False),
    Question(
        name="safe",
        label="Are you safe just now?",
        kind=QuestionKind.CHOICE,
        required=False,
        choices=("Yes", "I am not sure", "No"),
        risk_choices=("No",),
    ),
    Question(
        name="strain",
        label="How heavy is it today?",
        kind=QuestionKind.SCALE,
        required=False,
        low=0,
        high=10,
        low_label="Light",
        high_label="Unbearable",
        risk_at_least=9,
    ),
    DEFAULT_QUESTIONS[2],
)
ANSWERS = (
    ("hello", "Hello {client}, I am {consultant}. Take all the time you need."),
    (
        "breathe",
        "Would you like to try something together? Breathe in slowly while you count to four, and out again.",
    ),
    (
        "safe",
        "Thank you for telling me. Are you safe just now? If you are not, let us talk about that first.",
    ),
    ("bye", "Take care, {client}. You can always come back to {organisation}."),
)
REFERRALS = (
    ("Emergency services", "112", "At any time, everywhere in Europe.", ("emergency",)),
    ("Find a helpline", "https://findahelpline.com", "Helplines in your country, by topic.", ("helplines",)),
    ("European children's line", "116 111", "Free of charge, for children and young people.", ("youth",)),
)
ISSUES = ("I cannot sleep", "Trouble at home", "Exams", "I just need somebody to talk to", "")


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
        casts = [(story, await _prepare(house, story)) for story in STORIES]
    _tell(settings)
    url = settings.public_url.replace("http", "ws", 1) + "/ws"
    for story, secret in casts:
        _for_ever(reactor, partial(_consultant, reactor, url, story, secret))
        for number in range(len(story.clients)):
            names = itertools.cycle(story.clients[number:] + story.clients[:number])
            _for_ever(reactor, partial(_client, reactor, url, story, names, number))
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


async def _prepare(house: House, story: Story) -> str:
    """The organisation with its people, made at the first start; a fresh secret for the scripted one."""
    accounts = house.accounts
    try:
        await house.find_organisation_id(story.slug)
    except StartError:
        name, email = story.manager
        signed = await accounts.register_organisation(
            organisation=story.name, username=name, email=email, password=PASSWORD
        )
        invited = await accounts.invite(signed.actor, email=story.staff[1], role="staff")
        await accounts.accept_invitation(
            invited.link.rsplit("/", 1)[1], username=story.staff[0], password=PASSWORD
        )
        await accounts.change_form(signed.actor, FormName.QUESTIONS, questions=QUESTIONS)
        await accounts.change_form(signed.actor, FormName.SURVEY, questions=SUGGESTED_SURVEY)
        await accounts.change_form(signed.actor, FormName.RECORD, required=True)
        await _add_aids(accounts, signed.actor)
    staff = (await house.get_consultant(story.slug, story.staff[1])).actor()
    return await _fresh_token(accounts, staff)


async def _add_aids(accounts: Accounts, manager: Actor) -> None:
    for shortcut, text in ANSWERS:
        await accounts.set_answer(
            manager, None, scope=Scope.ORGANISATION, shortcut=shortcut, text=text, language="en"
        )
    for name, contact, text, topics in REFERRALS:
        await accounts.set_referral(
            manager, None, name=name, contact=contact, text=text, languages=("en",), topics=topics
        )


async def _fresh_token(accounts: Accounts, staff: Actor) -> str:
    for token in await accounts.list_tokens(staff):
        if token.name == TOKEN:
            await accounts.revoke_token(staff, token.token_id)
    _, secret = await accounts.create_token(staff, TOKEN)
    return secret


def _tell(settings: Settings) -> None:
    print(f"\n{READY} {settings.public_url}\n")
    for story in STORIES:
        print(f"  {story.name}")
        print(f"    as a consultant:  {settings.public_url}/login")
        for name, email in (story.manager, story.staff):
            print(f"                      {email}  {PASSWORD}  ({name})")
        print(f"    as a client:      {settings.public_url}/o/{story.slug}")
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


async def _client(reactor: Any, url: str, story: Story, names: Iterator[str], number: int) -> None:
    """Come in, wait to be claimed, answer what is said, go."""
    async with joined(reactor, url, story.slug) as session:
        asked = (await session.call("hotline.anteroom.describe"))["questions"]
        answers = _answers(asked) | {"issues": ISSUES[number % len(ISSUES)]}
        entered = await session.call("hotline.anteroom.enter", name=next(names), answers=answers)
        said: DeferredQueue[str] = DeferredQueue()
        await _listen(session, entered["room"], entered["client"], said)
        await _say(session, entered["room"], CLIENT_SAYS[0])
        for text in CLIENT_SAYS[1:]:
            if await said.get() == "closed":
                break
            await _type(reactor, session, entered["room"])
            await _say(session, entered["room"], text)
        else:
            await deferLater(reactor, 20)
            await session.call("hotline.room.leave", room=entered["room"])
        survey = await session.call("hotline.anteroom.survey", room=entered["room"])
        if survey["questions"]:
            answers = _answers(survey["questions"])
            await session.call("hotline.anteroom.answer_survey", room=entered["room"], answers=answers)
        await deferLater(reactor, 40)


def _answers(asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Something to whatever can be answered without words."""
    choose = random.choice  # no secret
    return {
        question["name"]: [answer] if question["kind"] == "choices" else answer
        for question in asked
        if question["kind"] in ("choice", "choices", "scale", "age_band")
        for answer in [choose(question.get("choices") or range(question["low"], question["high"] + 1))]
    }


async def _consultant(reactor: Any, url: str, story: Story, secret: str) -> None:
    """Claim one waiting client at a time, leave the others to people, talk."""
    async with joined(reactor, url, story.slug, TOKEN, secret) as session:
        me = await session.call("hotline.me.get")
        while True:
            waiting = [
                room for room in await session.call("hotline.clientlist.get") if room["status"] == "waiting"
            ]
            if len(waiting) > 2:
                await _talk(reactor, session, waiting[0]["room"], me["id"])
            await deferLater(reactor, 5)


async def _talk(reactor: Any, session: Any, room: str, me: str) -> None:
    try:
        await session.call("hotline.room.claim", room=room)
    except Error:
        return  # a person was faster
    said: DeferredQueue[str] = DeferredQueue()
    await _listen(session, room, me, said)
    for text in CONSULTANT_SAYS:
        await _type(reactor, session, room)
        await _say(session, room, text)
        if await said.get() == "closed":
            break
    else:
        await session.call("hotline.room.close", room=room)
    record = await session.call("hotline.record.form")
    await session.call("hotline.record.save", room=room, answers=_answers(record["questions"]))


async def _listen(session: Any, room: str, me: str, said: DeferredQueue[str]) -> None:
    """What others say in the room, and its end, come into the queue as their kinds."""

    def heard(text: str, **details: Any) -> None:
        if details["kind"] == "closed" or (details["kind"] == "message" and details["sender"]["id"] != me):
            said.put(details["kind"])

    await session.subscribe(heard, f"hotline.room.{room}")


async def _type(reactor: Any, session: Any, room: str) -> None:
    session.publish(f"hotline.room.{room}.typing", typing=True)
    await deferLater(reactor, random.uniform(2, 6))  # noqa: S311 no secret


async def _say(session: Any, room: str, text: str) -> None:
    await session.publish(
        f"hotline.room.{room}", text, nonce=secrets.token_hex(8), options=PublishOptions(acknowledge=True)
    )


if __name__ == "__main__":
    main()
