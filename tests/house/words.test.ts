/** Which words the repository may not hold: a machine's paths, a registry, loose ends, and turns of phrase that were dropped. */
import { describe, expect, it } from "vitest";
import { DROPPED_TURNS } from "./dropped-turns.ts";
import { listFiles, readText } from "./files.ts";
import { proseOf } from "./prose.ts";

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
    it(`no file contains ${name}`, () => {
      const found = texts.flatMap((path) => {
        const lines = readText(path).split("\n");
        return lines.flatMap((line, at) =>
          pattern.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 120)}`] : [],
        );
      });
      expect(found).toEqual([]);
    });
  }

  it("no comment, message, label or page brings back a turn that was dropped", () => {
    const found = texts
      .filter(isOurs)
      .flatMap((path) =>
        proseOf(path).flatMap(({ line, text }) =>
          turnsIn(text).map(({ words, instead }) => `${path}:${line}: "${words}": write ${instead}`),
        ),
      );
    expect(found).toEqual([]);
  });

  it.each([
    ["a visitor gets his session back", "they, their, them"],
    ["A value that nobody asks for", "no one"],
    ["the store tells of it", "reports, or says"],
    ["in a process of its own, which ends", "its own X, or a separate X"],
    ["it ends at that moment", "datetime, date or time"],
  ])("sees the turn in: %s", (text, instead) => {
    expect(turnsIn(text).map((turn) => turn.instead)).toEqual([instead]);
  });

  it.each([
    ["a comment", "a.ts", "const a = 1; // for nobody"],
    ["a docstring", "a.ts", "/**\n * For nobody.\n */\nexport const a = 1;"],
    ["a string", "a.ts", 'log("for nobody");'],
    ["a template", "a.ts", `log(\`for nobody, \${name}\`);`],
    ["words between tags", "a.tsx", "const A = () => <p>For nobody</p>;"],
    ["an attribute", "a.tsx", 'const A = () => <p title="For nobody" />;'],
    ["a style sheet's comment", "a.css", ".a { color: red }\n/* for\n nobody */"],
    ["a page", "a.md", "# A page\n\nFor nobody."],
    ["Python", "a.py", "# for nobody"],
    ["a workflow", "a.yml", "name: for nobody"],
  ])("reads %s", (_, path, text) => {
    expect(proseOf(path, text).flatMap((prose) => turnsIn(prose.text))).toHaveLength(1);
  });

  it("does not read names and values in code", () => {
    expect(proseOf("a.ts", "const nobody = beside.anew;").flatMap(({ text }) => turnsIn(text))).toEqual([]);
    expect(proseOf("a.css", ".nobody { --anew: 1px }").flatMap(({ text }) => turnsIn(text))).toEqual([]);
  });

  it.each([".ts", ".tsx", ".mjs", ".cjs", ".css", ".html", ".md", ".py", ".yml"])(
    "reads files that end with %s",
    (end) => {
      expect(texts.filter((path) => isOurs(path) && path.endsWith(end))).not.toEqual([]);
    },
  );

  it("leaves alone what only looks like one", () => {
    expect(turnsIn("each of its own rows; momentum; another; hello there; history")).toEqual([]);
  });
});

/** False for what others wrote, for data, and for this list. */
function isOurs(path: string): boolean {
  if (/\.(json|pem|svg|lock)$/.test(path)) return false;
  return (
    path !== "LICENSE" &&
    !path.endsWith("/LICENSE") &&
    !/^tests\/house\/(dropped-turns|words\.test)\.ts$/.test(path)
  );
}

function turnsIn(text: string): { words: string; instead: string }[] {
  return text.split("\n").flatMap((line) =>
    DROPPED_TURNS.flatMap(({ pattern, instead }) => {
      const words = pattern.exec(line)?.[0];
      return words === undefined ? [] : [{ words, instead }];
    }),
  );
}
