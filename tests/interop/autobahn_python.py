"""The story told by Autobahn for Python, on asyncio or on Twisted, over all its transports at the same time.

In come framework, realm and ways (address, serializer, name, logins, chapters) as arguments, and a line on
standard input when the daemon has been killed; out come facts, one JSON value a line: [name, fact]. It judges
nothing.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from autobahn.wamp.auth import create_authenticator
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import PublishOptions
from twisted.internet import asyncioreactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.05
RETRY_SECONDS = 0.3
GOODBYE_SECONDS = 0.5
ACKNOWLEDGED = PublishOptions(acknowledge=True)

framework, realm, ways = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
loop = asyncio.new_event_loop()
if framework == "twisted":
    # Twisted on the same loop: the story is told in asyncio's words, everything below is Twisted's.
    asyncioreactor.install(loop)
Component = importlib.import_module(f"autobahn.{framework}.component").Component
wamp = importlib.import_module(f"autobahn.{framework}.wamp")
# What a secret is called by each method.
SECRETS = {"ticket": "ticket", "wampcra": "secret", "cryptosign": "privkey"}
going_on: list[asyncio.Future[None]] = []


def awaitable(result: Any) -> Awaitable[Any]:
    """What Autobahn promises, for asyncio to wait for."""
    return result.asFuture(loop) if isinstance(result, Deferred) else result  # type: ignore[no-any-return]


def go_on() -> None:
    """Each line on standard input lets every story go on to its next chapter."""
    sys.stdin.readline()
    for waiting in going_on:
        waiting.set_result(None)
    going_on.clear()


class Peer:
    """A session that comes back by itself, and then offers and listens as before."""

    def __init__(self, way: dict[str, Any], login: dict[str, str] | None) -> None:
        self._joined: asyncio.Future[None] = loop.create_future()
        self._again: list[Callable[[Any], Awaitable[Any]]] = []
        self.details: Any = None
        self._session: Any = None
        self._is_closing = False
        self._login = login
        if way["serializer"] is None:
            self._done = asyncio.ensure_future(self._run(way["url"]))
        else:
            self._component = self._made_component(way["url"], way["serializer"])
            self._done = asyncio.ensure_future(awaitable(self._component.start()))

    def _made_component(self, url: str, serializer: str) -> Any:
        is_raw = url.startswith("rs:")
        component = Component(
            transports=[
                {
                    "type": "rawsocket" if is_raw else "websocket",
                    "url": url,
                    **({"serializer": serializer} if is_raw else {"serializers": [serializer]}),
                    "max_retries": -1,
                    "initial_retry_delay": 0.2,
                    "max_retry_delay": 0.5,
                }
            ],
            realm=realm,
            authentication=self._authentication(),
        )
        component.on_join(self._on_join)
        return component

    def _authentication(self) -> dict[str, dict[str, str]]:
        if self._login is None:
            return {"anonymous": {}}
        method, secret = self._login["method"], self._login["secret"]
        return {method: {"authid": self._login["authid"], SECRETS[method]: secret}}

    async def _run(self, url: str) -> None:
        # ApplicationRunner offers what Autobahn offers by itself; that of asyncio does not come back.
        only_connect = {"start_reactor" if framework == "twisted" else "start_loop": False}
        while not self._is_closing:
            try:
                running = wamp.ApplicationRunner(url, realm).run(self._made_session, **only_connect)
                connected = await awaitable(running)
            except (OSError, ConnectError):
                await asyncio.sleep(RETRY_SECONDS)
            else:
                protocol = connected if framework == "twisted" else connected[1]
                await asyncio.wait([asyncio.ensure_future(awaitable(protocol.is_closed))])

    def _made_session(self, config: Any) -> Any:
        session = wamp.Session(config)
        for method, details in self._authentication().items():
            session.add_authenticator(create_authenticator(method, **details))
        session.on("join", self._on_join)
        return session

    def _on_join(self, session: Any, details: Any) -> None:
        self._session, self.details = session, details
        self._acting = asyncio.ensure_future(self._act_again(session))

    async def _act_again(self, session: Any) -> None:
        for act in self._again:
            await act(session)
        if not self._joined.done():
            self._joined.set_result(None)

    async def joined(self) -> Peer:
        await asyncio.wait_for(self._joined, PATIENCE_SECONDS)
        return self

    async def call(self, procedure: str, *args: Any, **kwargs: Any) -> Any:
        return await awaitable(self._session.call(procedure, *args, **kwargs))

    async def publish(self, topic: str, *args: Any, **kwargs: Any) -> None:
        await awaitable(self._session.publish(topic, *args, options=ACKNOWLEDGED, **kwargs))

    async def _always(self, act: Callable[[Any], Awaitable[Any]]) -> None:
        self._again.append(act)
        await act(self._session)

    async def offer(self, procedure: str, answer: Callable[..., Any]) -> None:
        await self._always(lambda session: awaitable(session.register(answer, procedure)))

    async def listen(self, topic: str, hear: Callable[..., Any]) -> None:
        await self._always(lambda session: awaitable(session.subscribe(hear, topic)))

    async def close(self) -> None:
        self._is_closing = True
        if not hasattr(self, "_component"):
            self._session.leave()
        elif (stopped := self._component.stop()) is not None:
            await awaitable(stopped)
        # Over RawSocket a Component takes its own goodbye for a cut, and comes back: then this is never done.
        await asyncio.wait([self._done], timeout=GOODBYE_SECONDS)


async def until(attempt: Callable[[], Awaitable[Any]]) -> Any:
    """Try until it works; the last problem is raised."""
    end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            return await attempt()
        except Exception:
            if asyncio.get_running_loop().time() > end:
                raise
            await asyncio.sleep(PAUSE_SECONDS)


async def found(events: list[Any], fits: Callable[[Any], bool]) -> Any:
    """The first that fits; looks again for as long as none does."""

    async def look() -> Any:
        return next(one for one in events if fits(one))

    async def looked() -> Any:
        try:
            return await look()
        except RuntimeError as error:
            raise LookupError(f"not among {events}") from error

    return await until(looked)


async def refusal(call: Awaitable[Any]) -> dict[str, Any]:
    """What a call was refused with."""
    try:
        return {"uri": None, "value": await call}
    except ApplicationError as error:
        return {"uri": error.error, "args": list(error.args), "kwargs": error.kwargs}


async def tell(way: dict[str, Any]) -> None:
    name = way["name"]

    def say(fact: Any) -> None:
        print(json.dumps([name, fact]), flush=True)

    base = f"org.{realm}.{name}"
    visitor = await Peer(way, None).joined()
    entered = await visitor.call("hotline.anteroom.enter", name=name)
    await visitor.close()

    login = {"method": "ticket", "authid": entered["client"], "secret": entered["key"]}
    client = await Peer(way, login).joined()
    offering, asking = [await Peer(way, login).joined() for login in way["logins"]]
    peers = (visitor, client, offering, asking)
    sessions = [[peer.details.authrole, peer.details.authmethod] for peer in peers]
    say({"sessions": sessions, "spoken": sorted({peer.details.serializer for peer in peers})})

    heard: list[Any] = []
    said: list[Any] = []
    room, topic = entered["room"], f"{base}.topic"

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ApplicationError("org.error.no", *args, **kwargs)

    await offering.offer(f"{base}.add", lambda a, b, note=None: {"sum": a + b, "note": note})
    await offering.offer(f"{base}.refuse", refuse)
    await offering.listen(topic, lambda *args, **kwargs: heard.append([list(args), kwargs]))
    await asking.call("hotline.room.join", room=room)
    await asking.listen(
        f"hotline.room.{room}",
        lambda text, seq, kind, sender, nonce, **_: said.append([text, seq, kind, sender["role"], nonce]),
    )
    await asking.listen(f"hotline.room.{room}.typing", lambda **_: said.append(["typing"]))

    for chapter in way["chapters"]:

        async def knock() -> None:
            await asking.publish(topic, "knock")
            await client.publish(f"hotline.room.{room}.typing", typing=True)
            assert all((heard, said)), "nobody listens"

        # Whoever has just come back offers and listens again a moment later: until then, knock.
        await until(lambda: asking.call(f"{base}.add", 1, 1))
        await until(knock)
        facts = {
            "chapter": chapter,
            "add": await asking.call(f"{base}.add", 2, 40, note="Grüße 👋"),
            "refused": await refusal(asking.call(f"{base}.refuse", 1, "two", three=[3, None, True])),
            "nowhere": (await refusal(asking.call(f"{base}.nowhere")))["uri"],
            "me": (await asking.call("hotline.me.get"))["name"],
            "wrong": (await refusal(asking.call("hotline.room.history", room="unknown")))["uri"],
        }
        await asking.publish(topic, chapter, 1.5, {"deep": [1, [2]]}, when=chapter)
        await client.publish(f"hotline.room.{room}", f"{chapter} 👋", nonce=chapter)
        facts["event"] = await found(heard, lambda event: event[0][0] == chapter)  # noqa: B023
        facts["message"] = await found(said, lambda event: event[0] == f"{chapter} 👋")  # noqa: B023
        history = await client.call("hotline.room.history", room=room)
        say({**facts, "seqs": [message["seq"] for message in history["messages"]]})
        heard.clear()
        said.clear()
        # The test answers each chapter; before it answers the first one it kills the daemon.
        waiting = loop.create_future()
        going_on.append(waiting)
        await waiting
    for peer in (client, offering, asking):
        await peer.close()


async def tell_all() -> None:
    loop.add_reader(sys.stdin, go_on)
    await asyncio.gather(*map(tell, ways))


loop.run_until_complete(tell_all())
