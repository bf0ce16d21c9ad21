/** From request to response: what is saved, what is not, and what the response says. */
import { createHash } from "node:crypto";
import { cache, file, isSessionError, memory, signedCookies } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type AnySession, library } from "../library.ts";

describe("a response", () => {
  it("saves and sets a cookie for every status below 500, and does neither from 500 on", async () => {
    for (const status of [200, 204, 302, 304, 404, 499, 500, 503, 599]) {
      const { request } = library();
      const { line, vary } = await request((session) => session.set("a", 1), { status });
      expect(line === null, String(status)).toBe(status >= 500);
      expect(vary).toBe("Cookie");
    }
  });

  it("deletes a cookie that cannot be a key, even if no one reads the session", async () => {
    const { line } = await library().request(() => {}, { cookie: "sessionid=short" });
    expect(line).toMatch(/^sessionid=""; expires=Thu, 01 Jan 1970/);
  });

  it("deletes a cookie that does not match keyPattern once a handler reads the session, or with saveEveryRequest", async () => {
    const cookie = "sessionid=Not-A-Key-Of-Ours";
    expect((await library().request(() => {}, { cookie })).line).toBeNull();
    expect((await library().request((session) => session.get("a"), { cookie })).line).toMatch(
      /^sessionid="";/,
    );
    const { line } = await library({ saveEveryRequest: true }).request(() => {}, { cookie });
    expect(line).toMatch(/^sessionid="";/);
  });

  it("leaves the cookie of an unknown session alone: the browser may have a newer one by now", async () => {
    const cookie = `sessionid=${"k".repeat(32)}`;
    const read = (session: AnySession) => session.get("a");
    expect((await library().request(() => {}, { cookie })).line).toBeNull();
    expect(await library().request(read, { cookie })).toMatchObject({ line: null, vary: "Cookie" });
    expect((await library().request(read, { cookie, status: 500 })).line).toBeNull();
    const { line } = await library().request((session) => session.clear() ?? session.load(), { cookie });
    expect(line).toBeNull();
  });

  it("begins a new session under a new key when a handler changes an unknown one", async () => {
    const cookie = `sessionid=${"k".repeat(32)}`;
    const { request, read } = library();
    const begun = await request((session) => session.set("a", 1), { cookie });
    expect(begun.cookie).toMatch(/^sessionid=(?!k{32})[a-z0-9]{32}$/);
    expect(await read(begun.cookie ?? "")).toEqual({ a: 1 });
  });

  it.each(["flush", "regenerate"] as const)(
    "deletes the cookie of an unknown session at a %s: it is a logout",
    async (method) => {
      const { line } = await library().request((session) => session[method](), {
        cookie: `sessionid=${"k".repeat(32)}`,
      });
      expect(line).toMatch(/^sessionid="";/);
    },
  );

  it("stores nothing for requests by DevTools itself without a cookie", async () => {
    const path = "/.well-known/appspecific/com.chrome.devtools.json";
    const { request, stored, read } = library();
    expect((await request((session) => session.set("visits", 1), { path })).line).toBeNull();
    const cookie = await stored({ visits: 1 });
    await request((session) => session.set("visits", 2), { path, cookie });
    expect(await read(cookie)).toEqual({ visits: 2 });
  });

  it("is renewed by a write, and not by a read", async () => {
    const { sessions, stored, request, time } = library({ cookieAge: 60 });
    const cookie = await stored({ a: 1 });
    time.now += 50_000;
    await request((session) => session.get("a"), { cookie });
    time.now += 9_000;
    await request((session) => session.set("a", 2), { cookie });
    time.now += 59_000;
    const key = cookie.slice(cookie.indexOf("=") + 1);
    expect(await sessions.engine.exists(key)).toBe(true);
    time.now += 1_000;
    expect(await sessions.engine.exists(key)).toBe(false);
  });
});

