/** What a pin names. */
import { parseJson } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { pinOf, valueAt } from "../../../../extension/logic/timeline/pin-path.ts";

/** The JSON text of the value that a pin names in this session, or null. */
function read(text: string, pin: string): string | null {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const node = valueAt(parsed.root, pin);
  return node && text.slice(node.start, node.end);
}

describe("a pin", () => {
  it("names a top-level key, or a value below one by its path", () => {
    const text = '{"user":{"id":7,"roles":["admin","editor"]},"passport":{"user":"ada"}}';
    expect(read(text, "user")).toBe('{"id":7,"roles":["admin","editor"]}');
    expect(read(text, "user.id")).toBe("7");
    expect(read(text, "user.roles[1]")).toBe('"editor"');
    expect(read(text, "passport.user")).toBe('"ada"');
  });

  it("names nothing when a step leads nowhere", () => {
    const text = '{"user":{"id":7},"n":1,"list":[1]}';
    for (const pin of [
      "",
      "id",
      "user.",
      "user..id",
      ".user",
      "user.name",
      "n.id",
      "list[1]",
      "list.length",
      "user[",
      '["x',
    ])
      expect(read(text, pin), pin).toBeNull();
  });

  it("means a top-level key that contains a dot before it means a path", () => {
    expect(read('{"user.id":1,"user":{"id":2}}', "user.id")).toBe("1");
    expect(read('{"user":{"id":2}}', "user.id")).toBe("2");
  });

  it("names a deeper key that contains a dot when that key is in quotes", () => {
    const text = '{"claims":{"odd.key":1,"odd":{"key":2}}}';
    expect(read(text, 'claims["odd.key"]')).toBe("1");
    expect(read(text, "claims.odd.key")).toBe("2");
  });

  it("names what JavaScript's own objects have only when the session has it", () => {
    expect(read('{"a":1}', "constructor")).toBeNull();
    expect(read('{"a":{}}', "a.__proto__")).toBeNull();
    expect(read('{"__proto__":{"x":1}}', "__proto__.x")).toBe("1");
  });

  it("leads back to the value that it was made from, whatever its keys are", () => {
    const text = '{"a b":{"c.d":[{"":5}]},"e.f":6,"":7,"g\\"h":{"i":8},"0":{"1":9}}';
    expect(pinOf(["a b"])).toBe("a b");
    expect(pinOf(["e.f"])).toBe("e.f");
    for (const [path, value] of [
      [["a b", "c.d", 0, ""], "5"],
      [["e.f"], "6"],
      [[""], "7"],
      [['g"h', "i"], "8"],
      [["0", "1"], "9"],
    ] as const)
      expect(read(text, pinOf(path) ?? "none"), String(pinOf(path))).toBe(value);
  });

  it("is not made from a key too long to head a column", () => {
    expect(pinOf(["k".repeat(200)])).not.toBeNull();
    expect(pinOf(["k".repeat(201)])).toBeNull();
  });
});
