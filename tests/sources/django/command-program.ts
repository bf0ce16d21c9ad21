/** `session-bridge django --by-command` as a separate program, with this test at the other end of its pipe. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { vi } from "vitest";
import { NAME } from "./channel-site.ts";

const ROOT = join(import.meta.dirname, "../../..");
const MAIN = join(ROOT, "server-bridge/src/cli/main.ts");

/** The first line of `manage.py session_bridge`. */
export function siteLine(folder: string, more: Record<string, unknown> = {}) {
  return {
    site: {
      ...{ version: "5.2.8", engine: "cache", module: "django.contrib.sessions.backends.cache" },
      ...{ cookieName: "sessionid", serves: ["http://localhost:8000"], carried: false, note: null },
      secret: Buffer.alloc(32, 7).toString("base64"),
      capabilities: ["read", "edit", "expiry", "cycle", "flush", "restore", "conflicts", "traces"],
      channel: { folder, name: NAME },
      ...more,
    },
  };
}

/** A call that the program made. */
export interface Call {
  id: number;
  call: string;
  [given: string]: unknown;
}

/** Answers a call; undefined: it stays without an answer. */
export type Answerer = (call: Call) => unknown;

/** The program, once it has announced its channel. */
export interface CommandProgram {
  port: number;
  calls: Call[];
  /** What it wrote for people. */
  terminal(): string;
  /** Writes a line to its standard input. */
  write(line: unknown): void;
  /** Ends its standard input, as the command's end does. */
  endInput(): void;
  /** Resolves with its exit code, null after a signal. */
  ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

interface StartOptions {
  site?: Record<string, unknown>;
  answer?: Answerer;
  env?: Record<string, string>;
}

/** Starts it, writes the first line. The caller waits for what it expects. */
export function spawnCommandProgram(first: unknown, { answer, env = {} }: StartOptions = {}) {
  const args = ["--conditions=sessions-source", "--disable-warning=ExperimentalWarning", MAIN];
  const { NODE_ENV: _, ...environment } = process.env;
  const child = spawn(join(ROOT, "node_modules/.bin/node"), [...args, "django", "--by-command"], {
    env: { ...environment, ...env },
  });
  let terminal = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    terminal += text;
  });
  child.stdin.on("error", () => {});
  const write = (line: unknown) => void child.stdin.write(`${JSON.stringify(line)}\n`);
  const calls: Call[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const call: Call = JSON.parse(line);
    calls.push(call);
    const reply = answer?.(call);
    if (reply !== undefined) write({ id: call.id, answer: reply });
  });
  const ended = once(child, "close").then(([code]): number | null => code);
  if (first !== null) write(first);
  return {
    calls,
    terminal: () => terminal,
    write,
    endInput: () => child.stdin.end(),
    ended,
    async kill(signal: NodeJS.Signals) {
      child.kill(signal);
      await ended;
    },
  };
}

/** Starts it; resolves when it has announced its channel in `folder`. */
export async function startCommandProgram(
  folder: string,
  options: StartOptions = {},
): Promise<CommandProgram> {
  const program = spawnCommandProgram(siteLine(folder, options.site), options);
  const port = await vi.waitFor(
    () => {
      const said = /on port (\d+)/.exec(program.terminal())?.[1];
      if (said === undefined) throw new Error(`it has not started: ${program.terminal()}`);
      return Number(said);
    },
    { timeout: 20_000 },
  );
  return { ...program, port };
}