describe("cycleKey", () => {
  it("gives a new key immediately and ends the old one, awaited or not", async () => {
    for (const awaited of [true, false]) {
      const { sessions, stored, request, read } = library();
      const old = await stored({ cart: [1] });
      const { cookie } = await request(
        async (session) => {
          const before = session.sessionKey;
          const cycled = session.cycleKey();
          expect(session.sessionKey).not.toBe(before);
          if (awaited) await cycled;
          session.set("user_id", 1);
        },
        { cookie: old },
      );
      expect(await read(cookie ?? "")).toEqual({ cart: [1], user_id: 1 });
      expect(await sessions.engine.exists(old.slice(old.indexOf("=") + 1))).toBe(false);
    }
  });

  it("stays saved when the response is an error, with the data at the time of the call", async () => {
    const { sessions, stored, request } = library();
    const old = await stored({ cart: [1] });
    let key = "";
    const { line } = await request(
      (session) => {
        void session.cycleKey();
        key = session.sessionKey ?? "";
        session.set("user_id", 1);
      },
      { cookie: old, status: 500 },
    );
    expect(line).toBeNull();
    expect(sessions.open(key).toJSON()).toEqual({ cart: [1] });
    expect(await sessions.engine.exists(old.slice(old.indexOf("=") + 1))).toBe(false);
  });

  it.each(["flush", "regenerate"] as const)("followed by a %s leaves nothing", async (method) => {
    for (const status of [200, 500]) {
      const { sessions, stored, request } = library();
      const old = await stored({ user_id: 1 });
      const keys = [old.slice(old.indexOf("=") + 1)];
      const { session, line } = await request(
        async (one) => {
          void one.cycleKey();
          keys.push(one.sessionKey ?? "");
          await one[method]();
          keys.push(one.sessionKey ?? "");
        },
        { cookie: old, status },
      );
      expect(await Promise.all(keys.map((key) => sessions.engine.exists(key)))).toEqual([
        false,
        false,
        false,
      ]);
      expect(session.sessionKey).toBeNull();
      expect(line).toContain('sessionid="";');
    }
  });
});

describe("a session whose response is sent", () => {
  it.each(["flush", "regenerate", "cycleKey"] as const)("refuses %s and stays unchanged", async (method) => {
    const { stored, request, read } = library();
    const cookie = await stored({ user_id: 1 });
    const { session } = await request((one) => one.get("user_id"), { cookie });
    expect(() => session[method]()).toThrow("already sent");
    expect(await read(cookie)).toEqual({ user_id: 1 });
  });
});

describe("a session that regenerate replaced", () => {
  it("keeps what was read from it, and refuses a change that would never be stored", async () => {
    const { stored, request } = library();
    const cookie = await stored({ user_id: 1 });
    const { line } = await request(
      async (session) => {
        expect(session.get("user_id")).toBe(1);
        await session.regenerate();
        expect(session.get("user_id")).toBe(1);
        expect(() => session.set("user_id", 2)).toThrow("read request.session again");
      },
      { cookie },
    );
    expect(line).toContain('sessionid="";');
  });
});

describe("a storage method that is not awaited", () => {
  it("fails the response even if it failed long before the response ends", async () => {
    const { sessions, stored, request } = library();
    const cookie = await stored({ user_id: 1 });
    sessions.engine.delete = () => Promise.reject(new Error("the disk is full"));
    const logout = request(
      async (session) => {
        void session.flush();
        await new Promise(setImmediate);
      },
      { cookie },
    );
    await expect(logout).rejects.toThrow("the disk is full");
  });

  it("does not fail the response if the handler handled its failure", async () => {
    const { sessions, stored, request } = library();
    const cookie = await stored({ user_id: 1 });
    sessions.engine.delete = () => Promise.reject(new Error("the disk is full"));
    const { line } = await request((session) => session.flush().catch(() => {}), { cookie });
    expect(line).toContain('sessionid="";');
  });
});

