/**
 * The commands of `npx session-bridge`: `clear-expired` (Django's clearsessions) and `decode`.
 *
 * Secrets come from the environment only: a command line can be read by everybody on the machine. What is asked for goes
 * to standard output, everything else to standard error. Exit codes: 0 done, 1 it did not work, 2 it was asked wrongly.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { database } from "./engines/database.ts";
import type { Engine } from "./engines/engine.ts";
import { file } from "./engines/file.ts";
import { isSessionError } from "./errors.ts";
import { createSessions } from "./sessions.ts";
import { loadsJson, SESSION_SALT, SIGNED_COOKIES_SALT } from "./signing/index.ts";

/** What a command has of the outside. */
export interface Terminal {
  environment: Readonly<Record<string, string | undefined>>;
  readInput(): Promise<string>;
  /** Writes a line to standard output. */
  say(line: string): void;
  /** Writes a line to standard error. */
  complain(line: string): void;
}

const HELP = `Usage: session-bridge <command> [options]

Commands
  clear-expired [address]  Delete sessions that have ended, as Django's clearsessions does. Run it daily.
                           The address is sqlite:FILE, postgres://…, mysql://… or file:DIRECTORY;
                           without one it is taken from DATABASE_URL.
  decode <text>            Show what a stored session, or a cookie of the signed-cookies engine, holds, as JSON.
                           With - the text is read from standard input.

Options
  --cookie-name NAME       SESSION_COOKIE_NAME, by which files are named. Default: sessionid
  --cookie-age SECONDS     SESSION_COOKIE_AGE, after which files end. Default: 1209600
  --time-zone ZONE         TIME_ZONE of a Django with USE_TZ = False, like America/Chicago.
  --salt SALT              The salt of a session class of one's own, for decode.
  --help                   Show this.

Environment
  SECRET_KEY               Django's. Needed by decode, and by clear-expired for files.
  SECRET_KEY_FALLBACKS     Django's, older keys as a JSON list: ["old", "older"]
  DATABASE_URL             The address, where it holds a password.

Exit codes: 0 done; 1 it did not work; 2 it was asked wrongly.`;

const OPTIONS = {
  "cookie-name": { type: "string" },
  "cookie-age": { type: "string" },
  "time-zone": { type: "string" },
  salt: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Options = Partial<Record<"cookie-name" | "cookie-age" | "time-zone" | "salt", string>>;

/** A command that was asked wrongly: exit code 2. */
class UsageError extends Error {}

/** Runs one command; gives the exit code. Never throws. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parseArguments(args);
    const { help, ...options } = values;
    const [command, ...rest] = positionals;
    if (help) {
      terminal.say(HELP);
      return 0;
    }
    if (rest.length > 1) throw new UsageError(`${command} takes one argument, and was given ${rest.length}.`);
    if (command === "clear-expired") return await clearExpired(rest[0], options, terminal);
    if (command === "decode") return await decode(rest[0], options, terminal);
    throw new UsageError(command === undefined ? "No command was given." : `There is no command ${command}.`);
  } catch (error) {
    return explain(error, terminal);
  }
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function clearExpired(
  given: string | undefined,
  options: Options,
  terminal: Terminal,
): Promise<number> {
  if (given !== undefined) refusePassword(given);
  const address = given ?? terminal.environment["DATABASE_URL"];
  if (!address) throw new UsageError("Which sessions? Give an address, or set DATABASE_URL.");
  const age = Number(options["cookie-age"] ?? 1_209_600);
  if (!Number.isInteger(age) || age < 1)
    throw new UsageError("--cookie-age takes a number of seconds, like 3600.");
  const engine = openEngine(address);
  const sessions = createSessions({
    engine,
    // A database tells by itself what has ended. Only files need the key, to read an expiry of their own.
    secretKey: engine.name === "file" ? readSecrets(terminal) : "not used",
    cookieAge: age,
    ...(options["cookie-name"] === undefined ? {} : { cookieName: options["cookie-name"] }),
    ...(options["time-zone"] === undefined ? {} : { useTz: false, timeZone: options["time-zone"] }),
    log: terminal.complain,
  });
  try {
    const count = await sessions.clearExpired();
    terminal.say(`${count} ended ${count === 1 ? "session" : "sessions"} deleted.`);
    return 0;
  } finally {
    await sessions.close();
  }
}

function openEngine(address: string): Engine {
  const scheme = /^[a-z]+(?=:)/i.exec(address)?.[0].toLowerCase();
  const path = address.slice((scheme?.length ?? 0) + 1);
  if (scheme === "file") return file(path);
  if (scheme === "redis" || scheme === "rediss" || scheme === "valkey" || scheme === "memory") {
    throw new UsageError(`A ${scheme}: cache forgets ended sessions by itself. There is nothing to clear.`);
  }
  // Opening it would make an empty one.
  if (scheme === "sqlite" && !existsSync(path))
    throw new UsageError(`There is no file ${path}. Check the path.`);
  return database(address);
}

async function decode(given: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  if (given === undefined)
    throw new UsageError("decode needs the text of a session, or - to read it from standard input.");
  const secretKey = readSecrets(terminal);
  const text = (given === "-" ? await terminal.readInput() : given).trim();
  const salts = options.salt === undefined ? [SESSION_SALT, SIGNED_COOKIES_SALT] : [options.salt];
  for (const salt of salts) {
    const json = loadsJson(text, { secretKey, salt });
    if (json === undefined) continue;
    terminal.say(json);
    return 0;
  }
  terminal.complain(
    "The text is not a session signed by SECRET_KEY: it was signed by another key or salt, changed, or is not whole.",
  );
  return 1;
}

/** SECRET_KEY and its fallbacks, newest first. */
function readSecrets({ environment }: Terminal): string[] {
  const secret = environment["SECRET_KEY"];
  if (!secret)
    throw new UsageError("SECRET_KEY is not set. Set it in the environment, the same as in Django.");
  const fallbacks = environment["SECRET_KEY_FALLBACKS"];
  if (!fallbacks) return [secret];
  const parsed = parseList(fallbacks);
  if (parsed === null)
    throw new UsageError('SECRET_KEY_FALLBACKS is not a JSON list of texts. Write ["old", "older"].');
  return [secret, ...parsed];
}

function parseList(json: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) && parsed.every((one) => typeof one === "string") ? parsed : null;
  } catch {
    return null;
  }
}

function refusePassword(address: string): void {
  if (!URL.canParse(address) || new URL(address).password === "") return;
  throw new UsageError(
    "The address holds a password, and everybody on this machine can read a command line. Put it into DATABASE_URL.",
  );
}

function explain(error: unknown, terminal: Terminal): number {
  const message = error instanceof Error ? error.message : String(error);
  terminal.complain(message);
  if (error instanceof UsageError) {
    terminal.complain("session-bridge --help tells how to ask.");
    return 2;
  }
  if (error instanceof Error && error.cause instanceof Error)
    terminal.complain(`Cause: ${error.cause.message}`);
  return isSessionError(error, "settings") ? 2 : 1;
}
