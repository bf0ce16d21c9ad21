/** The repository speaks of the project alone: no machine's paths, no registry, no loose ends. */
import { describe, expect, it } from "vitest";
import { listFiles, readText } from "./files.ts";

// Written in parts, so that this file does not find itself.
const FORBIDDEN: Record<string, RegExp> = {
  "a path of somebody's machine": new RegExp(`(?<![\\w.~])/(${["work", "root", "home"].join("|")})/\\w`),
  "a temporary folder's path": new RegExp(`["'\`]/${"tmp"}/`),
  "a package registry": new RegExp(
    ["registry\\.npmjs", "registry\\.yarnpkg", "npm\\.pkg\\.github", `"${"resolved"}": "http`].join("|"),
  ),
  "a sentence left open": new RegExp(
    `\\b(${["TO", "FIX", "XX"].map((part, at) => part + ["DO", "ME", "X"][at]).join("|")})\\b(?! \\(#\\d+\\))`,
  ),
  "a test that is left out or alone": new RegExp(
    `\\b(it|test|describe)\\.(${["only", "skip", "todo", "fixme"].join("|")})\\(`,
  ),
  "a silenced type checker": new RegExp(`@ts-(${["ignore", "nocheck"].join("|")})`),
};

const texts = listFiles().filter(
  (path) => !/\.(png|ico|json\.gz|zip|xpi)$/.test(path) && !path.includes("/vectors/"),
);

describe("words", () => {
  for (const [name, pattern] of Object.entries(FORBIDDEN)) {
    it(`no file holds ${name}`, () => {
      const found = texts.flatMap((path) => {
        const lines = readText(path).split("\n");
        return lines.flatMap((line, at) =>
          pattern.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 120)}`] : [],
        );
      });
      expect(found).toEqual([]);
    });
  }
});
