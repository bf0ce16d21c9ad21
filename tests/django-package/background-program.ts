/** Programs that run next to a test: a server, or the command. Each is ended with all processes that it started. */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { environment, start } from "../../scripts/machine/program.ts";

/** A program that runs. */
export interface BackgroundProgram {
  readonly pid: number;
  /** What it has written, both streams. */
  output(): string;
  /** Its exit code once it has ended, or the name of the signal. */
  readonly ended: Promise<number | string>;
  /** Sends a signal to it and to its children, as a terminal does with Ctrl-C. Default: SIGINT, then SIGKILL after 10 s. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** How a program is started. */
export interface BackgroundOptions {
  cwd: string;
  /** Added to our own environment, in which the repository's Node comes first. */
  env: Record<string, string>;
  /** Whether it is at work now; asked until it is. */
  isReady(output: string): Promise<boolean>;
}

const READY_MS = 40_000;
const STOPPED_MS = 10_000;
const ASKED_EVERY_MS = 50;

const groups = new Set<number>();
// each leads its own group, so a Ctrl-C in our terminal does not reach it
process.on("exit", () => {
  for (const pid of groups) signalGroup(pid, "SIGKILL");
});

/**
 * Starts a program, and resolves when it is ready.
 *
 * @throws with its output if it ends first, or is not ready within 40 s
 */
export async function startInBackground(
  command: string,
  args: readonly string[],
  options: BackgroundOptions,
): Promise<BackgroundProgram> {
  const child = start(command, args, {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const called = `${command} ${args.join(" ")}`;
  const { pid } = child;
  if (pid === undefined) throw new Error(`[tests] ${called} cannot be started`);
  groups.add(pid);
  let isOver = false;
  const ended = once(child, "close").then(([code, signal]): number | string => {
    isOver = true;
    return code ?? signal;
  });
  const stop = async (signal?: NodeJS.Signals) => {
    signalGroup(pid, signal ?? "SIGINT");
    const isSlow = await Promise.race([ended.then(() => false), wait(STOPPED_MS, true, { ref: false })]);
    // also what outlived its parent
    signalGroup(pid, "SIGKILL");
    if (isSlow) await ended;
    groups.delete(pid);
  };

  for (const until = Date.now() + READY_MS; !(await options.isReady(output)); ) {
    if (isOver || Date.now() > until) {
      await stop("SIGKILL");
      throw new Error(`[tests] ${called} ${isOver ? "ended" : "is not ready"}:\n${output}`);
    }
    await wait(ASKED_EVERY_MS);
  }
  return { pid, output: () => output, ended, stop };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // no process of the group is left
  }
}
