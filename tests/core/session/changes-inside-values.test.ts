/** No change by a handler is lost: changes deep inside a value, races, numbers that only Python writes. */
import fc from "fast-check";
import { isSessionError } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type AnyData, library } from "../library.ts";

describe("a change deep inside a value", () => {
  it("is stored without modified = true", async () => {
    const { stored, request, read } = library();
    const cookie = await stored({ cart: { items: [1] }, other: "same" });
    await request((session) => (session.get("cart") as { items: number[] }).items.push(2), { cookie });
    expect(await read(cookie)).toEqual({ cart: { items: [1, 2] }, other: "same" });
  });

  it("does not count when it was undone, and nothing is stored", async () => {
    const { stored, request } = library();
    const cookie = await stored({ cart: [1] });
    const { line } = await request(
      (session) => {
        const cart = session.get("cart") as number[];
        cart.push(2);
        cart.pop();
      },
      { cookie },
    );
    expect(line).toBeNull();
  });

  it("after an explicit save is stored, too", async () => {
    const { stored, request, read } = library();
    const cookie = await stored({ cart: [1] });
    await request(
      async (session) => {
        const cart = session.get("cart") as number[];
        cart.push(2);
        await session.save();
        cart.push(3);
      },
      { cookie },
    );
    expect(await read(cookie)).toEqual({ cart: [1, 2, 3] });
  });
});

