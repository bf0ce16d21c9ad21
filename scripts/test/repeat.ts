/**
 * `npm run test:repeat [-- <times> [<browser>…]]`: the end-to-end tests over and over, ten times in each browser.
 *
 * A test that fails once in ten is found here and not in `npm test`. Each run's time and failures go to
 * `out/test/repeat.log` as well as to the terminal.
 */
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import { Failure, runCommand } from "../machine/failure.ts";
import { ROOT, stopPrograms } from "../machine/program.ts";
import { prepareMachine } from "./prepare.ts";
import { OUT, SUITES, type Suite } from "./suites.ts";

const LOG = join(OUT, "repeat.log");
const BROWSERS = ["chromium", "firefox"];

await runCommand(async (later) => {
  later(stopPrograms);
  const { times, suites } = readArguments(process.argv.slice(2));
  const missing = await prepareMachine(new Set(suites.flatMap((suite) => suite.needs)), later);
  for (const [part, reason] of missing) throw new Failure(`${part} cannot be had: ${reason}`);
  await mkdir(OUT, { recursive: true });
  await writeFile(LOG, "");
  await say(`${times} runs in ${suites.map(({ name }) => name).join(" and ")}, ${cpus().length} processors`);
  let failed = 0;
  for (const suite of suites) failed += await repeat(suite, times);
  await say(failed === 0 ? "no failure" : `${failed} failures`);
  console.log(`The log is ${relative(ROOT, LOG)}.`);
  return failed === 0 ? 0 : 1;
});

function readArguments(words: readonly string[]): { times: number; suites: Suite[] } {
  const numbers = words.filter((word) => /^[1-9]\d*$/.test(word));
  const names = words.filter((word) => BROWSERS.includes(word));
  if (numbers.length > 1 || numbers.length + names.length < words.length) {
    throw new Failure(
      `npm run test:repeat takes a number and names of browsers (${BROWSERS.join(", ")}), not "${words.join(" ")}".`,
    );
  }
  const wanted = names.length === 0 ? BROWSERS : names;
  return { times: Number(numbers[0] ?? 10), suites: SUITES.filter(({ name }) => wanted.includes(name)) };
}

/** Runs one suite so often and gives how many tests failed in all. */
async function repeat(suite: Suite, times: number): Promise<number> {
  const seconds: number[] = [];
  let failed = 0;
  for (let round = 1; round <= times; round++) {
    const begun = performance.now();
    const result = await suite.run(["--retries=0"]);
    seconds.push((performance.now() - begun) / 1000);
    failed += result.failed;
    const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
    await say(`${suite.name} ${round}/${times}: ${seconds.at(-1)?.toFixed(1)} s, ${counts}`);
    for (const note of result.notes) await say(`  ${note}`);
  }
  const sorted = seconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  await say(
    `${suite.name}: min ${sorted[0]?.toFixed(1)} s, median ${median?.toFixed(1)} s, max ${sorted.at(-1)?.toFixed(1)} s`,
  );
  return failed;
}

async function say(line: string): Promise<void> {
  console.log(line);
  await appendFile(LOG, `${new Date().toISOString()} ${line}\n`);
}
