/**
 * The core and the protocol each have a reader of Python's JSON, because neither may import the other. They must accept and
 * refuse the same strings: otherwise a session could be stored but not shown.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExact } from "../../server-bridge/src/core/data/python-json.ts";
import { parseJson } from "../../server-bridge/src/protocol/scan-json.ts";

function coreReads(text: string): boolean {
  try {
    parseExact(text);
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}

const VALID = [
  "{}",
  "[]",
  '""',
  "0",
  "-0",
  "null",
  "true",
  "false",
  " \t\n\r{ } ",
  '{ "a" : [ 1 , 2 ] , "b" : { } }',
  "1.0",
  "1e5",
  "1E+05",
  "-1.5e-07",
  "9007199254740993",
  "-123456789012345678901234567890",
  "1e400",
  "NaN",
  "Infinity",
  "-Infinity",
  '{"n":NaN,"list":[Infinity,-Infinity]}',
  '{"a":1,"a":2}',
  '{"2":1,"1":2,"__proto__":3,"":4}',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00"',
  '"\\ud800"',
  '"é😀\u007f\u2028"',
  `${"[".repeat(900)}${"]".repeat(900)}`,
  `${'{"a":'.repeat(900)}NaN${"}".repeat(900)}`,
];

const INVALID = [
  "",
  " ",
  "{",
  "[",
  "}",
  "]",
  "[1,]",
  "[,1]",
  "[1 2]",
  "[1}",
  '{"a":1]',
  '{"a":1,}',
  '{,"a":1}',
  '{"a"}',
  '{"a":}',
  '{"a" 1}',
  '{"a":1 "b":2}',
  "{a:1}",
  "{'a':1}",
  "{NaN:1}",
  "01",
  "-",
  "+1",
  ".5",
  "1.",
  "1e",
  "0x1F",
  "1_000",
  "nan",
  "nul",
  "nulll",
  "True",
  "None",
  "undefined",
  "-NaN",
  "+Infinity",
  "-Infinit",
  "NaNN",
  "[NaN,]",
  "NaN1",
  '"',
  '"a',
  '"\\"',
  '"\\x41"',
  '"\\u12g4"',
  '"\\u12"',
  '"a\nb"',
  '"a\tb"',
  '"a\u0000b"',
  '"a\u001fb"',
  "\ufeff{}",
  "\u00a0{}",
  "{}\u0000",
  "{} {}",
  "1 1",
  "// note\n{}",
];

describe("the core's reader of JSON and the protocol's", () => {
  it.each(VALID)("both read %j", (text) => {
    expect([coreReads(text), parseJson(text).ok]).toEqual([true, true]);
  });

  it.each(INVALID)("both refuse %j", (text) => {
    expect([coreReads(text), parseJson(text).ok]).toEqual([false, false]);
  });

  it("agree on any string that is nearly JSON", () => {
    const almost = fc
      .json()
      .chain((text) =>
        fc
          .tuple(
            fc.nat(text.length),
            fc.nat(2),
            fc.constantFrom(
              "",
              ",",
              "}",
              "]",
              '"',
              "\\",
              "x",
              "\n",
              "-",
              "0",
              ".",
              "e1",
              "NaN",
              "Infinity",
              " ",
            ),
          )
          .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length)),
      );
    fc.assert(
      fc.property(almost, (text) => {
        expect(parseJson(text).ok).toBe(coreReads(text));
      }),
      { numRuns: 3000 },
    );
  });

  it("differ only in depth: the core refuses what Python refuses, the panel shows anything in a store", () => {
    const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
    expect([coreReads(deep), parseJson(deep).ok]).toEqual([false, true]);
  });
});
