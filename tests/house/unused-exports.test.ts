/** Nothing is exported that only its own file uses; the package's entry points are used by users. */
import { describe, expect, it } from "vitest";
import { doorOf, readDoors } from "./files.ts";
import { listCode, parseSource, readSource, type Source } from "./source.ts";

/** What ships. */
const PRODUCT = /^(server-bridge\/src|extension|components|entrypoints|scripts)\//;
/** Files whose exports are for a tool or for users: the package's entry points, and WXT's. */
const doors = new Set(Object.keys(readDoors()).map(doorOf));
const isDoor = (path: string) => doors.has(path) || path === "entrypoints/background/index.ts";

/** `*` means every name. */
function findUnused(sources: ReadonlyMap<string, Source>): string[] {
  const used = new Map<string, Set<string>>();
  for (const { imports } of sources.values()) {
    for (const { file, names } of imports) {
      if (file === null) continue;
      const known = used.get(file) ?? new Set();
      for (const name of names) known.add(name);
      used.set(file, known);
    }
  }
  return [...sources].flatMap(([path, { exports }]) => {
    if (!PRODUCT.test(path) || isDoor(path) || used.get(path)?.has("*")) return [];
    return exports
      .filter((name) => name !== "*" && !used.get(path)?.has(name))
      .map((name) => `${path}: ${name}`);
  });
}

describe("exports", () => {
  it("are used by another file", () => {
    expect(findUnused(new Map(listCode().map((path) => [path, readSource(path)])))).toEqual([]);
  });

  it("that no other file uses are found, types too", () => {
    const texts = {
      "extension/logic/a.ts": "export const one = 1; export interface Two {} export function three() {}",
      "extension/logic/b.ts": 'import { one } from "./a.ts"; export { three as four } from "./a.ts";',
    };
    const planted = new Map(Object.entries(texts).map(([path, text]) => [path, parseSource(path, text)]));
    expect(findUnused(planted)).toEqual(["extension/logic/a.ts: Two", "extension/logic/b.ts: four"]);
  });
});
