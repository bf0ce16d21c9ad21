/** Builds the extension with WXT. */
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { ROOT, run } from "./program.ts";

const WXT = join(ROOT, "node_modules", "wxt", "bin", "wxt.mjs");

const built = new Map<string, Promise<string>>();

/**
 * Builds for one browser, once in a run of the tests, and gives the folder to load. Throws a `Failure` with WXT's own words.
 */
export function buildExtension(browser: "chrome" | "firefox"): Promise<string> {
  const begun = built.get(browser) ?? build(browser);
  built.set(browser, begun);
  return begun;
}

async function build(browser: "chrome" | "firefox"): Promise<string> {
  const ended = await run(process.execPath, [WXT, "build", "-b", browser]);
  if (ended.code !== 0) throw new Failure(`The extension does not build:\n${ended.output.trim()}`);
  return join(ROOT, ".output", `${browser}-mv3`);
}

/** Writes `.wxt/`, which `tsconfig.json` extends. */
export async function prepareTypes(): Promise<void> {
  const prepared = await run(process.execPath, [WXT, "prepare"]);
  if (prepared.code !== 0) throw new Failure(`wxt prepare failed:\n${prepared.output.trim()}`);
}
