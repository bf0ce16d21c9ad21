/** The session in a handler: Django's API, and index access. */
import { inspect } from "node:util";
import { isSessionError } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type AnySession, library } from "../library.ts";

function fresh() {
  return library().sessions.open();
}

describe("index access", () => {
  it("reads and writes what get and set do", () => {
    const session = fresh();
    session["user_id"] = 123;
    expect(session.get("user_id")).toBe(123);
    session.set("username", "john_doe");
    expect(session["username"]).toBe("john_doe");
    expect(session["nothing"]).toBeUndefined();
  });

  it("deletes a key, says whether one exists, and lists only the data", () => {
    const session = fresh();
    Object.assign(session, { a: 1, b: 2 });
    delete session["a"];
    expect("a" in session).toBe(false);
    expect("b" in session).toBe(true);
    expect([Object.hasOwn(session, "a"), Object.hasOwn(session, "b")]).toEqual([false, true]);
    expect(Object.keys(session)).toEqual(["b"]);
    expect({ ...session }).toEqual({ b: 2 });
    expect(JSON.stringify(session)).toBe('{"b":2}');
    expect(inspect(session)).toBe("{ b: 2 }");
  });

  it("is what console.log shows, without a load", async () => {
    const { sessions, stored } = library();
    const cookie = await stored({ a: 1 });
    const session = sessions.open(cookie.slice(cookie.indexOf("=") + 1));
    expect(inspect(session)).toBe("[Session: not loaded]");
    await session.load();
    expect(inspect(session)).toBe("{ a: 1 }");
    expect(session.accessed).toBe(false);
    expect(inspect(sessions, { depth: 9 })).not.toContain("secretKeys");
  });

  it.each(["get", "flush", "cycleKey", "sessionKey", "save"])(
    "does not overwrite %s, and says to use set",
    (name) => {
      const session = fresh();
      expect(() => Reflect.set(session, name, 1)).toThrow(`call session.set("${name}", value)`);
      expect(() => Reflect.deleteProperty(session, name)).toThrow(TypeError);
      session.set(name, "data");
      expect(session.get(name)).toBe("data");
      expect(session.keys()).toEqual([name]);
    },
  );

  it("has __proto__ as a key like any other", () => {
    const session = fresh();
    session.set("__proto__", { polluted: true });
    expect(session.get("__proto__")).toEqual({ polluted: true });
    expect(Object.hasOwn(session.toJSON(), "__proto__")).toBe(true);
    expect("polluted" in {}).toBe(false);
  });

  it("does not count as a read when a session is awaited", async () => {
    const session = fresh();
    await session;
    expect(session.accessed).toBe(false);
  });
});

describe("data operations", () => {
  it("return a fallback for a missing key, undefined without one", () => {
    const session = fresh();
    expect(session.get("cart")).toBeUndefined();
    expect(session.get("cart", [])).toEqual([]);
    expect(session.pop("cart", "none")).toBe("none");
    expect(session.modified).toBe(false);
  });

  it("return a default that can be modified in place", async () => {
    const { request, read } = library();
    const { cookie } = await request((session) => {
      const cart = session.setDefault("cart", []) as string[];
      cart.push("book");
    });
    expect(await read(cookie ?? "")).toEqual({ cart: ["book"] });
  });

  it("treat undefined as leaving a key out, as JSON does", () => {
    const session = fresh();
    session.set("a", 1);
    session["a"] = undefined;
    expect(session.has("a")).toBe(false);
  });

  it("keep the order in which keys were set, even of numeric keys", async () => {
    const { stored, read, request } = library();
    const cookie = await stored({ z: 1 });
    await request((session) => session.update({ "2": "b", a: 0 }), { cookie });
    await request((session) => session.set("1", "c"), { cookie });
    await request((session) => expect(session.keys()).toEqual(["z", "2", "a", "1"]), { cookie });
    expect(Object.keys(await read(cookie))).toHaveLength(4);
  });

  it("set modified whenever something is set, deleted or cleared, and never by reading", () => {
    const acts: [string, (session: ReturnType<typeof fresh>) => unknown, boolean][] = [
      ["get", (session) => session.get("a"), false],
      ["has", (session) => session.has("a"), false],
      ["entries", (session) => session.entries(), false],
      ["delete of nothing", (session) => session.delete("b"), false],
      ["setDefault of what is there", (session) => session.setDefault("a", 2), false],
      ["set to the same", (session) => session.set("a", 1), true],
      ["update with nothing", (session) => session.update({}), true],
      ["pop", (session) => session.pop("a"), true],
      ["clear", (session) => session.clear(), true],
      ["change", (session) => session.change("a", (n) => n), true],
    ];
    for (const [name, act, modified] of acts) {
      const session = fresh();
      session.set("a", 1);
      session.modified = false;
      act(session);
      expect(session.modified, name).toBe(modified);
    }
  });

  it("say that a test cookie was never set", () => {
    const session = fresh();
    session.setTestCookie();
    expect(session.testCookieWorked()).toBe(true);
    session.deleteTestCookie();
    expect(() => session.deleteTestCookie()).toThrow("Call setTestCookie on an earlier page");
  });
});

