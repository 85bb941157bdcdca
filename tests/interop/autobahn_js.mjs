/** The story told by autobahn-js: over WebSocket with each of its serializers, and over RawSocket, where it knows JSON only. */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
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
    : { type: "websocket", url, ...(serializer ? { serializers: [new SERIALIZERS[serializer]()] } : {}) };
}

/** How each method answers a challenge, and what it says in HELLO. It carries WAMP-SCRAM, but leaves it to the script. */
const METHODS = {
  ticket: ({ secret }) => ({ onchallenge: () => secret }),
  wampcra: ({ secret }) => ({
    onchallenge: (_, method, { salt, iterations, keylen, challenge }) =>
      autobahn.auth_cra.sign(autobahn.auth_cra.derive_key(secret, salt, iterations, keylen), challenge),
  }),
  cryptosign: ({ secret }) => {
    const pair = autobahn.nacl.sign.keyPair.fromSeed(Buffer.from(secret, "hex"));
    return {
      authextra: { pubkey: autobahn.auth_cryptosign.public_key(pair), channel_binding: null },
      onchallenge: (_, method, extra) => autobahn.auth_cryptosign.sign_challenge(pair, extra),
    };
  },
  "wamp-scram": ({ authid, secret }) => {
    const mine = randomBytes(18).toString("base64");
    const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
    return {
      authextra: { nonce: mine, channel_binding: null },
      onchallenge: (_, method, { nonce, salt, iterations }) => {
        const salted = pbkdf2Sync(secret, Buffer.from(salt, "base64"), iterations, 32, "sha256");
        const key = hmac(salted, "Client Key");
        const text = `n=${authid},r=${mine},r=${nonce},s=${salt},i=${iterations},c=biws,r=${nonce}`;
        const signature = hmac(createHash("sha256").update(key).digest(), text);
        const proof = key.map((octet, place) => octet ^ signature[place]);
        return [Buffer.from(proof).toString("base64"), { nonce, channel_binding: null, cbind_data: null }];
      },
    };
  },
};

/** One dict comes as the only argument. */
const value_of = (result) =>
  result instanceof autobahn.Result ? (result.args[0] ?? result.kwargs) : result;

await tell_all(
  (way, login) =>
    new Promise((resolve, reject) => {
      const connection = new autobahn.Connection({
        realm,
        transports: [transport(way)],
        authmethods: [login?.method ?? "anonymous"],
        ...(login ? { authid: login.authid, ...METHODS[login.method](login) } : {}),
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
        session.spoken = connection.transport.info.protocol.split(".")[2];
        resolve(session);
      };
      connection.onclose = (reason, details) => {
        if (!session.details) reject(new Error(`${reason}: ${details.reason}`));
        return false;
      };
      connection.open();
    }),
);