describe("an engine that must be awaited", () => {
  /** Memory without its synchronous read. */
  function slow() {
    const store = memory();
    return cache({
      vendor: "slow",
      start: (context) => store.start(context),
      get: (name) => store.get(name),
      inspect: (name) => store.inspect(name),
      add: (name, text, timeout) => store.add(name, text, timeout),
      swap: (name, text, timeout, expected) => store.swap(name, text, timeout, expected),
      set: (name, text, timeout) => store.set(name, text, timeout),
      delete: (name) => store.delete(name),
      close: () => store.close(),
    });
  }

  it("loads before the handler, which does not count as a read", async () => {
    const { stored, request } = library({ engine: slow() });
    const cookie = await stored({ a: 1 });
    expect((await request(() => {}, { cookie })).vary).toBeNull();
    expect((await request((session) => expect(session.get("a")).toBe(1), { cookie })).vary).toBe("Cookie");
  });

  it('loads with load: "lazy" when the handler awaits load(), and says so when it does not', async () => {
    const { stored, request } = library({ engine: slow(), load: "lazy" });
    const cookie = await stored({ a: 1 });
    const forgotten = await request((session) => session.get("a"), { cookie }).catch(
      (error: unknown) => error,
    );
    expect(isSessionError(forgotten, "not-loaded")).toBe(true);
    expect(String(forgotten)).toContain("await request.session.load()");
    const { vary } = await request(
      async (session) => {
        await session.load();
        expect(session.accessed).toBe(false);
        expect(session.get("a")).toBe(1);
      },
      { cookie },
    );
    expect(vary).toBe("Cookie");
  });
});

describe("signed cookies", () => {
  it("contain the data, and are renewed by a change", async () => {
    const { request } = library({ engine: signedCookies() });
    const { cookie } = await request((session) => session.set("a", 1));
    await request((session) => expect(session.get("a")).toBe(1), { cookie: cookie ?? "" });
  });

  it("refuse what browsers would drop, with its size and the largest keys", async () => {
    const { request } = library({ engine: signedCookies() });
    const noise = createHash("shake256", { outputLength: 3300 }).update("noise").digest("base64");
    const failure = await request((session) =>
      session.update({ small: 1, noise, also: noise.slice(0, 900) }),
    ).catch((error: unknown) => error);
    expect(isSessionError(failure, "too-large")).toBe(true);
    expect(String(failure)).toMatch(
      /a cookie of \d{4} bytes; .*Largest: noise \(\d+ bytes\), also \(\d+ bytes\)/,
    );
  });

  it("that were tampered with are overwritten by an empty session once a handler reads it", async () => {
    const { request, lines } = library({ engine: signedCookies() });
    const { line } = await request((session) => session.get("a"), {
      cookie: "sessionid=eyJhIjoxfQ:1xVHTU:forged",
    });
    expect(line).toMatch(/^sessionid=e30:/);
    expect(lines).toHaveLength(1);
  });
});

describe("a key that the engine itself cannot store", () => {
  it("is an unknown session if a visitor sends it, and the store is not called", async () => {
    const { sessions, lines, request } = library();
    const key = sessions.newKey();
    const asked: string[] = [];
    Object.assign(sessions.engine, {
      accepts: (one: string) => one !== key,
      loadSync: (one: string) => void asked.push(one),
      exists: async (one: string) => asked.push(one) < 0,
    });
    const { line } = await request((session) => session.get("a"), { cookie: `sessionid=${key}` });
    expect(line).toContain('sessionid="";');
    expect(lines).toEqual([expect.stringContaining("The session cookie holds no key")]);
    await expect(sessions.open(key).save()).rejects.toThrow("The session was deleted");
    expect(asked).toEqual([]);
  });

  it("is an error if the application names it", async () => {
    const { sessions } = library({ engine: file(), keyPattern: /^.{8,}$/s });
    const failure = await sessions
      .open()
      .exists("../../etc/passwd")
      .catch((error: unknown) => error);
    expect(isSessionError(failure, "bad-key")).toBe(true);
  });
});
