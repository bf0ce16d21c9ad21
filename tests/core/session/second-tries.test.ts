/** A write that failed, was refused or lost a race: the next try stores exactly what is still to be stored. */
import { cache, type Engine, isSessionError, memory, type ObservedEnd } from "session-bridge";
import { describe, expect, it } from "vitest";
import { elsewhere } from "../engines/again.ts";
import { type AnySession, library } from "../library.ts";

/** A library whose engine runs `before` ahead of the first call of `method`; what it throws, the engine throws. */
function interrupted(method: "create" | "update" | "rename", before: (key: string) => unknown) {
  const engine: Engine = cache(memory());
  const made = library({ engine });
  const arm = (): void => {
    const whole = engine[method]?.bind(engine) as (...given: unknown[]) => Promise<never>;
    let isFirst = true;
    Object.assign(engine, {
      async [method](...given: unknown[]) {
        if (isFirst) {
          isFirst = false;
          const answer = await before(String(given[method === "rename" ? 3 : 0]));
          if (answer !== undefined) return answer;
        }
        return whole(...given);
      },
    });
  };
  return { ...made, engine, arm };
}

/** What another process does with the same store. */
function openElsewhere(engine: Engine, key: string): AnySession {
  return library({ engine: elsewhere(engine) }).sessions.open(key);
}

const keyIn = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);

describe("a write that the store failed", () => {
  it("leaves a deletion to the next write, even over another request's session", async () => {
    const { sessions, stored, read, arm } = interrupted("update", () => {
      throw new Error("the disk is full");
    });
    const cookie = await stored({ a: 1, b: 1 });
    const session = sessions.open(keyIn(cookie));
    session.delete("a");
    arm();
    await expect(session.save()).rejects.toThrow("the disk is full");
    const other = sessions.open(keyIn(cookie));
    other.set("c", 1);
    await other.save();
    await session.save();
    expect(await read(cookie)).toEqual({ b: 1, c: 1 });
  });

  it("is not taken for stored if the store refused it, although another request stored the same", async () => {
    const { sessions, stored, read } = library({ engine: cache(memory({ maxBytes: 1024 ** 2 })) });
    const cookie = await stored({ cart: [] });
    const [session, other] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    (session.get("cart") as string[]).push("boots");
    session.set("large", "x".repeat(2 * 1024 ** 2));
    await expect(session.save()).rejects.toMatchObject({ code: "too-large" });
    (other.get("cart") as string[]).push("boots");
    await other.save();
    session.delete("large");
    await session.save();
    expect(await read(cookie)).toEqual({ cart: ["boots", "boots"] });
  });

  it("is reported to observers with what the handler had stored before it", async () => {
    const { sessions, stored, request, arm } = interrupted("update", () => {
      throw new Error("the disk is full");
    });
    const cookie = await stored({ a: 1 });
    const ends: ObservedEnd[] = [];
    const ignore = { loaded() {}, operation() {}, wrote() {}, late() {} };
    sessions.observe({ opened: () => ({ ...ignore, ended: (end) => void ends.push(end) }) });
    const handle = async (session: AnySession) => {
      session.set("a", 2);
      await session.save();
      arm();
      session.set("b", 2);
    };
    await expect(request(handle, { cookie })).rejects.toThrow("the disk is full");
    expect(ends).toMatchObject([{ after: { json: '{"a":2}' }, unsaved: '{"a":2,"b":2}' }]);
  });

  it("leaves a new session without a key, so that the next write creates it", async () => {
    const { sessions, arm } = interrupted("create", () => {
      throw new Error("the disk is full");
    });
    const session = sessions.open();
    session.set("a", 1);
    arm();
    await expect(session.save()).rejects.toThrow("the disk is full");
    expect(session.sessionKey).toBeNull();
    await session.save();
    expect(sessions.open(session.sessionKey).toJSON()).toEqual({ a: 1 });
  });

  it("does not restore the key of a session that was flushed meanwhile", async () => {
    const { sessions, stored, arm } = interrupted("rename", () => {
      throw new Error("the disk is full");
    });
    const session = sessions.open(keyIn(await stored({ a: 1 })));
    session.set("b", 1);
    arm();
    const cycled = session.cycleKey();
    await Promise.resolve();
    const flushed = session.flush();
    await expect(cycled).rejects.toThrow("the disk is full");
    await flushed;
    expect(session.sessionKey).toBeNull();
  });
});

describe("a new key that is taken", () => {
  it("is drawn again up to a thousand times, and then that is an error", async () => {
    const { sessions, engine } = interrupted("create", () => undefined);
    let draws = 0;
    engine.create = async () => {
      draws += 1;
      if (draws > 2000) throw new Error("drawn forever");
      return false;
    };
    await expect(sessions.open().save()).rejects.toThrow("No free key found in 1000 draws");
  });

  it("does not give the next one to a session that was flushed meanwhile", async () => {
    const act: (() => unknown)[] = [];
    const { sessions, arm } = interrupted("create", () => {
      for (const one of act) void one();
      return false;
    });
    const session = sessions.open();
    session.set("a", 1);
    act.push(() => session.flush());
    arm();
    await session.save();
    await session.load();
    expect(session.sessionKey).toBeNull();
  });
});

describe("a write that lost a race", () => {
  it("does not try again once the session was flushed", async () => {
    const act: (() => unknown)[] = [];
    const { sessions, stored, engine, arm } = interrupted("update", async () => {
      await Promise.resolve(); // the save is pending by then
      for (const one of act) void one();
      return "conflict";
    });
    const key = keyIn(await stored({ a: 1 }));
    const session = sessions.open(key);
    session.set("b", 1);
    act.push(() => session.flush());
    arm();
    const failure = await session.save().catch((error: unknown) => error);
    expect(isSessionError(failure, "session-gone")).toBe(true);
    await session.load();
    expect(await engine.exists(key)).toBe(false);
  });

  it("keeps a deletion from before cycleKey, which the response's save took over", async () => {
    let make = async (_key: string): Promise<void> => {};
    const { engine, stored, request, read, arm } = interrupted("rename", (key) => make(key));
    make = async (key) => {
      const other = openElsewhere(engine, key);
      other.set("c", 1);
      await other.save();
    };
    const old = await stored({ a: 1, b: 1 });
    arm();
    const { cookie } = await request(
      (session) => {
        session.delete("a");
        void session.cycleKey();
        session.set("d", 1);
      },
      { cookie: old },
    );
    expect(await read(cookie ?? "")).toEqual({ b: 1, c: 1, d: 1 });
  });
});

describe("regenerate", () => {
  it("also deletes what a pending save is about to store", async () => {
    const { sessions, request, engine } = interrupted("create", () => undefined);
    const create = engine.create.bind(engine);
    engine.create = async (...given) => {
      await new Promise(setImmediate);
      return create(...given);
    };
    let key = "";
    await request(async (session) => {
      session.set("a", 1);
      void session.save();
      key = session.sessionKey ?? "";
      await session.regenerate();
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    });
    expect(key).not.toBe("");
    expect(await sessions.engine.exists(key)).toBe(false);
  });
});
