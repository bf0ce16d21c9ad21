/**
 * The commands of `npx session-bridge`: `clear-expired` (Django's clearsessions), `decode`, `django`, `doctor`,
 * and `token`.
 *
 * Secrets come from the environment only: a command line can be read by everyone on the machine. What is asked for goes
 * to standard output, everything else to standard error. Exit codes: 0 done, 1 it did not work, 2 it was asked wrongly.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { makeToken } from "../bridge/guard/token.ts";
import { database } from "../core/engines/database.ts";
import type { Engine } from "../core/engines/engine.ts";
import { file } from "../core/engines/file.ts";
import { codeOf, describeError, isSessionError, PREFIX } from "../core/errors.ts";
import { createSafeLog, escapeUnseen } from "../core/runtime.ts";
import { createSessions, type Sessions } from "../core/sessions.ts";
import { loadsJson, SESSION_SALT, SIGNED_COOKIES_SALT } from "../core/signing/index.ts";
import { runDjango } from "./django.ts";
import { runDjangoByCommand } from "./django-by-command.ts";
import { runDoctor } from "./doctor.ts";
import { readSecrets, refusePassword, type Terminal, UsageError } from "./terminal.ts";

const HELP = `Usage: session-bridge <command> [options]

Commands
  clear-expired [address]  Delete sessions that have ended, as Django's clearsessions does. Run it daily.
                           The address is sqlite:FILE, postgres://…, mysql://… or file:DIRECTORY;
                           without one it is taken from DATABASE_URL. Ctrl-C stops it after the current batch.
  decode <text>            Show what a stored session, or a cookie of the signed-cookies engine, holds, as JSON.
                           With - the text is read from standard input.
  django --for ORIGIN      Let the Sessions tab see a Django site's sessions, until Ctrl-C. Needs --settings, or
                           --database and DJANGO_SECRET_KEY.
  doctor <url> [<url> …]   Look at running apps from outside: their answers, cookies and bridge. Each fault comes with its
                           next step. Several addresses are compared, too.
  token                    Print a token for SESSION_BRIDGE_TOKEN, drawn at random: 256 bits.

Options
  --for ORIGIN             The site's address, http://localhost:8000. May be given several times.
  --settings MODULE        Its settings module, mysite.settings, read through Django in the current folder.
  --python PATH            The Python that has Django. Default: python3
  --database ADDRESS       Its database, in place of the settings' own: sqlite:FILE, postgres://…, mysql://…
  --table NAME             The table, if it is not django_session. For clear-expired and django.
  --schema NAME            Its schema in PostgreSQL, or its database in MySQL.
  --cookie-name NAME       SESSION_COOKIE_NAME, by which files are named. Default: sessionid
  --cookie-age SECONDS     SESSION_COOKIE_AGE, after which files end. Default: 1209600
  --time-zone ZONE         TIME_ZONE of a Django with USE_TZ = False, like America/Chicago.
  --salt SALT              The salt of a session class of one's own, for decode.
  --by-command             For django: started by manage.py session_bridge, not by hand.
  --verbose                For django: show all that Python said when the settings cannot be read. Secrets may be in it.
  --help                   Show this.

Environment
  SECRET_KEY               Django's. Needed by decode, and by clear-expired for files.
  DJANGO_SECRET_KEY        The site's, for django without --settings.
  SECRET_KEY_FALLBACKS     Django's, older keys as a JSON list: ["old", "older"]
  DATABASE_URL             The address, where it holds a password.
  SESSION_BRIDGE_TOKEN     The bridge's, for doctor. It is sent to loopback addresses only.

Exit codes: 0 done; 1 it did not work, or doctor found something wrong; 2 it was asked wrongly.`;

const OPTIONS = {
  "cookie-name": { type: "string" },
  "cookie-age": { type: "string" },
  "time-zone": { type: "string" },
  salt: { type: "string" },
  for: { type: "string", multiple: true },
  settings: { type: "string" },
  python: { type: "string" },
  database: { type: "string" },
  table: { type: "string" },
  schema: { type: "string" },
  "by-command": { type: "boolean" },
  verbose: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Options = Partial<
  Record<
    | "cookie-name"
    | "cookie-age"
    | "time-zone"
    | "salt"
    | "settings"
    | "python"
    | "database"
    | "table"
    | "schema",
    string
  >
> & { for?: string[]; verbose?: boolean; "by-command"?: boolean };

/** Runs one command; gives the exit code. Never throws. */
export async function runCommandLine(args: readonly string[], given: Terminal): Promise<number> {
  const terminal: Terminal = { ...given, complain: createSafeLog(given.complain) };
  try {
    const { values, positionals } = parseArguments(args);
    const { help, ...options } = values;
    const [command, ...rest] = positionals;
    if (help) {
      terminal.say(HELP);
      return 0;
    }
    if (command === "doctor") return await runDoctor(rest, terminal);
    if (rest.length > 1) throw badCall(`A command takes one argument, and was given ${rest.length}.`);
    if (command === "clear-expired") return await clearExpired(rest[0], options, terminal);
    if (command === "django" && options["by-command"]) return await runDjangoByCommand(terminal);
    if (command === "django") return await django(options, terminal);
    if (command === "decode") return await decode(rest[0], options, terminal);
    if (command === "token") return token(rest[0], terminal);
    if (command === undefined) throw badCall("No command was given.");
    // what is no command may be a session's text that was pasted in its place
    throw badCall(
      /^[a-z][a-z-]{0,15}$/.test(command) ? `There is no command ${command}.` : "There is no such command.",
    );
  } catch (error) {
    return explain(error, terminal);
  }
}