describe("outside a request", () => {
  it("a session is opened, changed and saved by its key", async () => {
    const { sessions } = library();
    const made = sessions.open();
    made.set("user_id", 1);
    await made.save();
    const again = sessions.open(made.sessionKey);
    await again.load();
    again["username"] = "john_doe";
    await again.save();
    const { sessionKey } = again;
    expect(sessionKey).toMatch(/^[a-z0-9]{32}$/);
    expect(sessions.open(sessionKey).toJSON()).toEqual({ user_id: 1, username: "john_doe" });
  });

  it("mustCreate refuses a key that is in use", async () => {
    const { sessions } = library();
    const made = sessions.open();
    await made.save();
    const failure = await sessions
      .open(made.sessionKey)
      .save({ mustCreate: true })
      .catch((error: unknown) => error);
    expect(isSessionError(failure, "key-taken")).toBe(true);
  });

  it("regenerate empties the session in place, and calls back", async () => {
    const { sessions } = library();
    const session = sessions.open();
    session.set("user_id", 1);
    await session.save();
    const key = session.sessionKey ?? "";
    await new Promise<void>((done) => void session.regenerate(() => done()));
    expect(session.isEmpty()).toBe(true);
    expect(await session.exists(key)).toBe(false);
  });
});

describe("keys", () => {
  it("are 32 characters of a-z0-9, all equally likely", () => {
    const { sessions } = library();
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 2000; draw++) {
      for (const character of sessions.newKey()) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect([...counts.keys()].sort().join("")).toBe("0123456789abcdefghijklmnopqrstuvwxyz");
    // 64,000 characters over 36: 1778 each; six standard deviations are 250
    for (const count of counts.values()) expect(Math.abs(count - 1778)).toBeLessThan(250);
  });

  it("come from the given random bytes, and discard biased ones", () => {
    const random = (count: number) => new Uint8Array(count).map((_, at) => (at % 2 === 0 ? 255 : 37));
    expect(library({ random }).sessions.newKey()).toBe("b".repeat(32));
  });

  it.each([
    "",
    "short",
    "a".repeat(41),
    "UPPERCASE1234",
    "../../etc/passwd",
    "a".repeat(10_000),
    "abc\0defgh",
  ])("of an impossible form are unknown sessions without a call to the store: %j", (key) => {
    const { sessions } = library();
    expect(sessions.keyOf(key)).toBeNull();
    const session = sessions.open(key);
    expect(session.get("a")).toBeUndefined();
    expect(session.sessionKey).toBeNull();
  });
});

describe("clear", () => {
  it("is kept when it comes during a save, with the values set after it", async () => {
    const { sessions, stored, request, read } = library();
    const cookie = await stored({ a: 1 });
    await request(
      async (session) => {
        session.set("a", 2);
        const saving = session.save();
        session.clear();
        session.set("a", 2);
        await saving;
        const other = sessions.open(cookie.slice(cookie.indexOf("=") + 1));
        other.set("a", 99);
        await other.save();
      },
      { cookie },
    );
    expect(await read(cookie)).toEqual({ a: 2 });
  });
});

describe("change", () => {
  const add = (item: string) => (cart: unknown) => [...(cart as string[]), item];

  it.each([
    ["after it", (session: AnySession) => (session.get("cart") as string[]).push("c"), ["a", "z", "b", "c"]],
    ["between two", (session: AnySession) => between(session), ["a", "z", "b", "c", "d"]],
  ])(
    "loses no change inside the value that comes %s, when another request saved first",
    async (_when, act, cart) => {
      const { stored, request, read } = library();
      const cookie = await stored({ cart: ["a"] });
      const { session } = await request(
        async (one) => {
          one.change("cart", add("b"));
          act(one);
          await request((other) => other.change("cart", add("z")), { cookie });
        },
        { cookie },
      );
      expect(session.get("cart")).toEqual(cart);
      expect(await read(cookie)).toEqual({ cart });
    },
  );

  function between(session: AnySession): void {
    (session.get("cart") as string[]).push("c");
    session.change("cart", add("d"));
  }

  it("is applied again to what another request saved, as often as that happens", async () => {
    const { sessions, stored, read } = library();
    const cookie = await stored({ cart: ["a"] });
    const [one, two, three] = [1, 2, 3].map(() => sessions.open(cookie.slice(cookie.indexOf("=") + 1)));
    for (const [session, item] of [
      [one, "b"],
      [two, "c"],
      [three, "d"],
    ] as const)
      session?.change("cart", add(item));
    for (const session of [one, two, three]) await session?.save();
    one?.change("cart", add("e"));
    await one?.save();
    expect(await read(cookie)).toEqual({ cart: ["a", "b", "c", "d", "e"] });
  });
});

describe("setExpiry", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1e15, new Date(Number.NaN)])(
    "immediately refuses what is not a date: %s",
    (expiry) => {
      const session = fresh();
      const failure = isSessionErrorOf(() => session.setExpiry(expiry));
      expect(failure).toBe(true);
      expect([session.modified, session.keys()]).toEqual([false, []]);
    },
  );
});

function isSessionErrorOf(act: () => void): boolean {
  try {
    act();
    return false;
  } catch (error) {
    return isSessionError(error, "expiry");
  }
}
