/** What is stored stays stored when the process is killed, for SQLite and files. */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { database } from "../../../server-bridge/src/core/engines/database.ts";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { makeDirectory } from "./servers.ts";

/** A few in `npm test`, many in `npm run test:field`. */
const KILLS = process.env["SESSIONS_FIELD"] === "true" ? 200 : 20;
const AT_ONCE = 5;
const ONE_TEST_MS = 600_000;

/** Starts a writer and kills it when it has said that `after` writes are stored. */
async function writeAndKill(kind: string, path: string, diary: string, after: number): Promise<void> {
  const args = [
    "--conditions=sessions-source",
    join(import.meta.dirname, "endless-writer.ts"),
    kind,
    path,
    diary,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [said, complaint] = [0, ""];
  child.stdout.on("data", (piece) => {
    said += piece.length;
    if (said >= after) child.kill("SIGKILL");
  });
  child.stderr.on("data", (piece) => {
    complaint += piece;
  });
  const signal = await new Promise((resolve) => child.once("close", (_code, killed) => resolve(killed)));
  if (signal !== "SIGKILL") throw new Error(`[tests] The writer ended by itself:\n${complaint}`);
}

/** The last number of each session in a diary. */
async function readDiary(path: string): Promise<Map<string, number>> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]));
}

/** Writes and kills many times, then checks each session that was acknowledged. */
async function survives(kind: string, path: string, engine: () => Engine): Promise<void> {
  const acknowledged = new Map<string, number>();
  const diaries = await makeDirectory();
  for (let round = 0; round < KILLS / AT_ONCE; round++) {
    const kills = Array.from({ length: AT_ONCE }, async (_, n) => {
      const diary = join(diaries.address, `${round}-${n}`);
      await writeAndKill(kind, path, diary, 1 + (((round * AT_ONCE + n) * 7) % 60));
      return readDiary(diary);
    });
    for (const each of await Promise.all(kills)) for (const [key, n] of each) acknowledged.set(key, n);
  }
  const lines: string[] = [];
  const sessions = createSessions({
    secretKey: "a secret",
    engine: engine(),
    log: (line) => lines.push(line),
    storeTimeout: 2, // locks of the killed processes are in no one's way
  });
  expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS);
  for (const [key, n] of acknowledged) {
    const session = sessions.open(key);
    await session.load();
    const stored = Number(session.get("n"));
    // The write after the last acknowledged one may have been stored too.
    expect([n, n + 1], key).toContain(stored);
    expect(String(session.get("filling"))).toHaveLength(stored % 3000);
    session.set("filling", "");
    await session.save();
  }
  expect(lines, "nothing is corrupt").toEqual([]);
  await sessions.close();
  await diaries.remove();
}

describe(`after kill -9 of ${KILLS} writing processes`, () => {
  it("SQLite has every acknowledged write, and an intact file", { timeout: ONE_TEST_MS }, async () => {
    const place = await makeDirectory();
    const path = join(place.address, "sessions.db");
    await survives("sqlite", path, () => database(`sqlite:${path}`));
    const checked = new DatabaseSync(path);
    expect(checked.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    checked.close();
    expect((await readdir(place.address)).filter((name) => !name.startsWith("sessions.db"))).toEqual([]);
    await place.remove();
  });

  it("files have every acknowledged write, and a clean-up removes what was left", {
    timeout: ONE_TEST_MS,
  }, async () => {
    const place = await makeDirectory();
    await survives("file", place.address, () => file(place.address));
    const later = createSessions({
      secretKey: "a secret",
      engine: file(place.address),
      clock: () => Date.now() + 120_000,
    });
    await later.clearExpired();
    expect((await readdir(place.address)).filter((name) => !/^sessionid[a-z0-9]{32}$/.test(name))).toEqual(
      [],
    );
    await place.remove();
  });
});
