/** What lies in and around a Django project's folder, for telling someone in the wrong one where to go. Reads names only. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

/** The settings module that `manage.py` names; null without a manage.py, or when it names none. */
export function readManagedSettings(folder: string): string | null {
  try {
    const text = readFileSync(join(folder, "manage.py"), "utf8").slice(0, MAX_TEXT);
    return /DJANGO_SETTINGS_MODULE["'][\s,\]=]{1,10}["']([\w.]{1,100})["']/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}
const MAX_TEXT = 20_000;

/** True for a folder with a `manage.py`. */
export function isProject(folder: string): boolean {
  return existsSync(join(folder, "manage.py"));
}

/** The nearest other folder with a `manage.py`, relative to this one: two levels down, or above. Null when there is none. */
export function findProject(folder: string): string | null {
  const below = foldersIn(folder);
  const above = [dirname(folder), dirname(dirname(folder))];
  const found = [...below, ...above, ...below.flatMap(foldersIn)].find(isProject);
  return found === undefined ? null : relative(folder, found);
}

/** The Python of a virtual environment in this folder or the one above it, relative to this one. Null when there is none. */
export function findPython(folder: string): string | null {
  const places = [folder, dirname(folder)].flatMap((where) =>
    [".venv", "venv", "env"].flatMap((name) =>
      ["bin/python", "Scripts/python.exe"].map((program) => join(where, name, program)),
    ),
  );
  const found = places.find((place) => existsSync(place));
  return found === undefined ? null : relative(folder, found);
}

/** Folders in this one, a bounded number of them. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !/^(\.|node_modules$|__pycache__$)/.test(name))
      .slice(0, MAX_FOLDERS)
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
  } catch {
    return []; // not ours to read
  }
}
const MAX_FOLDERS = 200;

/** The folder's own name, for a sentence. */
export function nameOf(folder: string): string {
  return basename(folder) || folder;
}
