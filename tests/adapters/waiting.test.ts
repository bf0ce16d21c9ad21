/** Nothing is sent before the session is stored; and what the store refuses, over real HTTP, for every adapter. */
import { cache, type Engine } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import type { Page, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { ask, Visitor } from "./client.ts";
import { failingEngine, gatedEngine, sessionsOn } from "./stores.ts";

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS)("waiting for the store on $name", (adapter) => {
  async function visit(engine: Engine, pages: Record<string, Page>): Promise<Visitor> {
    const hello: Page = () => ({ body: "hello" });
    const read: Page = ({ session }) => ({ body: String(session.get("user_id")) });
    served = await adapter.serve({
      sessions: sessionsOn(engine),
      pages: { "/hello": hello, "/read": read, ...pages },
    });
    return new Visitor(served.port);
  }

  const login: Page = ({ session }) => {
    session["user_id"] = 123;
    return { status: 302, headers: [["Location", "/read"]] };
  };

  it("holds a redirect until a slow store has the session", async () => {
    const { engine, gate } = gatedEngine();
    const visitor = await visit(engine, { "/login": login });
    const order: string[] = [];
    const answer = visitor.ask("/login").then(() => order.push("answered"));
    await gate.reached;
    expect((await ask(served?.port ?? 0, "/hello")).body).toBe("hello");
    order.push("stored");
    gate.open();
    await answer;
    expect(order).toEqual(["stored", "answered"]);
    expect((await visitor.ask("/read")).body).toBe("123");
  });

  it("waits for a storage method that the handler did not await", async () => {
    const { engine, gate } = gatedEngine();
    const visitor = await visit(engine, {
      "/login": ({ session }) => {
        session["user_id"] = 123;
        void session.save();
        return { body: "done" };
      },
    });
    const answer = visitor.ask("/login");
    await gate.reached;
    gate.open();
    await answer;
    expect((await visitor.ask("/read")).body).toBe("123");
  });

  it("answers with the framework's own 500, and nothing of the handler's, when the store fails", async () => {
    const { engine, state } = failingEngine();
    const visitor = await visit(engine, {
      "/login": ({ session }) => {
        session["user_id"] = 123;
        return { body: "welcome", headers: [["Set-Cookie", "theme=dark"]] };
      },
    });
    const seen = await visitor.ask("/login");
    expect([seen.status, seen.body.includes("welcome"), seen.get("set-cookie")]).toEqual([
      500,
      false,
      undefined,
    ]);
    state.fails = false;
    expect((await visitor.ask("/login")).body).toBe("welcome");
  });

  it("fails the response when a storage method that was not awaited fails", async () => {
    const visitor = await visit(failingEngine().engine, {
      "/login": ({ session }) => {
        session["user_id"] = 123;
        void session.cycleKey();
        return { body: "welcome" };
      },
    });
    expect((await visitor.ask("/login")).status).toBe(500);
  });

  it("answers 400, with nothing of the handler's, when the session was deleted meanwhile", async () => {
    const arrived = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const visitor = await visit(cache("memory:"), {
      "/login": login,
      "/logout": async ({ session }) => {
        await session.flush();
        return { body: "bye" };
      },
      "/slow": async ({ session }) => {
        session["n"] = 1;
        arrived.resolve();
        await goOn.promise;
        return {
          body: "secret of the handler",
          headers: [
            ["Set-Cookie", "theme=dark"],
            ["X-Own", "1"],
          ],
        };
      },
    });
    await visitor.ask("/login");
    const { cookie } = visitor;
    const slow = ask(served?.port ?? 0, "/slow", { cookie });
    await arrived.promise;
    await visitor.ask("/logout");
    goOn.resolve();
    const seen = await slow;
    expect([seen.status, seen.get("set-cookie"), seen.get("x-own"), seen.get("vary")]).toEqual([
      400,
      undefined,
      undefined,
      undefined,
    ]);
    expect(seen.body).not.toContain("secret");
    expect((await visitor.ask("/read", { cookie })).body).toBe("undefined");
  });

  it("stores nothing, and answers as the framework does, when the handler throws", async () => {
    const visitor = await visit(cache("memory:"), {
      "/throws": ({ session }) => {
        session["user_id"] = 123;
        throw new Error("out of ink");
      },
    });
    const seen = await visitor.ask("/throws");
    expect([seen.status, seen.get("set-cookie")]).toEqual([500, undefined]);
  });

  // On node:http and behind a fetch handler any error means 500.
  const { toStatusError } = adapter;
  if (toStatusError === null) return;
  it("stores when the handler throws an error that means 404", async () => {
    const visitor = await visit(cache("memory:"), {
      "/throws": ({ session }) => {
        session["user_id"] = 123;
        throw toStatusError(404);
      },
    });
    const seen = await visitor.ask("/throws");
    expect([seen.status, seen.get("vary")]).toEqual([404, "Cookie"]);
    expect((await visitor.ask("/read")).body).toBe("123");
  });
});
