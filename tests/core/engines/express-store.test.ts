/** Stores made for express-session: the law, and that each library reads what the other stored. */
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import {
  type ExpressStore,
  fromExpressStore,
} from "../../../server-bridge/src/core/engines/express-store.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { elsewhere } from "./again.ts";
import { describeEngine } from "./law.ts";

/** What is used of express-session, which brings no types. */
interface ExpressSession {
  MemoryStore: new () => ExpressStore;
  Cookie: new () => { maxAge: number };
}
const session: ExpressSession = createRequire(import.meta.url)("express-session");
const { MemoryStore, Cookie } = session;
const secretKey = "a secret";

describeEngine("express-session store", {
  make: () => fromExpressStore(new MemoryStore()),
  ownClock: true,
  except: {
    "clears what has ended, and nothing else": "these stores have no such call",
  },
});

describe("a store of express-session", () => {
  it("stores a session that express-session itself can use", async () => {
    const store = new MemoryStore();
    const sessions = createSessions({ secretKey, engine: fromExpressStore(store), cookieAge: 60 });
    const mine = sessions.open();
    mine.set("user", { name: "Zoë", n: 1.5 });
    await mine.save();
    const theirs = await new Promise((resolve) => {
      store.get(mine.sessionKey ?? "", (_error, found) => resolve(found));
    });
    expect(theirs).toMatchObject({ user: { name: "Zoë", n: 1.5 }, cookie: { originalMaxAge: 60_000 } });
  });

  it.each([
    [true, true],
    ["auto", false],
  ] as const)("stores whether the cookie is Secure (%s): %s", async (cookieSecure, secure) => {
    const store = new MemoryStore();
    const mine = createSessions({ secretKey, engine: fromExpressStore(store), cookieSecure }).open();
    mine.set("a", 1);
    await mine.save();
    const theirs = await new Promise((resolve) => {
      store.get(mine.sessionKey ?? "", (_error, found) => resolve(found));
    });
    expect(theirs).toMatchObject({ cookie: { secure } });
  });

  it("keeps numbers beyond 2^53, which such stores can write", async () => {
    const sessions = createSessions({ secretKey, engine: fromExpressStore(new MemoryStore()) });
    const mine = sessions.open();
    mine.set("at", [2 ** 53, 1.7e18, 123456789012345670000]);
    await mine.save();
    const again = sessions.open(mine.sessionKey);
    await again.load();
    expect(again.get("at")).toEqual([2 ** 53, 1.7e18, 123456789012345670000]);
  });

  it("reads a session that express-session itself stored", async () => {
    const store = new MemoryStore();
    const cookie = new Cookie();
    cookie.maxAge = 60_000;
    await new Promise((resolve) => store.set("theirtheir", { cookie, cart: [1, 2] }, resolve));
    const mine = createSessions({ secretKey, engine: fromExpressStore(store) }).open("theirtheir");
    await mine.load();
    expect(mine.entries()).toEqual([["cart", [1, 2]]]);
  });

  it("refuses data under the name that express-session keeps for itself", async () => {
    const mine = createSessions({ secretKey, engine: fromExpressStore(new MemoryStore()) }).open();
    mine.set("cookie", "mine");
    await expect(mine.save()).rejects.toThrow(/"cookie" is reserved/);
  });

  it("that fails, with its callback or a promise, is an engine error with the cause", async () => {
    const reason = new Error("the store is down");
    const byCallback: ExpressStore = {
      get: (_id, answer) => answer(reason),
      set: (_id, _session, answer) => answer?.(reason),
      destroy: (_id, answer) => answer?.(reason),
    };
    const byPromise: ExpressStore = {
      get: () => Promise.reject(reason),
      set: () => Promise.reject(reason),
      destroy: () => Promise.reject(reason),
    };
    for (const store of [byCallback, byPromise]) {
      const engine = fromExpressStore(store);
      createSessions({ secretKey, engine });
      await expect(engine.load("abcdefgh")).rejects.toMatchObject({ code: "engine", cause: reason });
      await expect(engine.delete("abcdefgh")).rejects.toMatchObject({ code: "engine", cause: reason });
    }
  });

  it("has no session if it reports that there is no such file, as in express-session", async () => {
    const absent = Object.assign(new Error("no such file or directory"), { code: "ENOENT" });
    const files = new Map<string, unknown>();
    const engine = fromExpressStore({
      get: (id, answer) => (files.has(id) ? answer(null, files.get(id)) : answer(absent)),
      set: (id, value, answer) => answer?.(files.set(id, value) && null),
      destroy: (id, answer) => answer?.(files.delete(id) ? null : absent),
    });
    const mine = createSessions({ secretKey, engine }).open();
    mine.set("n", 1);
    await mine.save();
    expect(files.size).toBe(1);
    await mine.flush();
    await engine.delete("abcdefgh");
    expect([files.size, await engine.load("abcdefgh")]).toEqual([0, null]);
    const byPromise = fromExpressStore({
      get: () => Promise.reject(absent),
      set: () => {},
      destroy: () => Promise.reject(absent),
    });
    createSessions({ secretKey, engine: byPromise });
    await byPromise.delete("abcdefgh");
    expect(await byPromise.load("abcdefgh")).toBeNull();
  });

  it("still fails a write with that error: its folder is gone", async () => {
    const absent = Object.assign(new Error("no such file or directory"), { code: "ENOENT" });
    const engine = fromExpressStore({
      get: (_id, answer) => answer(absent),
      set: (_id, _session, answer) => answer?.(absent),
      destroy: (_id, answer) => answer?.(absent),
    });
    const mine = createSessions({ secretKey, engine }).open();
    mine.set("n", 1);
    await expect(mine.save()).rejects.toMatchObject({ code: "engine", cause: absent });
  });

  it("may store the time of the last access, which is not part of the data", async () => {
    const store = new MemoryStore();
    let access = 0;
    const engine = fromExpressStore({
      get: (id, answer) => store.get(id, answer),
      set: (id, value, answer) => store.set(id, Object.assign(value, { __lastAccess: ++access }), answer),
      destroy: (id, answer) => store.destroy(id, answer),
    });
    const mine = createSessions({ secretKey, engine }).open();
    mine.set("n", 1);
    await mine.save();
    const again = createSessions({ secretKey, engine: elsewhere(engine) }).open(mine.sessionKey);
    await again.load();
    expect(again.entries()).toEqual([["n", 1]]);
    again.set("__lastAccess", 7);
    await expect(again.save()).rejects.toThrow(/"__lastAccess" is reserved/);
  });

  it("that forgets calls fails in time, keeps no session locked, and is served again when it answers", async () => {
    const lines: string[] = [];
    const store = new MemoryStore();
    let isSilent = false;
    const forgetful: ExpressStore = {
      get: (id, answer) => isSilent || store.get(id, answer),
      set: (id, value, answer) => isSilent || store.set(id, value, answer),
      destroy: (id, answer) => isSilent || store.destroy(id, answer),
    };
    const engine = fromExpressStore(forgetful);
    const options = { secretKey, engine, storeTimeout: 0.3, log: (line: string) => lines.push(line) };
    const sessions = createSessions(options);
    const end = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    await engine.create("abcdefgh", "{}", end);
    isSilent = true;
    const writes = Array.from({ length: 10 }, () => engine.update("abcdefgh", '{"n":1}', end, null));
    const results = await Promise.allSettled([...writes, engine.load("abcdefgh")]);
    expect(results).toEqual(
      results.map(() => ({ status: "rejected", reason: expect.objectContaining({ code: "unavailable" }) })),
    );
    await expect
      .poll(() => lines)
      .toEqual([expect.stringMatching(/The express-session store does not answer/)]);
    expect(await sessions.health()).toMatchObject({ ok: false });
    isSilent = false;
    const update = () => engine.update("abcdefgh", '{"n":2}', end, null).catch(() => "refused");
    await expect.poll(update, { timeout: 5000 }).toBe("saved");
    expect(await engine.load("abcdefgh")).toMatchObject({ text: '{"n":2}' });
    expect(lines).toHaveLength(2);
    await sessions.close();
    await expect(engine.load("abcdefgh")).rejects.toThrow(/was closed/);
  });

  it("is refused at start if it is not a store", () => {
    // A mistake in plain JavaScript, which types would report.
    const engine = fromExpressStore(session as never);
    expect(() => createSessions({ secretKey, engine })).toThrow(/new session\.MemoryStore/);
  });
});