/** A call that does not fit: what is wrong, and where all is listed. */
function badCall(message: string): UsageError {
  return new UsageError(`${message} session-bridge --help lists commands and options.`);
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw badCall(wordOptionFault(error));
  }
}

/** What is wrong with the options: the name of the one that is meant, never what was given for it. */
function wordOptionFault(error: unknown): string {
  const name =
    error instanceof Error ? /'(?:-\w, )?(--?[a-z][a-z-]{0,30})[ ']/.exec(error.message)?.[1] : undefined;
  const option = name === undefined ? "one" : name;
  return codeOf(error) === "ERR_PARSE_ARGS_UNKNOWN_OPTION"
    ? `There is no such option${name === undefined ? "" : `: ${name}`}.`
    : `Of the options, ${option} lacks its value, or was given one that it does not take.`;
}

async function clearExpired(
  given: string | undefined,
  options: Options,
  terminal: Terminal,
): Promise<number> {
  if (given !== undefined) refusePassword(given);
  const address = given ?? terminal.environment["DATABASE_URL"];
  if (!address) throw badCall("Which sessions? Give an address, or set DATABASE_URL.");
  const age = readAge(options) ?? 1_209_600;
  const engine = openEngine(address, options);
  const sessions = createSessions({
    engine,
    // A database knows what has expired. Only files need the key, to read the expiry inside them.
    secretKey: engine.name === "file" ? readSecrets(terminal) : "not used",
    cookieAge: age,
    ...(options["cookie-name"] === undefined ? {} : { cookieName: options["cookie-name"] }),
    ...(options["time-zone"] === undefined ? {} : { useTz: false, timeZone: options["time-zone"] }),
    log: terminal.complain,
  });
  try {
    return await clearAndReport(sessions, terminal);
  } finally {
    await sessions.close();
  }
}

/** How often the progress is shown. */
const PROGRESS_MS = 1_000;

