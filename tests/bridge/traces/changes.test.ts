/** Which keys of a session count as changed. */
import { describe, expect, it } from "vitest";
import { changesBetween, readEntries } from "../../../server-bridge/src/bridge/traces/changes.ts";

function changedKeys(before: string, after: string): string[] {
  return changesBetween(readEntries(before), readEntries(after)).map(({ key, kind }) => `${kind} ${key}`);
}

describe("changes between two JSON strings of a session", () => {
  it("do not include white space and escapes, and do include numbers", () => {
    expect(changedKeys('{"v":{"a":"\\u00e9"}}', '{"v":{ "a": "é" }}')).toEqual([]);
    expect(changedKeys('{"v":1.0}', '{"v":1}')).toEqual(["changed v"]);
    expect(changedKeys('{"v":"a b"}', '{"v":"ab"}')).toEqual(["changed v"]);
  });

  it("are found next to the numbers that Python writes", () => {
    expect(changedKeys('{"n":NaN,"a":1,"b":2}', '{"n":NaN,"a":Infinity,"c":3}')).toEqual([
      "changed a",
      "added c",
      "removed b",
    ]);
  });

  it("use the last of a repeated key", () => {
    expect(changedKeys('{"a":1,"a":2}', '{"a":2}')).toEqual([]);
  });
});
