/** Sees to what the suites need of the machine: browsers, databases, Django. What cannot be had is said, loudly. */
import { canInstall, installPackages } from "../machine/apt.ts";
import { ensureChromium } from "../machine/chromium.ts";
import type { Undo } from "../machine/failure.ts";
import { ensureFirefox } from "../machine/firefox.ts";
import { which } from "../machine/program.ts";
import {
  listens,
  MARIADB,
  MEMCACHED,
  POSTGRESQL,
  REDIS,
  type Service,
  startService,
} from "../machine/services.ts";

type Later = (undo: Undo) => void;

/** Makes one part available; gives why it cannot, or null. */
type Part = (later: Later) => Promise<string | null>;

const PARTS: Record<string, Part> = {
  chromium: async () => {
    process.env["CHROMIUM_PATH"] = await ensureChromium();
    return null;
  },
  firefox: async () => {
    process.env["FIREFOX_PATH"] = await ensureFirefox();
    return null;
  },
  // The interpreter and the libraries of its database drivers; the tests fetch the Django versions they compare with.
  django: () => program("Django", ["python3-django", "libpq5", "libmariadb3"], ["django-admin"]),
  postgresql: (later) => service(POSTGRESQL, later),
  mariadb: (later) => service(MARIADB, later),
  redis: (later) => service(REDIS, later),
  memcached: (later) => service(MEMCACHED, later),
  // What people have in front of their app, and `ip` for a network namespace in place of a container.
  programs: () => everyProgram({ nginx: "nginx", caddy: "caddy", haproxy: "haproxy", ip: "iproute2" }),
};

/**
 * Makes the wanted parts available, installing and starting what is missing.
 *
 * @returns for each part that cannot be had, one sentence why
 */
export async function prepareMachine(
  wanted: ReadonlySet<string>,
  later: Later,
): Promise<Map<string, string>> {
  const missing = new Map<string, string>();
  for (const name of wanted) {
    const reason = await make(name, later);
    if (reason === null) continue;
    missing.set(name, reason);
    console.log(`\n*** ${name} IS MISSING: ${reason}\n*** The tests that need it will be skipped.\n`);
  }
  return missing;
}

async function make(name: string, later: Later): Promise<string | null> {
  try {
    return (await PARTS[name]?.(later)) ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function program(
  label: string,
  packages: readonly string[],
  names: readonly string[],
): Promise<string | null> {
  const found = async () => (await Promise.all(names.map(which))).some((path) => path !== null);
  if (await found()) return null;
  const complaint = await install(packages);
  return (await found()) ? null : `${label} is not installed${complaint}`;
}

/** @param programs by name, each with its Debian package */
async function everyProgram(programs: Readonly<Record<string, string>>): Promise<string | null> {
  const find = async () => {
    const paths = await Promise.all(Object.keys(programs).map(which));
    return Object.entries(programs).filter((_, at) => paths[at] === null);
  };
  const missing = await find();
  if (missing.length === 0) return null;
  const complaint = await install(missing.map(([, name]) => name));
  const still = (await find()).map(([name]) => name);
  return still.length === 0 ? null : `not installed: ${still.join(", ")}${complaint}`;
}

async function service(wanted: Service, later: Later): Promise<string | null> {
  if (await listens(wanted.port)) return null;
  if (!(await wanted.installed())) {
    const complaint = await install(wanted.packages);
    if (!(await wanted.installed()))
      return `nothing listens on port ${wanted.port}, and none is installed${complaint}`;
  }
  // Installing may have started it.
  if (!(await listens(wanted.port))) await startService(wanted, later);
  return null;
}

async function install(packages: readonly string[]): Promise<string> {
  if (!(await canInstall())) return `. Install ${packages.join(", ")} to run them here`;
  const complaint = await installPackages(packages, "tests need it");
  return complaint === null ? "" : `; apt-get said: ${complaint}`;
}
