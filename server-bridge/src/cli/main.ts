#!/usr/bin/env node
/** `npx session-bridge …`: hands the command line to `commands.ts` and ends with its exit code. */
import { text } from "node:stream/consumers";
import { runCommandLine } from "./commands.ts";

void runCommandLine(process.argv.slice(2), {
  environment: process.env,
  readInput: () => text(process.stdin),
  say: (line) => process.stdout.write(`${line}\n`),
  untilStopped: () =>
    new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    }),
  complain: (line) => process.stderr.write(`${line}\n`),
}).then((code) => {
  process.exitCode = code;
});
