/** What an observer learns about a request, and that it can do no harm. */
import { type ObservedEnd, type ObservedSession, type Observer, signedCookies } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type AnySession, library, type Page } from "../library.ts";

/** A library with an observer that records everything. */
function observed() {
  const told: string[] = [];
  const ends: ObservedEnd[] = [];
  const loads: (ObservedSession | null)[] = [];
  const made = library();
  const observer: Observer = {
    opened: (facts) => {
      told.push(`opened ${facts.method} ${facts.path}`);
      return {
        loaded(session) {
          told.push(session === null ? "loaded nothing" : `loaded ${session.json}`);
          loads.push(session);
        },
        operation: (name, durationMs, reason) => {
          expect(durationMs).toBeGreaterThanOrEqual(0);
          told.push(reason === undefined ? name : `${name}: ${reason}`);
        },
        wrote: (key) => told.push(`wrote ${key}`),
        ended(end) {
          told.push(`ended ${end.status}`);
          ends.push(end);
        },
        late: (key) => told.push(`late ${key}`),
      };
    },
  };
  return { ...made, observer, told, ends, loads };
}

async function watch(handle: (session: AnySession) => unknown, data: object | null, page: Page = {}) {
  const all = observed();
  const cookie = data === null ? undefined : await all.stored({ ...data });
  const stop = all.sessions.observe(all.observer);
  const result = await all.request(handle, cookie === undefined ? page : { ...page, cookie });
  stop();
  return { ...all, ...result, end: all.ends[0] };
}

describe("an observer learns of", () => {
  it("a request that never looks at its session", async () => {
    const { told, end } = await watch(() => {}, { a: 1 });
    expect(told).toEqual(["opened GET /", "ended 200"]);
    expect(end).toMatchObject({ accessed: false, after: null, cookie: null });
  });

  it("a read", async () => {
    const { told, end, loads } = await watch((session) => session.get("a"), { a: 1 });
    expect(told).toEqual(["opened GET /", "load", 'loaded {"a":1}', "ended 200"]);
    expect(end).toMatchObject({ accessed: true, modified: false, unsaved: null });
    expect(end?.after).toEqual(loads[0]);
  });

  it("a write, with what is stored afterwards and the cookie, except its value", async () => {
    const { told, end } = await watch((session) => session.set("b", 2), { a: 1 });
    expect(told.slice(3)).toEqual(["wrote b", "save", "ended 200"]);
    expect(end?.after).toMatchObject({ json: '{"a":1,"b":2}', stored: '{"a":1,"b":2}' });
    expect(end?.cookie).toEqual({
      name: "sessionid",
      action: "set",
      maxAge: 1_209_600,
      expiresAtMs: Date.UTC(2026, 11, 7),
      path: "/",
      domain: null,
      secure: false,
      httpOnly: true,
      sameSite: "Lax",
    });
  });

  it("a login: written keys, then one operation under a new key", async () => {
    const { told, end, loads } = await watch(
      (session) => {
        session.set("user_id", 1);
        void session.cycleKey();
      },
      { cart: [] },
    );
    expect(told.slice(2)).toEqual(['loaded {"cart":[]}', "wrote user_id", "cycle", "ended 200"]);
    expect(end?.after?.key).not.toBe(loads[0]?.key);
  });

  it("a logout, with the keys that it discards", async () => {
    const { told, end } = await watch((session) => session.flush(), { a: 1, b: 2 });
    expect(told.slice(-4)).toEqual(["wrote a", "wrote b", "flush", "ended 200"]);
    expect(end).toMatchObject({ after: null, cookie: { action: "deleted" } });
  });

  it("what a server error leaves unsaved", async () => {
    const { told, end } = await watch((session) => session.set("b", 2), { a: 1 }, { status: 503 });
    expect(told.slice(-2)).toEqual(["not-saved: status 503", "ended 503"]);
    expect(end).toMatchObject({ unsaved: '{"a":1,"b":2}', after: { json: '{"a":1}' } });
  });

  it("a merge, and the keys that both requests changed", async () => {
    const all = observed();
    const cookie = await all.stored({ n: 0 });
    const key = cookie.slice(cookie.indexOf("=") + 1);
    all.sessions.observe(all.observer);
    await all.request(
      async (session) => {
        session.set("n", 1);
        session.set("mine", 1);
        const other = all.sessions.open(key);
        other.set("n", 2);
        await other.save();
      },
      { cookie },
    );
    expect(all.told.slice(-3)).toEqual(["merge: another request saved first", "save", "ended 200"]);
    expect(all.ends[0]).toMatchObject({ conflictKeys: ["n"], after: { json: '{"n":1,"mine":1}' } });
  });

  it("a change that comes too late", async () => {
    const { told, session } = await watch((one) => one.get("a"), { a: 1 });
    expect(() => session.set("b", 2)).toThrow("when the response was already sent");
    expect(told.at(-1)).toBe("late b");
  });

  it("data that were tampered with", async () => {
    const all = observed();
    const key = all.sessions.newKey();
    await all.sessions.engine.create(key, "not JSON", { expiresAtMs: 0, ageSeconds: 60 });
    all.sessions.observe(all.observer);
    await all.request((session) => session.get("a"), { cookie: `sessionid=${key}` });
    expect(all.told).toContain("reject: damaged");
    expect(all.lines).toHaveLength(1);
    expect(all.lines[0]).not.toContain(key);
  });
});

