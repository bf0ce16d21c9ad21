/** Runs suites one after another and says what they came to: the body of `npm test` and of `npm run test:field`. */
import { Failure, type Undo } from "../machine/failure.ts";
import { installFolder } from "../machine/packages.ts";
import { prepareMachine } from "./prepare.ts";
import { type Result, sum } from "./result.ts";
import type { Suite } from "./suites.ts";

interface Timed {
  suite: Suite;
  result: Result;
  seconds: number;
}

/** The machine of a suite that needs nothing of it. */
const UNUSED: ReadonlyMap<string, string> = new Map();

/**
 * Runs those of `suites` that `args` names, all when it names none; what follows `--` goes to the runner of a suite that has one.
 *
 * What is missing is installed while the suites run that need nothing of the machine: installing waits for the network and the
 * disk. Prints each suite's time, what was skipped and why, and last of all `N passed, N failed, N skipped`. With `CI=true` a
 * skip is a failure.
 *
 * @returns the exit code
 */
export async function runSuites(
  suites: readonly Suite[],
  args: readonly string[],
  later: (undo: Undo) => void,
): Promise<number> {
  const { chosen, more } = readArguments(suites, args);
  const prepared = prepareMachine(new Set(chosen.flatMap((suite) => suite.needs)), later);
  const installed = installPackages(chosen);
  const timed: Timed[] = [];
  for (const suite of chosen) {
    if (suite.needs.length > 0) await installed; // tests that wait for servers share no processor with npm
    const missing = suite.needs.length === 0 ? UNUSED : await prepared;
    console.log(`\n── ${suite.name} ${"─".repeat(60 - suite.name.length)}`);
    const begun = performance.now();
    const result = await runSuite(suite, more, missing);
    timed.push({ suite, result, seconds: (performance.now() - begun) / 1000 });
  }
  return report(timed, await prepared);
}

/** One folder after the other. Each suite waits for its own, and says why it cannot be had. */
async function installPackages(chosen: readonly Suite[]): Promise<void> {
  for (const { packages } of chosen)
    if (packages !== undefined) await installFolder(packages).catch(() => {});
}

function readArguments(
  suites: readonly Suite[],
  args: readonly string[],
): { chosen: readonly Suite[]; more: readonly string[] } {
  const split = args.indexOf("--");
  const names = split === -1 ? args : args.slice(0, split);
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    const known = suites.map((suite) => suite.name).join(", ");
    throw new Failure(`There is no suite "${unknown}". The suites are: ${known}.`);
  }
  const chosen = names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));
  return { chosen, more: split === -1 ? [] : args.slice(split + 1) };
}

const BROWSERS = ["chromium", "firefox"];

/** A browser's suite is skipped whole without its browser; the other tests skip what they miss by themselves. */
async function runSuite(
  suite: Suite,
  more: readonly string[],
  missing: ReadonlyMap<string, string>,
): Promise<Result> {
  const browser = suite.needs.find((need) => BROWSERS.includes(need));
  const reason = browser === undefined ? undefined : missing.get(browser);
  if (reason !== undefined) {
    console.log(`SKIPPED: ${reason}`);
    return { passed: 0, failed: 0, skipped: 1, notes: [`skipped: the whole suite ${suite.name}: ${reason}`] };
  }
  try {
    return await suite.run(more);
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0, notes: [`failed: ${suite.name} could not run`] };
  }
}

function report(timed: readonly Timed[], missing: ReadonlyMap<string, string>): number {
  const total = sum(timed.map(({ result }) => result));
  console.log(`\n── result ${"─".repeat(54)}`);
  for (const [part, reason] of missing) console.log(`MISSING ${part}: ${reason}`);
  for (const note of total.notes) console.log(note);
  for (const { suite, result, seconds } of timed) {
    const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`;
    console.log(`${suite.name.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s   ${counts}`);
  }
  const all = timed.reduce((seconds, one) => seconds + one.seconds, 0);
  console.log(`${"all".padEnd(12)} ${all.toFixed(1).padStart(7)} s`);
  const strict = process.env["CI"] === "true";
  if (strict && total.skipped > 0) console.log("With CI=true, nothing may be skipped: this run has failed.");
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || (strict && total.skipped > 0) ? 1 : 0;
}
