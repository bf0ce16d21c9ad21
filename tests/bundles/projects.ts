/** Where bundles are made and where they run: projects with the packed library, with its driver and without. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProject } from "../npm-package/project.ts";

const run = promisify(execFile);

/** The folders of one test run. */
export interface Projects {
  /** Where bundles are made. The library is installed, `pg` is not. */
  workshop: string;
  /** A copy of it with `pg` installed: bundles are copied here, as a deployment does. */
  withDriver: string;
  /** A copy of it without `pg`. */
  withoutDriver: string;
  /** A folder outside of any project. */
  elsewhere: string;
  /** The library's entry points that an application may import, `session-bridge/node`. */
  doors: string[];
  remove(): Promise<void>;
}

/** Packs the library, installs it, and copies the applications of this folder into the workshop. */
export async function createProjects(): Promise<Projects> {
  const { directory: workshop, built, remove } = await createProject();
  const folders = {
    withDriver: join(workshop, "../with-driver"),
    withoutDriver: join(workshop, "../without-driver"),
    elsewhere: join(workshop, "../elsewhere"),
  };
  await install(workshop, "express-session");
  for (const copy of [folders.withDriver, folders.withoutDriver])
    await cp(workshop, copy, { recursive: true });
  await install(folders.withDriver, "pg");
  await mkdir(folders.elsewhere);
  for (const name of ["app.mjs", "foreign-app.mjs"])
    await cp(join(import.meta.dirname, name), join(workshop, name));
  const { exports } = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
  const doors = Object.keys(exports)
    .filter((name) => !["./package.json", "./testing"].includes(name)) // the latter is for Playwright's tests
    .map((name) => `session-bridge${name.slice(1)}`);
  return { workshop, ...folders, doors, remove };
}

/** Installs a package in the version that this folder's package.json names. */
async function install(project: string, name: string): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(import.meta.dirname, "package.json"), "utf8"));
  const what = `${name}@${dependencies[name]}`;
  await run("npm", ["install", what, "--prefer-offline", "--no-audit", "--no-fund"], { cwd: project });
}
