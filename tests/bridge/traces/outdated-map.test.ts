/** A source map that has another text than its file names no line. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { isOutdated } from "../../../server-bridge/src/bridge/traces/outdated-map.ts";

const NONE = { version: 3, file: "out.js", names: [], mappings: "", sourceRoot: "" };

function place() {
  const folder = mkdtempSync(join(tmpdir(), "outdated-map-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.ts");
  return { file, source: pathToFileURL(file).href };
}

it.each(["one map", "sections"])("%s: only while the file has another text than the map", (kind) => {
  const { file, source } = place();
  const own = { ...NONE, sources: ["other.ts", source], sourcesContent: ["", "first"] };
  const sections = {
    ...NONE,
    sources: [],
    sourcesContent: [],
    sections: [{ offset: { line: 0, column: 0 }, map: own }],
  };
  const map = new SourceMap(kind === "sections" ? sections : own);
  expect(isOutdated(map, source, file)).toBe(false); // no such file
  for (const [second, text, outdated] of [
    [1, "first", false],
    [2, "edited", true],
    [3, "first", false],
    [4, "\uFEFFfirst", false],
  ] as const) {
    writeFileSync(file, text);
    utimesSync(file, second, second); // each its own time of change, however fast this runs
    expect([isOutdated(map, source, file), isOutdated(map, source, file)]).toEqual([outdated, outdated]);
  }
});

it("a map without texts is believed", () => {
  const { file, source } = place();
  writeFileSync(file, "text");
  const map = new SourceMap({ ...NONE, sources: [source], sourcesContent: [] });
  expect(isOutdated(map, source, file)).toBe(false);
});
