"""Takes the next waiting client, says hello, and prints the conversation until it ends.

    python consultant.py ws://127.0.0.1:8080/ws REALM TOKEN SECRET-FILE
    python consultant.py rs://127.0.0.1:8081 REALM TOKEN SECRET-FILE        (RawSocket)

REALM is the organisation's address (its slug), TOKEN the name of an API token, SECRET-FILE a file with its
secret. Needs `pip install "autobahn[twisted]"`.
"""

import sys
import uuid
from pathlib import Path

from autobahn.twisted.component import Component, run
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import PublishOptions
from twisted.internet.defer import Deferred

url, realm, token, secret_file = sys.argv[1:5]

component = Component(
    transports=[{"type": "rawsocket" if url.startswith("rs:") else "websocket", "url": url}],
    realm=realm,
    authentication={"ticket": {"authid": token, "ticket": Path(secret_file).read_text().strip()}},
)

# These two outlive a cut connection, after which Autobahn connects and joins again.
room = None
last_seq = 0


@component.on_join
async def joined(session, details):
    global room
    if room is None:
        room = await claim_next(session)
        print(f"talking in {room}", flush=True)
    ended = await follow(session)
    if last_seq <= 3:
        await say(session, "Hello, I am a script. What would you like to talk about?")
    await ended
    # Cut connections are made again; this end is meant.
    component.stop()


@component.on_leave
def left(session, details):
    if details.reason.startswith("wamp.error."):
        # A wrong secret does not become right by trying again.
        print(f"refused: {details.reason} {details.message}", file=sys.stderr, flush=True)
        component.stop()


async def claim_next(session):
    """Wait until somebody waits, and be the one who takes them."""
    news = Deferred()

    def changed(change, room):
        if not news.called and room["status"] == "waiting":
            news.callback(None)

    while True:
        # Subscribe first, look second: nobody who comes in between is missed.
        subscription = await session.subscribe(changed, "hotline.clientlist")
        for entry in await session.call("hotline.clientlist.get"):
            if entry["status"] == "waiting":
                try:
                    claimed = await session.call("hotline.room.claim", room=entry["room"])
                except ApplicationError as error:
                    if error.error in ("hotline.error.already_claimed", "hotline.error.room_closed"):
                        continue
                    raise
                profile = await session.call("hotline.room.profile", room=entry["room"])
                print(f"{profile['name']} answered {profile['answers']}", flush=True)
                await subscription.unsubscribe()
                return claimed["room"]
        await news
        news = Deferred()
        await subscription.unsubscribe()


async def follow(session):
    """Print what was said and what will be; gives a Deferred that fires when the room is closed."""
    ended = Deferred()
    early = []

    def heard(text, **event):
        if early is not None:
            early.append((text, event))
        else:
            show(text, event)

    def show(text, event):
        global last_seq
        # An event that history has shown already comes with a seq that is not new.
        if event["seq"] > last_seq:
            last_seq = event["seq"]
            print(f"{event['seq']} {event['sender']['name']}: {text}", flush=True)
            if event["kind"] == "closed" and not ended.called:
                ended.callback(None)

    await session.subscribe(heard, f"hotline.room.{room}")
    more = True
    while more:
        page = await session.call("hotline.room.history", room=room, after=last_seq)
        for message in page["messages"]:
            show(message.pop("text"), message)
        more = page["more"]
    arrived, early = early, None
    for text, event in arrived:
        show(text, event)
    return ended


async def say(session, text):
    """Returns when the message is stored. The nonce makes it safe to say it again after an error."""
    nonce = uuid.uuid4().hex
    options = PublishOptions(acknowledge=True, exclude_me=False)
    await session.publish(f"hotline.room.{room}", text, nonce=nonce, options=options)


if __name__ == "__main__":
    # Without its log, which would take standard output over.
    run([component], log_level=None)
