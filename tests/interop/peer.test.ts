/** The pipe's protocol, for tools in other languages: what the recorded traces of Django never ask for. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPeer } from "./peer.ts";
import { vectorPath } from "./vectors.ts";

const NOW = 1_795_392_000.123456;
const ENGINES = ["db", "cached_db", "cache", "file", "signed_cookies"];

interface Answer {
  id: unknown;
  value: unknown;
  error?: { type: string; message: string };
  state: {
    accessed: boolean;
    modified: boolean;
    session_key: string | null;
    empty: boolean;
    loaded: boolean;
  };
  logs: { logger: string; level: string; message: string }[];
}

let folder: string;
let peer: ReturnType<typeof createPeer>;
let settings: Record<string, unknown>;

/** One request, as JSON in both directions. */
async function ask(op: string, fields: object = {}, now = NOW): Promise<Answer> {
  return JSON.parse(await peer.answerLine(JSON.stringify({ id: 1, op, now, ...fields }))) as Answer;
}

/** A value, or the name of Python's error. */
async function call(h: unknown, method: string, ...args: unknown[]): Promise<unknown> {
  const { value, error } = await ask("session.call", { h, method, args });
  return error === undefined ? value : { error: error.type };
}

async function open(engine: string, key: string | null = null, more: object = {}): Promise<unknown> {
  const { value, error } = await ask("session.new", { engine, key, settings: { ...settings, ...more } });
  settings = {}; // from now on only what changes
  return error === undefined ? value : error;
}

async function stateOf(h: unknown): Promise<Answer["state"]> {
  return (await ask("session.state", { h })).state;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peer-"));
  mkdirSync(join(folder, "files"));
  const database = new DatabaseSync(join(folder, "sessions.db"));
  database.exec(readFileSync(vectorPath("schema/sqlite.sql"), "utf8"));
  database.close();
  peer = createPeer(join(folder, "sessions.db"));
  settings = { SECRET_KEY: "peer", SESSION_FILE_PATH: join(folder, "files") };
});

