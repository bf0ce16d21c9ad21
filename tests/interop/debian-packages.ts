/**
 * Debian's packages of Python modules and their sources, next to the installed ones: fetched through apt with a separate sources
 * list and unpacked into a cache folder. Nothing is installed, and no permission to install is needed.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
/** A fetch takes seconds; a lock this old was left by a process that was killed. */
const STALE_MS = 180_000;
const MODULES = "usr/lib/python3/dist-packages";

/** The interpreter that runs them: Debian's, for whose version the packages are built. */
export const PYTHON = "/usr/bin/python3";

/** What is fetched together. */
export interface Recipe {
  suites: readonly string[];
  /** Package names, each with the suite it comes from after a slash. */
  packages: readonly string[];
}

/** Parts of a program's source. */
export interface SourceRecipe {
  /** The first of these suites whose archive still has the source; a newer version takes the place of an older one there. */
  suites: readonly string[];
  /** Name of the source package. */
  source: string;
  /** What is unpacked: paths inside, as patterns of tar. */
  parts: readonly string[];
}

/**
 * The folder to put on `PYTHONPATH` for these packages, fetched into `folder` at the first call on a machine.
 *
 * @throws when apt or the Debian archive is missing; the message says which step failed
 */
export async function fetchModules(folder: string, recipe: Recipe): Promise<string> {
  await fetchOnce(folder, (work, apt) => unpackPackages(recipe, work, apt));
  return join(folder, MODULES);
}

/**
 * The folder with these parts of a source, as its authors released it: without Debian's patches.
 *
 * @throws when apt or the Debian archive is missing, or no suite has the source; the message says which step failed
 */
export async function fetchSource(folder: string, recipe: SourceRecipe): Promise<string> {
  await fetchOnce(folder, (work, apt) => unpackSource(recipe, work, apt));
  return folder;
}

/** Fills `folder` unless it is there. `fill` gets a folder for the result, and one for apt. */
async function fetchOnce(folder: string, fill: (work: string, apt: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Several test files need it at the same time; one fetches.
  const lock = `${folder}.fetching`;
  while (!existsSync(folder)) {
    if (await takeLock(lock)) {
      try {
        await fillAside(folder, fill);
      } finally {
        await rm(lock, { recursive: true, force: true });
      }
    } else await wait(200);
  }
}

async function takeLock(lock: string): Promise<boolean> {
  const facts = await stat(lock).catch(() => null);
  if (facts !== null && Date.now() - facts.mtimeMs > STALE_MS)
    await rm(lock, { recursive: true, force: true });
  return mkdir(lock).then(
    () => true,
    () => false,
  );
}

/** Fills a folder next to `folder`, then renames, so that an incomplete folder is never used. */
async function fillAside(folder: string, fill: (work: string, apt: string) => Promise<void>): Promise<void> {
  const work = await mkdtemp(join(dirname(folder), "fetching-"));
  const apt = await mkdtemp(join(tmpdir(), "apt-"));
  try {
    await fill(work, apt);
    // Another process may have fetched it since this one looked.
    if (!existsSync(folder)) await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(apt, { recursive: true, force: true });
  }
}

async function unpackPackages(recipe: Recipe, work: string, apt: string): Promise<void> {
  const options = await readLists("deb", recipe.suites, apt);
  const packages = join(apt, "packages");
  await run("apt-get", [...options, "download", ...recipe.packages], { cwd: packages });
  for (const file of await readdir(packages)) {
    if (file.endsWith(".deb")) await run("dpkg-deb", ["-x", join(packages, file), work]);
  }
  // the tests start hundreds of interpreters that write none: each would compile all of Django, most of a second
  await run(PYTHON, ["-m", "compileall", "-q", join(work, MODULES)]);
}

async function unpackSource(recipe: SourceRecipe, work: string, apt: string): Promise<void> {
  const failures: string[] = [];
  for (const suite of recipe.suites) {
    const own = join(apt, suite);
    try {
      const options = await readLists("deb-src", [suite], own);
      const asked = ["source", "--download-only", "--only-source", recipe.source];
      await run("apt-get", [...options, ...asked], { cwd: join(own, "packages") });
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      continue;
    }
    const archive = (await readdir(join(own, "packages"))).find((file) => /\.orig\.tar\.\w+$/.test(file));
    if (archive === undefined) throw new Error(`[tests] ${recipe.source} in ${suite} has no .orig archive.`);
    const unpacked = ["--directory", work, "--strip-components=1", "--wildcards", ...recipe.parts];
    await run("tar", ["--extract", "--file", join(own, "packages", archive), ...unpacked]);
    return;
  }
  throw new Error(`[tests] The source of ${recipe.source} cannot be had:\n${failures.join("\n")}`);
}

/**
 * Makes apt keep its lists and packages under `apt`, with signatures checked by the machine's trusted keys, and read the lists.
 *
 * @returns options for every further call of apt
 */
async function readLists(
  kind: "deb" | "deb-src",
  suites: readonly string[],
  apt: string,
): Promise<readonly string[]> {
  for (const part of ["lists/partial", "cache/archives/partial", "packages"]) {
    await mkdir(join(apt, part), { recursive: true });
  }
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const archive = await debianArchive(join(apt, "lists"));
  const lines = suites.map((suite) => `${kind} [signed-by=${keys}] ${archive} ${suite} main\n`);
  await writeFile(join(apt, "sources.list"), lines.join(""));
  const options = [
    `Dir::Etc::sourcelist=${join(apt, "sources.list")}`,
    "Dir::Etc::sourceparts=-",
    `Dir::State::lists=${join(apt, "lists")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    "Acquire::Languages=none",
    "Acquire::Retries=3",
    "APT::Sandbox::User=",
  ].flatMap((option) => ["-o", option]);
  await run("apt-get", [...options, "update", "--error-on=any"]);
  return options;
}

/** The address from which this machine gets Debian, perhaps a mirror. */
async function debianArchive(lists: string): Promise<string> {
  const own = ["-o", `Dir::State::lists=${lists}`, "-o", "APT::Sandbox::User="];
  let archive = await findArchive([]);
  if (archive === undefined) {
    await run("apt-get", [...own, "update"]);
    archive = await findArchive(own);
  }
  if (archive === undefined) {
    throw new Error(
      "[tests] apt knows no Debian archive on this machine. These tests need Debian's packages.",
    );
  }
  return archive;
}

/** What apt's downloaded lists say; undefined if nothing was downloaded yet, as in a fresh image. */
async function findArchive(options: readonly string[]): Promise<string | undefined> {
  const filter = ["--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"];
  const { stdout } = await run("apt-get", [...options, "indextargets", ...filter]);
  return stdout.split("\n").find((address) => /\/debian\/?$/.test(address));
}
