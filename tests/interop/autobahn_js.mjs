/** The story told by autobahn-js: over WebSocket with each of its serializers, and over RawSocket, where it knows JSON only. */

import autobahn from "autobahn";
import WebSocket from "ws";
import { realm, tell_all } from "./story.mjs";

// A Node.js before 22 has none of its own. Like a browser's, it tells of a failed attempt and does not end the process.
globalThis.WebSocket ??= class extends WebSocket {
  constructor(...address) {
    super(...address);
    this.on("error", () => {});
  }
};

const SERIALIZERS = {
  json: autobahn.serializer.JSONSerializer,
  msgpack: autobahn.serializer.MsgpackSerializer,
  cbor: autobahn.serializer.CBORSerializer,
};

function transport({ url, serializer }) {
  const { hostname, port, protocol } = new URL(url);
  return protocol === "rs:"
    ? { type: "rawsocket", host: hostname, port: Number(port) }
    : { type: "websocket", url, serializers: [new SERIALIZERS[serializer]()] };
}

/** One dict comes as the only argument. */
const value_of = (result) =>
  result instanceof autobahn.Result ? (result.args[0] ?? result.kwargs) : result;

await tell_all(
  (way, login) =>
    new Promise((resolve, reject) => {
      const connection = new autobahn.Connection({
        realm,
        transports: [transport(way)],
        authmethods: [login ? "ticket" : "anonymous"],
        ...(login ? { authid: login.authid, onchallenge: () => login.ticket } : {}),
        use_es6_promises: true,
        max_retries: -1,
        initial_retry_delay: 0.2,
        max_retry_delay: 0.5,
      });
      // Connection comes back by itself; what a session offered and listened to is the script's business.
      const again = [];
      const always = (act) => {
        again.push(act);
        return act();
      };
      const session = {
        call: async (procedure, args, kwargs) => value_of(await connection.session.call(procedure, args, kwargs)),
        offer: (procedure, answer) =>
          always(() =>
            connection.session.register(procedure, (args, kwargs) =>
              answer(args ?? [], kwargs ?? {}, (uri, ...rest) => {
                throw new autobahn.Error(uri, ...rest);
              }),
            ),
          ),
        listen: (topic, hear) =>
          always(() => connection.session.subscribe(topic, (args, kwargs) => hear(args ?? [], kwargs ?? {}))),
        publish: (topic, args, kwargs) =>
          connection.session.publish(topic, args, kwargs, { acknowledge: true }),
        close: async () => connection.close(),
      };
      connection.onopen = (_, details) => {
        if (session.details) for (const act of again) void act();
        session.details = details;
        resolve(session);
      };
      connection.onclose = (reason, details) => {
        if (!session.details) reject(new Error(`${reason}: ${details.reason}`));
        return false;
      };
      connection.open();
    }),
);