afterEach(async () => {
  await peer.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("encode and decode", () => {
  it.each(ENGINES)("%s: decode reads what encode wrote, numbers as Python has them", async (engine) => {
    const h = await open(engine);
    const line = `{"id":1,"op":"session.call","now":${NOW},"h":${String(h)},"method":"encode","args":[{"a":1.0,"b":12345678901234567890}]}`;
    const { value } = JSON.parse(await peer.answerLine(line)) as Answer;
    expect(String(value)).toMatch(/^eyJhIjoxLjAsImIi/);
    const back = { id: 1, op: "session.call", now: NOW, h, method: "decode", args: [value] };
    expect(await peer.answerLine(JSON.stringify(back))).toContain(
      '"value":{"a":1.0,"b":12345678901234567890}',
    );
  });

  it.each(["decode", "legacy_decode"])("%s gives {} for damage, with Django's log line", async (method) => {
    const h = await open("db");
    for (const damaged of ["bad:encoded:value", "Zmxhc2tkajphbGtkamY=", ""]) {
      const { value, logs } = await ask("session.call", { h, method, args: [damaged] });
      expect(value).toEqual({});
      expect(logs).toEqual([
        {
          logger: "django.security.SuspiciousSession",
          level: "WARNING",
          message: "Session data corrupted",
        },
      ]);
    }
  });
});

describe("the file engine", () => {
  it("names a key's file, and a session's own by default", async () => {
    const h = await open("file", null, { SESSION_COOKIE_NAME: "sid" });
    expect(await call(h, "key_to_file", "abc123")).toBe(join(folder, "files", "sidabc123"));
    const own = await call(h, "key_to_file");
    expect(own).toBe(join(folder, "files", `sid${(await stateOf(h)).session_key}`));
  });

  it.each(["a\\b\\c", "a/b/c", "..", "Upper"])("refuses the key %s", async (key) => {
    const h = await open("file");
    expect(await call(h, "key_to_file", key)).toEqual({ error: "InvalidSessionKey" });
  });

  it("refuses a directory that does not exist when the session is made", async () => {
    expect(await open("file", null, { SESSION_FILE_PATH: "/there/is/no/such/directory" })).toMatchObject({
      type: "ImproperlyConfigured",
    });
  });
});

describe("caches", () => {
  it.each(["cache", "cached_db"])(
    "%s: an alias that CACHES does not have is Django's error",
    async (engine) => {
      const message = "The connection 'sessions' doesn't exist.";
      const expected = { type: "InvalidCacheBackendError", message };
      expect(await open(engine, null, { SESSION_CACHE_ALIAS: "sessions" })).toEqual(expected);
      expect(await open("db")).toEqual(expect.any(Number));
    },
  );

  it("each alias is a cache, a session stays in its own, and clear empties all of them", async () => {
    const first = await open("cache", null, { CACHES: { default: {}, sessions: {} } });
    await call(first, "setitem", "n", 1);
    await call(first, "save");
    const second = await open("cache", null, { SESSION_CACHE_ALIAS: "sessions" });
    await call(second, "setitem", "n", 2.5);
    await call(second, "save");
    expect((await ask("cache.dump")).value).toEqual([[expect.any(String), { n: 2.5 }, NOW + 1_209_600]]);
    await ask("cache.clear", { settings: { SESSION_CACHE_ALIAS: "default", CACHES: { default: {} } } });
    expect((await ask("cache.dump")).value).toEqual([]);
    expect(await call(second, "exists", (await stateOf(second)).session_key)).toBe(false);
  });
});

describe("datetimes have microseconds", () => {
  it("in what is given and in what is returned", async () => {
    const h = await open("db");
    const modification = { $datetime: "2026-11-23T00:00:00.000001+00:00" };
    await call(h, "set_expiry", 10);
    expect(await call(h, "get_expiry_date", { modification })).toEqual({
      $datetime: "2026-11-23T00:00:10.000001+00:00",
    });
    await call(h, "set_expiry", { $datetime: "2026-11-23T00:00:10.000001Z" });
    expect(await call(h, "get", "_session_expiry")).toBe("2026-11-23T00:00:10.000001+00:00");
    expect(await call(h, "get_expiry_age", { modification })).toBe(10);
    await call(h, "set_expiry", { $timedelta: -0.000002 });
    expect(await call(h, "get_expiry_date")).toEqual({ $datetime: "2026-11-23T00:00:00.123454+00:00" });
    expect(await call(h, "get_expiry_age")).toBe(-1);
  });

  it("the offset of a datetime is kept", async () => {
    const h = await open("db");
    const expiry = { $datetime: "2026-11-23T02:00:00.5+02:00" };
    expect(await call(h, "get_expiry_date", { expiry })).toEqual({
      $datetime: "2026-11-23T02:00:00.500000+02:00",
    });
    expect((await stateOf(h)).accessed).toBe(false);
  });

  it("without USE_TZ they are naive, in TIME_ZONE", async () => {
    const h = await open("db", null, { USE_TZ: false, TIME_ZONE: "America/Chicago" });
    expect(await call(h, "get_expiry_date", { expiry: 60 })).toEqual({
      $datetime: "2026-11-22T18:01:00.123456",
    });
    await call(h, "set_expiry", { $timedelta: 3600.5 });
    expect(await call(h, "get", "_session_expiry")).toBe("2026-11-22T19:00:00.623456");
    const modification = { $datetime: "2026-11-22T19:00:00" };
    expect(await call(h, "get_expiry_age", { modification })).toBe(0);
    await call(h, "set_expiry", { $datetime: "2026-11-22T20:00:00+00:00" });
    expect(await call(h, "get_expiry_age")).toEqual({ error: "TypeError" });
  });

  it("what is no datetime is a ValueError", async () => {
    const h = await open("db");
    expect(await call(h, "set_expiry", { $datetime: "soon" })).toEqual({ error: "ValueError" });
    expect(await call(h, "get_expiry_age", { expiry: "soon" })).toEqual({ error: "ValueError" });
  });
});

describe("settings that change later", () => {
  it("concern sessions that are open: age, browser close, secret", async () => {
    const h = await open("db");
    await call(h, "setitem", "n", 1);
    await call(h, "save");
    const { session_key: key } = await stateOf(h);
    const at = (method: string, changed: object) =>
      ask("session.call", { h, method, args: [], settings: changed });
    expect((await at("get_expiry_age", { SESSION_COOKIE_AGE: 7 })).value).toBe(7);
    expect((await at("get_expire_at_browser_close", { SESSION_EXPIRE_AT_BROWSER_CLOSE: true })).value).toBe(
      true,
    );
    expect(await call(h, "get_session_cookie_age")).toBe(7); // only what is named has changed
    await call(h, "save");
    const other = await open("db", key, { SECRET_KEY: "another" });
    expect(await call(other, "get", "n")).toBe(null);
    const third = await open("db", key, { SECRET_KEY_FALLBACKS: ["peer"] });
    expect(await call(third, "get", "n")).toBe(1);
  });

  it("move no store: a session stays in its directory, under its prefix", async () => {
    const h = await open("file");
    await call(h, "save");
    const { session_key: key } = await stateOf(h);
    mkdirSync(join(folder, "elsewhere"));
    const moved = { SESSION_FILE_PATH: join(folder, "elsewhere"), SESSION_COOKIE_NAME: "sid" };
    expect(await call(await open("file", null, moved), "exists", key)).toBe(false);
    expect(await call(h, "exists", key)).toBe(true);
  });

  it("concern the cookie of a request that is open", async () => {
    const begun = await ask("mw.begin", { engine: "db", cookies: {}, settings });
    await call(begun.value, "setitem", "n", 1);
    const changed = { SESSION_COOKIE_NAME: "sid", SESSION_COOKIE_SECURE: true, SESSION_COOKIE_AGE: 60 };
    const { value } = await ask("mw.end", { h: begun.value, cookies: {}, status: 200, settings: changed });
    const { cookies } = value as { cookies: object[] };
    expect(cookies).toMatchObject([{ name: "sid", secure: true, max_age: 60, httponly: true }]);
  });
});

describe("requests", () => {
  it("a session that the view put in the place of the request's own is saved, and refused if it is gone", async () => {
    for (const isDeleted of [false, true]) {
      const h = await open("db");
      await call(h, "save", true);
      if (isDeleted) await call(h, "delete");
      await call(h, "setitem", "n", 1);
      const { value, error } = await ask("mw.end", { h, cookies: {}, status: 200, vary: "Accept" });
      const { session_key: key } = await stateOf(h);
      if (!isDeleted) expect(value).toMatchObject({ cookies: [{ value: key }], vary: "Accept, Cookie" });
      else {
        expect(error).toEqual({
          type: "SessionInterrupted",
          message:
            "The request's session was deleted before the request completed. The user may have logged out in a concurrent request, for example.",
        });
      }
    }
  });

  it("a cookie is deleted if the request has one at its end", async () => {
    const begun = await ask("mw.begin", { engine: "db", cookies: {}, settings });
    await call(begun.value, "flush");
    const { value } = await ask("mw.end", { h: begun.value, cookies: { sessionid: "abc" }, status: 404 });
    expect(value).toMatchObject({
      cookies: [{ name: "sessionid", delete: true, path: "/" }],
      vary: "Cookie",
    });
  });
});

describe("keys", () => {
  it("control.keys says which are drawn next, and one that is taken is drawn past", async () => {
    const [first, second, third] = ["a", "b", "c"].map((letter) => letter.repeat(32));
    await ask("control.keys", { keys: [first, first, second, second, third] });
    const h = await open("db");
    await call(h, "save");
    const other = await open("db");
    await call(other, "create");
    expect([(await stateOf(h)).session_key, (await stateOf(other)).session_key]).toEqual([first, second]);
    expect(await call(other, "new_key")).toBe(third);
  });

  it("a key that is None exists nowhere", async () => {
    for (const engine of ENGINES) expect(await call(await open(engine), "exists", null)).toBe(false);
  });
});

describe("arguments", () => {
  it("have Python's defaults", async () => {
    const h = await open("django.contrib.sessions.backends.cache");
    expect(await call(h, "get", "n")).toBe(null);
    expect(await call(h, "get", "n", 5)).toBe(5);
    expect(await call(h, "pop", "n", null)).toBe(null);
    expect(await call(h, "pop", "n")).toEqual({ error: "KeyError" });
    expect(await call(h, "setdefault", "n", [1])).toEqual([1]);
    expect(await call(h, "nested_append", "n", 2)).toBe(null);
    expect(await call(h, "nested_append", "m", 2)).toEqual({ error: "KeyError" });
    await call(h, "update", { m: "x" });
    expect(await call(h, "nested_append", "m", 2)).toEqual({ error: "AttributeError" });
    expect(await call(h, "items")).toEqual([
      ["n", [1, 2]],
      ["m", "x"],
    ]);
    expect([await call(h, "save", { must_create: true }), await call(h, "save", true)]).toEqual([
      null,
      { error: "CreateError" },
    ]);
  });

  it("peek, poke and forget reach behind the flags", async () => {
    const h = await open("cache");
    expect(await call(h, "peek")).toBe(null);
    await call(h, "poke", "n", 1);
    await call(h, "poke", "m", 2);
    expect(await call(h, "peek")).toEqual({ n: 1, m: 2 });
    await call(h, "poke", { only: true });
    expect(await call(h, "peek")).toEqual({ only: true });
    expect(await stateOf(h)).toMatchObject({ accessed: false, modified: false, loaded: true, empty: false });
    await call(h, "forget");
    expect(await stateOf(h)).toMatchObject({ loaded: false, empty: true });
  });

  it("what the protocol does not have is an error, and the pipe goes on", async () => {
    const h = await open("db");
    expect(await call(h, "constructor")).toEqual({ error: "ValueError" });
    expect((await ask("toString")).error?.type).toBe("ValueError");
    expect((await ask("session.call", { h: 99, method: "get" })).error?.type).toBe("ValueError");
    expect(await open("memcached")).toMatchObject({ type: "ImproperlyConfigured" });
    expect(JSON.parse(await peer.answerLine("{"))).toMatchObject({ id: null, error: { type: "ValueError" } });
    expect((await ask("cookie.parse", { header: null })).value).toEqual({});
  });
});

it("answers on standard output, one line for each line", async () => {
  const program = spawn(
    process.execPath,
    ["--no-warnings", "--conditions=sessions-source", join(import.meta.dirname, "peer.ts")],
    { env: { ...process.env, CONFORMANCE_DB: join(folder, "sessions.db") }, stdio: "pipe" },
  );
  const requests = [
    { id: "a", op: "session.new", engine: "db", key: null, settings },
    { id: "b", op: "session.call", h: 0, method: "save", args: [] },
    { id: "c", op: "cookie.parse", header: 'a=1; b="x\\"y"' },
  ];
  program.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  const lines = (await text(program.stdout)).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as Answer)).toMatchObject([
    { id: "a", value: 0, state: { session_key: null }, logs: [] },
    { id: "b", value: null, state: { session_key: expect.stringMatching(/^[a-z0-9]{32}$/) } },
    { id: "c", value: { a: "1", b: 'x"y' } },
  ]);
});
