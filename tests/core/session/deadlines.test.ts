/** What keeps a session's deadline, and what ends it, where several requests, Django or a socket are at work. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cache,
  cookieOf,
  database,
  type Engine,
  file,
  memory,
  type Observation,
  type ObservedEnd,
  type ObservedSession,
  openSession,
  type SessionsOptions,
  signedCookies,
} from "session-bridge";
import { describe, expect, it, onTestFinished } from "vitest";
import { elsewhere } from "../engines/again.ts";
import { type AnySession, library, NOW } from "../library.ts";

const HOUR = 3600;
const DEADLINE = NOW / 1000 + 8 * HOUR;
const keyIn = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);

const ENGINES: Record<string, () => Promise<Engine>> = {
  memory: async () => cache(memory()),
  SQLite: async () => database("sqlite::memory:"),
  "an engine that is awaited": async () => {
    const engine = cache(memory());
    Object.defineProperty(engine, "loadSync", { value: undefined });
    return engine;
  },
  files: async () => {
    const folder = await mkdtemp(join(tmpdir(), "sessions-deadlines-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return file(folder);
  },
};

async function open(engine: Engine, options: Partial<SessionsOptions> = {}) {
  const made = library({ absoluteAge: 8 * HOUR, engine, ...options });
  await made.sessions.migrate();
  /** Two requests of one session at the same time: the second one ends first. */
  async function race(cookie: string, first: Handle, second: Handle) {
    const facts = { method: "GET", path: "/", cookieHeader: cookie };
    const opened = await openSession(made.sessions, { ...facts, identity: {} });
    opened.session.get("any"); // so that it is loaded before
    expect((await made.request(second, { cookie })).instead).toBeNull();
    await first(opened.session as AnySession);
    const closed = await opened.close({ status: 200, vary: null, setCookie: [] });
    return { closed, cookie: closed.setCookie?.[0]?.split(";")[0] ?? cookie };
  }
  return { ...made, race };
}
type Handle = (session: AnySession) => unknown;
const clearAndSet: Handle = (session) => {
  session.clear();
  session.set("b", 2);
};

describe.each(Object.entries(ENGINES))("a deadline on %s", (_, make) => {
  it("does not move when another request has saved first", async () => {
    const { race, read, stored, time } = await open(await make());
    const cookie = await stored({ a: 1 });
    time.now += HOUR * 1000;
    const seen = await race(
      cookie,
      (session) => session.set("b", 2),
      (session) => session.set("c", 3),
    );
    expect(await read(seen.cookie)).toEqual({ a: 1, b: 2, c: 3, _session_deadline: DEADLINE });
  });

  it.each([
    ["added to it", (session: AnySession) => session.set("b", 2), { a: 1, b: 2, c: 3 }, []],
    ["cleared it", clearAndSet, { b: 2 }, ["c"]],
  ])(
    "that two requests begin at once is the first that was stored, and no conflict, if one %s",
    async (_how, change, left, lost) => {
      const engine = await make();
      const { race, read, time, sessions } = await open(engine);
      const before = library({ engine: elsewhere(engine) });
      const cookie = await before.stored({ a: 1 });
      const conflicts: string[][] = [];
      sessions.observe({
        opened: () => observation({ ended: (end) => conflicts.push([...end.conflictKeys]) }),
      });
      const first: Handle = (session) => {
        time.now += 5000;
        change(session);
      };
      const seen = await race(cookie, first, (session) => session.set("c", 3));
      expect(await read(seen.cookie)).toEqual({ ...left, _session_deadline: DEADLINE });
      expect(conflicts.flat()).toEqual(lost);
    },
  );

  it("is given to a session of Django's by a save that changes nothing, and later changes go on from that", async () => {
    const engine = await make();
    const { read, request } = await open(engine);
    const cookie = await library({ engine: elsewhere(engine) }).stored({ a: 1, b: { c: 1 } });
    await request(
      async (session) => {
        session.get("a");
        await session.save();
        session.set("d", 2);
        expect(session.keys()).toEqual(["a", "b", "_session_deadline", "d"]);
        await session.save();
        session.delete("a");
      },
      { cookie },
    );
    expect(await read(cookie)).toEqual({ b: { c: 1 }, d: 2, _session_deadline: DEADLINE });
  });

  it("begins again with a login, also if another request has saved first", async () => {
    const { race, read, stored, time } = await open(await make());
    const cookie = await stored({ a: 1 });
    time.now += HOUR * 1000;
    const login: Handle = (session) => {
      session.set("user_id", 7);
      void session.cycleKey();
    };
    const seen = await race(cookie, login, (session) => session.set("c", 3));
    expect(await read(seen.cookie)).toMatchObject({ user_id: 7, _session_deadline: DEADLINE + HOUR });
  });

  it("of a login stays if the same user logs in twice at once", async () => {
    const { race, read, stored, time } = await open(await make());
    const cookie = await stored({ a: 1 });
    time.now += HOUR * 1000;
    const login: Handle = (session) => session.set("user_id", 7);
    const later: Handle = (session) => {
      time.now += 5000;
      session.set("user_id", 7);
    };
    const seen = await race(cookie, later, login);
    expect(await read(seen.cookie)).toMatchObject({ user_id: 7, _session_deadline: DEADLINE + HOUR });
  });

  it("ends a session although the stored expiry is later, as Django writes it", async () => {
    const engine = await make();
    const { request, sessions, stored, time, read } = await open(engine);
    const cookie = await stored({ a: 1 });
    const key = keyIn(cookie);
    time.now += 7 * HOUR * 1000;
    // Django reads the row, adds to it and saves it: it keeps the key, and counts two weeks from now
    const row = sessions.codec.encode(`{"a":1,"_session_deadline":${DEADLINE},"by_django":true}`);
    const end = { expiresAtMs: time.now + 1_209_600_000, ageSeconds: 1_209_600 };
    expect(await engine.update(key, row, end, null)).toBe("saved");
    time.now = DEADLINE * 1000 - 1;
    expect(await read(cookie)).toMatchObject({ by_django: true });
    time.now += 1;
    expect(await read(cookie)).toEqual({});
    const seen = await request((session) => session.set("b", 1), { cookie });
    expect(keyIn(seen.cookie ?? "")).not.toBe(key);
    expect(await read(seen.cookie ?? "")).toEqual({ b: 1, _session_deadline: DEADLINE + 8 * HOUR });
  });

  it("that comes while a request has the session lets nothing be stored after it, whatever the row says", async () => {
    const engine = await make();
    const { race, sessions, stored, time } = await open(engine);
    const cookie = await stored({ a: 1 });
    const end = { expiresAtMs: NOW + 1_209_600_000, ageSeconds: 1_209_600 };
    const byDjango = sessions.codec.encode(`{"a":3,"_session_deadline":${DEADLINE}}`);
    const late: Handle = async (session) => {
      await engine.update(keyIn(cookie), byDjango, end, null);
      time.now = DEADLINE * 1000;
      session.set("b", 2);
    };
    const seen = await race(cookie, late, (session) => session.set("c", 3));
    expect(seen.closed.instead).toMatchObject({ status: 400 });
  });

  it("stays with a session that is cleared before it was loaded", async () => {
    const { read, sessions, stored, time } = await open(await make(), { load: "lazy" });
    const cookie = await stored({ a: 1, user_id: 1 });
    time.now += HOUR * 1000;
    const session = sessions.open(keyIn(cookie));
    session.clear();
    session.set("user_id", 1);
    await session.save();
    expect(await read(cookie)).toEqual({ user_id: 1, _session_deadline: DEADLINE });
  });
});

