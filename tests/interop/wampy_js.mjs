/** The story told by wampy.js, which after a cut listens and offers again by itself. */

import { Wampy } from "wampy";
import { sign as sign_cryptosign } from "wampy/cryptosign.js";
import { sign as sign_cra } from "wampy/wampcra.js";
import { CborSerializer } from "wampy/CborSerializer.js";
import { JsonSerializer } from "wampy/JsonSerializer.js";
import { MsgpackSerializer } from "wampy/MsgpackSerializer.js";
import WebSocket from "ws";
import { realm, tell_all } from "./story.mjs";

const ANSWERS = {
  ticket: (ticket) => () => ticket,
  wampcra: sign_cra,
  cryptosign: sign_cryptosign,
};
const SERIALIZERS = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer };

await tell_all(async ({ url, serializer }, login) => {
  const wamp = new Wampy(url, {
    realm,
    ws: WebSocket,
    serializer: new SERIALIZERS[serializer](),
    ...(login
      ? { authid: login.authid, authmethods: [login.method], onChallenge: ANSWERS[login.method](login.secret) }
      : {}),
    maxRetries: 0,
    reconnectInterval: 300,
  });
  const details = await wamp.connect();
  return {
    details,
    spoken: serializer,
    call: async (procedure, argsList, argsDict) => {
      const result = await wamp.call(procedure, { argsList, argsDict });
      return result.argsList?.[0] ?? result.argsDict;
    },
    offer: (procedure, answer) =>
      wamp.register(procedure, ({ argsList, argsDict }) => ({
        argsList: [
          answer(argsList ?? [], argsDict ?? {}, (error, args, kwargs) => {
            throw Object.assign(new Error(error), { error, argsList: args, argsDict: kwargs });
          }),
        ],
      })),
    listen: (topic, hear) =>
      wamp.subscribe(topic, ({ argsList, argsDict }) => hear(argsList ?? [], argsDict ?? {})),
    publish: (topic, argsList, argsDict) => wamp.publish(topic, { argsList, argsDict }),
    close: () => wamp.disconnect(),
  };
});
