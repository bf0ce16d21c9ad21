/** How long a lock must stay unchanged before it counts as left behind: with a clock that the tests move. */
import { mkdtempSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FileLocks } from "../../../server-bridge/src/core/engines/file-lock.ts";
import { createOwnerText } from "../../../server-bridge/src/core/engines/lock-owner.ts";

let directory: string;
let nowMs: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "watched-locks-"));
  nowMs = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const path = () => join(directory, ".sessionida.lock");
const take = (locks: FileLocks) => locks.tryHoldSync("sessionida", () => true);

describe.skipIf(process.platform === "win32")("a lock that stays unchanged", () => {
  it.each([
    ["that says nothing of its owner", "nothing", 4000],
    ["whose process lives, and may have been stopped", createOwnerText(), 30_000],
  ])("%s is taken over after %3$i ms before our eyes, not sooner", (_, text, watchMs) => {
    const locks = new FileLocks(directory);
    symlinkSync(text, path());
    expect(take(locks)).toBe(false);
    nowMs += watchMs - 1;
    expect(take(locks)).toBe(false);
    nowMs += 1;
    expect(take(locks)).toBe(true);
  });

  it("is watched again from the beginning if another one took its place", () => {
    const locks = new FileLocks(directory);
    symlinkSync("nothing", path());
    expect(take(locks)).toBe(false);
    nowMs += 3999;
    rmSync(path());
    symlinkSync("another", path());
    expect(take(locks)).toBe(false);
    nowMs += 3999;
    expect(take(locks)).toBe(false);
    expect(readlinkSync(path())).toBe("another");
    nowMs += 1;
    expect(take(locks)).toBe(true);
  });
});
