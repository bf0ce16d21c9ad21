/** The package's own tests, which are Python, on both Djangos: one test here for each of their modules. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../scripts/machine/program.ts";
import { type DjangoSeries, djangoPath, hasDjango, PYTHON } from "../interop/django-packages.ts";
import { PACKAGE_FOLDER } from "./site.ts";

const MODULES = readdirSync(join(PACKAGE_FOLDER, "tests")).filter((name) => /^test_\w+\.py$/.test(name));
const MODULE_MS = 120_000;
/** A test that needs another Django may be skipped anywhere, and its reason begins so. */
const OTHER_DJANGO = /^Django /;

const SERIES = ["3.2", "5.2"] as const;
const there = (await hasDjango("3.2")) && (await hasDjango("5.2"));

describe.skipIf(!there)("The package's own tests, on both Djangos", () => {
  it.each(MODULES)(
    "%s",
    async (module) => {
      await Promise.all(SERIES.map((series) => runModule(module, series)));
    },
    MODULE_MS + 5000,
  );
});

async function runModule(module: string, series: DjangoSeries): Promise<void> {
  const asked = ["-s", "tests", "-t", ".", "-p", module, "-v"];
  const ended = await run(PYTHON, ["-m", "unittest", "discover", ...asked], {
    cwd: PACKAGE_FOLDER,
    env: { PYTHONPATH: await djangoPath(series), PYTHONDONTWRITEBYTECODE: "1" },
    timeoutMs: MODULE_MS,
  });
  expect(ended.code, `Django ${series}:\n${ended.output}`).toBe(0);
  expect(countTests(ended.output), ended.output).toBeGreaterThan(0);
  const left = skippedIn(ended.output);
  for (const line of left) console.warn(`\n!!! SKIPPED in ${module}, Django ${series}: ${line} !!!\n`);
  if (process.env["CI"] === "true") expect(left).toEqual([]);
}

function countTests(output: string): number {
  return Number(/^Ran (\d+) tests? in /m.exec(output)?.[1] ?? 0);
}

/** The reasons of skipped tests, without those that need another Django. */
function skippedIn(output: string): string[] {
  const reasons = [...output.matchAll(/ \.\.\. skipped (['"])(.*)\1$/gm)].map(([, , reason = ""]) => reason);
  return [...new Set(reasons)].filter((reason) => !OTHER_DJANGO.test(reason));
}