describe("a deadline", () => {
  it("is not written without the setting, and one that is there is data like any other", async () => {
    const { read, request, stored, time } = library();
    const cookie = await stored({ a: 1, _session_deadline: 1 });
    await request((session) => session.set("a", 2), { cookie });
    expect(await read(cookie)).toEqual({ a: 2, _session_deadline: 1 });
    await request((session) => session.delete("_session_deadline"), { cookie });
    time.now += 1000;
    expect(await read(cookie)).toEqual({ a: 2 });
  });

  it("is visible with Django's keys only: nothing else of a row differs", async () => {
    const off = library();
    const on = library({ absoluteAge: 8 * HOUR });
    const data = { user_id: 1, cart: [1.5, { b: null }], text: "é" };
    const [plain, dated] = await Promise.all([off.stored(data), on.stored(data)]);
    const find = async (made: typeof on, cookie: string) =>
      (await made.sessions.engine.load(keyIn(cookie))) as { text: string };
    const before = (await find(off, plain)).text;
    expect((await find(on, dated)).text).toBe(`${before.slice(0, -1)},"_session_deadline":${DEADLINE}}`);
  });

  it("is begun once by a request that saves several times, and by a login between two of them", async () => {
    const { read, request, time } = library({ absoluteAge: 8 * HOUR });
    const { cookie } = await request(async (session) => {
      session.set("a", 1);
      await session.save();
      time.now += 60_000;
      session.set("b", 1);
      await session.save();
      time.now += 60_000;
    });
    expect(await read(cookie ?? "")).toMatchObject({ _session_deadline: DEADLINE });
    await request(
      async (session) => {
        session.set("a", 2);
        await session.save();
        session.set("_auth_user_id", "5");
        await session.cycleKey();
      },
      { cookie: cookie ?? "" },
    ).then(async (seen) => {
      expect(await read(seen.cookie ?? "")).toMatchObject({ _session_deadline: DEADLINE + 120 });
    });
  });

  it("does not begin again with a new password of the same user, or a flag next to the id", async () => {
    const { read, request, stored, time } = library({ absoluteAge: 8 * HOUR });
    const cookie = await stored({ _auth_user_id: "5", _auth_user_hash: "old" });
    time.now += HOUR * 1000;
    const changes: [string, unknown][] = [
      ["_auth_user_hash", "new"],
      ["logged_in", true],
      ["username", "ada"],
    ];
    for (const [key, value] of changes) await request((session) => session.set(key, value), { cookie });
    expect(await read(cookie)).toMatchObject({ _auth_user_hash: "new", _session_deadline: DEADLINE });
  });

  it("that is no number counts as none", async () => {
    const { read, request, stored } = library({ absoluteAge: 8 * HOUR });
    for (const odd of ["soon", null, true, [1]]) {
      const cookie = await stored({ a: 1, _session_deadline: odd });
      await request((session) => session.set("a", 2), { cookie });
      expect(await read(cookie)).toMatchObject({ a: 2, _session_deadline: DEADLINE });
    }
  });

  it("of a session that is flushed is not that of the next one, also while a save is under way", async () => {
    const { read, request, stored, time } = library({ absoluteAge: 8 * HOUR });
    const cookie = await stored({ a: 1 });
    time.now += HOUR * 1000;
    const seen = await request(
      (session) => {
        session.set("a", 2);
        void session.save();
        void session.flush();
        session.set("b", 1);
      },
      { cookie },
    );
    expect(await read(seen.cookie ?? "")).toEqual({ b: 1, _session_deadline: DEADLINE + HOUR });
    const next = await request(
      async (session) => {
        await session.regenerate();
      },
      { cookie: seen.cookie ?? "" },
    );
    expect(next.line).toMatch(/Max-Age=0/);
  });

  it("is the end that a session says it has, and what cookieOf writes", async () => {
    const { sessions, time } = library({ absoluteAge: 8 * HOUR, idleAge: 10 * HOUR });
    const session = sessions.open();
    session.set("a", 1);
    expect(session.getExpiryDate()).toEqual(new Date(DEADLINE * 1000));
    await session.save();
    time.now += HOUR * 1000 + 300;
    expect(session.getExpiryAge()).toBe(7 * HOUR - 1);
    expect(session.getExpiryAge({ expiry: 12 * HOUR })).toBe(12 * HOUR);
    await session.save();
    const { options } = cookieOf(sessions, session);
    expect(options).toMatchObject({ maxAge: 7 * HOUR - 1, expires: new Date(DEADLINE * 1000) });
  });

  it("is in what observers see, with the end of an unused session", async () => {
    const { sessions, request, stored } = library({ absoluteAge: 8 * HOUR, idleAge: HOUR });
    const cookie = await stored({ a: 1 });
    const seen: unknown[] = [];
    const note = (session: ObservedSession | null) => seen.push(session?.deadlines);
    sessions.observe({ opened: () => observation({ loaded: note, ended: ({ after }) => note(after) }) });
    await request((session) => session.get("a"), { cookie });
    const deadlines = { absolute: DEADLINE * 1000, idle: NOW + HOUR * 1000 };
    expect(seen).toEqual([deadlines, deadlines]);
    await request((session) => session.setExpiry(60), { cookie });
    expect(seen.at(-1)).toEqual({ absolute: DEADLINE * 1000, idle: null });
  });

  it("that has come is the reason that an observer gets", async () => {
    const { sessions, request, stored, time } = library({ absoluteAge: HOUR, engine: cache(memory()) });
    const cookie = await stored({ a: 1 });
    await sessions.engine.update(
      keyIn(cookie),
      `{"_session_deadline":${NOW / 1000 + HOUR}}`,
      { expiresAtMs: NOW + 9e6, ageSeconds: 9000 },
      null,
    );
    time.now += HOUR * 1000;
    const reasons: unknown[] = [];
    const operation = (name: string, _: number, why?: string) => reasons.push([name, why]);
    sessions.observe({ opened: () => observation({ operation }) });
    await request((session) => session.get("a"), { cookie });
    expect(reasons).toEqual([["load", "past its deadline"]]);
  });
});

describe("signed cookies", () => {
  it("of which the newest is past its deadline are passed over for an older one that is not", async () => {
    const { request, stored, time } = library({ absoluteAge: HOUR, engine: signedCookies() });
    const older = await stored({ a: "older", _session_deadline: NOW / 1000 + 2 * HOUR });
    time.now += 1000;
    const newer = await stored({ a: "newer" });
    const both = { cookie: `${newer}; ${older}` };
    expect((await request((session) => session.get("a"), both)).session.get("a")).toBe("newer");
    time.now += HOUR * 1000;
    expect((await request((session) => session.get("a"), both)).session.get("a")).toBe("older");
  });
});

function observation(parts: Partial<Observation> & { ended?(end: ObservedEnd): void }): Observation {
  return { loaded() {}, operation() {}, wrote() {}, ended() {}, late() {}, ...parts };
}
