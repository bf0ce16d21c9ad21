/** Clearing expired session files: in slices, next to writers, past everything that cannot be cleared. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { createOwnerText } from "../../../server-bridge/src/core/engines/lock-owner.ts";
import { SessionFiles } from "../../../server-bridge/src/core/engines/session-files.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { canBeOthers, runAs, SERVER_USER } from "./other-users.ts";
import { makeDirectory, type Place } from "./servers.ts";

const IS_FIELD = process.env["SESSIONS_FIELD"] === "true";
const FILES = IS_FIELD ? 50_000 : 2000;
/** What `clearExpired` promises for a slice, with the file that ends it. */
const LONGEST_STOP_MS = 50;

let place: Place;
beforeEach(async () => {
  place = await makeDirectory();
});
afterEach(() => place.remove());

/** Sessions, some of which have expired. */
function start() {
  const lines: string[] = [];
  const engine = file(place.address);
  const sessions = createSessions({ secretKey: "a secret", engine, log: (line) => lines.push(line) });
  const text = (age: number) => sessions.codec.encode(`{"cart":["boots"],"_session_expiry":${age}}`);
  const put = (key: string, age: number) =>
    writeFileSync(join(place.address, `sessionid${key}`), text(age), { mode: 0o600 });
  const fill = (expired: number, alive: number) => {
    for (let n = 0; n < expired; n++) put(`expired${n}`, -60);
    for (let n = 0; n < alive; n++) put(`alive${n}`, 3600);
  };
  return { lines, engine, sessions, put, fill };
}

describe("clearing expired files", () => {
  it(`goes through ${FILES} files in slices: other work goes on, and its progress is reported`, {
    timeout: 600_000,
  }, async () => {
    const { engine, fill } = start();
    fill(FILES, 20);
    const [progress, seen]: [number[], Set<number>] = [[], new Set()];
    let isRunning = true;
    let [longestMs, longestOwnMs] = [0, 0];
    const watch = (wasMs: number, hadMs: number) => {
      longestMs = Math.max(longestMs, performance.now() - wasMs);
      longestOwnMs = Math.max(longestOwnMs, processorMs() - hadMs);
      seen.add(progress.at(-1) ?? 0);
      if (isRunning) setTimeout(watch, 1, performance.now(), processorMs());
    };
    watch(performance.now(), processorMs());
    const started = performance.now();
    const onProgress = (cleared: number, total: number | null) => {
      progress.push(cleared);
      expect(total).toBeNull();
    };
    expect(await engine.clearExpired({ onProgress })).toBe(FILES);
    isRunning = false;
    expect(readdirSync(place.address)).toHaveLength(20);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    expect(progress.at(-1)).toBe(FILES);
    expect(progress.length).toBeGreaterThan(1);
    expect(seen.size, "other work sees each step").toBeGreaterThanOrEqual(new Set(progress).size - 1);
    if (!IS_FIELD) return;
    const took = Math.round(performance.now() - started);
    console.log(
      `\ncleared ${FILES} files in ${took} ms; longest stop ${longestMs.toFixed(1)} ms, of which the processor worked ${longestOwnMs.toFixed(1)} ms`,
    );
    expect(longestOwnMs).toBeLessThan(LONGEST_STOP_MS);
  });

  it("stops between two files when its signal is aborted, and returns how many it has cleared", async () => {
    const { engine, fill } = start();
    fill(2000, 0);
    const stop = new AbortController();
    const cleared = await engine.clearExpired({ signal: stop.signal, onProgress: () => stop.abort() });
    expect(cleared).toBeGreaterThan(0);
    expect(cleared).toBeLessThan(2000);
    expect(readdirSync(place.address)).toHaveLength(2000 - cleared);
  });

  it("leaves alone, and names once for each kind, what is no session file", async () => {
    const { engine, lines, put } = start();
    for (const which of ["a", "b"]) {
      mkdirSync(join(place.address, `sessionidfolder${which}`));
      execFileSync("mkfifo", [join(place.address, `sessionidpipe${which}`)]);
      symlinkSync("nowhere", join(place.address, `sessionidlink${which}`));
    }
    for (let n = 0; n < 20; n++) put(`expired${n}`, -60);
    expect(await engine.clearExpired()).toBe(20);
    expect(await engine.clearExpired()).toBe(0);
    expect(readdirSync(place.address)).toHaveLength(6);
    expect(lines.map((line) => /File engine: (.*?) has/.exec(line)?.[1]).sort()).toEqual([
      "a directory",
      "a pipe, a socket or a device",
      "a symbolic link",
    ]);
  });

  it.runIf(canBeOthers)("goes on past files that cannot be read", async () => {
    const { fill } = start();
    fill(20, 0);
    for (const n of [3, 4]) chmodSync(join(place.address, `sessionidexpired${n}`), 0);
    execFileSync("chown", ["-R", String(SERVER_USER), place.address]);
    const report = await runAs(SERVER_USER, "file-clearing-app.ts", place.address);
    expect(report).toEqual({
      cleared: 18,
      lines: [expect.stringMatching(/clearing expired sessions leaves a file alone.*EACCES.*permissions/)],
    });
  });

  it("leaves a session alone while a writer has it", async () => {
    const { engine, put } = start();
    for (const key of ["taken00001", "free000001"]) put(key, -60);
    symlinkSync(createOwnerText(), join(place.address, ".sessionidtaken00001.lock"));
    expect(await engine.clearExpired()).toBe(1);
    expect(readdirSync(place.address).sort()).toEqual([".sessionidtaken00001.lock", "sessionidtaken00001"]);
  });

  it("looks again, once no writer has the file, whether the session has still expired", async () => {
    const { sessions } = start();
    const path = join(place.address, "sessionidrenewed001");
    writeFileSync(path, "older");
    const files = new SessionFiles(place.address, sessions);
    const seen: string[] = [];
    const isOver = ({ text }: { text: string }) => {
      if (seen.push(text) === 1) writeFileSync(path, "newer");
      return text === "older";
    };
    expect(await files.clear(isOver)).toBe(0);
    expect(seen).toEqual(["older", "newer"]);
    expect(readdirSync(place.address)).toEqual(["sessionidrenewed001"]);
  });

  it("never removes what writers prolong meanwhile", async () => {
    const { engine, sessions, put, fill } = start();
    fill(500, 0);
    const keys = Array.from({ length: 30 }, (_, n) => `prolonged${n}`);
    for (const key of keys) put(key, -60);
    const longer = sessions.codec.encode('{"_session_expiry":3600}');
    const writing = keys.map((key) => engine.update(key, longer, { expiresAtMs: 0, ageSeconds: 60 }, null));
    const [, ...results] = await Promise.all([engine.clearExpired(), ...writing]);
    const saved = keys.filter((_, n) => results[n] === "saved");
    for (const key of saved) expect(await engine.exists(key), key).toBe(true);
    expect(readdirSync(place.address)).toHaveLength(saved.length);
  });

  it("fails with what to do if the directory is gone", async () => {
    const { engine } = start();
    await place.remove();
    await expect(engine.clearExpired()).rejects.toMatchObject({ code: "engine", cause: { code: "ENOENT" } });
  });
});

/** What this thread has used of the processor, or 0 on a Node that does not say. */
function processorMs(): number {
  const usage = process.threadCpuUsage?.();
  return usage === undefined ? 0 : (usage.user + usage.system) / 1000;
}
