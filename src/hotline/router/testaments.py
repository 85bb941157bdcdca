"""What sessions leave behind: publications for the moment when they are gone.

In: `wamp.session.add_testament` and `.flush_testaments`, departures. Out: events, in the order in which they
were left, those for `detached` before those for `destroyed`. It never publishes what the session might not
have published itself, neither when it is left nor when it is opened.
"""

from __future__ import annotations

from typing import Any

import msgspec
from twisted.logger import Logger

from hotline.errors import HotlineError, NotAllowed
from hotline.router import uris
from hotline.router.messages import Publish
from hotline.router.options import Args, Kwargs
from hotline.router.ports import Topics
from hotline.router.pubsub import PubSub
from hotline.router.refusals import Refusal, Refused
from hotline.router.session import Session
from hotline.router.tasks import Tasks

SCOPES = ("detached", "destroyed")


class Testaments:
    """Kept on each session, by scope."""

    log = Logger()

    def __init__(self, *, topics: Topics, pubsub: PubSub, tasks: Tasks) -> None:
        self._topics = topics
        self._pubsub = pubsub
        self._tasks = tasks

    async def add(self, session: Session, args: Args, kwargs: Kwargs) -> None:
        """:raises Refused, HotlineError: this could not be published, or there are too many."""
        scope = _scope_of(kwargs)
        publish = _publish_of(args, kwargs, session.limits.uri_length)
        limit = session.limits.testaments
        kept = session.testaments
        if limit and sum(map(len, kept.values())) >= limit:
            raise Refused(Refusal(NotAllowed.uri, "Too many testaments.", {"testaments": limit}))
        if publish.topic.startswith(uris.RESERVED) or self._topics.is_durable(publish.topic):
            raise Refused(Refusal(uris.NOT_AUTHORIZED, "Nothing can be left behind for this topic.", {}))
        if await self._topics.may_publish(session, publish.topic, publish.args, publish.kwargs) is None:
            raise Refused(Refusal(uris.NOT_AUTHORIZED, "You may not use this topic.", {}))
        if publish.options.is_passthru and not session.roles.has_passthru("publisher"):
            sentence = "Payload passthru mode was not announced by this publisher."
            raise Refused(Refusal(uris.FEATURE_NOT_SUPPORTED, sentence, {}))
        refusal = self._pubsub.undisclosable(session, publish)
        if refusal is not None:
            raise Refused(refusal)
        kept.setdefault(scope, []).append(publish)

    def flush(self, session: Session, kwargs: Kwargs) -> None:
        """Forget those of one scope. :raises Refused: there is no such scope."""
        session.testaments.pop(_scope_of(kwargs), None)

    def open(self, session: Session) -> None:
        """The session is gone: publish what it left behind."""
        left, session.testaments = session.testaments, {}
        if left:
            self._tasks.start(
                self._publish(session, [each for scope in SCOPES for each in left.get(scope, ())])
            )

    async def _publish(self, session: Session, testaments: list[Publish]) -> None:
        for publish in testaments:
            try:
                payload = await self._topics.may_publish(session, publish.topic, publish.args, publish.kwargs)
                if payload is not None:
                    self._pubsub.deliver(session, publish, *payload)
            except HotlineError:
                self.log.debug("a testament could not be published")
            except Exception:
                # Those behind it are published all the same.
                self.log.failure("a testament could not be published")


def _scope_of(kwargs: Kwargs) -> str:
    scope = kwargs.get("scope", "destroyed")
    if scope not in SCOPES:
        raise Refused(Refusal(uris.INVALID_ARGUMENT, "The scope is detached or destroyed.", {}))
    return str(scope)


def _publish_of(args: Args, kwargs: Kwargs, longest: int) -> Publish:
    named: dict[str, Any] = {**kwargs, **dict(zip(("topic", "args", "kwargs"), args, strict=False))}
    empty: dict[str, Any] = {"publish_options": {}, "topic": None, "args": [], "kwargs": {}}
    options, topic, *payload = (
        default if named.get(name) is None else named[name] for name, default in empty.items()
    )
    array = [16, 1, options, topic, *payload]
    try:
        publish = msgspec.convert(array, Publish)
    except msgspec.ValidationError as error:
        raise Refused(Refusal(uris.INVALID_ARGUMENT, str(error), {})) from None
    if not uris.is_uri(publish.topic, longest):
        raise Refused(Refusal(uris.INVALID_URI, "This is not a URI.", {}))
    return publish
