/** Starts `sqlite-visitors.ts`, and reads what it says. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";

/** A process with visitors, on one SQLite file. */
export interface Visitors {
  /** Every line so far. */
  readonly lines: readonly string[];
  /** Waits until that many more lines match. */
  until(pattern: RegExp, more?: number): Promise<void>;
  /** Kills it; throws if it has ended by itself. */
  kill(): Promise<void>;
}

const WAIT_MS = 20_000;

/**
 * Starts visitors on a file. Kill them in any case.
 *
 * @param removalMs how much longer the process takes to remove a file, once it has decided to
 */
export function startVisitors(path: string, removalMs = 0): Visitors {
  const [program = "", slowly = ""] = ["sqlite-visitors.ts", "slow-removal.ts"].map((file) =>
    join(import.meta.dirname, file),
  );
  const options = ["--conditions=sessions-source", "--no-warnings", "--import", slowly];
  const child = spawn(process.execPath, [...options, program, path], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, REMOVAL_MS: String(removalMs) },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  let complaint = "";
  child.stderr.on("data", (piece) => {
    complaint += piece;
  });
  const ended = new Promise<string | null>((resolve) =>
    child.once("exit", (_code, signal) => resolve(signal)),
  );
  const drained = new Promise((resolve) => reader.once("close", resolve));
  return {
    lines,
    async until(pattern, more = 1) {
      const from = lines.length;
      const count = () => lines.slice(from).filter((line) => pattern.test(line)).length;
      await expect
        .poll(() => [count() >= more, child.exitCode ?? child.signalCode], { timeout: WAIT_MS })
        .toEqual([true, null])
        .catch((cause) => {
          const logged = lines.filter((line) => line.startsWith("logged"));
          const said = [`${lines.length - from} lines since`, ...logged, ...lines.slice(-5), complaint];
          throw new Error(`[tests] Too few lines match ${pattern}:\n${said.join("\n")}`, { cause });
        });
    },
    async kill() {
      const before = child.exitCode ?? child.signalCode;
      child.kill("SIGKILL");
      await ended;
      await drained;
      if (before !== null)
        throw new Error(`[tests] The visitors' process ended with ${before}: ${complaint}`);
    },
  };
}

/** The numbers of the sessions that were stored, by key. */
export function storedIn(lines: readonly string[]): Map<string, number> {
  const stored = lines.filter((line) => line.startsWith("stored ")).map((line) => line.split(" "));
  return new Map(stored.map(([, key = "", n]) => [key, Number(n)]));
}

/** The lines about visits that began after this time, by `process.hrtime.bigint()`. */
export function visitsSince(lines: readonly string[], since: bigint): string[] {
  const visits = lines.filter((line) => /^(stored|failed) /.test(line));
  return visits.filter((line) => BigInt(line.split(" ").at(-1) ?? 0) > since);
}
