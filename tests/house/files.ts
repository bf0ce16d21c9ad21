/** The repository's own files, for the tests that read them. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** The repository's root. */
export const ROOT = dirname(dirname(import.meta.dirname));

/** Paths from the root of every file under version control that is there. */
export function listFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  return listed.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

/** Files that we write as code: TypeScript, JavaScript, CSS. */
export function listSources(): string[] {
  return listFiles().filter((path) => /\.(tsx?|mjs|js|css)$/.test(path));
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Source file behind one of the package's entry points, from the root; null when there is no such entry. */
export function doorOf(entry: string): string | null {
  const source = readDoors()[entry];
  return source === undefined ? null : posix.join("server-bridge", source);
}

/** The library's entry points: `./bridge` → `./src/bridge/index.ts`. */
export function readDoors(): Record<string, string> {
  const text = readText("server-bridge/package.json");
  const { exports } = JSON.parse(text) as { exports: Record<string, string | Record<string, string>> };
  const doors: Record<string, string> = {};
  for (const [entry, target] of Object.entries(exports)) {
    const source = typeof target === "string" ? undefined : target["sessions-source"];
    if (source !== undefined) doors[entry] = source;
  }
  return doors;
}
