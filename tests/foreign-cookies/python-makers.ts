/** Session cookies of Python's frameworks, each made by the framework itself, from Debian's packages. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchModules, PYTHON } from "../interop/debian-packages.ts";
import { djangoFolder } from "../interop/django-packages.ts";
import { type Made, readLines } from "./cookies.ts";

const run = promisify(execFile);
const HERE = import.meta.dirname;
const FOLDER = join(HERE, "../../node_modules/.cache/python/frameworks");

const PACKAGES = [
  ...["starlette", "fastapi", "pydantic", "anyio", "sniffio", "idna", "typing-extensions"],
  ...["itsdangerous", "flask", "werkzeug", "jinja2", "markupsafe", "click"],
].map((name) => `python3-${name}/bookworm`);

/** What each framework set, once for each given session; null if Python's packages are not available. */
export async function pythonCookies(): Promise<Record<string, Made[][]> | null> {
  const folders = await fetchFolders();
  if (folders === null) return null;
  const env = { PYTHONPATH: folders.join(":") };
  const { stdout } = await run(PYTHON, [join(HERE, "python-makers.py")], { env });
  const lines: Record<string, string[][]> = JSON.parse(stdout);
  return Object.fromEntries(Object.entries(lines).map(([name, sets]) => [name, sets.map(readLines)]));
}

async function fetchFolders(): Promise<string[] | null> {
  try {
    const folder = await fetchModules(FOLDER, { suites: ["bookworm"], packages: PACKAGES });
    return [folder, await djangoFolder("3.2")];
  } catch (error) {
    const line = `Python's frameworks cannot be had: ${error instanceof Error ? error.message : String(error)}`;
    if (process.env["CI"] === "true") throw new Error(`[tests] ${line}. With CI=true nothing is skipped.`);
    console.warn(`\n!!! SKIPPED: ${line}. Their tests do not run. !!!\n`);
    return null;
  }
}
