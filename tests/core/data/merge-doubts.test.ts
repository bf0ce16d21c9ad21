/** A write whose answer was lost may be stored: what another request made on top of it is recognised, and nothing is done twice. */
import { describe, expect, it } from "vitest";
import { type Draft, SessionData } from "../../../server-bridge/src/core/data/session-data.ts";
import { type Act, contents, inside } from "./merge-race.ts";

describe("a write whose answer was lost", () => {
  /** This request did `act` and stored it, without an answer; then it does `more`, and finds `theirs`. */
  function doubt(base: string, theirs: string, act: Act, more: Act = () => {}) {
    const session = new SessionData(contents(base));
    act(session);
    const draft: Draft = session.draft();
    session.restore(draft);
    more(session);
    const result = session.rebase(contents(theirs), { doubted: [draft] });
    return { json: session.draft().contents.json, ...result };
  }
  const push =
    (...items: unknown[]): Act =>
    (session) =>
      void (session.get("a") as unknown[]).push(...items);
  const count: Act = (session) => session.change("n", (n) => Number(n) + 1);
  const both: Act = (session) => {
    count(session);
    session.set("mine", 1);
  };

  it("stored in part: what it stored is no conflict with what this request does next", () => {
    const act: Act = (session) => {
      session.set("a", 1);
      session.set("b", 1);
    };
    const more: Act = (session) => session.set("a", 2);
    const { json, conflicts } = doubt('{"a":0,"b":0}', '{"a":1,"b":0}', act, more);
    expect({ json, conflicts }).toEqual({ json: '{"a":2,"b":1}', conflicts: [] });
  });

  it.each<[string, string, string, Act, Act, string]>([
    [
      "stored: its elements are not appended again",
      '{"a":[0]}',
      '{"a":[0,1,9]}',
      push(1),
      push(2),
      '{"a":[0,1,9,2]}',
    ],
    [
      "not stored, although an equal one is there",
      '{"a":[1]}',
      '{"a":[1,9]}',
      push(1),
      () => {},
      '{"a":[1,9,1]}',
    ],
    [
      "not stored: its last element is still to be removed",
      '{"a":[1,2]}',
      '{"a":[1,2,9]}',
      (session) => void (session.get("a") as unknown[]).pop(),
      () => {},
      '{"a":[1,9]}',
    ],
    ["not stored: they are appended", '{"a":[0]}', '{"a":[0,9]}', push(1), push(2), '{"a":[0,9,1,2]}'],
    [
      "stored, and an element removed since then",
      '{"a":[0]}',
      '{"a":[1,9]}',
      push(1),
      push(2),
      '{"a":[1,9,2]}',
    ],
    [
      "stored, and its other change undone since then",
      '{"a":[0],"b":1}',
      '{"a":[0,1,9],"b":1}',
      (session) => {
        push(1)(session);
        session.set("b", 2);
      },
      push(2),
      '{"a":[0,1,9,2],"b":2}',
    ],
    [
      "stored: a later change by another stays",
      '{"a":[0],"b":{"x":0}}',
      '{"a":[0,1],"b":{"x":5}}',
      (session) => {
        push(1)(session);
        Object.assign(session.get("b") as object, { x: 1 });
      },
      push(2),
      '{"a":[0,1,2],"b":{"x":5}}',
    ],
    [
      "stored: it counts once, if another of its changes shows it",
      '{"n":0}',
      '{"n":2,"mine":1}',
      both,
      () => {},
      '{"n":2,"mine":1}',
    ],
    [
      "stored: what is counted after it counts",
      '{"n":0}',
      '{"n":1,"mine":1}',
      both,
      count,
      '{"n":2,"mine":1}',
    ],
    ["not stored: it counts", '{"n":0}', '{"n":1,"t":1}', both, () => {}, '{"n":2,"t":1,"mine":1}'],
    [
      "stored: a login, and what its user did since then",
      '{"x":1}',
      '{"x":1,"user_id":2,"t":1}',
      (session) => session.set("user_id", 2),
      (session) => session.set("y", 1),
      '{"x":1,"user_id":2,"t":1,"y":1}',
    ],
    [
      "stored: a deletion, and a new value by another",
      '{"x":1,"y":1}',
      '{"y":2,"x":5}',
      (session) => {
        session.delete("x");
        session.set("y", 2);
      },
      (session) => session.set("z", 1),
      '{"y":2,"x":5,"z":1}',
    ],
    [
      "stored: a clear, and what another added since then",
      '{"x":1}',
      '{"y":1,"t":1}',
      (session) => {
        session.clear();
        session.set("y", 1);
      },
      (session) => session.set("z", 1),
      '{"y":1,"t":1,"z":1}',
    ],
    [
      "not stored, although another counted to the same number and created a list, too",
      '{"n":0}',
      '{"n":1,"a":[9]}',
      (session) => {
        count(session);
        session.set("a", []);
        push(1)(session);
      },
      () => {},
      '{"n":2,"a":[9,1]}',
    ],
    [
      "not stored, although every list begins with what it left of one",
      '{"a":[0],"b":[]}',
      '{"a":[0,9],"b":[9]}',
      (session) => {
        inside("a", (list: unknown[]) => void list.shift())(session);
        inside("b", (list: unknown[]) => void list.push(1))(session);
      },
      () => {},
      '{"a":[9],"b":[9,1]}',
    ],
  ])("was %s", (_what, base, theirs, act, more, json) => {
    expect(doubt(base, theirs, act, more)).toMatchObject({ json, conflicts: [] });
  });

  it("was stored, and what it cleared is cleared again", () => {
    const clear: Act = (session) => session.clear();
    expect(doubt('{"x":1}', '{"t":1}', clear, clear)).toMatchObject({ json: "{}", conflicts: ["t"] });
  });
});
