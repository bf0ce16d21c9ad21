/** How values and keys are stored for which JSON has another form, or none. */
import { describe, expect, it } from "vitest";
import { library } from "../library.ts";

class ItsOwnJson {
  nothing = null;
  toJSON() {
    return this;
  }
}

describe("a value", () => {
  it.each([
    ["a list with holes", Object.assign([1], { 2: 3 }), "[1,null,3]"],
    ["a String object next to a null", [Object("x"), null], '["x",null]'],
    ["a Number object next to a null", [Object(Number.NaN), null], "[NaN,null]"],
    ["an object whose toJSON gives itself", new ItsOwnJson(), '{"nothing":null}'],
  ])("is written as JSON writes it: %s", async (_name, value, json) => {
    const { sessions, stored } = library();
    const cookie = await stored({ value });
    const kept = await sessions.engine.load(cookie.slice(cookie.indexOf("=") + 1));
    expect(kept).toMatchObject({ text: `{"value":${json}}` });
  });

  it.each([
    ["map", new Map([["a", 1]]), "Store Object.fromEntries(map)."],
    ["set", new Set([1]), "Store [...set]."],
    ["promise", Promise.resolve(1), "Await it"],
    ["function", () => 1, "Store its result."],
  ])("is refused immediately if JSON would drop it: a %s", async (name, value, remedy) => {
    const { sessions } = library();
    const session = sessions.open();
    const message = `[session-bridge] a ${name} cannot be stored in a session. ${remedy}`;
    expect(() => session.set("value", value)).toThrow(message);
    expect(() => session.change("value", () => value)).toThrow(message);
    expect(session.has("value")).toBe(false);
  });

  it("is stored under a number as under the same string, as by index", async () => {
    const { sessions, stored, request } = library();
    const cookie = await stored({ a: 1 });
    const untyped = 42 as unknown as string; // what untyped code may pass
    await request((session) => session.set(untyped, "x"), { cookie });
    const kept = await sessions.engine.load(cookie.slice(cookie.indexOf("=") + 1));
    expect(kept).toMatchObject({ text: '{"a":1,"42":"x"}' });
    const { session } = await request((session) => session.pop(untyped), { cookie });
    expect(session.has("42")).toBe(false);
  });

  it("is a number if a number keeps its digits, even next to what only Python writes", async () => {
    const { sessions } = library();
    const key = sessions.newKey();
    const end = { expiresAtMs: 0, ageSeconds: 60 };
    await sessions.engine.create(key, '{"rate":1.0,"at":1700000000000000000,"id":1152921504606846976}', end);
    expect(sessions.open(key).toJSON()).toEqual({ rate: 1, at: 1.7e18, id: 2n ** 60n });
  });

  it("is damaged if a string in it is not closed, and that is found quickly at any length", async () => {
    const { sessions, lines } = library();
    const key = sessions.newKey();
    const end = { expiresAtMs: 0, ageSeconds: 60 };
    await sessions.engine.create(key, `{"a":"${"x".repeat(200_000)}`, end);
    expect(sessions.open(key).toJSON()).toEqual({});
    expect(lines).toHaveLength(1);
  });
});
