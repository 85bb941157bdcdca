"""Who comes, talks and goes for as long as the demonstration runs.

In come the daemon's address and a cast, out comes a coming and going that leaves enough for people to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autobahn.wamp.exception import Error
from twisted.internet.task import deferLater

from hotline.commands.scripted import joined
from hotline.demo import talking
from hotline.demo.founding import Cast
from hotline.demo.lines import CLIENT_SAYS, CONSULTANT_SAYS, ISSUES
from hotline.demo.stories import Story

_LEFT_TO_PEOPLE = 3
"""The scripted consultant takes nobody while no more than so many wait."""
_CLOSED_SECONDS = 60


async def client(reactor: Any, url: str, story: Story, names: Iterator[str], number: int) -> None:
    """Come in, wait to be claimed, answer what is said, go; outside of the hours, look in again later."""
    async with joined(reactor, url, story.slug) as session:
        described = await session.call("hotline.anteroom.describe")
        if not described["open"]:
            await deferLater(reactor, _CLOSED_SECONDS)
            return
        answers = talking.answers_to(described["questions"]) | usual(number)
        room, me = await talking.enter(session, next(names), "en", answers)
        said = await talking.listen(session, room, me)
        await talking.say(session, room, CLIENT_SAYS[0])
        for text in CLIENT_SAYS[1:]:
            if await said.get() == talking.CLOSED:
                break
            await talking.type_a_while(reactor, session, room)
            await talking.say(session, room, text)
        else:
            await deferLater(reactor, 20)
            await session.call("hotline.room.leave", room=room)
        survey = await session.call("hotline.anteroom.survey", room=room)
        if survey["questions"]:
            answers = talking.answers_to(survey["questions"])
            await session.call("hotline.anteroom.answer_survey", room=room, answers=answers)
        await deferLater(reactor, 40)


def usual(number: int) -> dict[str, Any]:
    """Nobody of these is in danger: who is comes first, and is left to people."""
    return {"safe": "Yes", "strain": 3 + number, "issues": ISSUES[number % len(ISSUES)]}


async def consultant(reactor: Any, url: str, cast: Cast) -> None:
    """Claim one waiting client at a time, leave the others to people, talk."""
    guests = {guest.name for guest in cast.story.waiting}
    async with joined(reactor, url, cast.story.slug, *cast.staff) as session:
        me = await session.call("hotline.me.get")
        if cast.story.is_assigning:  # whom nobody here serves is for people who come
            await session.call("hotline.me.set_presence", presence="busy")
        while True:
            rooms = await session.call("hotline.clientlist.get")
            waiting = [
                room
                for room in rooms
                if room["status"] == "waiting" and not room["left_message"] and room["name"] not in guests
            ]
            if len(waiting) > _LEFT_TO_PEOPLE - 1:
                await _talk(reactor, session, waiting[0]["room"], me["id"])
            await deferLater(reactor, 5)


async def _talk(reactor: Any, session: Any, room: str, me: str) -> None:
    try:
        await session.call("hotline.room.claim", room=room)
    except Error:
        return  # a person was faster
    said = await talking.listen(session, room, me)
    for text in CONSULTANT_SAYS:
        await talking.type_a_while(reactor, session, room)
        await talking.say(session, room, text)
        if await said.get() == talking.CLOSED:
            break
    else:
        await session.call("hotline.room.close", room=room)
    record = await session.call("hotline.record.form")
    await session.call("hotline.record.save", room=room, answers=talking.answers_to(record["questions"]))
