/** A file has one idea, and a function can be read at a glance. */
import { describe, expect, it } from "vitest";
import { listSources, readText } from "./files.ts";
import { listCode, parseSource, readSource } from "./source.ts";

/** Lines of a file. Forty to a hundred and fifty are usual; the limit is no reason to cut an idea in two. */
const WALL = 350;
const MEDIAN = 120;
/** Lines of a function. */
const LONGEST = 80;

const lines = (path: string) => readText(path).trimEnd().split("\n").length;
const isTest = (path: string) => path.startsWith("tests/") || /\.test\.tsx?$/.test(path);

/** In tests, the bodies of `describe` and `it` and what groups them are lists of tests, as long as there are tests. */
function findLong(path: string, { functions } = readSource(path)): string[] {
  return functions
    .filter(
      ({ name, lines: count }) => count > LONGEST && !(isTest(path) && /^(\(unnamed\)|describe)/.test(name)),
    )
    .map(({ name, line, lines: count }) => `${path}:${line} ${name}: ${count} lines`);
}

describe("sizes", () => {
  it(`no file is longer than ${WALL} lines`, () => {
    const long = listSources()
      .map((path) => ({ path, lines: lines(path) }))
      .filter((file) => file.lines > WALL);
    expect(long).toEqual([]);
  });

  it(`half of the files have at most ${MEDIAN} lines`, () => {
    const sizes = listSources()
      .filter((path) => !isTest(path))
      .map(lines)
      .sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(MEDIAN);
  });

  it(`no function is longer than ${LONGEST} lines`, () => {
    expect(listCode().flatMap((path) => findLong(path))).toEqual([]);
  });

  it("a long function is found in any form", () => {
    const body = "\n".repeat(LONGEST);
    const text = `
function declared() {${body}}
const arrow = () => {${body}};
const model = createModel(function inner() {${body}});
class Thing { method() {${body}} }
export const table = { entry() {${body}} };
function fits() {${"\n".repeat(LONGEST - 1)}}`;
    const found = findLong("extension/planted.ts", parseSource("extension/planted.ts", text));
    const names = found.map((one) => one.split(" ")[1]);
    expect(names.sort()).toEqual(["arrow:", "declared:", "entry:", "inner:", "method:"]);
  });
});
