/** Replaces many strings in one pass: which of two overlapping ones wins, and what happens when there are too many. */
import { expect, it } from "vitest";
import { createMatcher } from "../../../../extension/logic/history/match-secrets.ts";

it.each([
  ["of two that begin alike the longer one", "xabcdefy", "xtwoy"],
  ["the shorter one where the longer does not end", "xabcdey", "xoneey"],
  ["each as often as it stands there", "abcd abcdef abcd", "one two one"],
])("replaces %s", (_, text, replaced) => {
  const replace = createMatcher(
    new Map([
      ["abcd", "one"],
      ["abcdef", "two"],
    ]),
  );
  expect(replace(text)).toBe(replaced);
});

it("hides everything after the beginning of a string when there are too many to keep whole", () => {
  const long = "k".repeat(32) + "0123456789".repeat(8);
  const replace = createMatcher(new Map([[long, "one"]]), 10);
  expect(replace(`x ${long} y`)).toBe("x one");
  expect(replace("x kkkk y")).toBe("x kkkk y");
});
