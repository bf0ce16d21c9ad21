/** Nothing is merged across a login, a logout or another user, nor from one thing into another. */
import { describe, expect, it } from "vitest";
import { SessionData } from "../../../server-bridge/src/core/data/session-data.ts";
import { type Act, contents, inside, race, type Tree } from "./merge-race.ts";

describe("a login, a logout or another user meanwhile", () => {
  const set =
    (key: string, value: unknown): Act =>
    (session) =>
      session.set(key, value);
  const promote = inside("user", (user: Tree) => void Object.assign(user, { role: "admin" }));

  it.each<[string, string, string, Act]>([
    ["another user", '{"user":{"id":1,"role":"r"}}', '{"user":{"id":2,"role":"r"}}', promote],
    ["another user, set here", '{"user_id":1}', '{"user_id":2}', set("role", "admin")],
    ["a user of Django's", '{"_auth_user_id":"1"}', '{"_auth_user_id":"2"}', set("role", "admin")],
    [
      "a new password in Django",
      '{"_auth_user_id":"1","_auth_user_hash":"a"}',
      '{"_auth_user_id":"1","_auth_user_hash":"b"}',
      set("x", 1),
    ],
    ["a login", "{}", '{"passport":{"user":5}}', set("cart", [])],
    ["a logout", '{"userId":1}', "{}", set("cart", [])],
    ["a user without an id", '{"user":{"role":"r"}}', '{"user":{"role":"s"}}', set("x", 1)],
    ["a user by name", '{"user":{"name":"a"}}', '{"user":{"name":"b"}}', set("x", 1)],
    ["a username, if no other key says who it is", '{"username":"a"}', '{"username":"b"}', set("x", 1)],
    ["a username that goes with its id", '{"user_id":1,"username":"a"}', '{"username":"a"}', set("x", 1)],
    ["an id deep inside", '{"passport":{"user":{"id":1}}}', '{"passport":{"user":{"id":2}}}', set("x", 1)],
  ])("refuses everything of this request: %s", (_what, base, theirs, act) => {
    expect(race(base, theirs, act)).toMatchObject({ json: expect.anything(), refused: true });
  });

  it.each<[string, string, string, Act, string, string[]]>([
    [
      "the same user, changed inside by both",
      '{"user":{"id":1}}',
      '{"user":{"id":1,"name":"n"}}',
      promote,
      '{"user":{"id":1,"name":"n","role":"admin"}}',
      [],
    ],
    [
      "a user without an id, if another key says who it is",
      '{"user_id":1,"account":{"credits":5}}',
      '{"user_id":1,"account":{"credits":4}}',
      set("cart", []),
      '{"user_id":1,"account":{"credits":4},"cart":[]}',
      [],
    ],
    [
      "a username that is added, if another key has the id",
      '{"user_id":1}',
      '{"user_id":1,"username":"ada"}',
      set("cart", []),
      '{"user_id":1,"username":"ada","cart":[]}',
      [],
    ],
    [
      "a guest who logs in here",
      '{"cart":[0],"x":1}',
      '{"cart":[0,1],"x":1,"t":1}',
      (session) => {
        set("user_id", 1)(session);
        inside("cart", (list: unknown[]) => void list.push(2))(session);
      },
      '{"cart":[0,2],"x":1,"t":1,"user_id":1}',
      ["cart"],
    ],
    [
      "another login here",
      '{"user_id":1,"a":0}',
      '{"user_id":1,"a":1,"t":1}',
      set("user_id", 2),
      '{"user_id":2,"a":0}',
      ["a", "t"],
    ],
    [
      "a login here and another there",
      '{"a":0}',
      '{"a":1,"user_id":3}',
      set("user_id", 2),
      '{"a":0,"user_id":2}',
      ["a", "user_id"],
    ],
    [
      "a logout here",
      '{"user_id":1,"a":0}',
      '{"user_id":1,"a":1}',
      (session) => void session.delete("user_id"),
      '{"a":0}',
      ["a"],
    ],
  ])("keeps %s", (_what, base, theirs, act, json, conflicts) => {
    expect(race(base, theirs, act)).toMatchObject({ json, conflicts, refused: false });
  });

  it("keeps a login whole through further lost races", () => {
    const session = new SessionData(contents('{"user_id":1,"a":{"x":1.0}}'));
    session.set("user_id", 2);
    session.rebase(contents('{"user_id":1,"a":{"x":5},"t":1}'));
    session.rebase(contents('{"user_id":1,"a":{"x":6},"t":1,"u":1}'));
    expect(session.draft().contents.json).toBe('{"user_id":2,"a":{"x":1.0}}');
  });

  it.each([
    ["id", '{"id":1}', '{"id":2}'],
    ["id, new", "{}", '{"id":2}'],
    ["user", '{"user":{"id":1}}', '{"user":{"id":2}}'],
    ["email", '{"email":"a"}', '{"email":"b"}'],
  ])("never puts what was meant for one thing into another: %s", (_name, base, theirs) => {
    const act = inside("auth", (auth: Tree) => void Object.assign(auth, { role: "admin" }));
    const { json, conflicts } = race(`{"auth":${base}}`, `{"auth":${theirs}}`, act);
    expect(JSON.parse(json)).toEqual({ auth: { ...JSON.parse(base), role: "admin" } });
    expect(conflicts).toEqual(["auth"]);
  });
});
