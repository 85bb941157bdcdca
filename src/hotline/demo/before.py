"""What has happened in the organisations before somebody looks: conversations, a block, a message, a group.

In come the daemon's address and a cast, out come rooms with people in them who answer. All of it is said and
done over WAMP, as from anybody's script.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from autobahn.wamp.exception import Error, TransportLost
from twisted.internet.defer import Deferred, gatherResults

from hotline.commands.scripted import joined
from hotline.demo import lines, talking
from hotline.demo.founding import Cast
from hotline.demo.guests import Guest
from hotline.demo.lines import Past


async def play(reactor: Any, url: str, cast: Cast, stay: AsyncExitStack) -> None:
    """Everything of before, once; and guests who are there now, for as long as `stay` is open.

    What is before the first start was within the hours, whenever that is.
    """
    slug = cast.story.slug
    async with (
        joined(reactor, url, slug, *cast.manager) as manager,
        joined(reactor, url, slug, *cast.staff) as staff,
        joined(reactor, url, slug, *cast.colleague) as colleague,
    ):
        if cast.is_new:
            await manager.call("hotline.organisation.set", hours=None)
        elif (await manager.call("hotline.organisation.get"))["service"] != "open":
            return
        if cast.is_new:
            whole = list(lines.past())
            halves = ((staff, whole[0::2]), (colleague, whole[1::2]))
            await gatherResults(
                [Deferred.fromCoroutine(_talks(reactor, url, slug, *half)) for half in halves],
                consumeErrors=True,
            )
            await _block(reactor, url, slug, colleague)
            await _leave_a_message(reactor, url, slug, manager)
            me = await manager.call("hotline.me.get")
            room = await _hand_over(reactor, url, cast, stay, colleague, me["id"])
            await manager.call("hotline.me.set_draft", room=room, text=lines.DRAFT)
            await _ask_in(reactor, url, cast, stay, colleague, me["id"])
        names = {room["name"] for room in await manager.call("hotline.clientlist.get")}
        if all(group["closed_at"] for group in await manager.call("hotline.group.list")):
            await _open_group(reactor, url, slug, stay, manager)
        for guest in cast.story.waiting:
            if guest.name not in names:
                await _arrive(reactor, url, slug, stay, guest)
        if cast.is_new:
            await _open_as_told(cast, manager)


async def _open_as_told(cast: Cast, manager: Any) -> None:
    """From now on the story's own hours; and clients are given to whoever is here, if it wants that."""
    settings = cast.story.settings
    people = {person["name"]: person["id"] for person in await manager.call("hotline.staff.list")}
    for name, (languages, topics) in cast.story.best_at.items():
        await manager.call("hotline.staff.set_skills", id=people[name], languages=languages, topics=topics)
    if cast.story.is_assigning:
        await manager.call("hotline.me.set_presence", presence="busy")
    await manager.call(
        "hotline.organisation.set", hours=settings["hours"], automatic_assignment=cast.story.is_assigning
    )


async def _talks(reactor: Any, url: str, slug: str, consultant: Any, talks: Iterable[Past]) -> None:
    for talk in talks:
        async with joined(reactor, url, slug) as client:
            room, _ = await talking.enter(client, talk.name, talk.language, talk.answers)
            await consultant.call("hotline.room.claim", room=room)
            for speaker, text in zip(itertools.cycle((client, consultant)), talk.said):
                await talking.say(speaker, room, text)
            await consultant.call("hotline.room.close", room=room)
            await consultant.call("hotline.record.save", room=room, answers=talk.record)
            await client.call("hotline.anteroom.survey", room=room)
            await client.call("hotline.anteroom.answer_survey", room=room, answers=talk.survey)


async def _block(reactor: Any, url: str, slug: str, consultant: Any) -> None:
    """For a day, which a second person has to agree to."""
    name, text = lines.ROUGH
    async with joined(reactor, url, slug) as client:
        room, _ = await talking.enter(client, name, "en", {})
        await consultant.call("hotline.room.claim", room=room)
        await talking.say(client, room, text)
        await consultant.call("hotline.room.block", room=room, hours=24, reason=lines.BLOCK_REASON)
        await consultant.call("hotline.record.save", room=room, answers={"contact": "Abusive"})


