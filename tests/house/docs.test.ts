/** Code in the documentation runs as it stands, and its links lead somewhere. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { FOLDER, findExamples, runExample, writeExamples } from "./examples.ts";
import { listFiles, ROOT, readText } from "./files.ts";

const examples = findExamples();
const whole = examples.filter(({ fragment }) => !fragment);

beforeAll(() => writeExamples(whole));

/** A fragment's code as it may stand in a function: neither imports nor exports may. */
function toBody(code: string): string {
  return code.replace(/^import .*$/gm, "").replace(/^export (?=async |function |const )/gm, "");
}

describe("code in the documentation", () => {
  it("is there to be run", () => {
    expect(whole.length).toBeGreaterThan(0);
  });

  for (const example of whole) {
    it(`runs: ${example.place}`, async () => {
      expect(await runExample(example)).toBeNull();
    });
  }

  for (const { place, code } of examples.filter(({ fragment }) => fragment)) {
    it(`parses: ${place}`, () => {
      // A fragment may stand inside a function.
      expect(() => stripTypeScriptTypes(`async function fragment() {\n${toBody(code)}\n}`)).not.toThrow();
    });
  }

  it("is right in its types", () => {
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    const check = () => execFileSync(tsc, ["--noEmit", "-p", FOLDER], { encoding: "utf8", stdio: "pipe" });
    let complaint = "";
    try {
      check();
    } catch (error) {
      complaint = String(Object(error).stdout);
    }
    expect(complaint).toBe("");
  });
});

/** `extension/logic/time-text.ts`, and folders with a slash at their end; not what the reader's own project holds. */
const PATH = /`((?:components|entrypoints|extension|server-bridge|tests|scripts|docs|examples)\/[\w./*-]+)`/g;

describe("links in the documentation", () => {
  const pages = listFiles().filter((path) => path.endsWith(".md"));

  it("lead to files that are there", () => {
    const broken = pages.flatMap((page) =>
      [...readText(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(page), target)))
        .map((target) => `${page} links to ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("and to headings that are there", () => {
    const slugs = (page: string) =>
      [...readText(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
      );
    const broken = pages.flatMap((page) =>
      [...readText(page).matchAll(/\]\(([^)#\s:]*)#([^)]+)\)/g)]
        .filter(([, target = "", anchor = ""]) => {
          const other = target === "" ? page : join(dirname(page), target);
          return other.endsWith(".md") && !slugs(other).includes(anchor);
        })
        .map(([link]) => `${page} links to ${link.slice(2)}`),
    );
    expect(broken).toEqual([]);
  });

  it("and the paths in them do, too", () => {
    const files = listFiles();
    const isThere = (path: string) =>
      files.some((file) => file === path || file.startsWith(path.replace(/\/?$/, "/")));
    const broken = pages.flatMap((page) =>
      [...readText(page).matchAll(PATH)]
        .map((match) => match[1] ?? "")
        .filter((path) => !isThere(path) && !path.includes("*"))
        .map((path) => `${page} names ${path}`),
    );
    expect(broken).toEqual([]);
  });
});
