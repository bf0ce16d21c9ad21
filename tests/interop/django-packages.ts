/** Makes real Django and what runs with it available, next to the installed packages, from Debian's packages. */
import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { fetchModules, fetchSource, PYTHON, type Recipe } from "./debian-packages.ts";

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

// Servers and clients of caches, of the years of each Django. The drivers with C in them are bookworm's.
const COMPANIONS: Record<DjangoSeries, Recipe> = {
  "3.2": {
    suites: ["bookworm"],
    packages: [
      ...["python3-gunicorn/bookworm", "python3-uvicorn/bookworm", "python3-h11/bookworm"],
      ...["python3-click/bookworm", "python3-packaging/bookworm", "python3-typing-extensions/bookworm"],
      // Django's own cache in Redis came with 4.0
      ...["python3-django-redis/bookworm", "python3-redis/bookworm", "python3-async-timeout/bookworm"],
      ...["python3-deprecated/bookworm", "python3-wrapt/bookworm"],
      ...["python3-pymemcache/bookworm", "python3-six/bookworm"],
    ],
  },
  "5.2": {
    suites: ["bookworm", "trixie"],
    packages: [
      ...["python3-gunicorn/trixie", "python3-uvicorn/trixie", "python3-h11/trixie"],
      ...["python3-click/trixie", "python3-packaging/trixie"],
      ...["python3-redis/trixie", "python3-async-timeout/trixie", "python3-pymemcache/trixie"],
    ],
  },
};

// Daphne brings Twisted, whose parts in C are bookworm's.
const DAPHNE: Recipe = {
  suites: ["bookworm"],
  packages: [
    ...["python3-daphne", "python3-autobahn", "python3-txaio", "python3-twisted", "python3-attr"],
    ...["python3-automat", "python3-constantly", "python3-hyperlink", "python3-incremental"],
    ...["python3-zope.interface", "python3-idna", "python3-typing-extensions", "python3-six"],
    ...["python3-openssl", "python3-cryptography", "python3-cffi-backend", "python3-service-identity"],
    ...["python3-pyasn1", "python3-pyasn1-modules"],
  ].map((name) => `${name}/bookworm`),
};

/** What builds a wheel and installs it. */
const BUILD_TOOLS: Recipe = {
  suites: ["bookworm"],
  packages: [
    ...["python3-build", "python3-pep517", "python3-packaging", "python3-toml", "python3-tomli"],
    ...["python3-setuptools", "python3-pkg-resources", "python3-wheel", "python3-pip"],
  ].map((name) => `${name}/bookworm`),
};

// The archive drops the source of a version when a newer one takes its place: a neighbouring 5.2 does as well.
const SOURCE_SUITES: Record<DjangoSeries, readonly string[]> = {
  "3.2": ["bookworm"],
  "5.2": ["trixie-backports", "forky"],
};
/** Django's tests of its sessions, and what runs them. */
const TESTS = ["runtests.py", "test_sqlite.py", "urls.py", "templates", "cache", "sessions_tests"];

/**
 * Whether this Django is available. If not, its tests are skipped with a loud line, or fail with `CI=true`.
 */
export async function hasDjango(series: DjangoSeries): Promise<boolean> {
  try {
    await run(PYTHON, ["-c", "import django"], { env: { PYTHONPATH: await djangoFolder(series) } });
    return true;
  } catch (error) {
    return sayMissing(`Django ${series}`, error);
  }
}

/**
 * Whether something that is fetched is available. If not, its tests are skipped with a loud line, or fail with `CI=true`.
 *
 * @param what  its name in that line
 * @param fetch one of the functions below
 */
export async function canHave(what: string, fetch: () => Promise<string>): Promise<boolean> {
  try {
    await fetch();
    return true;
  } catch (error) {
    return sayMissing(what, error);
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

/** The value of `PYTHONPATH` for one Django with gunicorn, uvicorn, and the clients of Redis and Memcached. */
export async function djangoPath(series: DjangoSeries): Promise<string> {
  const folders = [
    await djangoFolder(series),
    await fetchModules(join(CACHE, `${series}-companions`), COMPANIONS[series]),
  ];
  return folders.join(delimiter);
}

/** The folder to put on `PYTHONPATH`, after Django's, for Daphne. */
export function daphneFolder(): Promise<string> {
  return fetchModules(join(CACHE, "daphne"), DAPHNE);
}

/** The folder to put on `PYTHONPATH` for `python3 -m build` and `python3 -m pip`. */
export function buildToolsFolder(): Promise<string> {
  return fetchModules(join(CACHE, "build-tools"), BUILD_TOOLS);
}

/** Django's own `tests` folder: of it, the tests of sessions and what they need. */
export async function djangoTestsFolder(series: DjangoSeries): Promise<string> {
  const parts = TESTS.map((name) => `*/tests/${name}`);
  const recipe = { suites: SOURCE_SUITES[series], source: "python-django", parts };
  return join(await fetchSource(join(CACHE, `${series}-tests`), recipe), "tests");
}

function sayMissing(what: string, error: unknown): false {
  const line = `${what} cannot be had: ${error instanceof Error ? error.message : String(error)}`;
  if (process.env["CI"] === "true") throw new Error(`[tests] ${line}. With CI=true nothing is skipped.`);
  console.warn(`\n!!! SKIPPED: ${line}. Its tests do not run. !!!\n`);
  return false;
}
