/** Who imports whom, and how imports are written. The rules are in `rules.ts`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readText } from "./files.ts";
import { RULES, type Rule } from "./rules.ts";
import { type Import, listCode, parseSource, readSource, UNKNOWN } from "./source.ts";

const sources = listCode();
const imports = new Map(sources.map((path) => [path, readSource(path).imports]));

const BROWSER_GLOBALS =
  /\b(chrome|browser)\.(tabs|runtime|cookies|storage|webRequest|devtools|permissions|windows|scripting)\b/;

/** The tests put this app's file next to those of the example. */
function laidOver(file: string): string {
  return file.replace(/^tests\/apps\/better-auth-hono\//, "examples/better-auth/");
}

function findBreaches(rule: Rule, given: ReadonlyMap<string, readonly Import[]>): string[] {
  return [...given].flatMap(([path, list]) =>
    rule.files.test(path)
      ? list
          .filter(({ typeOnly }) => !(typeOnly && rule.typesPass === true))
          .filter(({ file, from }) => rule.forbidden.test(file ?? from))
          .map(({ from }) => `${path} imports ${from}`)
      : [],
  );
}

describe("imports", () => {
  for (const rule of RULES) {
    it(rule.name, () => {
      expect(findBreaches(rule, imports)).toEqual([]);
    });

    it(`${rule.name}: a violation is detected`, () => {
      const [path, imported] = rule.breach;
      const isWhole = !imported.includes("${");
      const code = isWhole ? `import { x } from "${imported}";` : `await import(\`${imported}\`);`;
      const found = findBreaches(rule, new Map([[path, parseSource(path, code).imports]]));
      expect(found).toEqual([`${path} imports ${isWhole ? imported : UNKNOWN}`]);
    });
  }

  it("of types are recognised as imports, and distinguished from those of values", () => {
    const { imports: found } = parseSource(
      "tests/house/planted.ts",
      `import type { A } from "./a.ts"; import { type B } from "./b.ts"; export type { C } from "./c.ts";
       export * from "./d.ts"; type E = import("./e.ts").E; const f = await import("./f.ts"); import { type G, g } from "./g.ts";
       await import(\`./h.ts\`); require("./i.ts"); import j = require("./j.ts"); await import("./" + f);`,
    );
    const told = found
      .filter(({ from }) => from !== UNKNOWN)
      .map(({ file, typeOnly }) => `${file} ${typeOnly ? "types" : "values"}`);
    expect(found).toHaveLength(told.length + 1);
    expect(told.sort()).toEqual([
      "tests/house/a.ts types",
      "tests/house/b.ts types",
      "tests/house/c.ts types",
      "tests/house/d.ts values",
      "tests/house/e.ts types",
      "tests/house/f.ts values",
      "tests/house/g.ts values",
      "tests/house/h.ts values",
      "tests/house/i.ts values",
      "tests/house/j.ts values",
    ]);
  });

  it("by reference are recognised, of files and of types", () => {
    const { imports: found } = parseSource(
      "tests/house/planted.ts",
      '/// <reference path="./a.d.ts" />\n/// <reference types="wxt/vite" />\nexport const x = 1;',
    );
    expect(found.map(({ from, file, typeOnly }) => [from, file, typeOnly])).toEqual([
      ["./a.d.ts", "tests/house/a.d.ts", true],
      ["wxt/vite", null, true],
    ]);
  });

  it.each([
    ["server-bridge/src/core/data/json.ts", "../../bridge/index.ts"],
    ["server-bridge/src/core/django/zone.ts", "express"],
    ["server-bridge/src/core/engines/file.ts", "session-bridge/protocol"],
    ["server-bridge/src/core/sessions.ts", "../adapters/node-http.ts"],
    ["server-bridge/src/protocol/parse.ts", "node:buffer"],
    ["extension/messages/sighting.ts", "session-bridge"],
    ["components/common/Icon.tsx", "session-bridge/protocol"],
    ["components/timeline/Timeline.tsx", "../../server-bridge/src/protocol/trace.ts"],
    ["components/session/Tree.tsx", "../../entrypoints/panel/App.tsx"],
    ["components/session/Tree.tsx", "../../extension/ports/ports.ts"],
    ["extension/logic/json/difference.ts", "../../models/index.ts"],
    ["extension/models/editing/write.ts", "../../recorder/recorder.ts"],
    ["extension/models/editing/write.ts", "#imports"],
    ["extension/ports/browser.ts", "../../components/session/Tree.tsx"],
    ["entrypoints/panel/App.tsx", "../../extension/recorder/recorder.ts"],
    ["entrypoints/panel/App.tsx", "session-bridge"],
    ["server-bridge/src/sources/source.ts", "../../../tests/protocol/samples.ts"],
    ["server-bridge/src/adapters/koa.ts", "koa"],
  ])("that a rule forbids are detected everywhere in its room: %s, %s", (path, imported) => {
    const given = new Map([[path, parseSource(path, `import { x } from "${imported}";`).imports]]);
    expect(RULES.flatMap((rule) => findBreaches(rule, given))).not.toEqual([]);
  });

  it("are not bypassed with the browser's global names", () => {
    const pure = sources.filter((path) => /^(components|extension\/(logic|messages|models))\//.test(path));
    const found = pure.filter((path) => BROWSER_GLOBALS.test(readText(path)));
    expect(found).toEqual([]);
    expect(BROWSER_GLOBALS.test("await chrome.tabs.query({})")).toBe(true);
  });

  it("are found by this test at all", () => {
    expect([...imports.values()].flat().length).toBeGreaterThan(1000);
  });

  it("name files of the project that exist, with their ending", () => {
    const exists = (file: string) => [file, laidOver(file)].some((path) => existsSync(join(ROOT, path)));
    const missing = [...imports].flatMap(([path, list]) =>
      list
        .filter(
          ({ file, from }) =>
            from.startsWith(".") && !from.includes("/node_modules/") && file !== null && !exists(file),
        )
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(missing).toEqual([]);
  });

  it("never use a default export, except in tools' configuration files", () => {
    const tools =
      /(\.config\.m?[jt]s|\.d\.ts)$|^tests\/setups\/next-app\/app\/|^(examples|tests\/apps)\/next-[^/]+\/app\/|^entrypoints\/(background|options|devtools|panel)\/(index|main)\.tsx?$/;
    const found = sources.filter((path) => !tools.test(path) && /^export default /m.test(readText(path)));
    expect(found).toEqual([]);
  });
});
