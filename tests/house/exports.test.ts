/** The library's public API: every entry point resolves, and everything that it exports has a docstring. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listSources, ROOT, readDoors, readText } from "./files.ts";
import { readSource } from "./source.ts";

const doors = Object.entries(readDoors()).map(([entry, source]) => ({
  entry,
  path: join("server-bridge", source),
}));

/** Entry points that are imported for their side effects. */
const { sideEffects } = JSON.parse(readText("server-bridge/package.json")) as { sideEffects: string[] };
const acting = sideEffects.map((source) => join("server-bridge", source));

/** Names exported by a file, with the file that declares each. Follows `export *` and `export { … } from`. */
function exportsOf(path: string, seen = new Set<string>()): { name: string; path: string }[] {
  if (seen.has(path) || !existsSync(join(ROOT, path))) return [];
  seen.add(path);
  const text = readText(path);
  const found: { name: string; path: string }[] = [];
  for (const [, name = ""] of text.matchAll(DECLARATION)) found.push({ name, path });
  for (const [, names = "", from = ""] of text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm)) {
    const source = readSource(path).imports.find((one) => one.from === from)?.file;
    for (const name of names.split(",")) {
      const own =
        name
          .replace(/^\s*type /, "")
          .split(" as ")[0]
          ?.trim() ?? "";
      if (own !== "" && source) found.push(...exportsOf(source).filter((one) => one.name === own));
    }
  }
  for (const [, from = ""] of text.matchAll(/^export \* from "([^"]+)"/gm)) {
    const source = readSource(path).imports.find((one) => one.from === from)?.file;
    if (source) found.push(...exportsOf(source, seen));
  }
  return found;
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

/** True when the line above the declaration ends a docstring; overloads share the first one's. */
function isExplained({ name, path }: { name: string; path: string }): boolean {
  const lines = readText(path).split("\n");
  const at = lines.findIndex((line) => new RegExp(`^export .*\\b${name}\\b`).test(line));
  for (let above = at - 1; above >= 0; above--) {
    const line = lines[above]?.trim() ?? "";
    if (line.startsWith("// biome-ignore")) continue;
    return line.endsWith("*/");
  }
  return false;
}

describe("the library's entry points", () => {
  for (const { entry, path } of doors) {
    it(`${entry} resolves to a source that exports something, or is imported for its side effects`, () => {
      expect(existsSync(join(ROOT, path))).toBe(true);
      expect(exportsOf(path).length > 0).toBe(!acting.includes(path));
    });

    it(`${entry} has a docstring for everything that it exports`, () => {
      const bare = exportsOf(path).filter((one) => !isExplained(one));
      expect(bare.map(({ name, path: file }) => `${file}: ${name}`)).toEqual([]);
    });
  }
});

describe("files", () => {
  it("say in their first lines what they are for", () => {
    const code = listSources().filter((path) => /\.(tsx?|mjs|js)$/.test(path) && !path.endsWith(".d.ts"));
    const mute = code.filter((path) => !/^(#!.*\n)?(\/\/ .*\n)*\/\*\*/.test(readText(path)));
    expect(mute).toEqual([]);
  });
});
