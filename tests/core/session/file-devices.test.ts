/** The sessions of a user, in files: the law, several processes, and what other users of the machine must not do. */
import { spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { file, type SessionsOptions } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canBeOthers, SERVER_USER } from "../engines/other-users.ts";
import { makeDirectory, type Place } from "../engines/servers.ts";
import { type AnySession, library } from "../library.ts";
import { describeDevices } from "./devices-law.ts";

const HOUR = 3_600_000;
let place: Place;
let count = 0;
beforeAll(async () => {
  place = await makeDirectory();
});
afterAll(() => place.remove());

function newDirectory(): string {
  const directory = join(place.address, `case${++count}`);
  mkdirSync(directory);
  return directory;
}

function open(directory = newDirectory(), options: Partial<SessionsOptions> = {}) {
  const made = library({
    engine: file(directory),
    users: { of: (session) => session.get("user_id") },
    ...options,
  });
  const logIn = async (user: string, more: (session: AnySession) => unknown = () => {}) => {
    const { cookie } = await made.request((session) => {
      session.set("user_id", user);
      more(session);
    });
    return cookie?.slice(cookie.indexOf("=") + 1) ?? "";
  };
  const list = async (user: string) => {
    const found = [];
    for await (const one of made.sessions.forUser(user)) found.push(one);
    return found;
  };
  const index = join(directory, ".sessionid.users");
  /** The paths of all entries. */
  const entries = () =>
    readdirSync(index, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() && !one.name.startsWith("."))
      .map((one) => join(one.parentPath, one.name));
  return { ...made, directory, index, logIn, list, entries };
}

describe("files", () => {
  describeDevices("files", { make: () => file(newDirectory()) });
});

