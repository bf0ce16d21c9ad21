/** SQLite when its file is deleted, replaced, truncated or overwritten while a server uses it. Each in a real process under load. */
import { copyFileSync, existsSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSessions, database } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDirectory, type Place } from "./servers.ts";
import { startVisitors, storedIn, type Visitors, visitsSince } from "./visitors.ts";

let place: Place;
beforeAll(async () => {
  place = await makeDirectory();
});
afterAll(() => place.remove());

let count = 0;

/** A process that has stored sessions in a file, a backup of the file, and what happens to the file then. */
async function underLoad(meanwhile: (visitors: Visitors, path: string, backup: string) => Promise<void>) {
  const [path, lines] = await inProcesses([0], async (all, ...files) => {
    if (all[0] !== undefined) await meanwhile(all[0], ...files);
  });
  return { path, lines: lines[0] ?? [] };
}

/** The same with several processes, each with its `removalMs`; their lines. */
async function inProcesses(
  removals: readonly number[],
  meanwhile: (visitors: readonly Visitors[], path: string, backup: string) => Promise<void>,
): Promise<[path: string, lines: (readonly string[])[]]> {
  const path = join(place.address, `${++count}.db`);
  const all = removals.map((ms) => startVisitors(path, ms));
  try {
    await untilAll(all, /^stored/, 200);
    const backup = `${path}.backup`;
    inFile(path, (open) => open.exec(`VACUUM INTO '${backup}'`));
    await meanwhile(all, path, backup);
  } finally {
    for (const visitors of all) await visitors.kill(); // throws if it has ended by itself
  }
  return [path, all.map(({ lines }) => lines)];
}

async function untilAll(all: readonly Visitors[], pattern: RegExp, more?: number): Promise<void> {
  await Promise.all(all.map((visitors) => visitors.until(pattern, more)));
}

function inFile<Result>(path: string, use: (open: DatabaseSync) => Result): Result {
  const open = new DatabaseSync(path, { timeout: 5000 } as object); // Node 22.13 does not know the option, and waits
  try {
    return use(open);
  } finally {
    open.close();
  }
}

function keysIn(path: string): Set<string> {
  return inFile(
    path,
    (open) =>
      new Set(
        open
          .prepare("SELECT session_key FROM django_session")
          .all()
          .map((row) => String(row["session_key"])),
      ),
  );
}

/** Each session that was acknowledged is in the file, and there are some. */
function expectKept(path: string, lines: readonly string[]): void {
  const found = keysIn(path);
  const stored = [...storedIn(lines).keys()];
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.filter((key) => !found.has(key))).toEqual([]);
}

