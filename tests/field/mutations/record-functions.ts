/** Vitest's setup file for the run that finds out which test file runs which functions: see `markFunctions`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";

const folder = process.env["MUTATIONS_RAN"];

afterAll(() => {
  if (folder === undefined) return;
  const { testPath = "" } = expect.getState();
  const ran = [...((Reflect.get(globalThis, "ranFunctions") as Set<string> | undefined) ?? [])];
  mkdirSync(folder, { recursive: true });
  const name = `${encodeURIComponent(testPath).slice(-180)}.json`;
  writeFileSync(join(folder, name), JSON.stringify({ testPath, ran }));
});
