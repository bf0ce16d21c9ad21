/**
 * Every shipped regular expression takes time that is linear in its input: `recheck` shows it for each
 * (docs/decisions/012-a-checker-of-patterns.md).
 */
import { checkSync } from "recheck";
import { describe, expect, it } from "vitest";
import { listCode, type Pattern, parseSource, readSource } from "./source.ts";

/** What runs in the app's process, in the browser, and in the terminal. */
const PRODUCT = /^(server-bridge\/src|extension|components|entrypoints)\//;

/** Patterns that are built at run time, and why their inputs are short. */
const MADE: Record<string, string> = {
  "server-bridge/src/core/django/settings.ts":
    "the app's own `keyPattern`, which is asked of keys that cookies can hold",
};

// The checker's JavaScript version: no other program is started, and nothing is loaded from elsewhere.
process.env["RECHECK_SYNC_BACKEND"] = "pure";
process.env["RECHECK_BACKEND"] = "pure";

/** Why the pattern is not proven linear, or null. */
function faultOf({ source, flags }: Pattern): string | null {
  if (source === null) return "is put together as the program runs";
  const found = checkSync(source, flags, { checker: "automaton", timeout: 60_000 });
  if (found.status === "unknown") return `is not understood by the checker: ${found.error.kind}`;
  const isLinear = found.status === "safe" && ["safe", "linear"].includes(found.complexity.type);
  return isLinear ? null : `takes too long for some text: ${found.complexity.summary}`;
}

function findFaults(path: string, patterns: readonly Pattern[]): string[] {
  return patterns.flatMap((pattern) => {
    const fault = pattern.source === null && path in MADE ? null : faultOf(pattern);
    return fault === null ? [] : [`${path}:${pattern.line}: /${pattern.source}/${pattern.flags} ${fault}`];
  });
}

const all = listCode()
  .filter((path) => PRODUCT.test(path))
  .map((path) => ({ path, patterns: readSource(path).patterns }));

describe("regular expressions", () => {
  it("that ship are all proven linear (T31)", { timeout: 400_000 }, () => {
    expect(all.flatMap(({ path, patterns }) => findFaults(path, patterns))).toEqual([]);
    expect(all.flatMap(({ patterns }) => patterns).length).toBeGreaterThan(100); // they are found
  });

  it("that are excepted exist", () => {
    const made = all.filter(({ patterns }) => patterns.some(({ source }) => source === null));
    expect(made.map(({ path }) => path)).toEqual(Object.keys(MADE));
  });

  it.each([
    ["a quadratic one", String.raw`/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/`, "2nd degree polynomial"],
    ["one that searches for an end", "/=+$/", "2nd degree polynomial"],
    ["an exponential one", String.raw`/"(?:[^"\\]+|\\.)*"/s`, "exponential"],
    ["one that is put together", "new RegExp(text)", "put together"],
    ["one that is put together without new", "RegExp(text)", "put together"],
  ])("that are not linear are detected: %s", (_, code, fault) => {
    const { patterns } = parseSource("extension/logic/a.ts", `const pattern = ${code};`);
    expect(findFaults("extension/logic/a.ts", patterns)).toEqual([expect.stringContaining(fault)]);
  });
});