describe("several processes on one directory", () => {
  /** A process of `file-devices-app.ts` that waits for `begin`. */
  async function start(directory: string, times: number) {
    const script = join(import.meta.dirname, "file-devices-app.ts");
    const flags = ["--conditions=sessions-source", "--no-warnings"];
    const args = [...flags, script, directory, "ann", String(times)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await lines.next();
    return {
      begin: () => child.stdin.write("go\n"),
      done: async () => JSON.parse(String((await lines.next()).value)) as { keys: string[]; refused: number },
    };
  }

  it("end each login that began before, and none that begins after", { timeout: 60_000 }, async () => {
    const { directory, sessions, list, logIn, index } = open(newDirectory(), { clock: Date.now });
    const others = await Promise.all([start(directory, 50), start(directory, 50)]);
    for (const { begin } of others) begin();
    // until the first of them has its entry, nothing is there to end
    await expect.poll(() => existsSync(index) && readdirSync(index).length > 0, { interval: 1 }).toBe(true);
    let ended = 0;
    for (let round = 0; round < 5; round += 1) ended += (await sessions.endAll("ann")).ended;
    const results = await Promise.all(others.map(({ done }) => done()));
    const stored = results.flatMap(({ keys }) => keys);
    const refused = results.reduce((sum, one) => sum + one.refused, 0);
    expect(stored.length + refused).toBe(100);
    const living = stored.filter((key) => existsSync(join(directory, `sessionid${key}`)));
    expect(await list("ann")).toHaveLength(living.length);
    expect(ended).toBeGreaterThanOrEqual(stored.length - living.length);
    await sessions.endAll("ann");
    expect(readdirSync(directory).filter((name) => name.startsWith("sessionid"))).toEqual([]);
    await logIn("ann");
    expect(await list("ann")).toHaveLength(1);
  });
});

describe("the index of users in files", () => {
  it("is not there if the setting is off", async () => {
    const directory = newDirectory();
    const { stored, sessions } = library({ engine: file(directory) });
    await stored({ user_id: "ann" });
    await sessions.clearExpired();
    expect(readdirSync(directory).map((name) => name.slice(0, 9))).toEqual(["sessionid"]);
  });

  it("can be read by this user of the machine only, and has no name that Django takes for a session", async () => {
    const { logIn, directory, index, entries } = open();
    await logIn("ann");
    const names = readdirSync(directory).filter((name) => !/^sessionid[a-z0-9]{32}$/.test(name));
    expect(names).toEqual([".sessionid.users"]);
    expect(statSync(index).mode & 0o777).toBe(0o700);
    const [entry = ""] = entries();
    expect(statSync(join(entry, "..")).mode & 0o777).toBe(0o700);
    expect(statSync(entry).mode & 0o777).toBe(0o600);
    expect(entry).not.toContain("ann");
  });

  it("is not believed if another user of the machine, or a link, has its name (T34)", async () => {
    for (const forge of ["a link", ...(canBeOthers ? ["a directory"] : [])]) {
      const { logIn, list, index, sessions } = open();
      if (forge === "a link") symlinkSync(newDirectory(), index);
      else {
        mkdirSync(index, { mode: 0o777 });
        chownSync(index, SERVER_USER + 1, SERVER_USER + 1);
      }
      const session = sessions.open();
      session.set("user_id", "ann");
      await expect(session.save()).rejects.toThrow(/has the name of the index of users/);
      expect(await list("ann")).toEqual([]);
      rmSync(index, { recursive: true });
      await logIn("ann");
      expect(await list("ann")).toHaveLength(1);
    }
  });

  it("believes no link in place of an entry", async () => {
    const { logIn, list, entries, directory } = open();
    await logIn("ann");
    const [entry = ""] = entries();
    writeFileSync(join(directory, "elsewhere"), readFileSync(entry));
    rmSync(entry);
    symlinkSync(join(directory, "elsewhere"), entry);
    await expect(list("ann")).rejects.toMatchObject({ code: "engine" });
  });

  it("loses the entries of expired sessions with the sessions, except those of the last hour", async () => {
    const { logIn, entries, sessions, time, index } = open();
    await logIn("ann", (session) => session.setExpiry(60));
    const living = await logIn("ann");
    time.now += 120_000;
    expect(await sessions.clearExpired()).toBe(1);
    expect(entries()).toHaveLength(2);
    time.now += HOUR;
    await sessions.clearExpired();
    expect(entries().map((path) => path.slice(-32))).toEqual([living]);
    await sessions.endAll("ann");
    time.now += 100;
    await sessions.clearExpired();
    expect(readdirSync(index).filter((name) => !name.startsWith("."))).toHaveLength(1);
    time.now += 2 * HOUR;
    await sessions.clearExpired();
    expect(readdirSync(index).filter((name) => !name.startsWith("."))).toEqual([]);
    await logIn("ann");
    expect(entries()).toHaveLength(1);
  });

  it("loses what a killed process left: an entry without a session, a lock, half a file", async () => {
    const { list, entries, sessions, time, index, logIn } = open();
    await sessions.engine.users?.add("ann", "neverstored", null);
    expect(await list("ann")).toEqual([]);
    const [entry = ""] = entries();
    const half = join(entry, "..", ".neverstored.0123456789ab.tmp");
    writeFileSync(half, "0");
    const lock = join(index, ".x.lock");
    symlinkSync("made by no one", lock);
    lutimesSync(lock, 0, 0);
    await sessions.reindex();
    expect(entries()).toEqual([]);
    expect(readdirSync(index).includes(".x.lock")).toBe(false);
    expect(existsSync(half)).toBe(true); // it may be a write that is under way
    await logIn("ann");
    time.now += 1;
    expect(await list("ann")).toHaveLength(1);
  });

  it("is whole from the beginning in an empty directory, and otherwise once all were looked through", async () => {
    const exclusive = {
      users: { of: (session: { get(key: string): unknown }) => session.get("user_id"), exclusive: true },
    };
    const first = open(newDirectory(), exclusive);
    await first.logIn("ann");
    expect(await first.sessions.endAll("ann")).toEqual({ ended: 1, complete: true });

    const directory = newDirectory();
    await library({ engine: file(directory) }).stored({ user_id: "ann" });
    const second = open(directory, exclusive);
    await second.logIn("ann");
    expect(await second.sessions.endAll("ann")).toMatchObject({ ended: 1, complete: false });
    expect(await second.sessions.reindex()).toMatchObject({ sessions: 1, added: 1 });
    expect(await second.sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
    expect((await open().sessions.endAll("ann")).why).toContain("Django");
  });

  it("says when a session was last seen by the date of its entry's file, from `touchAfter` on", async () => {
    const { request, entries, time, list } = open(newDirectory(), {
      saveEveryRequest: true,
      touchAfter: 600,
    });
    const { cookie } = await request((session) => session.set("user_id", "ann"));
    const seen = async () => (await list("ann"))[0]?.lastSeenAt?.getTime();
    const began = time.now;
    time.now += 599_000;
    await request((session) => session.set("a", 1), { cookie: cookie ?? "" });
    expect(await seen()).toBe(began);
    time.now += 1_000;
    await request((session) => session.set("a", 2), { cookie: cookie ?? "" });
    expect(await seen()).toBe(began + 600_000);
    utimesSync(entries()[0] ?? "", 0, 0);
    expect((await list("ann"))[0]?.lastSeenAt).toBeNull();
  });

  it("leaves the session that the last call excepted, and not that of the call before", async () => {
    const { request, sessions, list } = open();
    const cookies: string[] = [];
    for (let n = 0; n < 2; n += 1)
      cookies.push((await request((session) => session.set("user_id", "ann"))).cookie ?? "");
    for (const cookie of cookies) {
      await request((session) => sessions.endAll("ann", { except: session }), { cookie });
      if (cookie === cookies[0]) {
        expect(await list("ann")).toHaveLength(1);
        cookies[1] = (await request((session) => session.set("user_id", "ann"))).cookie ?? "";
        expect(await list("ann")).toHaveLength(2);
      }
    }
    expect(await list("ann")).toHaveLength(1);
    await sessions.endAll("ann");
    expect(await list("ann")).toEqual([]);
  });
});
