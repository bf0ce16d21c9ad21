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

/** One import of a file. `from` is what was written; `file` its path from the root where that is a file of ours. */
export interface Import {
  from: string;
  file: string | null;
  typeOnly: boolean;
}

// Statements start a line, as the formatter leaves them; dynamic imports may stand anywhere.
const STATIC = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\("([^"]+)"\)/g;

/** Every import and re-export of a source file. */
export function readImports(path: string): Import[] {
  const text = readText(path);
  const found = [
    ...[...text.matchAll(STATIC)].map((match) => ({
      from: match[2] ?? "",
      typeOnly: match[1] !== undefined,
    })),
    ...[...text.matchAll(DYNAMIC)].map((match) => ({ from: match[1] ?? "", typeOnly: false })),
  ];
  return found.map(({ from, typeOnly }) => ({ from, typeOnly, file: toFile(path, from) }));
}

function toFile(path: string, from: string): string | null {
  if (from.startsWith(".")) return posix.normalize(posix.join(posix.dirname(path), from));
  const own = /^session-bridge(?:\/(.+))?$/.exec(from);
  return own === null ? null : doorOf(own[1] === undefined ? "." : `./${own[1]}`);
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
