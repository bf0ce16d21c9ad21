/** The suites of `npm run test:field`: what `npm test` plays once and small, they play whole. */
import { join } from "node:path";
import { buildExtension } from "../machine/extension.ts";
import { ROOT, run } from "../machine/program.ts";
import { type Result, sum, toResult } from "./result.ts";
import { endToEnd, guests, guestsIn, type Suite, vitest } from "./suites.ts";

/** Tells tests that they may take their time. */
const WHOLE = { SESSIONS_FIELD: "true" };

/** How often each browser's scenarios are played. */
const ROUNDS = 10;

/** Every suite, in the order in which they run. */
export const FIELD_SUITES: readonly Suite[] = [
  {
    name: "neighbours",
    needs: ["postgresql", "redis"],
    run: (more) => guests("neighbours", more, WHOLE),
  },
  { name: "bundles", needs: ["postgresql"], run: (more) => guests("bundles", more, WHOLE) },
  { name: "next", needs: ["postgresql"], run: (more) => guests("next", more, WHOLE) },
  { name: "setups", needs: ["programs"], run: (more) => guests("setups", more, WHOLE) },
  {
    name: "setups-chromium",
    needs: ["chromium", "programs"],
    run: (more) => guestsIn("chromium", "setups", more, WHOLE),
  },
  {
    name: "setups-firefox",
    needs: ["firefox", "programs"],
    run: (more) => guestsIn("firefox", "setups", more, WHOLE),
  },
  { name: "apps", needs: ["postgresql"], run: (more) => guests("apps", more, WHOLE) },
  {
    name: "apps-chromium",
    needs: ["chromium", "postgresql"],
    run: (more) => guestsIn("chromium", "apps", more, WHOLE),
  },
  {
    name: "apps-firefox",
    needs: ["firefox", "postgresql"],
    run: (more) => guestsIn("firefox", "apps", more, WHOLE),
  },
  { name: "native-stores", needs: [], run: (more) => guests("native-stores", more, WHOLE) },
  { name: "versions", needs: [], run: runVersions },
  {
    name: "kills",
    needs: [],
    run: (more) => vitest("kills", ["tests/core/engines/killed-processes.test.ts", ...more], WHOLE),
  },
  {
    name: "writers",
    needs: ["postgresql", "mariadb", "redis"],
    run: (more) => vitest("writers", ["tests/core/engines/many-writers.test.ts", ...more], WHOLE),
  },
  {
    name: "rollout",
    needs: ["redis"],
    run: (more) => vitest("rollout", ["tests/field/express-rollout.test.ts", ...more], WHOLE),
  },
  {
    name: "merge",
    needs: [],
    run: (more) => vitest("merge", ["tests/core/data/merge-law.test.ts", ...more], WHOLE),
  },
  {
    name: "outages",
    needs: ["postgresql", "mariadb", "redis"],
    run: (more) => vitest("outages", ["tests/core/engines/outages", ...more], WHOLE),
  },
  {
    name: "files",
    needs: [],
    run: (more) =>
      vitest("files", ["tests/core/engines/file-", "tests/core/engines/memory.test.ts", ...more], WHOLE),
  },
  {
    name: "rows",
    needs: ["postgresql"],
    run: (more) => vitest("rows", ["tests/field/million-rows.test.ts", ...more], WHOLE),
  },
  {
    name: "scale",
    needs: ["postgresql", "redis"],
    run: (more) =>
      vitest(
        "scale",
        [
          "tests/field/partitions.test.ts",
          "tests/field/bytes-per-session.test.ts",
          "tests/field/redis-failover.test.ts",
          "tests/field/statements.test.ts",
          "--no-file-parallelism",
          ...more,
        ],
        WHOLE,
      ),
  },
  {
    name: "cached",
    needs: ["postgresql", "redis"],
    run: (more) =>
      vitest(
        "cached",
        ["tests/field/cached-database.test.ts", "tests/core/engines/cached-database-model.test.ts", ...more],
        WHOLE,
      ),
  },
  {
    name: "devices",
    needs: ["postgresql", "mariadb", "redis"],
    run: (more) =>
      vitest(
        "devices",
        [
          "tests/core/session/memory-histories.test.ts",
          "tests/core/session/shared-histories.test.ts",
          "tests/core/session/devices-two-processes.test.ts",
          "tests/field/devices-kills.test.ts",
          "tests/field/users-cost.test.ts",
          "--no-file-parallelism",
          ...more,
        ],
        WHOLE,
      ),
  },
  { name: "texts", needs: [], run: (more) => vitest("texts", ["tests/texts", ...more], WHOLE) },
  {
    name: "attacks",
    needs: ["django", "postgresql", "mariadb", "redis", "chromium", "firefox"],
    run: runAttacks,
  },
  {
    name: "django",
    needs: ["django", "postgresql", "mariadb", "redis"],
    run: (more) =>
      vitest(
        "django",
        ["tests/django-package", "tests/field/django-", "--no-file-parallelism", ...more],
        WHOLE,
      ),
  },
  { name: "django-logins", needs: ["django", "chromium", "firefox"], run: runDjangoLogins },
  { name: "truth", needs: ["chromium", "firefox"], run: runTruth },
  { name: "panel", needs: ["chromium"], run: (more) => endToEnd("panel", more, WHOLE) },
  {
    name: "cluster",
    needs: ["redis"],
    run: (more) =>
      vitest(
        "cluster",
        [
          "tests/core/engines/redis-cluster.test.ts",
          "tests/bridge/traces/redis-cluster-log.test.ts",
          ...more,
        ],
        WHOLE,
      ),
  },
  { name: "mutations", needs: ["postgresql", "mariadb", "redis"], run: runMutations },
  { name: "chromium", needs: ["chromium"], run: () => repeat("chromium") },
  { name: "firefox", needs: ["firefox"], run: () => repeat("firefox") },
];

