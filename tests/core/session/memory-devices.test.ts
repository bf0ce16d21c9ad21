/** The sessions of a user, in memory: the law, and logins that are held between two steps of the store. */
import { cache, memory } from "session-bridge";
import { describe, expect, it } from "vitest";
import { library } from "../library.ts";
import { Faults } from "./devices-faults.ts";
import { describeDevices } from "./devices-law.ts";

describeDevices("memory", { make: () => cache(memory()) });

/** Memory whose writes wait while they are held. */
function held() {
  const store = memory();
  const gates: (() => void)[] = [];
  let isHeld = false;
  for (const name of ["add", "swap"] as const) {
    const method = store[name].bind(store) as (...given: unknown[]) => Promise<never>; // either's
    store[name] = async (...given: unknown[]) => {
      if (isHeld) await new Promise<void>((open) => gates.push(open));
      return method(...given);
    };
  }
  const engine = cache(store);
  const faults = new Faults();
  faults.watch(engine.users, ["generation"]);
  const made = library({ engine, users: { of: (session) => session.get("user_id") } });
  const count = async () => {
    let found = 0;
    for await (const _ of made.sessions.forUser("ann")) found += 1;
    return found;
  };
  return {
    ...made,
    faults,
    count,
    hold: () => {
      isHeld = true;
    },
    /** Resolves when a write has come to the store. */
    arrived: () => expect.poll(() => gates.length).toBe(1),
    release: () => {
      isHeld = false;
      for (const open of gates.splice(0)) open();
    },
  };
}