async def _leave_a_message(reactor: Any, url: str, slug: str, manager: Any) -> None:
    name, text = lines.MESSAGE_LEFT
    await manager.call("hotline.organisation.set_intake", intake="closed")
    async with joined(reactor, url, slug) as client:
        await client.call("hotline.anteroom.leave_message", name=name, text=text, language="en")
    await manager.call("hotline.organisation.set_intake", intake="scheduled")


async def _open_group(reactor: Any, url: str, slug: str, stay: AsyncExitStack, manager: Any) -> None:
    """A group, and clients in it who have begun to talk with each other."""
    ends_at = datetime.now(UTC) + timedelta(hours=lines.GROUP_HOURS)
    group = await manager.call("hotline.group.open", ends_at=ends_at.isoformat(), **lines.GROUP)
    inside: dict[str | None, Any] = {None: manager}
    for name, text in lines.GROUP_SAID:
        if name not in inside:
            inside[name] = await stay.enter_async_context(joined(reactor, url, slug))
            await inside[name].call("hotline.anteroom.enter_group", code=group["code"], name=name)
        await talking.say(inside[name], group["room"], text)


async def _hand_over(
    reactor: Any, url: str, cast: Cast, stay: AsyncExitStack, consultant: Any, to: str
) -> str:
    """A conversation that came to the manager from a colleague, with notes."""
    room = await _begun(reactor, url, cast.story.slug, stay, cast.story.handed_over, consultant)
    await consultant.call("hotline.room.note", room=room, text=lines.PRIVATE_NOTE, nonce="note")
    await consultant.call("hotline.room.transfer", room=room, to=to, note=lines.HANDOVER_NOTE)
    return room


async def _ask_in(reactor: Any, url: str, cast: Cast, stay: AsyncExitStack, consultant: Any, to: str) -> None:
    """A conversation into which the manager is asked."""
    room = await _begun(reactor, url, cast.story.slug, stay, cast.story.asked_about, consultant)
    await consultant.call("hotline.room.ask", room=room, to=to, note=lines.ASK_NOTE)


async def _begun(
    reactor: Any, url: str, slug: str, stay: AsyncExitStack, guest: Guest, consultant: Any
) -> str:
    """The first half of what the guest has to say, with kind words between."""
    half = len(guest.says) // 2
    client = await stay.enter_async_context(joined(reactor, url, slug))
    room, me = await talking.enter(client, guest.name, guest.language, guest.answers)
    await consultant.call("hotline.room.claim", room=room)
    for text, answer in zip(guest.says[:half], lines.KIND_WORDS, strict=False):
        await talking.say(client, room, text)
        await talking.say(consultant, room, answer)
    await talking.say(client, room, guest.says[half])
    await _answer(reactor, client, room, me, guest.says[half + 1 :])
    return room


async def _arrive(reactor: Any, url: str, slug: str, stay: AsyncExitStack, guest: Guest) -> None:
    client = await stay.enter_async_context(joined(reactor, url, slug))
    room, me = await talking.enter(client, guest.name, guest.language, guest.answers)
    await talking.say(client, room, guest.says[0])
    await _answer(reactor, client, room, me, guest.says[1:])


async def _answer(reactor: Any, client: Any, room: str, me: str, says: Iterable[str]) -> None:
    """From now on each message of a consultant is answered, until nothing is left to say."""
    said = await talking.listen(client, room, me)

    async def answer() -> None:
        try:
            for text in says:
                if await said.get() == talking.CLOSED:
                    return
                await talking.type_a_while(reactor, client, room)
                await talking.say(client, room, text)
        except (Error, TransportLost):
            return  # the conversation ended while they typed, or the daemon did

    Deferred.fromCoroutine(answer()).addErrback(lambda failure: failure.printTraceback())
