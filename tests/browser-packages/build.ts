/** Builds and packs the extension into a separate folder, so that no other build is disturbed. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** The repository's root. */
export const ROOT = join(import.meta.dirname, "../..");

/** What to build: a folder to load, or the packages for the stores. */
export type Command = "build" | "zip";

/**
 * Runs WXT on the sources in `root` and returns the folder that it wrote.
 *
 * Runs in a separate process, because WXT keeps one configuration per process.
 */
export async function runWxt(command: Command, browser: "chrome" | "firefox", root: string, out: string) {
  const script = `
    const { ${command} } = await import("wxt");
    await ${command}(${JSON.stringify({ root, browser, outDir: out, mode: "production" })});
  `;
  const args = ["--input-type=module", "--eval", script];
  await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 });
  return out;
}

/** The built manifest of one browser, as it was written. */
export function readManifest(out: string, browser: "chrome" | "firefox"): Record<string, unknown> {
  const manifest: unknown = JSON.parse(readFileSync(join(out, `${browser}-mv3`, "manifest.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null)
    throw new Error(`[packages] ${out} holds no manifest`);
  return { ...manifest };
}

/** The one file in a folder with this ending. */
export function findFile(folder: string, ending: string): string {
  const name = readdirSync(folder).find((each) => each.endsWith(ending));
  if (name === undefined) throw new Error(`[packages] no file ends with ${ending} in ${folder}`);
  return join(folder, name);
}
