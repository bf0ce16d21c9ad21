/** What the user types in place of a value. */
import { describe, expect, it } from "vitest";
import {
  editableText,
  parseTyped,
  prettyJson,
  stepNumber,
} from "../../../../extension/logic/json/typed-value.ts";

describe("parseTyped", () => {
  it.each([
    ["42", "number", "42", "number"],
    [" 1.50 ", "number", "1.50", "number"],
    ["12345678901234567890", "number", "12345678901234567890", "number"],
    ["true", "number", "true", "boolean"],
    ["null", "string", '"null"', "string"],
    ["42", "string", '"42"', "string"],
    ["jane", "number", '"jane"', "string"],
    ["jane doe", "string", '"jane doe"', "string"],
    ['"jane"', "string", '"jane"', "string"],
    ["", "string", '""', "string"],
    ["[1, 2]", "number", "[1, 2]", "array"],
    ["{brace", "string", '"{brace"', "string"],
  ] as const)("reads %j in place of a %s as %s", (input, was, json, kind) => {
    expect(parseTyped(input, was)).toEqual({ ok: true, json, kind });
  });

  it.each([
    ['"jane', "string", 1],
    ["[1,", "number", 4],
    ['{"a":}', "null", 6],
  ] as const)("marks the position of the mistake in %j", (input, was, column) => {
    const typed = parseTyped(input, was);
    expect(typed.ok ? null : typed.fault.column).toBe(column);
  });

  it.each([
    '"plain"',
    '"with \\"quotes\\""',
    '"\\"starts"',
    '"line\\nbreak"',
    '"\\u0000"',
    '"  spaced  "',
    '"42"',
  ])("leaves %s as it is when nothing is typed", (json) => {
    const typed = parseTyped(editableText(json, "string"), "string");
    expect(typed.ok && JSON.parse(typed.json)).toBe(JSON.parse(json));
  });
});

describe("stepNumber", () => {
  it.each([
    ["9", 1, "10"],
    ["0", -1, "-1"],
    ["19.5", 1, "19.6"],
    ["0.1", -2, "-0.1"],
    ["1.00", 1, "1.01"],
    ["9007199254740993", 1, "9007199254740994"],
  ])("steps %s by %i in its last digit to %s", (text, delta, stepped) => {
    expect(stepNumber(text, delta)).toBe(stepped);
  });

  it("does not step what is not a plain number", () => {
    expect(stepNumber("1e5", 1)).toBeNull();
  });
});

describe("prettyJson", () => {
  it("indents and keeps every spelling", () => {
    expect(prettyJson('{"a":[1.0,{}],"é":"\\u00e9"}')).toBe(
      '{\n  "a": [\n    1.0,\n    {}\n  ],\n  "é": "\\u00e9"\n}',
    );
  });
});
