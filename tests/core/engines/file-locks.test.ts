/** Locks of session files: whose owner died, whose owner lives, and of which nothing is known. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { FileLocks } from "../../../server-bridge/src/core/engines/file-lock.ts";
import { createOwnerText, judgeOwner, pidIn } from "../../../server-bridge/src/core/engines/lock-owner.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { makeDirectory, type Place } from "./servers.ts";

const IS_FIELD = process.env["SESSIONS_FIELD"] === "true";
const KEY = "lockedfile";
const NAME = `sessionid${KEY}`;
const END = { expiresAtMs: 0, ageSeconds: 60 };

let place: Place;
let count = 0;
const children: ChildProcess[] = [];
beforeAll(async () => {
  place = await makeDirectory();
});
afterAll(() => place.remove());
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A directory with one session, an engine, and where its lock is. */
async function start(storeTimeout = 5) {
  const directory = join(place.address, `case${++count}`);
  mkdirSync(directory);
  const engine = file(directory);
  createSessions({ secretKey: "a secret", engine, storeTimeout });
  expect(await engine.create(KEY, "text", END)).toBe(true);
  const update = () => engine.update(KEY, "newer", END, null);
  return { directory, engine, update, lock: join(directory, `.${NAME}.lock`) };
}

/** A process of `file-locks-holder.ts`; resolves with what it printed first, or when it ended. */
async function run(directory: string, task: string, program = process.execPath, flags: string[] = []) {
  const script = join(import.meta.dirname, "file-locks-holder.ts");
  const args = [...flags, "--conditions=sessions-source", "--no-warnings", script, directory, NAME, task];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const printed = new Promise<string>((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data))),
  );
  return { child, ended, said: await Promise.race([printed, ended.then(() => "")]) };
}

