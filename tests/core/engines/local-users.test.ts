/** What other users of the machine can put into a shared directory of session files, and read of SQLite's files (T34). */
import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { createSessions, database, file } from "session-bridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canBeOthers, OTHER_USER, runAs, SERVER_USER } from "./other-users.ts";
import { makeDirectory, type Place } from "./servers.ts";

let place: Place;
let directory = "";
beforeEach(async () => {
  place = await makeDirectory();
  chmodSync(place.address, 0o755);
  directory = join(place.address, "shared");
  mkdirSync(directory);
  chmodSync(directory, 0o1777);
});
afterEach(() => place.remove());

/** The path of a session's file. */
const pathOf = (key: string) => join(directory, `sessionid${key}`);
const signed = () =>
  createSessions({ secretKey: "a secret", engine: file(directory) }).codec.encode('{"a":1}');

interface Report {
  found: Record<string, unknown[]>;
  lines: string[];
  cleared: unknown;
  isKept: boolean;
}

describe.skipIf(!canBeOthers)("in a directory that everyone can write to", () => {
  it("what another user put in place of a session is not a session, blocks nothing and is not touched", async () => {
    const text = signed();
    const victim = join(place.address, "victim");
    writeFileSync(victim, "not to be overwritten");
    chownSync(victim, SERVER_USER, SERVER_USER);
    execFileSync("mkfifo", [pathOf("pipe000001")]);
    symlinkSync(victim, pathOf("link000001"));
    symlinkSync("nowhere", pathOf("dangling01"));
    mkdirSync(pathOf("folder0001"));
    execFileSync("mknod", [pathOf("device0001"), "c", "1", "5"]);
    writeFileSync(pathOf("regular001"), text, { mode: 0o644 });
    linkSync(victim, pathOf("hardlink01"));
    const socket = createServer().listen(pathOf("socket0001"));
    await new Promise((resolve) => socket.once("listening", resolve));
    const names = readdirSync(directory);
    for (const name of names.filter((one) => !one.includes("hardlink"))) {
      lchownSync(join(directory, name), OTHER_USER, OTHER_USER);
    }
    const keys = names.map((name) => name.slice("sessionid".length));
    const before = names.map((name) => lstatSync(join(directory, name)));

    const report = (await runAs(SERVER_USER, "foreign-files-app.ts", directory, text, ...keys)) as Report; // printed so
    socket.close();
    const nothing = [null, null, false, false, "gone", "gone", null];
    const expected = keys.filter((key) => key !== "hardlink01").map((key) => [key, nothing]);
    expect(report.found).toMatchObject(Object.fromEntries(expected));
    expect(report.found["hardlink01"]?.slice(0, 6)).toEqual(nothing.slice(0, 6));
    expect(report.isKept).toBe(true);
    expect(report.lines.map((line) => /File engine: (.*?) has/.exec(line)?.[1]).sort()).toEqual([
      "a directory",
      "a file with a second name",
      "a pipe, a socket or a device",
      "a symbolic link",
      "another user's file",
    ]);
    expect(readFileSync(victim, "latin1")).toBe("not to be overwritten");
    for (const [at, name] of names.entries()) {
      if (name.includes("hardlink") || name.includes("socket")) continue;
      const { ino, mtimeMs, size, uid } = lstatSync(join(directory, name));
      const { ino: oldIno, mtimeMs: oldTime, size: oldSize } = before[at] ?? {};
      expect([name, ino, mtimeMs, size, uid]).toEqual([name, oldIno, oldTime, oldSize, OTHER_USER]);
    }
  }, 60_000);

  it("another user's lock is an immediate error, and their leftovers do not stop a clean-up", async () => {
    const lock = join(directory, ".sessionidlocked0001.lock");
    const leftover = join(directory, ".sessionidleftover1.0123456789ab.tmp");
    for (const path of [lock, leftover]) {
      writeFileSync(path, "");
      utimesSync(path, 1, 1);
      chownSync(path, OTHER_USER, OTHER_USER);
    }
    const { found, cleared } = (await runAs(
      SERVER_USER,
      "foreign-files-app.ts",
      directory,
      signed(),
      "locked0001",
    )) as Report;
    const [, , , created] = found["locked0001"] ?? [];
    expect(created).toContain("another user's file has the name of a session's lock");
    expect(cleared).toBe(0);
    expect(readdirSync(directory)).toEqual(expect.arrayContaining([".sessionidlocked0001.lock"]));
  }, 60_000);
});

describe("the user's own directory", () => {
  it.runIf(canBeOthers)(
    "can be read by root and by its owner, for a clean-up that runs as another user than the site",
    async () => {
      chmodSync(directory, 0o755);
      chownSync(directory, SERVER_USER, SERVER_USER);
      const engine = file(directory);
      const sessions = createSessions({ secretKey: "a secret", engine });
      writeFileSync(pathOf("thesites01"), sessions.codec.encode("{}"));
      chownSync(pathOf("thesites01"), SERVER_USER, SERVER_USER);
      linkSync(pathOf("thesites01"), join(place.address, "backup"));
      expect(await engine.exists("thesites01")).toBe(true);
    },
  );
});

