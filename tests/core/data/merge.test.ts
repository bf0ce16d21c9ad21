/** What becomes of a session that two requests changed: case by case, down to the bytes, and how conflicts are named. */
import { describe, expect, it } from "vitest";
import { SessionData } from "../../../server-bridge/src/core/data/session-data.ts";
import { type Act, contents, type Items, inside, race, type Tree } from "./merge-race.ts";

describe("a value that two requests changed inside", () => {
  const put = (name: string, member: string): Act =>
    inside("a", (tree: Tree) => void Object.assign(tree[name] ?? {}, { [member]: "mine" }));
  const remove = (name: string): Act => inside("a", (tree: Tree) => void Reflect.deleteProperty(tree, name));

  it.each<[string, string, string, Act, string, string[]]>([
    [
      "both additions",
      '{"a":{"x":{}}}',
      '{"a":{"x":{"t":1}}}',
      put("x", "m"),
      '{"a":{"x":{"t":1,"m":"mine"}}}',
      [],
    ],
    [
      "both changes",
      '{"a":{"x":{"m":1},"y":1}}',
      '{"a":{"x":{"m":1},"y":2}}',
      put("x", "m"),
      '{"a":{"x":{"m":"mine"},"y":2}}',
      [],
    ],
    [
      "their deletion",
      '{"a":{"x":{"m":1},"y":1}}',
      '{"a":{"x":{"m":1}}}',
      put("x", "m"),
      '{"a":{"x":{"m":"mine"}}}',
      [],
    ],
    ["this deletion", '{"a":{"x":{},"y":1}}', '{"a":{"x":{},"y":2}}', remove("x"), '{"a":{"y":2}}', []],
    ["both deletions", '{"a":{"x":{},"y":1}}', '{"a":{"y":2}}', remove("x"), '{"a":{"y":2}}', []],
    [
      "this change of what they deleted",
      '{"a":{"x":{"m":1}}}',
      '{"a":{}}',
      put("x", "m"),
      '{"a":{"x":{"m":"mine"}}}',
      ["a.x"],
    ],
    [
      "no change of what this deleted",
      '{"a":{"x":{"m":1}}}',
      '{"a":{"x":{"m":2}}}',
      remove("x"),
      '{"a":{}}',
      ["a.x"],
    ],
    [
      "the later change of one member",
      '{"a":{"x":{"m":1}}}',
      '{"a":{"x":{"m":2}}}',
      put("x", "m"),
      '{"a":{"x":{"m":"mine"}}}',
      ["a.x.m"],
    ],
    [
      "a change of a value that they deleted",
      '{"a":{"x":{}}}',
      "{}",
      put("x", "m"),
      '{"a":{"x":{"m":"mine"}}}',
      ["a"],
    ],
    ["another type whole", '{"a":{"x":{}}}', '{"a":[1]}', put("x", "m"), '{"a":{"x":{"m":"mine"}}}', ["a"]],
    [
      "a reserved key whole",
      '{"_a":{"x":1}}',
      '{"_a":{"x":1,"y":1}}',
      inside("_a", (tree: Tree) => void Object.assign(tree, { z: 1 })),
      '{"_a":{"x":1,"z":1}}',
      ["_a"],
    ],
    [
      "odd names in brackets",
      '{"a b":{"x.y":1}}',
      '{"a b":{"x.y":2}}',
      inside("a b", (tree: Tree) => void Object.assign(tree, { "x.y": 3 })),
      '{"a b":{"x.y":3}}',
      ['["a b"]["x.y"]'],
    ],
    [
      "__proto__ as a name",
      '{"a":{"__proto__":{"x":1}}}',
      '{"a":{"__proto__":{"x":1,"y":2}}}',
      inside(
        "a",
        (tree: object) =>
          void Object.assign(Object.getOwnPropertyDescriptor(tree, "__proto__")?.value, { z: 3 }),
      ),
      '{"a":{"__proto__":{"x":1,"y":2,"z":3}}}',
      [],
    ],
  ])("keeps %s", (_what, base, theirs, act, json, conflicts) => {
    expect(race(base, theirs, act)).toMatchObject({ json, conflicts, refused: false });
  });

  it("keeps a change below a limit of depth only whole, and any depth without an error", () => {
    const deep = (depth: number, member: string) => `${'{"d":'.repeat(depth)}{${member}}${"}".repeat(depth)}`;
    for (const [depth, conflicts] of [
      [50, []],
      [500, [`a${".d".repeat(63)}`]],
    ] as const) {
      const act = inside("a", (tree: Tree) => {
        let at: Record<string, unknown> = tree;
        while (at["d"] !== undefined) at = at["d"] as Record<string, unknown>;
        at["mine"] = 1;
      });
      const result = race(`{"a":${deep(depth, "")}}`, `{"a":${deep(depth, '"theirs":1')}}`, act);
      expect(result.conflicts).toEqual(conflicts);
    }
    const list = (inner: string) => `{"a":${"[".repeat(1_500)}${inner}${"]".repeat(1_500)},"b":{}}`;
    const act = inside("b", (tree: Tree) => void Object.assign(tree, { mine: 1 }));
    expect(race(list(""), list("1"), act)).toMatchObject({
      json: list("1").replace("{}", '{"mine":1}'),
      conflicts: [],
    });
  });
});

