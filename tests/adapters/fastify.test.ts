/** What only Fastify does: it sends again for an async handler that has sent and returns nothing. */
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