describe.skipIf(!canBeOthers)("an SQLite file of another user", () => {
  const open = async (target: string) => {
    const sessions = createSessions({ secretKey: "k".repeat(50), engine: database(`sqlite:${target}`) });
    try {
      await sessions.migrate();
    } finally {
      await sessions.close();
    }
  };
  /** What the other user plants, and the address under which the server opens it. */
  const plant = (folder: string, end: string, target: (path: string) => string) => {
    const path = join(folder, "sessions.db");
    writeFileSync(path + end, "", { mode: 0o666 });
    chownSync(path + end, OTHER_USER, OTHER_USER);
    return target(path);
  };
  const plain = (path: string) => path;

  it.each(["", "-wal", "-shm", "-journal"])(
    "is refused in a directory that everyone can write to, with the name that ends in %j",
    async (end) => {
      await expect(open(plant(directory, end, plain))).rejects.toMatchObject({ code: "settings" });
    },
  );

  it.each(["file:PATH", "file:PATH?mode=rw", "file:PATH?mode=ro", "file:PATH?mode=rwc&vfs=unix"])(
    "is refused for any form of address: %s",
    async (address) => {
      const target = plant(directory, "", (path) => address.replace("PATH", path));
      await expect(open(target)).rejects.toMatchObject({ code: "settings" });
    },
  );

  it("is refused behind a link", async () => {
    const link = join(place.address, "link.db");
    symlinkSync(join(directory, "sessions.db"), link);
    plant(directory, "", plain);
    await expect(open(link)).rejects.toMatchObject({ code: "settings" });
  });

  it.each([0o777, 0o755])(
    "is refused in a folder of theirs that they made there, of mode %o",
    async (mode) => {
      const folder = join(directory, "app");
      mkdirSync(folder);
      chmodSync(folder, mode);
      chownSync(folder, OTHER_USER, OTHER_USER);
      await expect(open(plant(folder, "-wal", plain))).rejects.toMatchObject({ code: "settings" });
    },
  );

  it("is opened in their folder if not everyone could have created that, such as a mounted one", async () => {
    chmodSync(directory, 0o755);
    const folder = join(directory, "app");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    chownSync(folder, OTHER_USER, OTHER_USER);
    await open(plant(folder, "", plain));
  });
});

describe("an SQLite file that the library makes", () => {
  const modes = () =>
    Object.fromEntries(
      readdirSync(place.address)
        .filter((name) => name.includes(".db"))
        .map((name) => [name, (lstatSync(join(place.address, name)).mode & 0o777).toString(8)]),
    );

  it("is only for this user, with its WAL, for any umask, even if two processes create it at the same time", async () => {
    const program = `import { createSessions, database } from "session-bridge";
      process.umask(0o022);
      const sessions = createSessions({ secretKey: "k".repeat(50), engine: database(process.argv[1]) });
      await sessions.migrate();
      const one = sessions.open(); one.set("a", 1); await one.save();`;
    const flags = ["--conditions=sessions-source", "--no-warnings", "--input-type=module", "-e", program];
    const address = `sqlite:${join(place.address, "made.db")}`;
    const runs = [1, 2].map(() =>
      promisify(execFile)(process.execPath, [...flags, address], { cwd: import.meta.dirname }),
    );
    await Promise.all(runs);
    const kept = createSessions({ secretKey: "k".repeat(50), engine: database(address) });
    const one = kept.open();
    one.set("a", 1);
    await one.save();
    expect(modes()).toEqual({ "made.db": "600", "made.db-shm": "600", "made.db-wal": "600" });
    await kept.close();
  });

  it.each(["named by an address", "behind a link"])(
    "is only for this user even when it is %s",
    async (how) => {
      const real = join(place.address, "real.db");
      const link = join(place.address, "link.db");
      symlinkSync(real, link);
      const umask = process.umask(0o022);
      const target = how === "behind a link" ? link : `file://${real}?mode=rwc`;
      const sessions = createSessions({ secretKey: "k".repeat(50), engine: database(`sqlite:${target}`) });
      await sessions.migrate();
      process.umask(umask);
      expect(modes()).toMatchObject({ "real.db": "600" });
      await sessions.close();
    },
  );

  it("keeps its mode if it already exists, and is not created just for reading", async () => {
    const path = join(place.address, "old.db");
    writeFileSync(path, "");
    chmodSync(path, 0o664);
    const sessions = createSessions({ secretKey: "k".repeat(50), engine: database(`sqlite:${path}`) });
    await sessions.migrate();
    expect(modes()).toMatchObject({ "old.db": "664" });
    await sessions.close();
    const none = createSessions({
      secretKey: "k".repeat(50),
      engine: database(`sqlite:file:${path}x?mode=ro`),
    });
    await expect(none.migrate()).rejects.toMatchObject({ code: "engine" });
    expect(modes()).not.toHaveProperty("old.dbx");
  });

  it("is refused without waiting if a pipe is in its place", async () => {
    const path = join(place.address, "pipe.db");
    execFileSync("mkfifo", [path]);
    const sessions = createSessions({ secretKey: "k".repeat(50), engine: database(`sqlite:${path}`) });
    await expect(sessions.migrate()).rejects.toMatchObject({ code: "settings" });
  });
});
