/** Makes real Django available, next to the installed packages, from Debian's packages. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchModules, PYTHON, type Recipe } from "./debian-packages.ts";

export { PYTHON } from "./debian-packages.ts";

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, "../../node_modules/.cache/django");

/** The Django versions with which the tests exchange sessions. */
export type DjangoSeries = "3.2" | "5.2";

// The C drivers are bookworm's, built for its Python 3.11. Django 5.2 asks for a newer PostgreSQL driver than bookworm
// has; trixie's psycopg is pure Python.
const DRIVERS = ["python3-mysqldb/bookworm"];
const RECIPES: Record<DjangoSeries, Recipe> = {
  "3.2": {
    suites: ["bookworm"],
    packages: [
      ...["python3-django/bookworm", "python3-asgiref/bookworm", "python3-sqlparse/bookworm"],
      "python3-tz/bookworm",
      ...["python3-psycopg2/bookworm", ...DRIVERS],
    ],
  },
  "5.2": {
    suites: ["bookworm", "trixie", "trixie-backports"],
    packages: [
      ...["python3-django/trixie-backports", "python3-asgiref/trixie", "python3-sqlparse/trixie"],
      ...["python3-psycopg/trixie", "python3-typing-extensions/trixie", ...DRIVERS],
    ],
  },
};

/**
 * Whether this Django is available. If not, its tests are skipped with a loud line, or fail with `CI=true`.
 */
export async function hasDjango(series: DjangoSeries): Promise<boolean> {
  try {
    await run(PYTHON, ["-c", "import django"], { env: { PYTHONPATH: await djangoFolder(series) } });
    return true;
  } catch (error) {
    const line = `Django ${series} cannot be had: ${error instanceof Error ? error.message : String(error)}`;
    if (process.env["CI"] === "true") throw new Error(`[tests] ${line}. With CI=true nothing is skipped.`);
    console.warn(`\n!!! SKIPPED: ${line}. Its tests do not run. !!!\n`);
    return false;
  }
}

/**
 * The folder to put on `PYTHONPATH` for one Django, fetched at the first call on a machine.
 *
 * @throws when apt or the Debian archive is missing; the message says which step failed
 */
export function djangoFolder(series: DjangoSeries): Promise<string> {
  return fetchModules(join(CACHE, series), RECIPES[series]);
}
