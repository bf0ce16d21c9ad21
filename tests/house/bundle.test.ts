/** An app that does not use the bridge has none of it in production (T6). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type Rolldown } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "./files.ts";

const folder = mkdtempSync(join(ROOT, "node_modules", ".cache-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Modules of ours in the bundle of an app with this source, from the library's `src/`. */
async function bundledModules(source: string): Promise<string[]> {
  const entry = join(folder, "app.js");
  writeFileSync(entry, source);
  const output = await build({
    root: ROOT,
    configFile: false,
    logLevel: "silent",
    ssr: { noExternal: ["session-bridge"], resolve: { conditions: ["sessions-source", "node"] } },
    build: { ssr: entry, write: false },
  });
  // One input without watching produces one output with chunks.
  const { output: chunks } = output as Rolldown.RolldownOutput;
  const modules = chunks.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  const library = join(ROOT, "server-bridge", "src");
  return modules.filter((id) => id.startsWith(library)).map((id) => relative(library, id));
}

describe("a bundle", () => {
  it("of an app that imports only the library and an adapter contains no module of the bridge", async () => {
    const modules = await bundledModules(`
      import { createSessions, database } from "session-bridge";
      import { sessionMiddleware } from "session-bridge/node";
      console.log(createSessions, database, sessionMiddleware);`);
    expect(modules).toContain("core/sessions.ts");
    expect(modules.filter((module) => /^(bridge|sources|protocol)\//.test(module))).toEqual([]);
  });

  it("of an app that opens the bridge contains it, so the test above can fail", async () => {
    const modules = await bundledModules(
      'import { openBridge } from "session-bridge/bridge"; console.log(openBridge);',
    );
    expect(modules.some((module) => module.startsWith("bridge/"))).toBe(true);
  });
});