/** Shows how far it is, once it takes longer than a second. Ctrl-C ends it after the current batch. */
async function clearAndReport(sessions: Sessions, terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  void terminal.untilStopped().then(() => stop.abort());
  let shownMs = performance.now();
  const onProgress = (cleared: number, total: number | null) => {
    if (performance.now() - shownMs < PROGRESS_MS) return;
    shownMs = performance.now();
    const of = total === null ? "" : ` of about ${total.toLocaleString("en-US")}`;
    terminal.showProgress?.(`cleared ${cleared.toLocaleString("en-US")}${of}`);
  };
  const count = await sessions
    .clearExpired({ onProgress, signal: stop.signal })
    .finally(() => terminal.showProgress?.(null));
  const done = `${count} ended ${count === 1 ? "session" : "sessions"} deleted`;
  const { aborted } = stop.signal;
  terminal.say(aborted ? `${done}, then stopped. Run it again to delete the rest.` : `${done}.`);
  return aborted ? 1 : 0;
}

function readAge(options: Options): number | undefined {
  if (options["cookie-age"] === undefined) return undefined;
  const age = Number(options["cookie-age"]);
  if (Number.isInteger(age) && age >= 1) return age;
  throw badCall("--cookie-age takes a number of seconds, like 3600.");
}

function django(options: Options, terminal: Terminal): Promise<number> {
  const { for: origins, settings, python, database: address, verbose, table, schema } = options;
  const age = readAge(options);
  return runDjango(
    {
      ...(origins === undefined ? {} : { for: origins }),
      ...(settings === undefined ? {} : { settings }),
      ...(python === undefined ? {} : { python }),
      ...(address === undefined ? {} : { database: address }),
      ...{ table, schema },
      ...(age === undefined ? {} : { cookieAge: age }),
      ...(verbose === undefined ? {} : { verbose }),
      ...(options["cookie-name"] === undefined ? {} : { cookieName: options["cookie-name"] }),
      ...(options["time-zone"] === undefined ? {} : { timeZone: options["time-zone"] }),
    },
    terminal,
  );
}

function openEngine(address: string, { table, schema }: Options): Engine {
  const scheme = /^([a-z]+):/i.exec(address)?.[1]?.toLowerCase();
  const path = address.slice((scheme?.length ?? 0) + 1);
  if (scheme === "file") {
    if (table === undefined && schema === undefined) return file(path);
    throw badCall("A directory of files has no --table and no --schema.");
  }
  if (scheme === "redis" || scheme === "rediss" || scheme === "valkey" || scheme === "memory") {
    throw badCall(`A ${scheme}: cache forgets ended sessions by itself. There is nothing to clear.`);
  }
  // Opening it would make an empty one.
  if (scheme === "sqlite" && !existsSync(path)) throw badCall(`There is no file ${path}. Check the path.`);
  return database(address, { table, schema });
}

async function decode(given: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  if (given === undefined)
    throw badCall("decode needs the text of a session, or - to read it from standard input.");
  const secretKey = readSecrets(terminal);
  const text = (given === "-" ? await terminal.readInput() : given).trim();
  const salts = options.salt === undefined ? [SESSION_SALT, SIGNED_COOKIES_SALT] : [options.salt];
  for (const salt of salts) {
    const json = loadsJson(text, { secretKey, salt });
    if (json === undefined) continue;
    terminal.say(escapeUnseen(json)); // a serializer of one's own may have written it raw
    return 0;
  }
  terminal.complain(
    "The text is not a session signed by SECRET_KEY: it was signed by another key or salt, changed, or is not whole.",
  );
  return 1;
}

function token(given: string | undefined, terminal: Terminal): number {
  if (given !== undefined) throw badCall("token takes no argument.");
  terminal.say(makeToken());
  return 0;
}

function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof UsageError) {
    terminal.complain(error.message);
    return 2;
  }
  // errors of the bridge's options, which are sentences of ours alone; a SessionError's cause belongs to its line
  const isBridges = error instanceof Error && error.message.startsWith(PREFIX) && !isSessionError(error);
  terminal.complain(isBridges ? error.message : describeError(error));
  return isSessionError(error, "settings") ? 2 : 1;
}
