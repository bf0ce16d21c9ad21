/** A library's sessions on a server of node:http2, as Fastify has one: the bridge answers there too. */
import { once } from "node:events";
import { connect, type OutgoingHttpHeaders } from "node:http2";
import fastifyCookie from "@fastify/cookie";
import fastifySession, { MemoryStore } from "@fastify/session";
import Fastify from "fastify";
import { openBridge } from "session-bridge/bridge";
import { fastifySession as fastifySessionSource } from "session-bridge/sources";
import { expect, it } from "vitest";

const secret = "a secret of more than thirty-two characters";
const fromPanel = {
  ":method": "POST",
  origin: "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
  "content-type": "application/json",
};

it("shows a session and the trace of its login in the tab", async () => {
  const store = new MemoryStore();
  const bridge = openBridge(fastifySessionSource({ secret, store }), { enabled: true, log: () => {} });
  const app = Fastify({ http2: true });
  app.addHook("onRequest", bridge.fastify);
  await app.register(fastifyCookie);
  await app.register(fastifySession, { secret, store, cookie: { secure: false } });
  app.post("/login", async (request) => {
    Object.assign(request.session, { user_id: 123 });
    return "done";
  });
  const client = connect(await app.listen({ port: 0, host: "127.0.0.1" }));
  /** Sends a request; returns the response's headers, and its first part. */
  const send = async (headers: OutgoingHttpHeaders, body = "") => {
    const stream = client.request(headers).setEncoding("utf8");
    stream.end(body);
    const [answer] = await once(stream, "response");
    const parts: string[] = [];
    for await (const part of stream) {
      parts.push(part);
      if (part.includes('"trace"')) break; // the stream of traces has no end
    }
    return { answer, text: parts.join("") };
  };
  try {
    const { answer } = await send({ ":method": "POST", ":path": "/login" });
    const cookie = /^sessionId=([^;]+)/.exec(answer["set-cookie"][0])?.[1] ?? "";
    const id = /id=([^;]+)/.exec(answer["session-trace"])?.[1] ?? "";
    const asked = { protocol: 1, cookie };
    const session = await send({ ...fromPanel, ":path": "/__sessions/v1/session" }, JSON.stringify(asked));
    expect(JSON.parse(JSON.parse(session.text).session.dataJson)).toMatchObject({ user_id: 123 });
    const stream = { protocol: 1, cookies: [cookie], ids: [], since: null, process: null };
    const traces = await send({ ...fromPanel, ":path": "/__sessions/v1/traces" }, JSON.stringify(stream));
    expect(traces.text).toContain(`"trace":{"id":"${id}"`);
  } finally {
    client.destroy();
    bridge.close();
    await app.close();
  }
});