describe("two simultaneous requests on one session", () => {
  /** Both load, `first` saves first. */
  async function race(data: AnyData, first: Act, second: Act) {
    const { sessions, stored, read } = library();
    const cookie = await stored(data);
    const key = cookie.slice(cookie.indexOf("=") + 1);
    const one = sessions.open(key);
    const two = sessions.open(key);
    await one.load();
    await two.load();
    first(one);
    second(two);
    await one.save();
    await two.save();
    return read(cookie);
  }
  type Act = (session: ReturnType<ReturnType<typeof library>["sessions"]["open"]>) => void;

  it("both keep the keys that they set", async () => {
    const after = await race(
      { n: 0 },
      (one) => one.set("a", 1),
      (two) => two.set("b", 2),
    );
    expect(after).toEqual({ n: 0, a: 1, b: 2 });
  });

  it("the later writer's value wins if both set one key, and is never merged inside", async () => {
    const after = await race(
      { cart: [1] },
      (one) => one.set("cart", [1, 2]),
      (two) => two.set("cart", [1, 3]),
    );
    expect(after).toEqual({ cart: [1, 3] });
  });

  it("both keep what they changed inside one value, and what they appended to one list", async () => {
    const act =
      (name: string): Act =>
      (session) => {
        Object.assign(Object(session.get("files")), { [name]: {} });
        (session.get("cart") as string[]).push(name);
      };
    const after = await race({ cart: [], files: {} }, act("one"), act("two"));
    expect(after).toEqual({ cart: ["one", "two"], files: { one: {}, two: {} } });
  });

  it("both keep what they push to a list that each created because there was none", async () => {
    const act =
      (name: string): Act =>
      (session) =>
        void (session.setDefault("cart", []) as string[]).push(name);
    expect(await race({ n: 0 }, act("one"), act("two"))).toEqual({ n: 0, cart: ["one", "two"] });
  });

  it("a list in the handler's hands goes on after a save that was joined with another request's", async () => {
    const { stored, request, read } = library();
    const cookie = await stored({ cart: [1] });
    const push = (item: number) => request((other) => (other.get("cart") as number[]).push(item), { cookie });
    await request(
      async (session) => {
        const cart = session.get("cart") as number[];
        cart.push(2);
        await push(8);
        await session.save();
        expect(cart).toEqual([1, 8, 2]);
        await push(9);
        cart.push(3);
      },
      { cookie },
    );
    expect(await read(cookie)).toEqual({ cart: [1, 8, 2, 9, 3] });
  });

  it("nothing that one wrote for its user gets into another user's session: its response is a 400", async () => {
    const { stored, request, read } = library();
    const cookie = await stored({ user: { id: 1, role: "reader" } });
    const { instead, setCookie } = await request(
      async (session) => {
        Object.assign(Object(session.get("user")), { role: "admin" });
        session.set("role", "admin");
        await request((other) => other.set("user", { id: 2, role: "reader" }), { cookie });
      },
      { cookie },
    );
    expect(instead?.status).toBe(400);
    expect(setCookie).toBeNull();
    expect(await read(cookie)).toEqual({ user: { id: 2, role: "reader" } });
  });

  it("a deletion is kept next to a set, and a clear clears all", async () => {
    expect(
      await race(
        { a: 1, b: 1 },
        (one) => one.set("c", 1),
        (two) => two.delete("a"),
      ),
    ).toEqual({ b: 1, c: 1 });
    expect(
      await race(
        { a: 1 },
        (one) => one.set("c", 1),
        (two) => two.clear(),
      ),
    ).toEqual({});
  });

  it("change applies to the value that the other request left", async () => {
    const add =
      (by: number): Act =>
      (session) =>
        session.change("n", (n) => Number(n ?? 0) + by);
    expect(await race({ n: 1 }, add(10), add(100))).toEqual({ n: 111 });
    expect(await race({ m: 0 }, add(1), add(1))).toEqual({ m: 0, n: 2 });
    const twice: Act = (session) => {
      add(1)(session);
      add(1)(session);
    };
    expect(await race({ n: 1 }, twice, twice)).toEqual({ n: 5 });
  });

  it("change after a set in the same request applies to what was set", async () => {
    const second: Act = (session) => {
      session.set("n", 50);
      session.change("n", (n) => Number(n) + 1);
    };
    expect(await race({ n: 1 }, (one) => one.set("n", 7), second)).toEqual({ n: 51 });
  });

  it("whatever each does, both changes are there afterwards, and the later writer's wins a conflict", async () => {
    const key = fc.constantFrom("a", "b", "c", "d", "e");
    const operation = fc.oneof(
      fc.record({ op: fc.constant("set" as const), key, value: fc.jsonValue({ maxDepth: 2 }) }),
      fc.record({ op: fc.constant("delete" as const), key, value: fc.constant(null) }),
    );
    type Operation = { op: "set" | "delete"; key: string; value: unknown };
    const act =
      (operations: Operation[]): Act =>
      (session) => {
        for (const { op, key: name, value } of operations)
          op === "set" ? session.set(name, value) : session.delete(name);
      };
    const base = fc.dictionary(key, fc.integer(), { noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(base, fc.array(operation), fc.array(operation), async (data, first, second) => {
        const expected = new Map<string, unknown>(Object.entries({ ...data, kept: true }));
        for (const { op, key: name, value } of first)
          op === "set" ? expected.set(name, value) : expected.delete(name);
        const had = new Set(Object.keys(data));
        const theirs = new Map(expected);
        const known = new Set(Object.keys(data));
        for (const { op, key: name, value } of second) {
          if (op === "set") {
            const isCreated = !known.has(name) && isEmptyAnd(value, theirs.get(name));
            expected.set(name, isCreated ? theirs.get(name) : value); // as with `session.cart ??= []`
            known.add(name);
            had.add(name);
          } else if (had.delete(name)) expected.delete(name); // a request does not delete a key that it does not have
        }
        const after = await race({ ...data, kept: true }, act(first), act(second));
        expect(after).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(expected))));
      }),
      { numRuns: 150 },
    );
  });

  /** True for an empty list where the other request has a list, and for an empty object where it has an object. */
  function isEmptyAnd(value: unknown, theirs: unknown): boolean {
    if (typeof value !== "object" || typeof theirs !== "object" || value === null || theirs === null)
      return false;
    return Array.isArray(value) === Array.isArray(theirs) && Object.keys(value).length === 0;
  }

  it("unreadable data by another writer is replaced by this session's data, and the log says so", async () => {
    const { sessions, stored, request, read, lines } = library();
    const cookie = await stored({ user_id: 1 });
    const key = cookie.slice(cookie.indexOf("=") + 1);
    await request(
      async (session) => {
        session.set("cart", [1]);
        await sessions.engine.update(key, "of another key", { expiresAtMs: 0, ageSeconds: 60 }, null);
      },
      { cookie },
    );
    expect(await read(cookie)).toEqual({ user_id: 1, cart: [1] });
    expect(lines).toEqual([expect.stringContaining("corrupted")]);
  });

  it("a session that was deleted meanwhile never comes back: the response is a 400", async () => {
    const { sessions, stored, request } = library();
    const cookie = await stored({ user_id: 1 });
    const key = cookie.slice(cookie.indexOf("=") + 1);
    const { instead, setCookie } = await request(
      async (session) => {
        session.set("cart", []);
        await request((other) => void other.flush(), { cookie });
      },
      { cookie },
    );
    expect(instead?.status).toBe(400);
    expect(setCookie).toBeNull();
    expect(await sessions.engine.exists(key)).toBe(false);
  });

  it("an explicit save of a session that was deleted meanwhile is an error with the code session-gone", async () => {
    const { sessions, stored } = library();
    const cookie = await stored({ user_id: 1 });
    const session = sessions.open(cookie.slice(cookie.indexOf("=") + 1));
    await session.load();
    session.set("a", 1);
    await session.deleteStored();
    const failure = await session.save().catch((error: unknown) => error);
    expect(isSessionError(failure, "session-gone")).toBe(true);
  });
});

