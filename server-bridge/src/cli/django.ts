/**
 * `session-bridge django`: a bridge next to a Django site, on its own table and secret, until Ctrl-C.
 *
 * The secret comes from the environment or from Django's settings themselves, never from the command line.
 */
import { existsSync } from "node:fs";
import { openLoopbackServer } from "../bridge/servers/loopback-server.ts";
import { PREFIX } from "../core/errors.ts";
import { type Channel, openChannel } from "../sources/django/channel.ts";
import { djangoSource } from "../sources/django/django.ts";
import { type DjangoSettings, readDjangoSettings } from "../sources/django/django-settings.ts";
import type { Source } from "../sources/source.ts";
import { explainTable } from "./table-failure.ts";
import { readSecrets, refusePassword, refuseProduction, type Terminal, UsageError } from "./terminal.ts";

interface DjangoOptions {
  /** `sqlite:db.sqlite3`, `postgres://…`, `mysql://…`. Default: the settings' own, else `DATABASE_URL`. */
  database?: string;
  /** The table and its schema. Default: `django_session`, where the connection finds it. */
  table?: string | undefined;
  schema?: string | undefined;
  /** Origins of the site, `http://localhost:8000`. */
  for?: readonly string[];
  /** The settings module, `mysite.settings`. */
  settings?: string;
  /** The interpreter that has Django. Default `python3`. */
  python?: string;
  cookieName?: string;
  cookieAge?: number;
  timeZone?: string;
  /** Prints all that Python said when the settings cannot be read. */
  verbose?: boolean;
}

/** Runs until the terminal says stop; returns the exit code. Throws `UsageError` when it was called wrongly. */
export async function runDjango(options: DjangoOptions, terminal: Terminal): Promise<number> {
  const serves = readOrigins(options.for ?? []);
  refuseProduction(terminal);
  const found = await readSettings(options, terminal);
  const address = readAddress(options, found, terminal);
  const log = terminal.complain;
  const secretKey = found
    ? [found.secretKey, ...found.secretKeyFallbacks]
    : readSecrets(terminal, "DJANGO_SECRET_KEY");
  const channel = found?.channel ? await openChannel(found.channel, { isCarried: false, log }) : null;
  try {
    const reading = djangoSource({
      ...{ database: address, secretKey, serves, log },
      ...{ table: options.table, schema: options.schema },
      ...cookieSettings(options, found),
      ...(channel === null ? {} : { receive: channel.receive }),
    });
    try {
      // said now, not when the tab first reads
      const unreadable = await reading.check().then(
        () => null,
        (error: unknown) => explainTable(error, options.database !== undefined),
      );
      if (unreadable === null) return await serve(reading.source, channel, terminal);
      log(unreadable);
      return 1;
    } finally {
      await reading.close();
    }
  } finally {
    await channel?.close();
  }
}

/** @param channel null: the site reports nothing */
async function serve(source: Source, channel: Channel | null, terminal: Terminal): Promise<number> {
  const server = await openLoopbackServer(source, { log: terminal.complain, env: terminal.environment });
  try {
    const stopped = terminal.untilStopped(); // from now on: a signal must not end it while the channel's file is there
    channel?.announce(server.port);
    terminal.say(
      `${PREFIX}${channel === null ? "reading" : "tracing"} Django's sessions for ${source.serves?.join(", ")} on port ${server.port}. Open DevTools there, on the Sessions tab. Ctrl-C ends it.`,
    );
    await stopped;
    return 0;
  } finally {
    await server.close();
  }
}

async function readSettings(
  { settings, python = "python3", verbose = false }: DjangoOptions,
  terminal: Terminal,
): Promise<DjangoSettings | null> {
  if (settings === undefined) return null;
  if (!/^\w+(\.\w+)*$/.test(settings) || settings.endsWith(".py"))
    throw new UsageError("--settings takes the module's name as Python imports it, like mysite.settings.");
  const found = await readDjangoSettings(settings, process.cwd(), python, (text) => {
    if (verbose) for (const line of text.split(/\r?\n/)) if (line !== "") terminal.complain(line);
  });
  checkEngine(found);
  return found;
}

function readOrigins(given: readonly string[]): string[] {
  if (given.length === 0) throw new UsageError("Which site? Give its address: --for http://localhost:8000.");
  return given.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw new UsageError(
        "--for takes the site's address with its scheme, like http://localhost:8000. Give that one.",
      );
    }
    return url.origin;
  });
}

function readAddress(
  options: DjangoOptions,
  found: DjangoSettings | null,
  { environment }: Terminal,
): string {
  if (options.database !== undefined) refusePassword(options.database);
  const address = options.database ?? environment["DATABASE_URL"] ?? found?.database;
  if (!address && found) {
    throw new UsageError(
      "This command cannot read the database in the settings. Use SQLite, PostgreSQL or MySQL, or pass --database.",
    );
  }
  if (!address) {
    throw new UsageError(
      "Which database? Give --settings mysite.settings, or --database sqlite:db.sqlite3 with DJANGO_SECRET_KEY set.",
    );
  }
  const file = /^sqlite:(.*)$/s.exec(address)?.[1];
  if (file === ":memory:")
    throw new UsageError(
      "The database is in the site's memory, where no other program can read it. Use a file.",
    );
  // Opening it would make an empty one.
  if (file !== undefined && !existsSync(file))
    throw new UsageError(
      `There is no file ${file}. Run this in the project's folder, after manage.py migrate.`,
    );
  return address;
}

/** From outside the site only a table can be read. */
function checkEngine({ engine, hasCommand }: DjangoSettings): void {
  if (engine.endsWith(".db")) return;
  const step = hasCommand
    ? "Run python manage.py session_bridge, which asks Django itself."
    : "Add the package django-session-bridge to the site, as docs/django.md of Sessions DevTools shows: its command asks Django itself.";
  throw new UsageError(
    `SESSION_ENGINE is ${engine}: from outside the site, this command can read django.contrib.sessions.backends.db only. ${step}`,
  );
}

function cookieSettings(options: DjangoOptions, found: DjangoSettings | null) {
  const naive = options.timeZone !== undefined || found?.useTz === false;
  const age = options.cookieAge ?? found?.cookieAge;
  const name = options.cookieName ?? found?.cookieName;
  return {
    ...(age === undefined ? {} : { cookieAge: age }),
    ...(name === undefined ? {} : { cookieName: name }),
    ...(naive ? { useTz: false, timeZone: options.timeZone ?? found?.timeZone ?? "UTC" } : {}),
    ...(found === null
      ? {}
      : {
          version: found.version,
          cookieDomain: found.cookieDomain,
          cookiePath: found.cookiePath,
          cookieSecure: found.cookieSecure,
          expireAtBrowserClose: found.expireAtBrowserClose,
        }),
  };
}
