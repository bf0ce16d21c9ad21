/** Sessions in memory: the law, and the bounds. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { type MemoryOptions, memory } from "../../../server-bridge/src/core/engines/caches/memory.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";

const MEGABYTE = 1024 ** 2;
const IS_FIELD = process.env["SESSIONS_FIELD"] === "true";

describeEngine("memory", {
  make: () => cache("memory:"),
  except: { "clears what has ended, and nothing else": "a cache forgets by itself" },
});

/** A memory cache with a clock that stands still until a test moves it. */
function start(options: MemoryOptions) {
  const engine = cache(memory(options));
  const lines: string[] = [];
  const at = { ms: Date.UTC(2026, 10, 29) };
  createSessions({ secretKey: "a secret", engine, clock: () => at.ms, log: (line) => lines.push(line) });
  const put = (key: string, text: string, ageSeconds = 60) =>
    engine.create(key.padEnd(10, "x"), text, { expiresAtMs: at.ms + ageSeconds * 1000, ageSeconds });
  const isThere = async (key: string) => (await engine.load(key.padEnd(10, "x"))) !== null;
  const which = async (...keys: string[]) => {
    const there: string[] = [];
    for (const key of keys) if (await isThere(key)) there.push(key);
    return there;
  };
  return { engine, lines, at, put, which };
}

const LOGIN = '{"user_id":7}';
const GUEST = '{"cart":["boots"]}';

