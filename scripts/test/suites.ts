/** The suites of `npm test`, in the order in which they run: what is quick to fail comes first. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildExtension, prepareTypes } from "../machine/extension.ts";
import { installFolder } from "../machine/packages.ts";
import { ROOT, run } from "../machine/program.ts";
import { type Result, readPlaywright, readVitest, sum, toResult } from "./result.ts";

/** One suite. `needs` names parts of the machine (`prepare.ts`) that it cannot do without. */
export interface Suite {
  name: string;
  needs: readonly string[];
  /** Folder of its own packages. They are installed while the first suites run, so that it need not wait for them. */
  packages?: string;
  /** @param more arguments of the command line, for the suite's own runner */
  run(more: readonly string[]): Promise<Result>;
}

/** Every suite. Names are what `npm test -- <name>` takes. */
export const SUITES: readonly Suite[] = [
  { name: "lint", needs: [], run: () => check("biome", ["check", "."]) },
  { name: "types", needs: [], run: checkTypes },
  { name: "house", needs: [], run: (more) => vitest("house", ["tests/house", ...more]) },
  {
    name: "unit",
    needs: ["django", "postgresql", "mariadb", "redis", "memcached", "programs"],
    run: (more) => vitest("unit", ["--exclude", "tests/house/**", ...WITHOUT_GUESTS, ...more]),
  },
  {
    name: "attacks",
    needs: ["postgresql", "mariadb", "redis"],
    run: (more) => vitest("attacks", ["tests/attacks", ...more]),
  },
  {
    name: "foreign-cookies",
    needs: ["django"],
    packages: "tests/foreign-cookies",
    run: (more) => guests("foreign-cookies", more),
  },
  {
    name: "neighbours",
    needs: ["postgresql", "redis"],
    packages: "tests/neighbours",
    run: (more) => guests("neighbours", more),
  },
  {
    name: "bundles",
    needs: ["postgresql"],
    packages: "tests/bundles",
    run: (more) => guests("bundles", more),
  },
  {
    name: "setups",
    needs: ["programs"],
    packages: "tests/setups",
    run: (more) => guests("setups", more),
  },
  {
    name: "apps",
    needs: ["postgresql"],
    packages: "tests/apps",
    run: (more) => guests("apps", more),
  },
  { name: "chromium", needs: ["chromium"], run: (more) => endToEnd("chromium", more) },
  { name: "panel", needs: ["chromium"], run: (more) => endToEnd("panel", more) },
  { name: "testing", needs: ["chromium"], run: (more) => endToEnd("testing", more) },
  { name: "firefox", needs: ["firefox"], run: (more) => endToEnd("firefox", more) },
  {
    name: "setups-chromium",
    needs: ["chromium", "programs"],
    run: (more) => guestsIn("chromium", "setups", more),
  },
  {
    name: "setups-firefox",
    needs: ["firefox", "programs"],
    run: (more) => guestsIn("firefox", "setups", more),
  },
  { name: "apps-chromium", needs: ["chromium"], run: (more) => guestsIn("chromium", "apps", more) },
  { name: "apps-firefox", needs: ["firefox"], run: (more) => guestsIn("firefox", "apps", more) },
];

type Browser = "chromium" | "firefox";

/** Folders of tests with their own packages, which the root install does not carry. */
const GUESTS = [
  "foreign-cookies",
  "neighbours",
  "bundles",
  "next",
  "native-stores",
  "setups",
  "apps",
] as const;
/** What `npm test` leaves to separate suites, or to `npm run test:field`. */
const WITHOUT_GUESTS = [...GUESTS, "attacks", "field"].flatMap((folder) => [
  "--exclude",
  `tests/${folder}/**`,
]);

/** Where reports, pictures and logs go. */
export const OUT = join(ROOT, "out", "test");

async function check(tool: string, args: readonly string[]): Promise<Result> {
  const ended = await run(join(ROOT, "node_modules", ".bin", tool), args, { show: true });
  return toResult(ended.code === 0, `failed: ${tool} ${args.join(" ")}`);
}

async function checkTypes(): Promise<Result> {
  await prepareTypes();
  const projects = ["tsconfig.json", "server-bridge", "server-bridge/src/protocol"];
  const results = await Promise.all(projects.map((project) => check("tsc", ["--noEmit", "-p", project])));
  return results.reduce((all, one) => ({
    passed: all.passed + one.passed,
    failed: all.failed + one.failed,
    skipped: 0,
    notes: [...all.notes, ...one.notes],
  }));
}

/** Tests with their own packages: installed, checked for types, run. */
export async function guests(
  folder: (typeof GUESTS)[number],
  more: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  await installFolder(`tests/${folder}`);
  const types = await check("tsc", ["--noEmit", "-p", `tests/${folder}`]);
  return sum([types, await vitest(folder, [`tests/${folder}`, ...more], env)]);
}

/** Runs Vitest on what the arguments name. */
export async function vitest(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  // Vite reads tsconfig.json, which extends what this writes; `types` may not have run before
  if (!existsSync(join(ROOT, ".wxt", "tsconfig.json"))) await prepareTypes();
  const report = await freshReport(name);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const ended = await run(join(ROOT, "node_modules", ".bin", "vitest"), ["run", ...reporters, ...args], {
    show: true,
    env,
  });
  return readVitest(report, ended.code === 0);
}

/**
 * Runs one of Playwright's projects. `panel` runs on the harness page and `testing` on a page without the extension; for
 * `chromium` and `firefox` it is built here, for the suites of the field by who runs them.
 */
export async function endToEnd(
  project:
    | Browser
    | `attacks-${Browser}`
    | `logins-${Browser}`
    | `truth-${Browser}`
    | `setups-${Browser}`
    | `apps-${Browser}`
    | "panel"
    | "testing",
  more: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  if (project === "chromium") await buildExtension("chrome");
  if (project === "firefox") await buildExtension("firefox");
  const report = await freshReport(project);
  const ended = await run(
    join(ROOT, "node_modules", ".bin", "playwright"),
    ["test", `--project=${project}`, "--reporter=list,json", ...more],
    {
      show: true,
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report, NODE_OPTIONS: "--conditions=sessions-source", ...env },
    },
  );
  return readPlaywright(report, ended.code === 0);
}

/** The set-ups in which people develop, or the apps of other libraries, in a browser. */
export async function guestsIn(
  browser: Browser,
  folder: "setups" | "apps",
  more: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  await installFolder(`tests/${folder}`);
  await buildExtension(browser === "chromium" ? "chrome" : "firefox");
  return endToEnd(`${folder}-${browser}`, more, env);
}

/** Path of a report that is not there yet. */
async function freshReport(name: string): Promise<string> {
  await mkdir(OUT, { recursive: true });
  const path = join(OUT, `${name}.json`);
  await rm(path, { force: true });
  return path;
}
