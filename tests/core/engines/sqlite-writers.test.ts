/** SQLite: Django's table in a file, writes batched in one transaction, and an event loop that another writer never blocks. */
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { createSessions, database, isSessionError, sqlite } from "session-bridge";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { library } from "../library.ts";

const folder = mkdtempSync(join(tmpdir(), "sqlite-"));
let count = 0;
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open() {
  const path = join(folder, `${++count}.db`);
  const made = library({ engine: database(`sqlite:${path}`) });
  undo.push(
    () => rmSync(path, { force: true }),
    () => made.sessions.close(),
  );
  return { ...made, path };
}

/** Another program with the same file. */
function other(path: string): DatabaseSync {
  const connection = new DatabaseSync(path);
  undo.push(() => connection.close());
  return connection;
}

describe("an SQLite file", () => {
  it("is created with Django's table and index if it does not exist", async () => {
    const { stored, path } = open();
    await stored({ a: 1 });
    const objects = other(path).prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").all();
    expect(objects.map(({ sql }) => String(sql))).toEqual([
      'CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL)',
      'CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date")',
    ]);
  });

  it("of an application without that table is not touched until migrate, and the error says so", async () => {
    const { sessions, path } = open();
    const mine = other(path);
    mine.exec("CREATE TABLE mine (x)");
    const session = sessions.open();
    session.set("a", 1);
    const failure = await session.save().catch((error: unknown) => error);
    expect(isSessionError(failure, "engine")).toBe(true);
    expect(String(failure)).toContain("await sessions.migrate(), or with Django's migrate");
    await sessions.migrate();
    await sessions.migrate();
    await session.save();
    expect(mine.prepare("SELECT count(*) AS n FROM django_session").get()).toMatchObject({ n: 1 });
  });

  it("is opened for the first request, not by createSessions", () => {
    expect(existsSync(open().path)).toBe(false);
  });

  it("in a missing directory is refused at construction", () => {
    const make = () => createSessions({ secretKey: "s", engine: database("sqlite:/not/there/sessions.db") });
    expect(make).toThrow("the directory /not/there does not exist. Create it, or correct the path.");
    expect(() => createSessions({ secretKey: "s", engine: database("sqlite:") })).toThrow("names no file");
    expect(() => database("oracle:x")).toThrow("oracle: is not a known database");
  });

  it("that is already open can be passed in, and stays open", async () => {
    const connection = new DatabaseSync(":memory:");
    undo.push(() => connection.close());
    const { sessions, stored } = library({ engine: database(sqlite(connection)) });
    await sessions.migrate();
    await stored({ a: 1 });
    await sessions.close();
    expect(connection.prepare("SELECT count(*) AS n FROM django_session").get()).toMatchObject({ n: 1 });
  });
});

describe("writes to SQLite", () => {
  it("in one turn of the event loop are one transaction", async () => {
    const { sessions, path, stored } = open();
    await stored({ a: 0 });
    const version = () => Number(watcher.prepare("PRAGMA data_version").get()?.["data_version"]);
    const watcher = other(path);
    const before = version();
    const created = Array.from({ length: 50 }, () => {
      const session = sessions.open();
      session.set("a", 1);
      return session.save();
    });
    await created[0];
    // the other connection sees every commit as a new version, and all fifty rows with the first
    expect(watcher.prepare("SELECT count(*) AS n FROM django_session").get()).toMatchObject({ n: 51 });
    expect(version()).not.toBe(before);
    await Promise.all(created);
  });

  it("wait in a timer while another program writes, and the event loop continues", async () => {
    const { sessions, path, stored } = open();
    await stored({ a: 0 });
    const writer = other(path);
    writer.exec("BEGIN IMMEDIATE");
    const session = sessions.open();
    session.set("a", 1);
    let saved = false;
    const save = session.save().then(() => {
      saved = true;
    });
    const begunMs = performance.now();
    let turns = 0;
    for (; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect([saved, turns]).toEqual([false, 5]);
    expect(performance.now() - begunMs).toBeLessThan(1500); // a driver that waits would block these turns for seconds
    writer.exec("COMMIT");
    await save;
    expect(await sessions.engine.exists(session.sessionKey ?? "")).toBe(true);
  });

  it("wait equally long for each other writer, however long ago the last one was", async () => {
    const { sessions, path, stored } = open();
    await stored({ a: 0 });
    const writer = other(path);
    const now = performance.now.bind(performance);
    for (const laterMs of [0, 3_600_000]) {
      const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + laterMs);
      undo.push(() => clock.mockRestore());
      writer.exec("BEGIN IMMEDIATE");
      const session = sessions.open();
      session.set("a", 1);
      const save = session.save();
      await new Promise((resolve) => setTimeout(resolve, 20));
      writer.exec("COMMIT");
      await save;
      expect(await sessions.engine.exists(session.sessionKey ?? "")).toBe(true);
    }
  });

  it("are all in the file when close has finished", async () => {
    const { sessions, path, stored } = open();
    await stored({ a: 0 });
    const session = sessions.open();
    session.set("a", 1);
    const save = session.save();
    await sessions.close();
    await save;
    expect(other(path).prepare("SELECT count(*) AS n FROM django_session").get()).toMatchObject({ n: 2 });
  });
});

