/** What only Fastify does: it sends again for an async handler that returns nothing, and accepts streams as payloads. */
import { Readable } from "node:stream";
import Fastify from "fastify";
import { sessionPlugin } from "session-bridge/fastify";
import { afterEach, describe, expect, it } from "vitest";
import { Visitor } from "./client.ts";
import { asyncEngine, sessionsOn } from "./stores.ts";

let close: (() => unknown) | undefined;
afterEach(() => close?.());

describe("an async handler of Fastify that does not return the reply", () => {
  it.each([
    ["nothing", undefined],
    ["something else", "second"],
  ])("sends what it sent, once and after it is stored, when it returns %s", async (_what, returned) => {
    const app = Fastify();
    await app.register(sessionPlugin(sessionsOn(asyncEngine())));
    app.get("/", async (request, reply) => {
      Object.assign(request.session, { n: 1 });
      reply.send("first");
      return returned;
    });
    app.get("/read", (request, reply) => void reply.send(JSON.stringify(request.session)));
    const address = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
    close = () => app.close();
    const visitor = new Visitor(Number(address.port));
    expect((await visitor.ask("/")).body).toBe("first");
    expect((await visitor.ask("/read")).body).toBe('{"n":1}');
  });
});

describe("a reply of Fastify", () => {
  it("stores its session once, although its raw response is held as well", async () => {
    const inner = asyncEngine();
    let saves = 0;
    const engine: typeof inner = {
      ...inner,
      create(...args) {
        saves += 1;
        return inner.create(...args);
      },
      update(...args) {
        saves += 1;
        return inner.update(...args);
      },
    };
    const app = Fastify();
    close = () => app.close();
    await app.register(sessionPlugin(sessionsOn(engine, { saveEveryRequest: true })));
    app.get("/", async (request) => {
      Object.assign(request.session, { n: 1 });
      return "x";
    });
    await app.inject("/");
    expect(saves).toBe(1);
  });

  it("closes the stream that it was to send when its session was deleted meanwhile", async () => {
    const sessions = sessionsOn(asyncEngine());
    const stored = sessions.open();
    stored["n"] = 1;
    await stored.save();
    const key = stored.sessionKey ?? "";
    const stream = Readable.from(["secret"]);
    const app = Fastify();
    close = () => app.close();
    await app.register(sessionPlugin(sessions));
    app.get("/", async (request) => {
      Object.assign(request.session, { n: 2 });
      await sessions.open(key).flush();
      return stream;
    });
    const { statusCode } = await app.inject({ url: "/", headers: { cookie: `sessionid=${key}` } });
    expect([statusCode, stream.destroyed]).toEqual([400, true]);
  });
});