describe("a lock", () => {
  it("says which process has it, and is gone after the turn", async () => {
    const { directory, lock } = await start();
    const locks = new FileLocks(directory);
    await locks.hold(NAME, performance.now() + 1000, async () => {
      expect(pidIn(readlinkSync(lock))).toBe(process.pid);
    });
    expect(readdirSync(directory)).toEqual([NAME]);
  });

  it("of a killed process no longer counts, whatever its date, for writers and for expired sessions", async () => {
    const { directory, update } = await start(1); // with less patience than it takes to be sure by watching
    await run(directory, "die");
    expect(readdirSync(directory)).toHaveLength(2);
    expect(await update()).toBe("saved");
    await run(directory, "die");
    const later = file(directory);
    createSessions({ secretKey: "a secret", engine: later, clock: () => Date.now() + 1e12 });
    expect(later.loadSync?.(KEY)).toBe("expired");
    expect(readdirSync(directory)).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "of a process that has ended, but that its parent has not yet looked after, no longer counts",
    async () => {
      const { directory, lock, update } = await start(1);
      // the shell becomes a program that never waits for its child
      const shell = ["-c", `"$@" & exec sleep 600`, "sh", process.execPath];
      const { said } = await run(directory, "hold", "sh", shell);
      process.kill(Number(said), "SIGKILL");
      await expect.poll(() => readFileSync(`/proc/${Number(said)}/stat`, "latin1")).toMatch(/\) Z /);
      expect(judgeOwner(readlinkSync(lock))).toBe("dead");
      expect(await update()).toBe("saved");
    },
  );

  it("of a process that lives counts, even if it is stopped: others wait for storeTimeout and are told which", async () => {
    const { directory, update } = await start(0.5);
    const { child, ended } = await run(directory, "hold");
    child.kill("SIGSTOP");
    const before = performance.now();
    const writers = await Promise.allSettled([update(), update(), update(), update(), update()]);
    expect(performance.now() - before).toBeLessThan(1500); // all of them together
    for (const writer of writers) {
      expect(writer).toMatchObject({
        reason: { code: "unavailable", message: expect.stringContaining(`process ${child.pid} keeps`) },
      });
    }
    child.kill("SIGKILL");
    await ended;
    expect(await update()).toBe("saved");
  });

  it.concurrent.each([
    ["an hour ago", -3600],
    ["in an hour", 3600],
  ])("that says nothing, dated %s, is watched for a while and then removed", async (_, seconds) => {
    const { directory, lock, update } = await start();
    writeFileSync(lock, "");
    utimesSync(lock, Date.now() / 1000 + seconds, Date.now() / 1000 + seconds);
    expect(await update()).toBe("saved");
    expect(readdirSync(directory)).toEqual([NAME]);
  });

  it.concurrent("of another machine is watched from one request to the next", async () => {
    const { lock, update } = await start(0.3);
    symlinkSync(createOwnerText().replace(/:\w+:(\w+)$/, ":anothermachine:$1"), lock);
    const refused: unknown[] = [];
    await expect
      .poll(
        async () => {
          const result = await update().catch((error: unknown) => refused.push(error) && "refused");
          return result;
        },
        { timeout: 15_000 },
      )
      .toBe("saved");
    expect(refused.length).toBeGreaterThan(3);
    expect(refused[0]).toMatchObject({ code: "unavailable" });
  });

  it.concurrent("of another machine counts as long as it changes", async () => {
    const { lock, update } = await start();
    const change = () => {
      symlinkSync(createOwnerText().replace(/:\w+:(\w+)$/, ":anothermachine:$1"), `${lock}.next`);
      renameSync(`${lock}.next`, lock);
    };
    change();
    const changing = setInterval(change, 100);
    try {
      await expect(update()).rejects.toMatchObject({ code: "unavailable" });
    } finally {
      clearInterval(changing);
    }
  });

  it("that another process is about to remove is left to it, unless that process died", async () => {
    const { directory, lock, update } = await start(0.3);
    await run(directory, "die");
    const dead = readlinkSync(lock);
    symlinkSync(createOwnerText(), `${lock}.lock`);
    await expect(update()).rejects.toMatchObject({ code: "unavailable" });
    expect(readlinkSync(lock)).toBe(dead);
    unlinkSync(`${lock}.lock`);
    symlinkSync(dead, `${lock}.lock`);
    expect(await update()).toBe("saved");
    expect(readdirSync(directory)).toEqual([NAME]);
  });

  it("that was taken since a left one was seen in its place is not removed", async () => {
    const { directory, lock } = await start();
    writeFileSync(lock, "");
    const locks = new FileLocks(directory);
    const taken = createOwnerText();
    const isOld = () => {
      unlinkSync(lock); // between the look and the removal, its owner releases it and another one takes it
      symlinkSync(taken, lock);
      return true;
    };
    locks.removeOld(`.${NAME}.lock`, isOld);
    expect(readlinkSync(lock)).toBe(taken);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it("that was taken over is noticed by the process that stood still, which changes nothing and leaves it", async () => {
    const { directory, lock } = await start();
    const taken = createOwnerText();
    await new FileLocks(directory).hold(NAME, performance.now() + 1000, async (held) => {
      expect(() => held.confirm()).not.toThrow();
      unlinkSync(lock);
      symlinkSync(taken, lock);
      await expect.poll(() => catchCode(() => held.confirm()), { timeout: 10_000 }).toBe("unavailable");
    });
    expect(readlinkSync(lock)).toBe(taken);
  });

  it("is removed by the clean-up if its owner died, and kept if its owner lives, whatever its date", async () => {
    const { directory, lock } = await start();
    await run(directory, "die");
    const living = join(directory, ".sessionidliving0001.lock");
    symlinkSync(createOwnerText(), living);
    const later = file(directory);
    createSessions({ secretKey: "a secret", engine: later, clock: () => Date.now() + 3_600_000 });
    await later.clearExpired();
    expect(readdirSync(directory)).toContain(".sessionidliving0001.lock");
    expect(() => lstatSync(lock)).toThrow("ENOENT");
  });

  const [writers, turns, deaths] = IS_FIELD ? [6, 2000, 300] : [2, 60, 8];
  it(`keeps ${writers} processes apart, ${turns} turns each, while ${deaths} others die in their turn`, {
    timeout: 300_000,
  }, async () => {
    const { directory } = await start();
    writeFileSync(join(directory, NAME), "0");
    const working = Array.from({ length: writers }, () => run(directory, String(turns)));
    for (let death = 0; death < deaths; death++) await run(directory, "die");
    for (const { child } of await Promise.all(working)) expect(child.exitCode).toBe(0);
    expect(Number(readFileSync(join(directory, NAME), "latin1"))).toBe(writers * turns);
  });
});

function catchCode(work: () => void): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

describe.runIf(process.platform === "linux")("the owner of a lock", () => {
  const own = () => createOwnerText().split(":");
  const judge = (changes: Record<number, string>) =>
    judgeOwner(
      own()
        .map((part, at) => changes[at] ?? part)
        .join(":"),
    );
  const [PID, START, BOOT, SPACE, MACHINE] = [1, 2, 3, 4, 5];

  it("is alive as long as the process is there and has the same start time", () => {
    expect(judge({})).toBe("alive");
    expect(judge({ [PID]: String(process.ppid), [START]: "1" })).toBe("dead");
    expect(judge({ [START]: "1" })).toBe("dead");
    expect(judge({ [PID]: "4194305" })).toBe("dead"); // above the kernel's largest process id
  });

  it("fits into a link's inode, because the file system is much slower with a longer one", () => {
    const longest = own().map((part, at) => (at === PID ? "4194304" : part));
    expect(`${longest.join(":")}zzzzz`.length).toBeLessThan(60);
  });

  it("is dead if the machine was started again since, if the machine has an id", () => {
    const hasId = existsSync("/etc/machine-id") && readFileSync("/etc/machine-id", "latin1").trim() !== "";
    expect(judge({ [BOOT]: "5daf4c1d" })).toBe(hasId ? "dead" : "unknown");
  });

  it("is unknown on another machine, in another container, and if the lock does not say it in this form", () => {
    expect(judge({ [PID]: "4194305", [MACHINE]: "another" })).toBe("unknown");
    expect(judge({ [BOOT]: "another", [MACHINE]: "another" })).toBe("unknown");
    expect(judge({ [PID]: "4194305", [SPACE]: "1" })).toBe("unknown");
    expect(judge({ [PID]: "4194305", [SPACE]: "" })).toBe("unknown");
    for (const text of ["", "123", `${createOwnerText()}\n`, createOwnerText().replace("sb1", "sb2")])
      expect(judgeOwner(text)).toBe("unknown");
  });
});
