/** Copies of apps in which the packed library is installed: what a test starts, and may change. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { installFolder } from "../../scripts/machine/packages.ts";
import { ROOT } from "../../scripts/machine/program.ts";
import { packLibrary } from "../../scripts/pack/pack-library.ts";

/** This folder: its packages are found from every copy. */
export const APPS = import.meta.dirname;

const OUT = join(APPS, "out");
const LIBRARY = join(ROOT, "server-bridge");

/** A copy of an app. */
export interface AppCopy {
  folder: string;
  remove(): Promise<void>;
}

/**
 * Copies an app below this folder. There Node and bundlers find the packages of this folder, and the library as its users
 * get it.
 *
 * @param app path of the app's folder from the repository's root, `examples/next-auth`
 */
export async function copyApp(app: string): Promise<AppCopy> {
  const place = await placeWithLibrary();
  const folder = await mkdtemp(join(place, "app-"));
  await cp(join(ROOT, app), folder, { recursive: true, filter: isOfApp });
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** What an install or a build left in an app's own folder stays there. */
function isOfApp(path: string): boolean {
  return !/[/\\](node_modules|\.next|\.svelte-kit|build|package-lock\.json)$/.test(path);
}

/** A folder that has the library as it is now in its `node_modules`. It is packed once for each state of its code. */
async function placeWithLibrary(): Promise<string> {
  await installFolder("tests/apps");
  const place = join(OUT, `library-${await digestLibrary()}`);
  if (existsSync(place)) return place;
  await mkdir(OUT, { recursive: true });
  const work = await mkdtemp(join(OUT, "packing-"));
  const { built } = await packLibrary(work);
  const modules = join(work, "node_modules");
  await cp(built, join(modules, "session-bridge"), {
    recursive: true,
    filter: (path) => !path.endsWith(".tgz"),
  });
  const { dependencies } = JSON.parse(await readFile(join(LIBRARY, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies))
    await cp(join(ROOT, "node_modules", name), join(modules, name), { recursive: true });
  await rm(built, { recursive: true });
  // Another process may have packed the same meanwhile.
  await rename(work, place).catch(() => rm(work, { recursive: true, force: true }));
  return place;
}

/** Changes when a file of the library does. */
async function digestLibrary(): Promise<string> {
  const digest = createHash("sha256");
  const entries = await readdir(join(LIBRARY, "src"), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const path of [join(LIBRARY, "package.json"), ...files.sort()])
    digest.update(`${relative(LIBRARY, path)}\n`).update(await readFile(path));
  return digest.digest("hex").slice(0, 16);
}