describe("an observer gets exactly", () => {
  it("why a session is empty", async () => {
    const all = observed();
    all.sessions.observe(all.observer);
    await all.request((session) => session.get("a"), { cookie: `sessionid=${all.sessions.newKey()}` });
    expect(all.told).toContain("load: unknown key");
  });

  it("no time for a step that did not happen", async () => {
    const all = library();
    const key = all.sessions.newKey();
    await all.sessions.engine.create(key, "not JSON", { expiresAtMs: 0, ageSeconds: 60 });
    const times: [string, number][] = [];
    const ignore = (): void => {};
    const operation = (name: string, durationMs: number) => void times.push([name, durationMs]);
    const observation = { loaded: ignore, operation, wrote: ignore, ended: ignore, late: ignore };
    all.sessions.observe({ opened: () => observation });
    await all.request((session) => session.get("a"), { cookie: `sessionid=${key}` });
    expect(times.filter(([name]) => name === "reject")).toEqual([["reject", 0]]);
  });

  it("one save of a session that is in its cookie", async () => {
    const all = library({ engine: signedCookies() });
    const names: string[] = [];
    const ignore = (): void => {};
    const operation = (name: string) => void names.push(name);
    const observation = { loaded: ignore, operation, wrote: ignore, ended: ignore, late: ignore };
    all.sessions.observe({ opened: () => observation });
    await all.request((session) => session.set("a", 1));
    expect(names).toEqual(["save"]);
  });

  it("nothing about a change to a session that regenerate replaced, because the request has another", async () => {
    const { told } = await watch(
      async (session) => {
        await session.regenerate();
        expect(() => session.set("a", 2)).toThrow("read request.session again");
      },
      { a: 1 },
    );
    expect(told.filter((line) => line.startsWith("late"))).toEqual([]);
  });
});

describe("an observer that throws", () => {
  it("harms no request and is logged in one line", async () => {
    const all = library();
    const fail = (): never => {
      throw new Error("observer broke");
    };
    const broken = { loaded: fail, operation: fail, wrote: fail, ended: fail, late: fail };
    all.sessions.observe({ opened: () => broken });
    const { line } = await all.request((session) => session.set("a", 1));
    expect(line).not.toBeNull();
    expect(all.lines).toEqual([expect.stringContaining("An observer of sessions failed (Error at ")]);
  });

  it("leaves other observers working, until each is removed", async () => {
    const all = observed();
    all.sessions.observe({
      opened: () => {
        throw new Error("broke");
      },
    });
    const stop = all.sessions.observe(all.observer);
    await all.request(() => {});
    stop();
    await all.request(() => {});
    expect(all.told).toEqual(["opened GET /", "ended 200"]);
  });
});
