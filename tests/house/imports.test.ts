/** Who may import whom: the four rules of the house, and how imports are written. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, listSources, ROOT, readImports, readText } from "./files.ts";

interface Rule {
  name: string;
  /** Files the rule is about. */
  files: RegExp;
  /** Imports that break it, by path from the root or by package name. */
  forbidden: RegExp;
  /** Files that are free of the rule, each with a reason. */
  except?: Record<string, string>;
  /** True: types are free to pass. */
  typesPass?: boolean;
}

const RULES: readonly Rule[] = [
  {
    name: "the protocol imports nothing but itself",
    files: /^server-bridge\/src\/protocol\//,
    forbidden: /^(?!server-bridge\/src\/protocol\/)/,
  },
  {
    name: "the core does not know who watches it",
    files: /^server-bridge\/src\/(?!bridge\/|sources\/|protocol\/|testing|register|cli)/,
    forbidden: /^server-bridge\/src\/(bridge|sources|protocol)\//,
  },
  {
    name: "an adapter's framework, a database's driver and a cache's client are the user's: only types of them are imported",
    files: /^server-bridge\/src\/(?!cli|testing|register)/,
    forbidden: /^(express|fastify|koa|hono|pg|mysql2|redis|express-session|@fastify\/.*)$/,
    typesPass: true,
  },
  {
    name: "models and logic do not know the browser",
    files: /^extension\/(models|logic)\//,
    forbidden: /^(wxt\/.*|webextension-polyfill|extension\/(ports\/(?!ports\.ts$)|background|recorder).*)$/,
  },
  {
    name: "models do not know the views",
    files: /^extension\//,
    forbidden: /^(components|entrypoints)\//,
  },
  {
    name: "views do not know the models",
    files: /^components\//,
    forbidden:
      /^(entrypoints|extension\/(models|ports|background|recorder))\/|^(wxt\/|webextension-polyfill$)/,
  },
  {
    name: "in the panel, only extension/ports imports the browser",
    files: /^(entrypoints\/panel|extension\/(models|logic|messages))\//,
    forbidden: /^(wxt\/.*|webextension-polyfill)$/,
  },
  {
    name: "of the background, others import only its door's parts",
    files: /^(entrypoints\/(?!background\/)|components\/|extension\/(?!background\/))/,
    forbidden: /^extension\/background\//,
  },
  {
    name: "the extension takes only the protocol from the library",
    files: /^(entrypoints|components|extension)\//,
    forbidden: /^server-bridge\/src\/(?!protocol\/)/,
  },
  {
    name: "the library takes nothing from the extension",
    files: /^server-bridge\//,
    forbidden: /^(entrypoints|components|extension|tests|scripts|examples)\//,
  },
  {
    name: "nothing that runs imports a test, but the drivers that `npm start` uses too",
    files: /^(entrypoints|components|extension|server-bridge|examples|scripts)\//,
    forbidden: /^tests\/(?!e2e\/driver)/,
  },
];

const sources = listSources().filter((path) => !path.endsWith(".css"));
const imports = new Map(sources.map((path) => [path, readImports(path)]));

function breaches(rule: Rule): string[] {
  const found: string[] = [];
  for (const [path, list] of imports) {
    if (!rule.files.test(path) || rule.except?.[path] !== undefined) continue;
    for (const one of list) {
      if (one.typeOnly && rule.typesPass) continue;
      if (rule.forbidden.test(target(one))) found.push(`${path} imports ${one.from}`);
    }
  }
  return found;
}

function target(one: Import): string {
  return one.file ?? one.from;
}

describe("imports", () => {
  for (const rule of RULES) {
    it(rule.name, () => {
      expect(breaches(rule)).toEqual([]);
    });
  }

  it("name files that exist, with their ending", () => {
    const missing = [...imports].flatMap(([path, list]) =>
      list
        .filter(
          ({ file, from }) =>
            from.startsWith(".") && file !== null && !existsSync(join(ROOT, file.split("?")[0] ?? "")),
        )
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(missing).toEqual([]);
  });

  it("never need a default export, tools' own files aside", () => {
    const tools =
      /(\.config\.ts|\.d\.ts)$|^entrypoints\/(background|options|devtools|panel)\/(index|main)\.tsx?$/;
    const found = sources.filter((path) => !tools.test(path) && /^export default /m.test(readText(path)));
    expect(found).toEqual([]);
  });

  it("are found by this test at all", () => {
    expect([...imports.values()].flat().length).toBeGreaterThan(100);
    expect(readImports("tests/house/imports.test.ts")).toContainEqual({
      from: "./files.ts",
      file: "tests/house/files.ts",
      typeOnly: false,
    });
  });
});