describe("the application's own DatabaseSync", () => {
  async function own(options = {}) {
    const path = join(folder, `${++count}.db`);
    const handle = new DatabaseSync(path, options);
    undo.push(() => handle.close());
    const made = library({ engine: database(sqlite(handle)) });
    await made.sessions.migrate();
    return { ...made, handle, path };
  }

  it("may be in a transaction when a session is stored, which waits until it ends", async () => {
    const { handle, stored, read } = await own();
    handle.exec("BEGIN");
    const storing = stored({ a: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    handle.exec("COMMIT");
    expect(await read(await storing)).toEqual({ a: 1 });
  });

  it("keeps its timeout when a read met a lock", async () => {
    const { handle, path, sessions, stored } = await own({ timeout: 10 });
    const key = (await stored({ a: 1 })).replace(/^.*=/, "");
    const holder = new Worker(HOLDER, { eval: true, workerData: path });
    const ended = once(holder, "exit");
    await once(holder, "message");
    expect(() => sessions.engine.loadSync?.(key)).toThrow("another process has the database locked");
    const loading = sessions.engine.load(key);
    holder.postMessage("enough");
    expect(await loading).toMatchObject({ text: expect.any(String) });
    expect(handle.prepare("PRAGMA busy_timeout").get()).toEqual({ timeout: 10 });
    await ended;
  });

  /** Holds the file until it is told that it is enough, in a thread, since a read stops this one. */
  const HOLDER = `
    const { parentPort, workerData } = require("node:worker_threads");
    const holder = new (require("node:sqlite").DatabaseSync)(workerData);
    holder.exec("BEGIN EXCLUSIVE");
    parentPort.postMessage("held");
    parentPort.once("message", () => {
      holder.exec("COMMIT");
      parentPort.close();
    });
  `;
});

describe("a file that is not a database", () => {
  it("is reported as such, once and clearly", async () => {
    const path = join(folder, `${++count}.db`);
    writeFileSync(path, "no database ".repeat(500));
    const { stored } = library({ engine: database(`sqlite:${path}`) });
    await expect(stored({ a: 1 })).rejects.toThrow(
      /^\[session-bridge\] SQLite: the file is not a database\. Check the file, its directory and the free disk space\.$/,
    );
  });
});

describe("a row that another program changed", () => {
  it("is read again, although its old string was verified before", async () => {
    const { sessions, stored, read, path } = open();
    const cookie = await stored({ a: 1 });
    expect(await read(cookie)).toEqual({ a: 1 });
    const update = other(path).prepare("UPDATE django_session SET session_data = ?");
    update.run(sessions.codec.encode('{"a":2}'));
    expect(await read(cookie)).toEqual({ a: 2 });
    update.run("e30:forged:text");
    expect(await read(cookie)).toEqual({});
  });
});
