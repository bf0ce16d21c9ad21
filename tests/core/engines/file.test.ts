/** Session files: the law, their names and expiry, locks, and what killed processes leave behind. */
import { fsyncSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { describeEngine } from "./law.ts";
import { makeDirectory, type Place } from "./servers.ts";

const secretKey = "a secret";

describe("session files", () => {
  let place: Place;
  let directory = "";
  beforeAll(async () => {
    place = await makeDirectory();
  });
  afterAll(() => place.remove());

  let count = 0;
  async function start(settings: object = {}) {
    directory = join(place.address, `case${++count}`);
    await mkdir(directory);
    const engine = file(directory);
    return { engine, sessions: createSessions({ secretKey, engine, ...settings }) };
  }
  const minute = { expiresAtMs: 0, ageSeconds: 60 }; // a file's expiry is computed from its data

  describeEngine("file", {
    make: async () => {
      await start();
      return file(directory);
    },
  });

  it("are named by cookie name and key, contain the signed string, and can be read by no one else", async () => {
    const { sessions } = await start({ cookieName: "sid" });
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    expect(await readdir(directory)).toEqual([`sid${session.sessionKey}`]);
    const path = join(directory, `sid${session.sessionKey}`);
    expect(sessions.codec.decode(await readFile(path, "latin1"))?.json).toBe('{"a":1}');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("expire a number of seconds after their last write, even if they would never expire in Django", async () => {
    let now = Date.UTC(2026, 10, 23);
    const { sessions, engine } = await start({ clock: () => now });
    const session = sessions.open();
    session.setExpiry(300);
    await session.save();
    const key = session.sessionKey ?? "";
    now += 299_000;
    expect(await engine.load(key)).toMatchObject({ expiresAtMs: Date.UTC(2026, 10, 23, 0, 5) });
    now += 1000;
    expect(await engine.load(key)).toBe("expired");
    expect(await readdir(directory)).toEqual([]);
  });

  it("are valid until the first millisecond of the policy's last second, as in Django", async () => {
    let now = Date.UTC(2026, 10, 23);
    const { sessions, engine } = await start({ cookieAge: 300, clock: () => now });
    const session = sessions.open();
    session.set("a", 1);
    await session.save();
    const key = session.sessionKey ?? "";
    now += 299_000;
    expect(await engine.load(key)).toMatchObject({ text: expect.any(String) });
    now += 1;
    expect(await engine.load(key)).toBe("expired");
  });

  it("that are empty or truncated are empty sessions under their key, with one line in the log", async () => {
    const lines: string[] = [];
    const { sessions } = await start({ log: (line: string) => lines.push(line) });
    for (const [key, content] of Object.entries({ emptyfile1: "", tornfile12: "eyJhIjoxfQ:1xVHT" })) {
      await writeFile(join(directory, `sessionid${key}`), content);
      const session = sessions.open(key);
      await session.load();
      expect(session.keys()).toEqual([]);
      expect(session.sessionKey).toBe(key);
    }
    expect(lines).toHaveLength(2);
  });

  it("leave no other files behind", async () => {
    const { engine } = await start();
    await engine.create("onefile123", "text", minute);
    const swaps = Array.from({ length: 30 }, (_, n) => engine.update("onefile123", `text${n}`, minute, null));
    await Promise.all(swaps);
    expect(await readdir(directory)).toEqual(["sessionidonefile123"]);
  });

  it("are written in turn by two engines on one directory", async () => {
    const { sessions } = await start();
    const other = createSessions({ secretKey, engine: file(directory) });
    const first = sessions.open();
    first.set("n", 0);
    await first.save();
    const key = first.sessionKey;
    const adding = Array.from({ length: 30 }, async (_, n) => {
      const session = (n % 2 === 0 ? sessions : other).open(key);
      await session.load();
      session.change("n", (value) => Number(value) + 1);
      await session.save();
    });
    await Promise.all(adding);
    const last = sessions.open(key);
    expect(last.get("n")).toBe(30);
  });

  it("of a killed process, such as locks and temporary files, are removed by the clean-up after a minute", async () => {
    const { engine, sessions } = await start();
    await engine.create("alivefile1", sessions.codec.encode("{}"), minute);
    const leftovers = [
      ".sessionidabcdefgh.lock",
      ".sessionidabcdefgh.0123456789ab.tmp",
      "sessionidabcdefgh_out_x1y2",
    ];
    for (const name of [...leftovers, ".sessionidfresh123.lock"]) await writeFile(join(directory, name), "");
    const old = Date.now() / 1000 - 120;
    for (const name of leftovers) await utimes(join(directory, name), old, old);
    const early = ".sessionidabcdefgh.ba9876543210.tmp"; // made before the clock was set back by an hour
    await writeFile(join(directory, early), "");
    await utimes(join(directory, early), old + 3600, old + 3600);
    await sessions.clearExpired();
    expect((await readdir(directory)).sort()).toEqual([".sessionidfresh123.lock", "sessionidalivefile1"]);
  });

  it("are on disk, complete, before they take the place of the version before", async () => {
    const { engine } = await start();
    const seen: unknown[] = [];
    const handle = await open(directory, "r");
    const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync").mockImplementation(async function (this: {
      fd: number;
    }) {
      const made = (await readdir(directory)).find((name) => name.endsWith(".tmp")) ?? "";
      const now = await readFile(join(directory, "sessionidsyncedfile"), "latin1").catch(() => null);
      seen.push([await readFile(join(directory, made), "latin1"), now]);
      fsyncSync(this.fd);
    });
    await handle.close();
    try {
      await engine.create("syncedfile", "first", minute);
      await engine.update("syncedfile", "second", minute, "first");
    } finally {
      sync.mockRestore();
    }
    expect(seen).toEqual([
      ["first", null],
      ["second", "first"],
    ]);
  });

  it("of another application in the same directory are not touched", async () => {
    const { sessions } = await start({ clock: () => Date.now() + 1e12 });
    await writeFile(join(directory, "notes.txt"), "mine");
    await sessions.clearExpired();
    expect(await readdir(directory)).toEqual(["notes.txt"]);
  });

  it("need an existing directory, and say so at start", () => {
    const engine = file(join(place.address, "nowhere"));
    expect(() => createSessions({ secretKey, engine })).toThrow(
      /cannot keep sessions in .*nowhere.*Create the directory/,
    );
  });

  it("are usable as long as the directory is, says the health check", async () => {
    const { sessions } = await start();
    expect(await sessions.health()).toMatchObject({ ok: true, stores: [{ name: "files" }] });
    await rm(directory, { recursive: true });
    expect(await sessions.health()).toMatchObject({
      ok: false,
      stores: [{ reason: expect.stringContaining("ENOENT") }],
    });
  });

  it("that cannot be written are an error, not a lost session", async () => {
    const { sessions } = await start();
    await rm(directory, { recursive: true });
    const session = sessions.open();
    session.set("a", 1);
    await expect(session.save()).rejects.toMatchObject({ code: "engine", cause: { code: "ENOENT" } });
  });
});