describe("a list that two requests changed", () => {
  const push = inside("a", (list: unknown[]) => void list.push("mine"));
  const item = inside("a", (items: Items) => void Object.assign(items[0] ?? {}, { mine: 1 }));

  it.each<[string, string, string, Act, string, string[]]>([
    ["both appendices, theirs first", "[0]", '[0,"x"]', push, '[0,"x","mine"]', []],
    ["both, if they are equal", "[]", '["mine"]', push, '["mine","mine"]', []],
    ["a number that begins like the one before", "[1]", "[12]", push, '[12,"mine"]', []],
    ["an appendix and their removal", "[0,1]", "[1]", push, '[1,"mine"]', []],
    [
      "a removal and their appendix",
      "[0,1]",
      "[0,1,2]",
      inside("a", (list: unknown[]) => void list.shift()),
      "[1,2]",
      [],
    ],
    ["an appendix and their change of an element", '[{"q":1}]', '[{"q":2}]', push, '[{"q":2},"mine"]', []],
    [
      "changes inside one element with an id",
      '[{"id":7,"q":1}]',
      '[{"id":7,"q":2}]',
      item,
      '[{"id":7,"q":2,"mine":1}]',
      [],
    ],
    [
      "and what both appended",
      '[{"id":7}]',
      '[{"id":7,"q":2},5]',
      inside("a", (items: Items) => {
        Object.assign(items[0] ?? {}, { mine: 1 });
        items.push({});
      }),
      '[{"id":7,"q":2,"mine":1},5,{}]',
      [],
    ],
    ["the later list if an element has no id", '[{"q":1}]', '[{"q":2}]', item, '[{"q":1,"mine":1}]', ["a"]],
    [
      "the later list if elements moved",
      '[{"id":7},{"id":8}]',
      '[{"id":8},{"id":7}]',
      item,
      '[{"id":7,"mine":1},{"id":8}]',
      ["a"],
    ],
    [
      "the place of an element in a conflict",
      '[{"id":7,"mine":0}]',
      '[{"id":7,"mine":2}]',
      item,
      '[{"id":7,"mine":1}]',
      ["a[0].mine"],
    ],
  ])("keeps %s", (_what, base, theirs, act, list, conflicts) => {
    expect(race(`{"a":${base}}`, `{"a":${theirs}}`, act)).toMatchObject({ json: `{"a":${list}}`, conflicts });
  });
});

describe("a key that this request set", () => {
  it("stays as it was set, even below", () => {
    const act: Act = (session) => {
      session.set("a", { x: 1 });
      inside("a", (tree: Tree) => void Object.assign(tree, { y: 1 }))(session);
    };
    expect(race('{"a":{}}', '{"a":{"t":1}}', act)).toMatchObject({
      json: '{"a":{"x":1,"y":1}}',
      conflicts: ["a"],
    });
  });

  it("is joined if it was created empty where there was none", () => {
    const act: Act = (session) => {
      if (!session.has("a")) session.set("a", []);
      inside("a", (list: unknown[]) => void list.push(2))(session);
    };
    expect(race("{}", '{"a":[1]}', act)).toMatchObject({ json: '{"a":[1,2]}', conflicts: [] });
    expect(race("{}", '{"a":{"t":1}}', act)).toMatchObject({ json: '{"a":[2]}', conflicts: ["a"] });
    const again: Act = (session) => {
      session.delete("a");
      act(session);
    };
    expect(race('{"a":[0]}', '{"a":[0,1]}', again)).toMatchObject({ json: '{"a":[2]}', conflicts: ["a"] });
  });

  it("keeps, next to change, what was done inside before and after it", () => {
    const act: Act = (session) => {
      inside("a", (list: unknown[]) => void list.push("before"))(session);
      session.change("a", (list) => [...(list as unknown[]), "step"]);
      inside("a", (list: unknown[]) => void list.push("after"))(session);
    };
    const json = '{"a":[0,1,"before","step","after"]}';
    expect(race('{"a":[0]}', '{"a":[0,1]}', act)).toMatchObject({ json, conflicts: [] });
  });
});

