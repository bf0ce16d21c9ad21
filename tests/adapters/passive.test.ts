/** `passive` gets each framework's own request, and its requests prolong nothing: neither the row nor the cookie. */
import { cache, createSessions } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import type { Page, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { Visitor } from "./client.ts";
import { asyncEngine, SECRET_KEY } from "./stores.ts";

const HOUR = 3600;
const POLL = { headers: { "X-Poll": "1" } };

const pages: Record<string, Page> = {
  "/login": ({ session }) => {
    session["user_id"] = 1;
    void session.cycleKey();
    return { body: "in" };
  },
  "/read": ({ session }) => ({ body: String(session["user_id"]) }),
  "/count": ({ session }) => {
    session.change("count", (count) => Number(count ?? 0) + 1);
    return { body: String(session["count"]) };
  },
  "/untouched": () => ({ body: "hello" }),
};

function isPoll(request: object): boolean {
  const headers: unknown = Reflect.get(request, "headers");
  return (headers instanceof Headers ? headers.get("x-poll") : Object(headers)["x-poll"]) === "1";
}

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS)("passive on $name", (adapter) => {
  async function open(passive: (request: object) => boolean, engine = cache("memory:")) {
    const time = { now: Date.UTC(2026, 10, 23) };
    const sessions = createSessions({
      secretKey: SECRET_KEY,
      engine,
      cookieAge: 30 * 24 * HOUR,
      idleAge: HOUR,
      passive,
      clock: () => time.now,
      log: () => {},
    });
    served = await adapter.serve({ sessions, pages });
    const visitor = new Visitor(served.port);
    const rowEnd = async () => {
      const stored = await engine.load((visitor.cookie ?? "").slice("sessionid=".length), true);
      return typeof stored === "object" ? stored?.expiresAtMs : null;
    };
    return { time, visitor, rowEnd };
  }

  it.each([
    ["that loads at once", () => cache("memory:")],
    ["that is awaited", asyncEngine],
  ])("a poll a minute for an hour prolongs nothing, with an engine %s", async (_, engine) => {
    const { time, visitor, rowEnd } = await open(isPoll, engine());
    await visitor.ask("/login");
    const end = time.now + HOUR * 1000;
    for (let minute = 1; minute < 60; minute++) {
      time.now += 60_000;
      const seen = await visitor.ask(minute % 2 === 0 ? "/read" : "/untouched", POLL);
      expect([seen.status, seen.get("set-cookie")]).toEqual([200, undefined]);
    }
    expect(await rowEnd()).toBe(end);
    time.now += 59_000;
    expect((await visitor.ask("/read", POLL)).body).toBe("1");
    time.now += 1000;
    expect((await visitor.ask("/read", POLL)).body).toBe("undefined");
  });

  it("a poll that changes something stores it, and row and cookie end when they did", async () => {
    const { time, visitor, rowEnd } = await open(isPoll);
    await visitor.ask("/login");
    const end = time.now + HOUR * 1000;
    for (let count = 1; count <= 5; count++) {
      time.now += 600_000;
      const seen = await visitor.ask("/count", POLL);
      expect(seen.body).toBe(String(count));
      expect(seen.get("set-cookie")).toContain(`; Max-Age=${HOUR - count * 600};`);
      expect(seen.get("set-cookie")).toContain(`expires=${new Date(end).toUTCString().replace(/ GMT$/, "")}`);
      expect(await rowEnd()).toBe(end);
    }
    const seen = await visitor.ask("/untouched");
    expect(seen.get("set-cookie")).toContain(`; Max-Age=${HOUR};`);
    expect(await rowEnd()).toBe(time.now + HOUR * 1000);
  });

  it("an answer that is neither true nor false is a 500, and nothing is stored", async () => {
    let answer: unknown = false;
    const { visitor, rowEnd, time } = await open(() => {
      if (answer === "throws") throw new Error("no route");
      return answer as boolean;
    });
    await visitor.ask("/login");
    const end = await rowEnd();
    time.now += 1000;
    for (answer of [Promise.resolve(true), undefined, "throws"]) {
      for (const path of ["/count", "/read", "/untouched"]) {
        const seen = await visitor.ask(path);
        expect([path, seen.status, seen.get("set-cookie")]).toEqual([path, 500, undefined]);
      }
    }
    expect(await rowEnd()).toBe(end);
    answer = false;
    expect((await visitor.ask("/count")).body).toBe("1");
  });
});