describe("values that were not changed", () => {
  /** A dict as Python writes it, with numbers that JavaScript writes differently. */
  const number = fc.oneof(
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
    fc.integer().map((n) => `${n}.0`),
    fc.constantFrom("NaN", "Infinity", "-Infinity", "-0.0", "1e+16", "1e-07", "1e+22", "5e-324", "0.1"),
  );
  const text = fc.string({ unit: "binary" }).map((value) => asPython(JSON.stringify(value)));
  const { value } = fc.letrec<{ value: string; list: string; dict: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, number, text, fc.constantFrom("true", "null"), tie("list"), tie("dict")),
    list: fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    dict: fc
      .uniqueArray(fc.tuple(fc.constantFrom("1", "2", "10", "a", "__proto__", "é"), tie("value")), {
        selector: ([key]) => key,
      })
      .map((pairs) => `{${pairs.map(([key, one]) => `${asPython(JSON.stringify(key))}:${one}`).join(",")}}`),
  }));

  function asPython(json: string): string {
    return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  }

  it("are stored byte for byte when another key is set", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (one) => {
        const { sessions } = library();
        const key = sessions.newKey();
        const { engine } = sessions;
        await engine.create(key, `{"one":${one},"n":1}`, { expiresAtMs: 0, ageSeconds: 60 });
        const session = sessions.open(key);
        session.get("one"); // read, and not changed
        session.set("n", 2);
        await session.save();
        expect(await engine.load(key)).toMatchObject({ text: `{"one":${one},"n":2}` });
      }),
      { numRuns: 400 },
    );
  });

  it("are stored byte for byte next to a change inside the same value", async () => {
    const { sessions } = library();
    const key = sessions.newKey();
    const before = '{"cart":{"10":{"price":9.0,"sku":90071992547409931},"2":{"price":1e+16}},"rate":1.0}';
    await sessions.engine.create(key, before, { expiresAtMs: 0, ageSeconds: 60 });
    const session = sessions.open(key);
    const cart = session.get("cart") as Record<string, Record<string, unknown>>;
    Object.assign(cart["2"] ?? {}, { count: 3 });
    await session.save();
    expect(await sessions.engine.load(key)).toMatchObject({
      text: '{"cart":{"10":{"price":9.0,"sku":90071992547409931},"2":{"price":1e+16,"count":3}},"rate":1.0}',
    });
  });

  it("are read as bigints where a number would lose digits, and bigints are stored as integers", async () => {
    const { stored, request, read } = library();
    const cookie = await stored({ id: 2n ** 70n, small: 5 });
    await request((session) => session.change("id", (id) => BigInt(String(id)) + 1n), { cookie });
    expect(await read(cookie)).toEqual({ id: 2n ** 70n + 1n, small: 5 });
  });
});

describe("any JSON value", () => {
  it("comes back as it was stored", async () => {
    const { stored, read } = library();
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
        async (data) => {
          const cookie = await stored({ ...data, kept: 1 });
          expect(JSON.stringify(await read(cookie))).toBe(JSON.stringify({ ...data, kept: 1 }));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is refused when it is circular, with the place in the message", async () => {
    const circle: unknown[] = [];
    circle.push(circle);
    await expect(library().request((session) => session.set("circle", circle))).rejects.toThrow("circular");
  });
});
