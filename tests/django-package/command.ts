/** `manage.py session_bridge` next to a site of these tests, with the bridge from this checkout. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT } from "../../scripts/machine/program.ts";
import { PYTHON } from "../interop/django-packages.ts";
import { type BackgroundProgram, startInBackground } from "./background-program.ts";
import type { Project, Site } from "./site.ts";

/** The command, and the bridge that it started. */
export interface Command extends BackgroundProgram {
  /** The port at which the bridge answers the panel. */
  readonly port: number;
}

/** What differs from the usual call. */
export interface CommandOptions {
  /** The origins of `--for`. Default: the site's. */
  origins?: readonly string[];
  /** Further arguments. */
  args?: readonly string[];
}

const BRIDGE = join(ROOT, "server-bridge/src/cli/main.ts");

/** The arguments of Python for the command. */
export function commandArgs(origins: readonly string[]): string[] {
  const asked = origins.flatMap((origin) => ["--for", origin]);
  return ["-u", "manage.py", "session_bridge", ...asked, "--session-bridge", BRIDGE];
}

/** How long tests wait for each other: bridges next to a site share four ports. */
const PORTS_MS = 60_000;

/** A process of a site looks for its bridge at most once a second. */
const LOOKED_MS = 1_100;

/** Resolves when each process of a site will find, at its next request, a bridge that has been announced. */
export async function siteLooks(): Promise<void> {
  await wait(LOOKED_MS);
}

/**
 * Starts the command; resolves when it has announced its bridge to the site and said so in the terminal, and when each process of
 * the site will find it at its next request.
 */
export async function startCommand(site: Site, options: CommandOptions = {}): Promise<Command> {
  for (const until = Date.now() + PORTS_MS; ; )
    try {
      const command = await tryToStart(site, options);
      await siteLooks();
      return command;
    } catch (error) {
      if (Date.now() > until || !/ports .* are taken/.test(String(error))) throw error;
    }
}

async function tryToStart(site: Site, options: CommandOptions): Promise<Command> {
  const args = [...commandArgs(options.origins ?? [site.url]), ...(options.args ?? [])];
  let port: number | null = null;
  const program = await startInBackground(PYTHON, args, {
    cwd: site.folder,
    env: site.environment,
    async isReady(output) {
      port = await readAnnouncedPort(site);
      return port !== null && output.includes(String(port));
    },
  });
  if (port === null) throw new Error("[tests] it was announced before");
  return { ...program, port };
}

/** The port of the bridge that is announced to the site, or null. */
export async function readAnnouncedPort({ runtimeFolder }: Project): Promise<number | null> {
  const folder = join(runtimeFolder, "session-bridge");
  const names = await readdir(folder).catch(() => []);
  const name = names.find((one) => one.endsWith(".json"));
  if (name === undefined) return null;
  const announced: unknown = JSON.parse(await readFile(join(folder, name), "utf8"));
  const { bridge } = Object(announced) as { bridge?: unknown };
  return typeof bridge === "number" ? bridge : null;
}
