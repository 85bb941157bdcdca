"""The few steps of which every scene is made: say, type, listen, answer what can be answered without words.

In come WAMP sessions, rooms and texts; out go calls and publishes like anybody's script.
"""

from __future__ import annotations

import random
import secrets
from typing import Any

from autobahn.wamp.types import PublishOptions
from twisted.internet.defer import DeferredQueue
from twisted.internet.task import deferLater

CLOSED = "closed"
MESSAGE = "message"


def answers_to(asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Something to whatever can be answered without words."""
    choose = random.choice  # no secret
    return {
        question["name"]: [answer] if question["kind"] == "choices" else answer
        for question in asked
        if question["kind"] in ("choice", "choices", "scale", "age_band")
        for answer in [choose(question.get("choices") or range(question["low"], question["high"] + 1))]
    }


async def listen(session: Any, room: str, me: str) -> DeferredQueue[str]:
    """What others say in the room, and its end, come into the queue as their kinds."""
    said: DeferredQueue[str] = DeferredQueue()

    def heard(text: str, **details: Any) -> None:
        if details["kind"] in (CLOSED, "blocked"):
            said.put(CLOSED)
        elif details["kind"] == MESSAGE and details["sender"]["id"] != me:
            said.put(MESSAGE)

    await session.subscribe(heard, f"hotline.room.{room}")
    return said


async def type_a_while(reactor: Any, session: Any, room: str) -> None:
    """As long as somebody needs for a sentence."""
    session.publish(f"hotline.room.{room}.typing", typing=True)
    await deferLater(reactor, random.uniform(2, 6))  # noqa: S311 no secret


async def say(session: Any, room: str, text: str) -> None:
    """A message; comes back when it is stored."""
    await session.publish(
        f"hotline.room.{room}", text, nonce=secrets.token_hex(8), options=PublishOptions(acknowledge=True)
    )


async def enter(session: Any, name: str, language: str, answers: dict[str, Any]) -> tuple[str, str]:
    """Become a client; gives the room and the client's id."""
    entered = await session.call("hotline.anteroom.enter", name=name, language=language, answers=answers)
    return entered["room"], entered["client"]