describe("the memory cache", () => {
  it("drops what was used least recently when it is full", async () => {
    const { engine, put, which } = start({ max: 2 });
    await put("first", "1");
    await put("second", "2");
    await which("first");
    await put("third", "3");
    expect(await which("first", "second", "third")).toEqual(["first", "third"]);
    await engine.update("firstxxxxx", "4", { expiresAtMs: 0, ageSeconds: 60 }, null);
    await put("fourth", "5");
    expect(await which("first", "third", "fourth")).toEqual(["first", "fourth"]);
  });

  it("drops in the order of last use, whatever the order of reads and writes was", async () => {
    const { engine, put, which } = start({ max: 40 });
    const used: string[] = [];
    const use = (key: string) => used.splice(0, used.length, ...used.filter((one) => one !== key), key);
    for (let step = 0; step < 4000; step++) {
      const key = `k${(step * 7919) % 61}`;
      if (!used.includes(key)) await put(key, GUEST);
      else if (step % 3 === 0) await which(key);
      else await engine.update(key.padEnd(10, "x"), GUEST, { expiresAtMs: 0, ageSeconds: 60 }, null);
      use(key);
      if (used.length > 40) used.shift();
    }
    const all = Array.from({ length: 61 }, (_, n) => `k${n}`);
    expect((await which(...all)).sort()).toEqual([...used].sort());
  });

  it("drops expired sessions first, then guests, then people who are logged in, with one line in the log", async () => {
    const { at, lines, put, which } = start({ max: 3 });
    await put("expired", LOGIN, 10);
    await put("guest", GUEST);
    await put("login", LOGIN);
    at.ms += 20_000;
    await put("next", LOGIN);
    expect(await which("guest", "login", "next")).toEqual(["guest", "login", "next"]);
    await which("guest");
    await put("more", LOGIN);
    expect(await which("login", "next", "more")).toEqual(["login", "next", "more"]);
    expect(lines).toEqual([]);
    await put("last", LOGIN);
    await put("visitor", GUEST);
    expect(await which("login", "next", "more", "last", "visitor")).toEqual(["more", "last", "visitor"]);
    await put("another", GUEST);
    expect(await which("more", "last", "visitor", "another")).toEqual(["more", "last", "another"]);
    expect(lines).toEqual([expect.stringMatching(/full of .* logged in.*max is 3.*Raise/)]);
  });

  it.each(['{"passport":{"user":5}}', '{"cart":[1],"_auth_user_id":"7"}'])(
    "counts as logged in: %s",
    async (text) => {
      const { put, which } = start({ max: 2 });
      await put("login", text);
      await put("guest", GUEST);
      await put("next", GUEST);
      expect(await which("login", "guest", "next")).toEqual(["login", "next"]);
    },
  );

  const tooLong = `{"user_id":7,"a":"${"x".repeat(70_000)}"}`;
  it.each(['{"passport":{}}', '{"user":null}', '{"note":"user_id"}', '{"a":{"user_id":7}}', tooLong])(
    "counts as a guest (T50): %.40s",
    async (text) => {
      const { lines, put, which } = start({ max: 2 });
      await put("guest", text);
      await put("login", LOGIN);
      await put("next", LOGIN);
      expect(await which("guest", "login", "next")).toEqual(["login", "next"]);
      expect(lines).toEqual([]);
    },
  );

  it("drops copies of what a database has without a line, because nothing is lost", async () => {
    const { lines, put, which } = start({ max: 2 });
    for (const key of ["a", "b", "c", "d"]) await put(key, `eyJ1c2VyX2lkIjo3fQ:1xVHT:${key}`);
    expect(await which("a", "b", "c", "d")).toEqual(["c", "d"]);
    expect(lines).toEqual([]);
  });

  it("is bounded by bytes", async () => {
    const { put, which } = start({ maxBytes: MEGABYTE });
    const keys = Array.from({ length: 30 }, (_, n) => `k${n}`);
    for (const key of keys) await put(key, `{"a":"${"x".repeat(100_000)}"}`);
    const there = await which(...keys);
    expect(there).toEqual(keys.slice(-there.length));
    expect(there).toHaveLength(10);
  });

  it("counts only the last version of an entry", async () => {
    const { engine, put, which } = start({ maxBytes: MEGABYTE });
    const text = (n: number) => `{"a":"${String(n).padEnd(100_000, "x")}"}`;
    for (const key of ["a", "b"]) await put(key, text(0));
    for (let n = 0; n < 50; n++) {
      await engine.update("axxxxxxxxx", text(n), { expiresAtMs: 0, ageSeconds: 60 }, null);
    }
    expect(await which("a", "b")).toEqual(["a", "b"]);
  });

  it("drops every expired session before the first guest, however many must go", async () => {
    const { at, put, which } = start({ maxBytes: MEGABYTE });
    const text = `{"a":"${"x".repeat(100_000)}"}`;
    const guests = ["a", "b", "c"];
    for (const key of guests) await put(key, text);
    for (const key of ["d", "e", "f", "g", "h", "i"]) await put(key, text, 10);
    at.ms += 30_000;
    await put("large", `{"a":"${"x".repeat(600_000)}"}`);
    expect(await which(...guests, "large")).toEqual([...guests, "large"]);
  });

  it("looks again who is logged in after each write", async () => {
    const { engine, put, which } = start({ max: 4 });
    await put("login", GUEST);
    await put("logout", LOGIN);
    for (const key of ["a", "b"]) await put(key, GUEST); // now the first two have been read
    await engine.update("loginxxxxx", LOGIN, { expiresAtMs: 0, ageSeconds: 60 }, null);
    await engine.update("logoutxxxx", GUEST, { expiresAtMs: 0, ageSeconds: 60 }, null);
    for (const key of ["c", "d", "e"]) await put(key, LOGIN); // three guests must go
    expect(await which("login", "logout", "a", "b", "c")).toEqual(["login", "c"]);
  });

  it("refuses a session that is larger than all of it, and keeps the others", async () => {
    const { put, which } = start({ maxBytes: MEGABYTE });
    await put("small", GUEST);
    await expect(put("large", `{"a":"${"x".repeat(2 * MEGABYTE)}"}`)).rejects.toMatchObject({
      code: "too-large",
    });
    expect(await put("copy", "x".repeat(2 * MEGABYTE))).toBe(true);
    expect(await which("small", "large", "copy")).toEqual(["small"]);
  });

  it("finds expired sessions after any pause, and when the clock was set back", async () => {
    const { at, lines, put, which } = start({ max: 200 });
    const fill = async (name: string, age: number) => {
      for (let n = 0; n < 100; n++) await put(`${name}${n}`, LOGIN, age + n);
    };
    const all = (name: string) => Array.from({ length: 100 }, (_, n) => `${name}${n}`);
    await fill("a", 60);
    at.ms += 90 * 86_400_000;
    await fill("b", 1000);
    at.ms -= 30 * 86_400_000;
    await fill("c", 60);
    at.ms += 300_000;
    await fill("d", 60);
    expect(await which(...all("b"), ...all("d"))).toEqual([...all("b"), ...all("d")]);
    expect(lines).toEqual([]);
  });

  it("keeps a session whose expiry was moved on, and drops one whose expiry was moved forward", async () => {
    const { at, engine, put, which } = start({ max: 2 });
    await put("longer", LOGIN, 10);
    await put("shorter", LOGIN, 3600);
    await engine.update("longerxxxx", LOGIN, { expiresAtMs: 0, ageSeconds: 3600 }, null);
    await engine.update("shorterxxx", LOGIN, { expiresAtMs: 0, ageSeconds: 10 }, null);
    at.ms += 60_000;
    await put("new", LOGIN);
    expect(await which("longer", "shorter", "new")).toEqual(["longer", "new"]);
  });

  it("forgets when a session was to expire before it was moved forward", async () => {
    const { at, engine, put, which } = start({ max: 10 });
    await put("sooner", LOGIN, 3600);
    await engine.update("soonerxxxx", LOGIN, { expiresAtMs: 0, ageSeconds: 10 }, null);
    at.ms += 60_000;
    await put("first", LOGIN, 86_400); // drops it
    await put("sooner", LOGIN, 86_400);
    at.ms += 3_600_000;
    await put("second", LOGIN, 86_400);
    expect(await which("sooner", "first", "second")).toEqual(["sooner", "first", "second"]);
  });

  it.each([{ max: 0 }, { max: 1.5 }, { maxBytes: 1000 }, { maxBytes: Number.NaN }])(
    "refuses %o with what to pass instead",
    (options) => {
      expect(() => memory(options)).toThrow(/memory\(\): max\w* is .*Pass/);
    },
  );

  const [heap, guests] = IS_FIELD ? [256, 120_000] : [64, 30_000];
  it.each([
    ["expire meanwhile", "2"],
    ["come at the same time", "0"],
  ])(
    `lives in ${heap} MiB while ${guests} guests %s, and the user stays logged in`,
    {
      timeout: 120_000,
    },
    async (_, pause) => {
      const program = join(import.meta.dirname, "memory-guests.ts");
      const flags = [`--max-old-space-size=${heap}`, "--conditions=sessions-source", "--no-warnings"];
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...flags,
        program,
        String(guests),
        pause,
      ]);
      expect(JSON.parse(stdout)).toEqual({ user: 123, lines: [] });
    },
  );
});
