/** Merges at the edges of the law: races lost twice, and what is bounded. */
import { describe, expect, it } from "vitest";
import { SessionData } from "../../../server-bridge/src/core/data/session-data.ts";
import { contents, inside, race, type Tree } from "./merge-race.ts";

describe("an object that two requests filled", () => {
  it("with the same thing has what both know of it", () => {
    const session = new SessionData(contents('{"a":{}}'));
    Object.assign(session.get("a") as Tree, { id: 5, mine: 1 });
    session.rebase(contents('{"a":{"id":5,"theirs":1}}'));
    expect(session.draft().contents.json).toBe('{"a":{"id":5,"theirs":1,"mine":1}}');
  });
});

describe("a reserved key that two requests changed inside", () => {
  it("can be changed back afterwards to what it was at first", () => {
    const session = new SessionData(contents('{"_state":{"n":1}}'));
    const state = session.get("_state") as { n: number };
    state.n = 2;
    session.rebase(contents('{"_state":{"n":3}}'));
    expect(session.draft().contents.json).toBe('{"_state":{"n":2}}');
    state.n = 1;
    expect(session.isChanged()).toBe(true);
    expect(session.draft().contents.json).toBe('{"_state":{"n":1}}');
  });
});

describe("a value that was changed inside, and then by change()", () => {
  it("keeps both changes when the race is lost twice", () => {
    const session = new SessionData(contents('{"a":[1]}'));
    (session.get("a") as number[]).push(2);
    session.change("a", (list) => [...(list as number[]), 3]);
    session.rebase(contents('{"a":[1,9]}'));
    session.restore(session.draft());
    session.rebase(contents('{"a":[1,9,8]}'));
    expect(session.draft().contents.json).toBe('{"a":[1,9,8,2,3]}');
  });

  it("keeps a number that JavaScript's own JSON cannot write exactly", () => {
    const session = new SessionData(contents('{"n":1}'));
    session.change("n", (n) => BigInt(Number(n)) + 2n ** 64n);
    session.rebase(contents('{"n":2}'));
    const draft = session.draft();
    session.stored(draft);
    expect(draft.contents.json).toBe('{"n":18446744073709551618}');
    expect(session.get("n")).toBe(2n ** 64n + 2n);
  });
});

describe("many conflicts", () => {
  it("are named up to a thousand", () => {
    const all = (value: number) =>
      JSON.stringify({ a: Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`k${n}`, value])) });
    const session = new SessionData(contents(all(0)));
    const tree = session.get("a") as Record<string, number>;
    for (const name of Object.keys(tree)) tree[name] = 1;
    const { conflicts } = session.rebase(contents(all(2)));
    expect(conflicts).toHaveLength(1000);
    expect(session.draft().contents.json).toBe(all(1));
  });
});

describe("whose session it is", () => {
  it("is not looked for deeper than in four objects: what is below is compared whole", () => {
    const user = (name: string) => {
      let text = JSON.stringify({ id: 1, name });
      for (let depth = 0; depth < 8; depth++) text = `{"id":${text}}`;
      return `{"user":${text}}`;
    };
    const { json } = race(
      user("a"),
      user("a"),
      inside("user", (tree: Tree) => void Object.assign(tree, { role: "r" })),
    );
    expect(JSON.parse(json)).toHaveProperty("user.role", "r");
    const session = new SessionData(contents(user("a")));
    session.set("role", "admin");
    expect(session.rebase(contents(user("b")))).toEqual({ otherUser: true });
  });
});
