#!/usr/bin/env node
/** `npx session-bridge …`: hands the command line to `commands.ts` and ends with its exit code. */
import { text } from "node:stream/consumers";
import { sayOldNode } from "../core/errors.ts";

/** Loaded only by a Node that is new enough: an older one fails as it loads it. */
async function run(): Promise<number> {
  const oldNode = sayOldNode();
  if (oldNode !== null) {
    process.stderr.write(`${oldNode}\n`);
    return 1;
  }
  const { runCommandLine } = await import("./commands.ts");
  return runCommandLine(process.argv.slice(2), {
    environment: process.env,
    readInput: () => text(process.stdin),
    openPipe: () => ({ input: process.stdin, output: process.stdout }),
    say: (line) => process.stdout.write(`${line}\n`),
    untilStopped: () =>
      new Promise((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      }),
    complain: (line) => process.stderr.write(`${line}\n`),
    showProgress,
  });
}

function showProgress(line: string | null): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line ?? ""}`);
  else if (line !== null) process.stderr.write(`${line}\n`);
}

void run().then((code) => {
  process.exitCode = code;
});
