/**
 * The pipe between this process and `manage.py session_bridge`, which started it: one line of JSON for each call, and one
 * for its answer. Django answers one after the other; each call has a time limit.
 */
import type { Readable, Writable } from "node:stream";
import { SessionError } from "../../core/errors.ts";
import { type CommandSite, parseAnswer, parseCommandSite } from "./command-lines.ts";
import { createJsonLines, sayMalformed } from "./json-lines.ts";

const ANSWER_MS = 10_000;
/** The settings and apps of the site are loaded before the command starts this process, so its first line comes at once. */
const SITE_MS = 30_000;
/** Bytes of a line: a session, its JSON and its stored string, each perhaps escaped. */
const MAX_LINE = 64 * 1024 * 1024;
/** Calls that wait for their answers. The bridge limits how many it makes. */
const MAX_WAITING = 1_000;

/** What the pipe is made of. */
export interface PipeEnds {
  input: Readable;
  output: Writable;
}

/** Calls Django through the command. */
export interface CommandPipe {
  /** What the command said about the site. */
  readonly site: CommandSite;
  /** Resolves when the command has ended; with an error, if what it sent could not be read. */
  readonly ended: Promise<SessionError | null>;
  /**
   * The answer to a call, not yet parsed.
   *
   * @throws SessionError `engine` if Django failed, did not answer in time, or the command has ended
   */
  call(name: string, given: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

/** Milliseconds. */
interface PipeLimits {
  /** For each answer. Default: 10 seconds. */
  answerMs?: number;
  /** For the command's first line. Default: 30 seconds. */
  siteMs?: number;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/**
 * Waits for the command's first line.
 *
 * @throws SessionError `settings` if it does not come, or is not what this version understands
 */
export async function openCommandPipe(
  { input, output }: PipeEnds,
  { answerMs = ANSWER_MS, siteMs = SITE_MS }: PipeLimits = {},
): Promise<CommandPipe> {
  const waiting = new Map<number, Waiting>();
  const first = Promise.withResolvers<CommandSite>();
  const over = Promise.withResolvers<SessionError | null>();
  let isOver = false;
  let isKnown = false;
  let lastId = 0;

  const end = (error: SessionError, isMisfit = false): void => {
    if (isOver) return;
    isOver = true;
    first.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    over.resolve(isMisfit ? error : null);
  };
  const feed = createJsonLines(
    () => MAX_LINE,
    (value) => {
      if (!isKnown) {
        first.resolve(parseCommandSite(value));
        isKnown = true;
        return;
      }
      const { id, ...answer } = parseAnswer(value);
      const one = waiting.get(id);
      if (one === undefined) return; // it came too late
      waiting.delete(id);
      if ("error" in answer) one.reject(failed(answer.error));
      else one.resolve(answer.answer);
    },
  );
  input.on("data", (bytes: Buffer) => {
    if (isOver) return;
    try {
      feed(bytes);
    } catch (error) {
      end(new SessionError("settings", `${sayMalformed(error)}: ${MISFIT}`), true);
    }
  });
  const leave = () => end(isKnown ? gone() : alone());
  for (const event of ["end", "close", "error"]) input.on(event, leave);
  output.on("error", leave);
  if (Reflect.get(input, "isTTY") === true) end(alone());

  const site = await withinLimit(first.promise, siteMs, alone).catch((error: unknown) => {
    input.destroy(); // otherwise it would keep this process running
    throw error;
  });
  return {
    site,
    ended: over.promise,
    async call(name, given) {
      if (isOver) throw gone();
      if (waiting.size >= MAX_WAITING) throw failed("too many calls");
      lastId += 1;
      const id = lastId;
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      output.write(`${JSON.stringify({ ...given, id, call: name })}\n`);
      return withinLimit(answer, answerMs, () => {
        waiting.delete(id);
        return slow(answerMs);
      });
    },
    close() {
      end(gone());
      input.destroy();
    },
  };
}

const ALONE =
  "--by-command is for manage.py session_bridge, which starts this program. Run python manage.py session_bridge.";
const MISFIT =
  "manage.py session_bridge sent what this version does not understand. Install versions of session-bridge and django-session-bridge that were published together.";

function alone(): SessionError {
  return new SessionError("settings", ALONE);
}

function gone(): SessionError {
  return new SessionError("engine", "manage.py session_bridge has ended. Start it again.");
}

function failed(kind: string): SessionError {
  return new SessionError("engine", `Django could not do it (${kind}). Check that its session store runs.`);
}

function slow(answerMs: number): SessionError {
  const seconds = answerMs / 1_000;
  return new SessionError(
    "engine",
    `Django did not answer within ${seconds} seconds. Check that its session store runs.`,
  );
}

async function withinLimit<T>(answer: Promise<T>, limitMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
