/** What the commands of `npx session-bridge` share: what they have of the outside, and the error of being asked wrongly. */
import { sayNodeEnv, toEnvironment } from "../bridge/guard/environment.ts";
import type { PipeEnds } from "../sources/django/command-pipe.ts";

/** What a command has of the outside. */
export interface Terminal {
  environment: Readonly<Record<string, string | undefined>>;
  readInput(): Promise<string>;
  /** Standard input and output as a pipe to the program that started this one; then nothing else is written there. */
  openPipe?(): PipeEnds;
  /** Writes a line to standard output. */
  say(line: string): void;
  /** Writes a line to standard error. */
  complain(line: string): void;
  /**
   * Shows on standard error how far a long command is: one line that is rewritten, or on something else than a terminal one
   * line after the other. Null: it is over. Absent: it is not shown.
   */
  showProgress?(line: string | null): void;
  /** Resolves when the user ends the program (Ctrl-C, or a signal). */
  untilStopped(): Promise<void>;
}

/** A command that was asked wrongly: exit code 2. */
export class UsageError extends Error {}

/** The secret in an environment variable and its `_FALLBACKS`, newest first. */
export function readSecrets({ environment }: Terminal, name = "SECRET_KEY"): string[] {
  const secret = environment[name];
  if (!secret) throw new UsageError(`${name} is not set. Set it in the environment, the same as in Django.`);
  const fallbacks = environment[`${name}_FALLBACKS`];
  if (!fallbacks) return [secret];
  const parsed = parseList(fallbacks);
  if (parsed === null)
    throw new UsageError(`${name}_FALLBACKS is not a JSON list of texts. Write ["old", "older"].`);
  return [secret, ...parsed];
}

/** Refuses an address on the command line that holds a password. */
export function refusePassword(address: string): void {
  if (!URL.canParse(address)) return;
  const { password, searchParams } = new URL(address);
  if (password === "" && ![...searchParams.keys()].some((name) => /pass|pwd|secret|token/i.test(name)))
    return;
  throw new UsageError(
    "The address holds a password, and everybody on this machine can read a command line. Put it into DATABASE_URL.",
  );
}

function parseList(json: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) && parsed.every((one) => typeof one === "string") ? parsed : null;
  } catch {
    return null;
  }
}

/** Refuses to run in production. openBridge refuses it, too, but names options that a command does not have. */
export function refuseProduction({ environment }: Terminal): void {
  const nodeEnv = environment["NODE_ENV"];
  if (toEnvironment(nodeEnv) !== "production") return;
  throw new UsageError(
    `${sayNodeEnv(nodeEnv)}: this command is for development only. Start it with NODE_ENV=development.`,
  );
}
