/** How long a process believes copies without asking the row again: on two clocks, which the tests move. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CacheTrust, TRUST_KEY } from "../../../server-bridge/src/core/engines/cache-trust.ts";
import type { Database, Row } from "../../../server-bridge/src/core/engines/databases/database.ts";

let steadyMs: number;
let wallMs: number;
beforeEach(() => {
  [steadyMs, wallMs] = [5000, Date.UTC(2026, 10, 29)];
  vi.spyOn(performance, "now").mockImplementation(() => steadyMs);
  vi.spyOn(Date, "now").mockImplementation(() => wallMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A row, a process that looks at it, and whether the cache can be written to. */
function start({ canWrite = true } = {}) {
  const rows = new Map<string, Row>();
  const put = (text: string) => void rows.set(TRUST_KEY, { text, expiresAtMs: Date.UTC(9999, 0, 1) });
  const answer: { select: () => Promise<unknown> } = { select: async () => {} };
  const database = {
    async select(key: string) {
      const row = rows.get(key) ?? null;
      await answer.select();
      return row;
    },
    async swap(key: string, row: Row, expected: string) {
      if (rows.get(key)?.text !== expected) return "conflict";
      rows.set(key, row);
      return "saved";
    },
  } as unknown as Database; // all that is asked
  const options = { clock: Date.now, random: randomBytes, canWrite: async () => canWrite };
  const trust = new CacheTrust({ database, ...options });
  return { put, trust, answer, read: () => rows.get(TRUST_KEY)?.text };
}

describe("copies of an epoch", () => {
  it.each([
    ["for the time of a lease", 500, 500],
    ["if only the steady clock went on", 500, 0],
    ["if only the wall clock went on, because the machine slept", 0, 500],
    ["if the wall clock was set back", 10, -1],
  ])("are not believed after the row was replaced: %s", async (_, steady, wall) => {
    const { put, trust } = start();
    put("cache:trusted:one");
    expect(await trust.epoch()).toBe("one");
    put("cache:distrusted:two");
    expect(await trust.epoch(), "the clocks stood still").toBe("one");
    steadyMs += steady;
    wallMs += wall;
    expect(await trust.epoch()).toBeNull();
  });

  it("are not believed because of an answer that is older than the process's own distrust", async () => {
    const { put, trust, answer } = start();
    put("cache:trusted:one");
    await trust.epoch();
    steadyMs += 450;
    const held = Promise.withResolvers<void>();
    answer.select = () => held.promise;
    expect(await trust.epoch(), "it is asked again in the background").toBe("one");
    steadyMs += 1;
    const distrusting = trust.distrust();
    await new Promise(setImmediate);
    held.resolve();
    await new Promise(setImmediate);
    expect(await trust.epoch()).toBeNull();
    await distrusting;
  });
});

describe("a row that was distrusted for long enough", () => {
  it.each([true, false])("is trusted again if the cache can be written to: %s", async (canWrite) => {
    const { put, trust, read } = start({ canWrite });
    put("cache:distrusted:one");
    for (let n = 0; n < 3; n++) {
      await trust.epoch();
      await new Promise(setImmediate);
      steadyMs += 3000;
      wallMs += 3000;
    }
    expect(read()).toMatch(canWrite ? /^cache:trusted:\w{24}$/ : /^cache:distrusted:one$/);
  });
});