describe("an SQLite file under a running server", { timeout: 60_000 }, () => {
  it("that is deleted: each request fails and says so, until the file is back", async () => {
    let [gone, back] = [0n, 0n];
    const { lines, path } = await underLoad(async (visitors, file, backup) => {
      rmSync(file);
      gone = process.hrtime.bigint();
      await visitors.until(/^failed engine .* was deleted/, 20);
      copyFileSync(backup, `${file}.new`);
      renameSync(`${file}.new`, file);
      back = process.hrtime.bigint();
      await visitors.until(/^logged/);
      await visitors.until(/^stored/, 50);
    });
    const notice = lines.findIndex((line) => line.includes("is back, and is used again"));
    expect(notice).toBeGreaterThan(0);
    const meanwhile = visitsSince(lines.slice(0, notice), gone);
    expect(storedIn(meanwhile).size, "nothing is acknowledged while it is gone").toBe(0);
    expect(lines.find((line) => line.startsWith("failed"))).toContain(
      `${path} was deleted while the server was running. Put the file back, or restart the server to begin without sessions.`,
    );
    expectKept(path, visitsSince(lines, back));
    expect(lines.filter((line) => line.startsWith("logged"))).toHaveLength(2);
  });

  it.each([
    ["all processes use the backup, without the old file's WAL", [0, 0]],
    ["also if one is slow to remove the old file's WAL, and another has begun a new one", [70, 0]],
  ])("that is replaced by a backup with mv: %s", async (_what, removals) => {
    let moved = 0n;
    const [path, lines] = await inProcesses(removals, async (all, file, backup) => {
      renameSync(backup, file);
      moved = process.hrtime.bigint();
      await untilAll(all, /^logged.* was replaced/);
      await untilAll(all, /^stored/, 100);
    });
    for (const each of lines) {
      const notice = each.findIndex((line) =>
        line.includes("was replaced by another file, which is used from now on"),
      );
      expect(notice).toBeGreaterThan(0);
      expect(each.slice(0, notice).filter((line) => line.startsWith("failed"))).toEqual([]);
      // a visit from before may still look into the new file for what it had stored in the old one
      const after = visitsSince(each, moved);
      expectKept(path, after);
      expect(after.filter((line) => line.startsWith("failed"))).toEqual([]);
    }
    expect(inFile(path, (open) => open.prepare("PRAGMA integrity_check").all())).toEqual([
      { integrity_check: "ok" },
    ]);
  });

  it("that loses its -wal and -shm: no acknowledged session is lost, even after kill -9", async () => {
    const { lines, path } = await underLoad(async (visitors, file) => {
      rmSync(`${file}-wal`);
      rmSync(`${file}-shm`);
      await visitors.until(/^logged.* lost its -wal or -shm/);
      await visitors.until(/^stored/, 50);
    });
    const found = keysIn(path);
    expect([...storedIn(lines).keys()].filter((key) => !found.has(key))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("failed"))).toEqual([]);
    expect(inFile(path, (open) => open.prepare("PRAGMA integrity_check").all())).toEqual([
      { integrity_check: "ok" },
    ]);
  });

  const UNUSABLE =
    /^failed engine \[session-bridge\] SQLite: (the file is (damaged|not a database)|.* was emptied while)/;

  it.each([
    ["truncated to nothing", (file: string) => truncateSync(file, 0)],
    ["truncated to half", (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ["overwritten with garbage", overwrite],
  ])("that is %s: requests fail and say so, and the process lives", async (_, damage) => {
    await underLoad(async (visitors, file) => {
      fill(file);
      await visitors.until(/^stored/, 50); // each has read pages of the file
      damage(file);
      await visitors.until(UNUSABLE, 20);
    });
  });

  it("that is overwritten in place with cp: each request gets its answer, and the process lives", async () => {
    const { lines } = await underLoad(async (visitors, file, backup) => {
      copyFileSync(backup, file);
      const before = visitors.lines.length;
      await expect.poll(() => visitors.lines.length - before, { timeout: 20_000 }).toBeGreaterThan(200);
    });
    expect(lines.filter((line) => line.startsWith("failed") && !line.startsWith("failed engine"))).toEqual(
      [],
    );
  });
});

/** More sessions than the WAL holds: what is in the file counts. */
function fill(path: string): void {
  inFile(path, (open) =>
    open.exec(`
      INSERT INTO django_session
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
        SELECT lower(hex(randomblob(16))), 'e30:1abcde:' || hex(randomblob(100)), '2999-01-01 00:00:00' FROM numbers;
      PRAGMA wal_checkpoint(TRUNCATE)`),
  );
}

function overwrite(path: string): void {
  writeFileSync(path, Buffer.alloc(statSync(path).size, "garbage "), { flag: "r+" });
}

describe("an SQLite file that was deleted", () => {
  it("is not created again by the next request, only by migrate()", async () => {
    const path = join(place.address, `${++count}.db`);
    const sessions = createSessions({ secretKey: "s", engine: database(`sqlite:${path}`), log: () => {} });
    await sessions.engine.create("a".repeat(32), "text", {
      expiresAtMs: Date.now() + 60_000,
      ageSeconds: 60,
    });
    for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
    const write = sessions.engine.create("b".repeat(32), "text", {
      expiresAtMs: Date.now() + 60_000,
      ageSeconds: 60,
    });
    await expect(write).rejects.toThrow("was deleted while the server was running");
    await expect(sessions.engine.exists("a".repeat(32))).rejects.toThrow("was deleted");
    expect(existsSync(path)).toBe(false);
    await sessions.migrate();
    expect(await sessions.engine.exists("a".repeat(32))).toBe(false);
    await sessions.close();
  });
});

describe("an SQLite file that was moved away", () => {
  it("has all that was acknowledged, although its -wal stayed behind", async () => {
    const path = join(place.address, `${++count}.db`);
    const sessions = createSessions({ secretKey: "s", engine: database(`sqlite:${path}`), log: () => {} });
    const end = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
    await sessions.engine.create("a".repeat(32), "text", end);
    renameSync(path, `${path}.moved`);
    await expect(sessions.engine.create("b".repeat(32), "text", end)).rejects.toThrow("was deleted");
    expect(existsSync(`${path}-wal`), "the next file in its place would be damaged by it").toBe(false);
    expect(keysIn(`${path}.moved`)).toContain("a".repeat(32));
    renameSync(`${path}.moved`, path);
    expect(await sessions.engine.exists("a".repeat(32))).toBe(true);
    await sessions.close();
  });
});
