/**
 * What every JavaScript library goes through: in goes its way to open sessions, out come facts, one JSON value a line: [name, fact].
 * This process was told a realm and several ways to tell the story there at the same time: `{url, serializer, name, logins, chapters}`. Between
 * chapters it waits for a line on standard input: the test has killed the daemon. It judges nothing.
 */

import { createInterface } from "node:readline";

const PATIENCE_MS = 20_000;
const PAUSE_MS = 50;

export const realm = process.argv[2];
const ways = JSON.parse(process.argv[3]);

/** Each line on standard input lets every story go on to its next chapter. */
const going_on = [];
createInterface({ input: process.stdin }).on("line", () => {
  for (const go_on of going_on.splice(0)) go_on();
});

/** Tries until it works; the last problem is thrown. */
async function until(attempt) {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    try {
      return await attempt();
    } catch (problem) {
      if (Date.now() > end) throw problem;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** The first that fits; looks again for as long as none does. */
function found(list, fits) {
  return until(async () => {
    const one = list.find(fits);
    if (!one) throw new Error(`not among ${JSON.stringify(list)}`);
    return one;
  });
}

/** `{uri, args, kwargs}` of a call that was refused, whatever the library calls them. */
async function refusal(call) {
  return call.then(
    (value) => ({ uri: null, value }),
    (error) => ({
      uri: error.error ?? error.errorUri,
      args: error.args ?? error.argsList ?? [],
      kwargs: error.kwargs ?? error.argsDict ?? {},
    }),
  );
}

/**
 * `open(way, {method, authid, secret})`, or `open(way, null)` for anonymous, promises a session with `details`, `spoken` (the serializer), `call`, `offer`, `listen`, `publish` and
 * `close`, which comes back by itself and then offers and listens as before.
 */
export async function tell_all(open) {
  await Promise.all(ways.map((way) => tell(way, (login) => open(way, login))));
  process.exit(0);
}

async function tell({ name, logins, chapters }, open) {
  const say = (fact) => console.log(JSON.stringify([name, fact]));
  const base = `org.${realm}.${name}`;

  const visitor = await open(null);
  const entered = await visitor.call("hotline.anteroom.enter", [], { name });
  await visitor.close();

  const client = await open({ method: "ticket", authid: entered.client, secret: entered.key });
  const offering = await open(logins[0]);
  const asking = await open(logins[1]);
  const sessions = [visitor, client, offering, asking];
  say({
    sessions: sessions.map(({ details }) => [details.authrole, details.authmethod]),
    spoken: [...new Set(sessions.map(({ spoken }) => spoken))],
  });

  const heard = [];
  const said = [];
  await offering.offer(`${base}.add`, ([a, b], { note }) => ({ sum: a + b, note }));
  await offering.offer(`${base}.refuse`, (args, kwargs, refuse) => refuse("org.error.no", args, kwargs));
  await offering.listen(`${base}.topic`, (args, kwargs) => heard.push([args, kwargs]));
  await asking.call("hotline.room.join", [], { room: entered.room });
  await asking.listen(`hotline.room.${entered.room}`, ([text], { seq, kind, sender, nonce }) =>
    said.push([text, seq, kind, sender.role, nonce]),
  );
  await asking.listen(`hotline.room.${entered.room}.typing`, () => said.push(["typing"]));

  for (const chapter of chapters) {
    // Whoever has just come back offers and listens again a moment later: until then, knock.
    await until(() => asking.call(`${base}.add`, [1, 1], {}));
    await until(async () => {
      await asking.publish(`${base}.topic`, ["knock"], {});
      await client.publish(`hotline.room.${entered.room}.typing`, [], { typing: true });
      if (heard.length === 0 || said.length === 0) throw new Error("nobody listens");
    });
    const sum = await asking.call(`${base}.add`, [2, 40], { note: "Grüße 👋" });
    const refused = await refusal(asking.call(`${base}.refuse`, [1, "two"], { three: [3, null, true] }));
    const nowhere = await refusal(asking.call(`${base}.nowhere`, [], {}));
    const me = await asking.call("hotline.me.get", [], {});
    const wrong = await refusal(asking.call("hotline.room.history", [], { room: "unknown" }));
    await asking.publish(`${base}.topic`, [chapter, 1.5, { deep: [1, [2]] }], { when: chapter });
    await client.publish(`hotline.room.${entered.room}`, [`${chapter} 👋`], { nonce: chapter });
    const event = await found(heard, ([args]) => args[0] === chapter);
    const message = await found(said, ([text]) => text === `${chapter} 👋`);
    const { messages } = await client.call("hotline.room.history", [], { room: entered.room });
    say({
      chapter,
      add: sum,
      refused,
      nowhere: nowhere.uri,
      me: me.name,
      wrong: wrong.uri,
      event,
      message,
      seqs: messages.map(({ seq }) => seq),
    });
    heard.length = said.length = 0;
    // The test answers each chapter; before it answers the first one it kills the daemon.
    await new Promise((resolve) => going_on.push(resolve));
  }
  if (chapters.length > 1) for (const session of [client, offering, asking]) await session.close();
}
