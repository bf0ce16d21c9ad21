/** The library as its users get it: built, packed, and installed into an empty project. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packLibrary } from "../../scripts/pack/pack-library.ts";

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");

export interface Project {
  /** The empty project, with the package installed. */
  directory: string;
  /** The packed file. */
  tarball: string;
  /** The package's folder before it was packed. */
  built: string;
  remove(): Promise<void>;
}

/** Builds, packs and installs. npm uses its cache if it can. */
export async function createProject(): Promise<Project> {
  const base = await mkdtemp(join(tmpdir(), "sessions-package-"));
  const directory = join(base, "project");
  await mkdir(directory);
  const { built, tarball } = await packLibrary(base);
  await writeFile(join(directory, "package.json"), '{ "private": true, "type": "module" }\n');
  await run("npm", ["install", tarball, "--prefer-offline", "--no-audit", "--no-fund"], { cwd: directory });
  return { directory, tarball, built, remove: () => rm(base, { recursive: true, force: true }) };
}

/** Runs one of the repository's own tools; resolves with its output, rejects with it if it failed. */
export async function runTool(name: string, args: string[], cwd: string): Promise<string> {
  try {
    const { stdout, stderr } = await run(join(BIN, name), args, { cwd });
    return stdout + stderr;
  } catch (error) {
    throw new Error(`${name} failed:\n${String(Object(error).stdout)}${String(Object(error).stderr)}`);
  }
}

/** Compiles one file of the project as a strict user does, with the types of Node and of `packages`. */
export async function compile(
  project: Project,
  code: string,
  packages: readonly string[] = [],
): Promise<string> {
  const folder = await mkdtemp(join(project.directory, "typed-"));
  await writeFile(join(folder, "app.ts"), code);
  const needed = ["@types/node", "undici-types", ...packages];
  for (const name of needed) await lend(name, join(project.directory, "node_modules", name));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ES2024",
    lib: ["ES2024"],
    module: "NodeNext",
    types: ["node"],
    skipLibCheck: packages.length > 0, // our own declarations are checked completely if no other packages' types are used
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  return runTool("tsc", ["-p", folder], folder);
}

async function lend(name: string, to: string): Promise<void> {
  await mkdir(join(to, ".."), { recursive: true });
  if (!existsSync(to)) await symlink(join(ROOT, "node_modules", name), to);
}
