/** Installs a folder's own packages: those of suites whose real packages the root install does not carry. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { ROOT, run } from "./program.ts";

const begun = new Map<string, Promise<void>>();

/**
 * Runs `npm ci` in a folder that has its own package-lock.json, unless what is installed matches it. Called again, it waits for the
 * same.
 *
 * @param folder path from the repository's root
 */
export function installFolder(folder: string): Promise<void> {
  const installing = begun.get(folder) ?? install(folder);
  begun.set(folder, installing);
  return installing;
}

async function install(folder: string): Promise<void> {
  const [wanted, installed] = await Promise.all([
    readVersions(join(ROOT, folder, "package-lock.json")),
    readVersions(join(ROOT, folder, "node_modules", ".package-lock.json")),
  ]);
  if (wanted === null) throw new Failure(`${folder}/package-lock.json is missing or damaged.`);
  if (installed !== null && [...wanted].every(([path, version]) => installed.get(path) === version)) return;
  console.log(`Installing the packages of ${folder} with npm ci. This happens once.`);
  const args = ["ci", "--prefix", join(ROOT, folder), "--no-workspaces", "--no-audit", "--no-fund"];
  const ended = await run("npm", [...args, "--loglevel=error"], { timeoutMs: 600_000 });
  if (ended.code !== 0)
    throw new Failure(`npm ci in ${folder} failed. Check the network:\n${ended.output.trim()}`);
}

/** Version of each package that has to be there, by its path; null when there is no such list. */
async function readVersions(path: string): Promise<Map<string, string> | null> {
  try {
    const { packages } = JSON.parse(await readFile(path, "utf8")) as {
      packages: Record<string, { version?: string; optional?: boolean }>;
    };
    return new Map(
      Object.entries(packages).flatMap(([name, { version, optional }]) =>
        name.startsWith("node_modules/") && version !== undefined && optional !== true
          ? [[name, version]]
          : [],
      ),
    );
  } catch {
    return null;
  }
}