describe("what no one changed keeps its bytes", () => {
  it.each<[string, string, string, Act, string]>([
    [
      "numbers that only Python writes",
      '{"a":{"p":1.0,"q":90071992547409931,"r":[1.0]}}',
      '{"a":{"p":1.0,"q":90071992547409931,"r":[1.0,2.0],"t":1e+16}}',
      inside("a", (tree: { r: number[]; m?: number }) => {
        tree.r.push(5);
        tree.m = 3;
      }),
      '{"a":{"p":1.0,"q":90071992547409931,"r":[1.0,2.0,5],"t":1e+16,"m":3}}',
    ],
    [
      "and the order of keys: theirs, and then the new ones",
      '{"a":{"2":1.0,"b":1}}',
      '{"a":{"2":1.0,"b":1,"1":1}}',
      inside("a", (tree: Tree) => void Object.assign(tree, { m: 1, 0: 1 })),
      '{"a":{"2":1.0,"b":1,"1":1,"0":1,"m":1}}',
    ],
    [
      "in a list that is kept whole",
      '{"a":[1.0,2.0]}',
      '{"a":[3.0]}',
      inside("a", (list: unknown[]) => void list.pop()),
      '{"a":[1.0]}',
    ],
  ])("%s", (_what, base, theirs, act, json) => {
    expect(race(base, theirs, act).json).toBe(json);
  });
});

describe("the value in the handler's hands", () => {
  const shared: Record<string, unknown> = {};

  it("is the same object after a merge, and what is done to it later counts", () => {
    const session = new SessionData(contents('{"cart":[{"id":1}],"log":[]}'));
    const cart = session.get("cart") as Items;
    const log = session.get("log") as unknown[];
    const own = { q: 1 };
    cart.push(own);
    session.rebase(contents('{"cart":[{"id":1,"t":1},{"theirs":1}],"log":[9]}'));
    session.stored(session.draft());
    expect([session.get("cart"), session.get("log")]).toEqual([cart, log]);
    expect(session.get("cart")).toBe(cart);
    own.q = 2;
    Object.assign(cart[0] ?? {}, { later: 1 });
    log.push(10);
    const json = '{"cart":[{"id":1,"t":1,"later":1},{"theirs":1},{"q":2}],"log":[9,10]}';
    expect(session.draft().contents.json).toBe(json);
  });

  it.each<[string, (session: SessionData) => unknown]>([
    ["set", (session) => session.set("a", shared)],
    ["returned by change", (session) => session.change("a", (value) => value ?? shared)],
    ["set, and stored", (session) => (session.set("a", shared), session.stored(session.draft()))],
    ["put inside another", (session) => void Object.assign(session.get("b") as Tree, { shared })],
  ])("that the application has %s is never changed, because others may use it, too (T49)", (_how, give) => {
    const session = new SessionData(contents('{"b":{}}'));
    give(session);
    session.rebase(contents('{"a":{"secret":1},"b":{"shared":{"secret":1}}}'));
    expect(shared).toEqual({});
  });

  it("that the application has set still counts if it is changed after a merge", () => {
    const session = new SessionData(contents("{}"));
    const list: number[] = [];
    session.set("a", list);
    list.push(1);
    session.rebase(contents('{"a":[9]}'));
    session.stored(session.draft());
    list.push(2);
    expect(session.draft().contents.json).toBe('{"a":[9,1,2]}');
    session.set("a", list);
    expect(session.draft().contents.json).toBe('{"a":[9,1,2]}');
  });

  it("is left alone where it cannot change, and the merge is right all the same", () => {
    const session = new SessionData(contents('{"a":{"x":{}}}'));
    const a = session.get("a") as Tree;
    Object.freeze(a["x"]);
    Object.assign(a, { m: 1 });
    session.rebase(contents('{"a":{"x":{"t":1}}}'));
    expect(session.draft().contents.json).toBe('{"a":{"x":{"t":1},"m":1}}');
  });

  it.each<[string, string, string, string]>([
    ["that was there", '{"a":[0]}', '{"a":[0,1]}', '{"a":[0,1,2]}'],
    ["that was not", "{}", '{"a":[1]}', '{"a":[1,2]}'],
  ])(
    "is still changed inside if it is assigned to its own key: a list %s",
    (_which, base, theirs, merged) => {
      const act: Act = (session) => {
        session.set("a", session.get("a") ?? []);
        (session.get("a") as number[]).push(2);
        session.set("a", session.get("a"));
      };
      expect(race(base, theirs, act)).toMatchObject({ json: merged, conflicts: [] });
    },
  );

  it("is replaced where it is in two places that differ now", () => {
    const session = new SessionData(contents('{"a":{"x":{}},"b":{"x":{}}}'));
    const [a, b] = [session.get("a"), session.get("b")] as [Tree, Tree];
    const shared = { s: 1 };
    Object.assign(a, { shared });
    Object.assign(b, { shared });
    session.rebase(contents('{"a":{"x":{"t":1},"shared":{"t":1}},"b":{"x":{}}}'));
    const json = '{"a":{"x":{"t":1},"shared":{"t":1,"s":1}},"b":{"x":{},"shared":{"s":1}}}';
    expect(session.draft().contents.json).toBe(json);
  });
});