describe("a login that is on its way to the store when all sessions of its user are ended", () => {
  it.each([
    "a new session",
    "a guest's session",
    "a guest's session with a new key",
    "their own with a new key",
  ])("is ended, too, and is answered with 400: %s", async (kind) => {
    const { sessions, request, stored, read, count, hold, arrived, release } = held();
    const user = kind.startsWith("their") ? { user_id: "ann" } : { cart: 1 };
    const cookie = kind === "a new session" ? undefined : await stored(user);
    hold();
    const login = request(
      (session) => {
        session.set("user_id", "ann");
        if (kind.endsWith("new key")) session.cycleKey();
      },
      cookie === undefined ? {} : { cookie },
    );
    await arrived();
    expect(await sessions.endAll("ann")).toMatchObject({ complete: true });
    release();
    const answer = await login;
    expect(answer.instead?.status).toBe(400);
    expect(await count()).toBe(0);
    if (cookie !== undefined) expect((await read(cookie))["user_id"]).toBeUndefined();
  });

  it("is listed if its process is killed before it can end it, and the next endAll ends it", async () => {
    const { sessions, request, count, faults, hold, arrived, release } = held();
    hold();
    const login = request((session) => session.set("user_id", "ann"));
    await arrived();
    await sessions.endAll("ann");
    faults.arm(0, "killed");
    release();
    await login.catch(() => {});
    expect(faults.hasStruck).toBe(true);
    faults.disarm();
    expect(await count()).toBe(1);
    expect(await sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
    expect(await count()).toBe(0);
  });

  it("is found all the same if all sessions are looked through before it is stored", async () => {
    const { sessions, request, count, time, hold, arrived, release } = held();
    hold();
    const login = request((session) => session.set("user_id", "ann"));
    await arrived();
    time.now += 60_000;
    expect(await sessions.reindex()).toEqual({ sessions: 0, added: 0, removed: 0 });
    release();
    expect((await login).instead).toBeNull();
    expect(await count()).toBe(1);
    expect(await sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
  });

  it("stays if it begins while they are being ended", async () => {
    const { sessions, request, count, stored } = held();
    await stored({ user_id: "ann" });
    const index = sessions.engine.users;
    if (index === undefined) throw new Error("no index");
    const listEnded = index.listEnded.bind(index);
    index.listEnded = async function* (user) {
      index.listEnded = listEnded;
      await stored({ user_id: "ann" }); // after the new generation has begun
      yield* listEnded(user);
    };
    expect(await sessions.endAll("ann")).toMatchObject({ ended: 1 });
    expect(await count()).toBe(1);
    await request((session) => session.set("user_id", "ann"));
    expect(await count()).toBe(2);
  });
});

describe("a session that a killed process had still to end", () => {
  it("is not stored under a new key, not even until that is found out", async () => {
    const { sessions, request, stored, faults, read } = held();
    const cookie = await stored({ user_id: "ann" });
    await sessions.engine.users?.raise("ann", null); // and the process was killed
    faults.arm(0, "killed"); // as the next one would be, when it has stored something and looks again
    const answer = await request((session) => void session.cycleKey(), { cookie }).catch(() => null);
    expect(faults.hasStruck).toBe(false);
    faults.disarm();
    expect(answer?.instead?.status).toBe(400);
    expect((await read(cookie))["user_id"]).toBe("ann");
    expect(await sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
  });
});

describe("the session that stays when the others are ended", () => {
  it("is the one that its request has not stored yet", async () => {
    const { sessions, request, stored, count } = held();
    await stored({ user_id: "ann" });
    const { instead } = await request(async (session) => {
      session.set("user_id", "ann");
      await sessions.endAll("ann", { except: session });
    });
    expect([instead, await count()]).toEqual([null, 1]);
  });

  it("is not looked for if users.of fails: the error says what to return, and nothing is stored", async () => {
    const { sessions } = library({ users: { of: (session) => Object(session.get("user")).id.trim() } });
    const failed = { code: "settings", cause: expect.any(TypeError) };
    const guest = sessions.open();
    guest.set("cart", [1]);
    await expect(guest.save()).rejects.toMatchObject(failed);
    const end = { expiresAtMs: sessions.clock() + 60_000, ageSeconds: 60 };
    await sessions.engine.create("fromearlier", '{"cart":[1]}', end); // without the setting
    await expect(sessions.reindex()).rejects.toThrow("Return null for one without a user");
    guest.set("user", { id: "ann" });
    await guest.save();
    expect((await sessions.endAll("ann")).ended).toBe(1);
  });

  it("is not one of another createSessions: then nothing is ended", async () => {
    const { count, sessions } = held();
    const session = sessions.open();
    session.set("user_id", "ann");
    await session.save();
    const except = library({ engine: cache(memory()) }).sessions.open();
    await expect(sessions.endAll("ann", { except })).rejects.toMatchObject({
      code: "settings",
      message: expect.stringContaining("except is not a session of these sessions. Pass request.session"),
    });
    expect(await count()).toBe(1);
  });

  it("is one of two, if each of two requests ends all sessions but its own", async () => {
    const { sessions, request, stored, count } = held();
    const cookies = [await stored({ user_id: "ann" }), await stored({ user_id: "ann" })];
    await Promise.all(
      cookies.map((cookie) => request((session) => sessions.endAll("ann", { except: session }), { cookie })),
    );
    expect(await count()).toBeLessThanOrEqual(1);
  });
});

describe("a detached session, as of a WebSocket,", () => {
  it("stores nothing more once all sessions of its user were ended", async () => {
    const { sessions, stored, count } = held();
    const cookie = await stored({ user_id: "ann" });
    const session = sessions.open(cookie.slice(cookie.indexOf("=") + 1));
    await session.load();
    await sessions.endAll("ann");
    session.set("seen", 1);
    await expect(session.save()).rejects.toMatchObject({ code: "session-gone" });
    await expect(session.cycleKey()).rejects.toMatchObject({ code: "session-gone" });
    expect(await count()).toBe(0);
  });
});

describe("the index in memory", () => {
  it("drops the entries of sessions that have gone as others log in, and only those", async () => {
    const { sessions, time, stored } = held();
    const entriesOf = async (user: string) => {
      let found = 0;
      for await (const page of sessions.engine.users?.list(user) ?? []) found += page.length;
      return found;
    };
    for (let n = 0; n < 20; n++) await stored({ user_id: "ann" });
    time.now += 15 * 86_400_000;
    for (let n = 0; n < 20; n++) await stored({ user_id: "bob" });
    expect([await entriesOf("ann"), await entriesOf("bob")]).toEqual([0, 20]);
  });

  it("is asked for one page until the first session is found, however many there are", async () => {
    const { sessions, stored } = held();
    for (let n = 0; n < 500; n++) await stored({ user_id: "ann" });
    const index = sessions.engine.users;
    if (index === undefined) throw new Error("no index");
    let [calls, entries] = [0, 0];
    for (const name of ["list", "listEnded"] as const) {
      const method = index[name].bind(index);
      index[name] = async function* (user) {
        calls += 1;
        for await (const page of method(user)) {
          entries += page.length;
          yield page;
        }
      };
    }
    for await (const _ of sessions.forUser("ann")) break;
    expect(calls).toBe(1);
    expect(entries).toBeLessThanOrEqual(100);
  });

  it("still counts, long after an endAll, how often the sessions of a user were ended, so that the next one ends all", async () => {
    const { sessions, request, time, stored, count } = held();
    const cookie = await stored({ user_id: "ann" });
    await request((session) => sessions.endAll("ann", { except: session }), { cookie });
    time.now += 2 * 3_600_000;
    for (let n = 0; n < 20; n++) await sessions.endAll(`other-${n}`); // each looks at some of the counts
    expect(await sessions.endAll("ann")).toEqual({ ended: 1, complete: true });
    expect(await count()).toBe(0);
  });
});
