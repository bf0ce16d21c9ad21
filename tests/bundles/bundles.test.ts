/** The library and an application in one file, made by common bundlers, run by Node. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { makePostgresDatabase, type Place, servers } from "../core/engines/servers.ts";
import { BUNDLERS, type Bundler } from "./bundlers.ts";
import { CASES, type Entry, type Work } from "./cases.ts";
import { createProjects, type Projects } from "./projects.ts";
import { Score } from "./score.ts";

const isField = process.env["SESSIONS_FIELD"] === "true";
const score = new Score();

let projects: Projects;
let postgres: Place;
beforeAll(async () => {
  if (!servers.postgres) return;
  [projects, postgres] = await Promise.all([createProjects(), makePostgresDatabase()]);
  const lines = projects.doors.map((door, at) => `export * as door${at} from ${JSON.stringify(door)};`);
  await writeFile(join(projects.workshop, "doors.mjs"), `${lines.join("\n")}\nconsole.log("loaded");\n`);
}, 120_000);
afterAll(async () => {
  score.print();
  await projects?.remove();
  await postgres?.remove();
});

for (const bundler of BUNDLERS.filter(({ inField }) => isField || inField !== true)) {
  const { name, format } = bundler;
  describe.skipIf(!servers.postgres)(
    `a bundle made by ${name}, ${format === "cjs" ? "CommonJS" : "ESM"}`,
    () => {
      let work: Work;
      beforeAll(async () => {
        work = await makeBundles(bundler);
      }, 120_000);

      for (const one of CASES) {
        if (one.asks?.(bundler) === false) continue;
        it(`${one.impossible === undefined ? "" : "cannot: "}${one.name}`, async () => {
          score.begin(name, format, one);
          await one.run(work);
          score.pass(name, format);
        });
      }
    },
  );
}

async function makeBundles(bundler: Bundler): Promise<Work> {
  const { name, format, bundle } = bundler;
  const { workshop } = projects;
  const label = name.replaceAll(/\W+/g, "-");
  const fileOf = (entry: Entry) => `${entry}-${label}.${format === "cjs" ? "cjs" : "mjs"}`;
  const files = { app: fileOf("app"), doors: fileOf("doors"), "foreign-app": fileOf("foreign-app") };
  const make = (entry: Entry) => bundle(join(workshop, `${entry}.mjs`), join(workshop, "dist", files[entry]));
  const warnings = await make("app");
  if (format === "cjs") {
    await make("doors");
    await make("foreign-app");
  }
  return { bundler, projects, postgres: postgres.address, files, warnings };
}
