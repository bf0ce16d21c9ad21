/** SQLite while another program has the file locked: how long reads and writes wait, in which order, and what the log says. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Engine, isSessionError } from "session-bridge";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import { library } from "../library.ts";

const folder = mkdtempSync(join(tmpdir(), "sqlite-locks-"));
const undo: (() => unknown)[] = [];
let count = 0;

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEY = "k".repeat(32);

/** An engine that waits for `storeTimeout` seconds, with one session in its file, and another program. */
async function open(storeTimeout: number) {
  const path = join(folder, `${++count}.db`);
  const { sessions, lines, time } = library({ engine: database(`sqlite:${path}`), storeTimeout });
  const { engine } = sessions;
  const end = { expiresAtMs: time.now + 60_000, ageSeconds: 60 };
  await engine.create(KEY, "first", end);
  const other = new DatabaseSync(path);
  undo.push(
    () => other.close(),
    () => sessions.close(),
  );
  return { sessions, engine, end, lines, other };
}

/** What a promise rejects with. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

/** No one else can even read. */
function lockOut(other: DatabaseSync): void {
  other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE");
}

async function turns(number: number): Promise<void> {
  for (let turn = 0; turn < number; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Opens the file while another program has it for itself alone. */
async function openLocked(storeTimeout: number) {
  const path = join(folder, `${++count}.db`);
  const first = library({ engine: database(`sqlite:${path}`) });
  const end = { expiresAtMs: first.time.now + 60_000, ageSeconds: 60 };
  await first.sessions.engine.create(KEY, "first", end);
  await first.sessions.close();
  const other = new DatabaseSync(path);
  lockOut(other);
  other.exec("UPDATE django_session SET session_data = session_data; COMMIT"); // it keeps the lock
  const { sessions, lines } = library({ engine: database(`sqlite:${path}`), storeTimeout });
  undo.push(
    () => sessions.close(),
    () => other.isOpen && other.close(),
  );
  const engine: Engine = sessions.engine;
  return { engine, end, other, lines };
}

describe("a write that meets a lock", () => {
  it("is stored before those that came later", async () => {
    const { engine, end, other } = await open(5);
    other.exec("BEGIN IMMEDIATE");
    const results: Promise<unknown>[] = [];
    for (let n = 1; n <= 20; n++) {
      results.push(engine.update(KEY, `text ${n}`, end, n === 1 ? "first" : `text ${n - 1}`));
      await turns(1); // each is tried, and meets the lock, before the next one comes
    }
    other.exec("COMMIT");
    expect(await Promise.all(results)).toEqual(Array(20).fill("saved"));
    expect(engine.loadSync?.(KEY)).toMatchObject({ text: "text 20" });
  });

  it("fails as unavailable after storeTimeout, counted for each write; the log says when that begins and ends", async () => {
    const { engine, end, other, lines } = await open(0.4);
    other.exec("BEGIN IMMEDIATE");
    const early = failureOf(engine.update(KEY, "early", end, null));
    await turns(40);
    const late = engine.update(KEY, "late", end, null);
    const failure = await early;
    expect(isSessionError(failure, "unavailable")).toBe(true);
    expect(String(failure)).toContain("another process has the database locked");
    expect(lines).toEqual([expect.stringMatching(/another process has had the database locked for 0\.\d s/)]);
    other.exec("COMMIT");
    expect(await late, "the later one has not waited long enough to fail").toBe("saved");
    expect(lines).toEqual([lines[0], expect.stringMatching(/sessions can be stored again, after \d/)]);
  });
});

describe("a read that meets a lock", () => {
  it("fails as unavailable without stopping the event loop for long, and at once if one has just waited", async () => {
    const { engine } = await openLocked(5);
    const startMs = performance.now();
    for (let n = 0; n < 100; n++) expect(() => engine.loadSync?.(KEY)).toThrow("has the database locked");
    expect(performance.now() - startMs, "5 s each if every read waited").toBeLessThan(4000);
  });

  it("with a promise waits in a timer until the file is free", async () => {
    const { engine, end, other } = await openLocked(5);
    const reads = [engine.load(KEY), engine.exists(KEY), engine.update(KEY, "second", end, "first")];
    await turns(10);
    other.close();
    const text = expect.stringMatching(/^(?:first|second)$/); // which timer ends first is chance
    expect(await Promise.all(reads)).toEqual([expect.objectContaining({ text }), true, "saved"]);
  });

  it("with a promise fails as unavailable after storeTimeout", async () => {
    const { engine, other } = await openLocked(0.2);
    expect(isSessionError(await failureOf(engine.load(KEY)), "unavailable")).toBe(true);
    other.close();
  });
});

describe("close()", () => {
  it("ends while another program holds the lock; the writes that waited fail", async () => {
    const { sessions, engine, end, other } = await open(0.2);
    other.exec("BEGIN IMMEDIATE");
    const waiting = failureOf(engine.update(KEY, "never", end, null));
    await sessions.close();
    expect(isSessionError(await waiting, "unavailable")).toBe(true);
    other.exec("COMMIT");
  });

  it("ends for everyone who calls it at the same time", async () => {
    const { engine, end } = await open(5);
    const write = engine.update(KEY, "late", end, null);
    await Promise.all([engine.close?.(), engine.close?.()]);
    expect(await write).toBe("saved");
  });

  it("is final: later calls say that SQLite was closed", async () => {
    const { sessions, engine, end } = await open(5);
    await sessions.close();
    await sessions.close();
    const closed = "SQLite was closed. Call sessions.close() only after the last request.";
    await expect(engine.load(KEY)).rejects.toThrow(closed);
    await expect(engine.update(KEY, "late", end, null)).rejects.toThrow(closed);
    expect(() => engine.loadSync?.(KEY)).toThrow(closed);
    await expect(sessions.clearExpired()).rejects.toThrow(closed);
  });
});
