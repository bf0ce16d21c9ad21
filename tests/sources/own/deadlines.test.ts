/** A panel's writes and a session's deadlines: on every engine, what it edits, shifts and puts back ends as the site says. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cache,
  createSessions,
  database,
  type Engine,
  file,
  openSession,
  type Sessions,
  signedCookies,
} from "session-bridge";
import type { ProvenKey, ProvenView, StoredView, WriteResult } from "session-bridge/bridge";
import { describe, expect, it, onTestFinished } from "vitest";
import { ownSource } from "../../../server-bridge/src/sources/own/own.ts";

const START = 1_790_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DEADLINE = START + 8 * HOUR;

const ENGINES: Record<string, () => Promise<Engine>> = {
  memory: async () => cache("memory:"),
  SQLite: async () => database("sqlite::memory:"),
  files: async () => {
    const folder = await mkdtemp(join(tmpdir(), "sessions-own-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return file(folder);
  },
  "signed cookies": async () => signedCookies(),
};

describe.each(Object.entries(ENGINES))("a session's deadlines on %s", (name, make) => {
  const isCarried = name === "signed cookies";

  async function open() {
    const time = { now: START };
    const sessions = createSessions({
      secretKey: "a secret for tests, fifty characters long, no more no less",
      engine: await make(),
      cookieAge: 14 * 24 * 3600,
      absoluteAge: 8 * 3600,
      idleAge: 3600,
      clock: () => time.now,
    });
    await sessions.migrate();
    const source = ownSource(sessions);
    const { cookie, key } = await request(sessions, undefined, (session) => session.set("a", 1));
    const read = async (under = key) => {
      const found = await source.read(under);
      return found.found ? { ...found.view, key: found.view.key as ProvenKey } : found.reason;
    };
    const mustRead = async (under = key): Promise<ProvenView> => {
      const view = await read(under);
      if (typeof view === "string") throw new Error(view);
      return view;
    };
    return { time, sessions, source, cookie, key, read, mustRead };
  }

  it("are shown: the deadline, and when it ends if it is not used", async () => {
    const { mustRead, time, sessions, cookie } = await open();
    expect(await mustRead()).toMatchObject({
      json: `{"a":1,"_session_deadline":${DEADLINE / 1000}}`,
      expiresAtMs: START + HOUR,
      deadlines: { absolute: DEADLINE, idle: START + HOUR },
      ageSeconds: 3600,
    });
    let last = cookie;
    for (let round = 0; round < 9; round++) {
      time.now += 50 * MINUTE;
      last = (await request(sessions, last, (session) => session.get("a"))).cookie;
    }
    const view = await mustRead(last.slice(last.indexOf("=") + 1) as ProvenKey);
    expect(view.deadlines?.absolute).toBe(DEADLINE);
    if (!isCarried) expect(view).toMatchObject({ expiresAtMs: DEADLINE, deadlines: { idle: null } });
  });

  it("stay as they are when another key is edited", async () => {
    const { source, mustRead, time } = await open();
    time.now += MINUTE;
    const before = await mustRead();
    const json = before.json.replace('"a":1', '"a":2');
    const { after } = done(await source.replace?.(before.key, json, before.stored));
    expect(after).toMatchObject({ json, deadlines: { absolute: DEADLINE, idle: START + HOUR } });
  });

  it("move with a fast-forward, as if the time had passed, and come back with its undo", async () => {
    const { source, mustRead, read, sessions, time } = await open();
    const before = await mustRead();
    const shift = { kind: "shift", shiftSeconds: 1800 } as const;
    const result = done(await source.changeExpiry?.(before.key, shift, before.stored));
    const shifted = result.after ?? before;
    expect(shifted.deadlines).toEqual({ absolute: DEADLINE - HOUR / 2, idle: START + HOUR / 2 });
    expect(shifted.expiresAtMs).toBe(START + HOUR / 2);
    time.now += 10 * MINUTE;
    const { cookie } = await request(sessions, `sessionid=${shifted.key}`, (session) => session.set("b", 1));
    const later = await mustRead(cookie.slice(cookie.indexOf("=") + 1) as ProvenKey);
    expect(later.json).toContain(`"_session_deadline":${(DEADLINE - HOUR / 2) / 1000}`);
    const restored = done(await source.restore?.(before, null));
    expect(restored.after).toMatchObject({ json: before.json, expiresAtMs: START + HOUR });
    if (!isCarried) expect(await read()).toMatchObject({ deadlines: before.deadlines });
  });

  it("end it in a fast-forward over the deadline, and the undo brings it back", async () => {
    const { source, mustRead, read, sessions } = await open();
    const before = await mustRead();
    const change = { kind: "shift", shiftSeconds: 9 * 3600 } as const;
    const result = done(await source.changeExpiry?.(before.key, change, before.stored));
    const over = (result.after?.key ?? before.key) as ProvenKey;
    expect(await read(over)).toBe("unknown");
    expect(
      (await request(sessions, `sessionid=${over}`, (session) => session.get("a"))).value,
    ).toBeUndefined();
    done(await source.restore?.(before, null));
    expect(await read()).toMatchObject({ json: before.json, deadlines: before.deadlines });
  });

  it("hold against a later expiry from the panel", async () => {
    const { source, mustRead } = await open();
    const before = await mustRead();
    const change = { kind: "seconds", seconds: 10 * 3600 } as const;
    const { after } = done(await source.changeExpiry?.(before.key, change, before.stored));
    expect(after).toMatchObject({ expiresAtMs: START + HOUR, ageSeconds: 3600 });
  });

  it("are an edit like any other if the deadline itself is edited, and end the session then", async () => {
    const { source, mustRead, sessions, time, read } = await open();
    const before = await mustRead();
    const at = START + 10 * MINUTE;
    const json = `{"a":1,"_session_deadline":${at / 1000}}`;
    const { after } = done(await source.replace?.(before.key, json, before.stored));
    expect(after).toMatchObject({ json, deadlines: { absolute: at } });
    const key = (after?.key ?? before.key) as ProvenKey;
    if (!isCarried) expect(after?.expiresAtMs).toBe(at);
    time.now = at - 1;
    expect((await request(sessions, `sessionid=${key}`, (session) => session.get("a"))).value).toBe(1);
    time.now = at;
    expect(await read(key)).toBe("unknown");
  });

  // a signed cookie has no row
  if (!isCarried) {
    it("end it although its row ends later, as Django writes it", async () => {
      const { mustRead, read, sessions, time } = await open();
      const { key, json } = await mustRead();
      const later = { expiresAtMs: START + 300 * HOUR, ageSeconds: 300 * 3600 };
      await sessions.engine.update(key, sessions.codec.encode(json.replace('"a":1', '"a":2')), later, null);
      time.now = START + 30 * MINUTE;
      expect((await mustRead()).deadlines?.absolute).toBe(DEADLINE);
      await sessions.engine.retime?.(key, START + 300 * HOUR, (await mustRead()).stored);
      time.now = DEADLINE;
      expect(await read()).toBe("unknown");
    });
  }

  it.each(["1e20", "-1e20", "1e300"])(
    "are times that can be shown, also with %s as the deadline",
    async (text) => {
      const { sessions, source, mustRead } = await open();
      const before = await mustRead();
      const json = before.json.replace(String(DEADLINE / 1000), text);
      const result = done(await source.replace?.(before.key, json, before.stored));
      const { absolute = null } = result.after?.deadlines ?? {};
      expect(Number.isNaN(new Date(absolute ?? Number.NaN).getTime())).toBe(false);
      expect(sessions.expiryOf(json).expiresAtMs).toBe(text.startsWith("-") ? absolute : START + HOUR);
    },
  );

  it("go with the session to a new key", async () => {
    const { source, mustRead } = await open();
    const before = await mustRead();
    const { after } = done(await source.cycle?.(before.key, before.stored));
    expect(after).toMatchObject({
      json: before.json,
      deadlines: before.deadlines,
      expiresAtMs: START + HOUR,
    });
  });
});

function done(result: WriteResult | undefined): { after: StoredView | null } {
  if (result?.ok !== true) throw new Error(`refused: ${result?.reason}`);
  return result;
}

async function request(
  sessions: Sessions,
  cookieHeader: string | undefined,
  handle: (session: Awaited<ReturnType<typeof openSession>>["session"]) => unknown,
) {
  const opened = await openSession(sessions, { method: "GET", path: "/", identity: {}, cookieHeader });
  const value = handle(opened.session);
  const { setCookie } = await opened.close({ status: 200, vary: null, setCookie: [] });
  const cookie = setCookie?.[0]?.split(";")[0] ?? cookieHeader ?? "";
  return { value, cookie, key: cookie.slice(cookie.indexOf("=") + 1) as ProvenKey };
}
