// Takes the next waiting client, says hello, and prints the conversation until it ends.
//
//     node consultant.mjs ws://127.0.0.1:8080/ws REALM TOKEN SECRET-FILE
//
// REALM is the organisation's address (its slug), TOKEN the name of an API token, SECRET-FILE a file with its
// secret. Needs `npm install wampy ws`.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Wampy } from "wampy";
import WebSocket from "ws";

const [url, realm, token, secretFile] = process.argv.slice(2);
const secret = readFileSync(secretFile, "utf8").trim();

const wamp = new Wampy(url, {
  realm,
  ws: WebSocket,
  authid: token,
  authmethods: ["ticket"],
  onChallenge: () => secret,
  // Wampy gives up after so many tries, and says so; 0 would be never.
  maxRetries: 0,
  retryInterval: 1000,
});

const call = async (procedure, args) => (await wamp.call(procedure, { argsDict: args })).argsList[0];

/** Wait until somebody waits, and be the one who takes them. */
async function claimNext() {
  let wake = () => {};
  // Subscribe first, look second: nobody who comes in between is missed.
  await wamp.subscribe("hotline.clientlist", ({ argsDict }) => {
    if (argsDict.room.status === "waiting") wake();
  });
  for (;;) {
    const news = new Promise((resolve) => {
      wake = resolve;
    });
    for (const entry of await call("hotline.clientlist.get", {})) {
      if (entry.status !== "waiting") continue;
      try {
        const claimed = await call("hotline.room.claim", { room: entry.room });
        const profile = await call("hotline.room.profile", { room: entry.room });
        console.log(`${profile.name} answered ${JSON.stringify(profile.answers)}`);
        return claimed.room;
      } catch (error) {
        const lost = ["hotline.error.already_claimed", "hotline.error.room_closed"];
        if (!lost.includes(error.errorUri)) throw error;
      }
    }
    await news;
  }
}

/** Print what was said and what will be; `ended` is a promise for the end of the conversation. */
async function follow(room) {
  let lastSeq = 0;
  let reading = null;
  let end;
  const ended = new Promise((resolve) => {
    end = resolve;
  });
  const show = (text, { seq, sender, kind }) => {
    lastSeq = seq;
    console.log(`${seq} ${sender.name}: ${text}`);
    if (kind === "closed") end();
  };
  const readOn = async () => {
    for (let more = true; more; ) {
      const page = await call("hotline.room.history", { room, after: lastSeq });
      for (const message of page.messages) show(message.text, message);
      more = page.more;
    }
  };
  /** Read everything after the last entry shown; one reading at a time. */
  const catchUp = () => {
    const mine = (reading ?? Promise.resolve()).then(readOn).finally(() => {
      if (reading === mine) reading = null;
    });
    reading = mine;
    return mine;
  };
  await wamp.subscribe(`hotline.room.${room}`, ({ argsList, argsDict }) => {
    // Between two events there may be a message of our own, of which nobody tells us: then read it.
    if (!reading && argsDict.seq === lastSeq + 1) show(argsList[0], argsDict);
    else if (argsDict.seq > lastSeq) catchUp();
  });
  await catchUp();
  return { ended, catchUp };
}

/** Resolves when the message is stored. The nonce makes it safe to say it again after an error. */
function say(room, text) {
  return wamp.publish(`hotline.room.${room}`, { argsList: [text], argsDict: { nonce: randomUUID() } });
}

await wamp.connect();
const room = await claimNext();
console.log(`talking in ${room}`);
const { ended, catchUp } = await follow(room);
await say(room, "Hello, I am a script. What would you like to talk about?");
await catchUp();
await ended;
await wamp.disconnect();