/** The packed library on every Node that the package promises. */
async function runVersions(): Promise<Result> {
  const ended = await run(process.execPath, ["--no-warnings", join(ROOT, "tests/npm-package/versions.ts")], {
    show: true,
  });
  return toResult(ended.code === 0, "failed: the packed library on one of the versions of Node");
}

/** Every try to read or to change another user's session; some of them need both browsers with the extension. */
async function runAttacks(more: readonly string[]): Promise<Result> {
  await buildExtension("chrome");
  await buildExtension("firefox");
  return sum([
    await vitest("attacks", ["tests/attacks", "--no-file-parallelism", ...more], WHOLE),
    await endToEnd("attacks-chromium", []),
    await endToEnd("attacks-firefox", []),
  ]);
}

/** What readings say of thousands of plays in memory, and of two hundred logins in a real Django in each browser. */
async function runDjangoLogins(more: readonly string[]): Promise<Result> {
  await buildExtension("chrome");
  await buildExtension("firefox");
  return sum([
    await vitest("readings", ["tests/extension/models/connection/readings-law.test.ts"], WHOLE),
    await endToEnd("logins-chromium", more),
    await endToEnd("logins-firefox", more),
  ]);
}

/** Each claim of the tab in its case and in its counter-case: on made facts, on real servers, in both browsers. */
async function runTruth(more: readonly string[]): Promise<Result> {
  await buildExtension("chrome");
  await buildExtension("firefox");
  return sum([
    await vitest("truth", ["tests/truth", ...more], WHOLE),
    await endToEnd("truth-chromium", []),
    await endToEnd("truth-firefox", []),
  ]);
}

/** The library with one small change at a time: the tests must notice each, or it is known why they cannot. */
async function runMutations(more: readonly string[]): Promise<Result> {
  const program = join(ROOT, "tests/field/mutations/run.ts");
  const args = ["--no-warnings", "--conditions=sessions-source", program, ...more];
  const ended = await run(process.execPath, args, { show: true });
  return toResult(ended.code === 0, "failed: a change of the library that no test notices");
}

/** A browser's scenarios over and over, with no second try: what fails once in ten is found here. */
async function repeat(browser: "chromium" | "firefox"): Promise<Result> {
  const results: Result[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    console.log(`\n${browser}, round ${round} of ${ROUNDS}`);
    results.push(await endToEnd(browser, ["--retries=0"], WHOLE));
  }
  return sum(results);
}
