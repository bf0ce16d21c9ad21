/** No file holds more than one idea: three hundred lines are the wall, eighty the custom. */
import { describe, expect, it } from "vitest";
import { listSources, readText } from "./files.ts";

const WALL = 300;
const MEDIAN = 120;

const lines = (path: string) => readText(path).trimEnd().split("\n").length;
const isTest = (path: string) => path.startsWith("tests/") || /\.test\.tsx?$/.test(path);

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
});
