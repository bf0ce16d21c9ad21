/**
 * Changes the library in one small place at a time and runs the tests that run that place: a change that no test notices
 * shows a missing test, or code that has no effect.
 *
 *     npm run test:field -- mutations                       300 mutants, always the same ones
 *     npm run test:field -- mutations -- --sample 50 --seed 2 --only server-bridge/src/core/signing
 *     npm run test:field -- mutations -- --all
 *
 * Survivors that `survivors.json` lists with a reason are expected; a new one fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { listSources } from "../../house/files.ts";
import { type Coverage, measure } from "./coverage.ts";
import { findMutants, type Mutant, mutate } from "./mutants.ts";
import { createWorktree, type Worktree } from "./worktree.ts";

const ROOT = join(import.meta.dirname, "../../..");
const ROOMS = ["server-bridge/src/core/", "server-bridge/src/bridge/guard/"];
/** Test files that take longer than this together are not run for one mutant: the nearest and fastest ones are. */
const TEST_MS = 15_000;
/** A mutant that runs forever is noticed, too. */
const LIMIT_MS = 90_000;

/** What became of a mutant. */
type Fate = "killed" | "too slow" | "survived" | "never run";

interface Judged extends Mutant {
  fate: Fate;
  /** Test files that ran it. */
  tests: number;
  /** Test files that run this code too, but were left out because of their time. */
  leftOut: number;
}

/** A survivor that is known, and why it may survive. */
interface Known {
  file: string;
  kind: string;
  /** The whole line of the source, without the spaces around it. */
  line: string;
  before: string;
  reason: string;
}

const { values: options } = parseArgs({
  options: {
    sample: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    only: { type: "string", multiple: true, default: ROOMS },
    all: { type: "boolean", default: false },
  },
});

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function choose(mutants: Mutant[], count: number, random: () => number): Mutant[] {
  const drawn = mutants.map((mutant) => ({ mutant, at: random() })).sort((one, other) => one.at - other.at);
  return drawn.slice(0, count).map(({ mutant }) => mutant);
}

async function judge(mutant: Mutant, tree: Worktree, coverage: Coverage): Promise<Judged> {
  const all = coverage.testsOf(mutant);
  let total = 0;
  const tests = all.filter((test, at) => {
    total += coverage.msOf(test);
    return at === 0 || total <= TEST_MS;
  });
  const facts = { ...mutant, tests: tests.length, leftOut: all.length - tests.length };
  if (tests.length === 0) return { ...facts, fate: "never run" };
  const path = join(tree.root, mutant.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, mutate(text, mutant));
  try {
    // the nearest tests alone kill most mutants, in a fraction of the time
    for (const batch of [tests.slice(0, 3), tests.slice(3)]) {
      if (batch.length === 0) continue;
      const outcome = await tree.vitest(["--bail=1", ...batch], LIMIT_MS);
      if (outcome !== "passed") return { ...facts, fate: outcome === "failed" ? "killed" : outcome };
    }
    return { ...facts, fate: "survived" };
  } finally {
    writeFileSync(path, text);
  }
}

function lineOf({ file, line }: Mutant): string {
  return readFileSync(join(ROOT, file), "utf8").split("\n")[line - 1]?.trim() ?? "";
}

function sayOf(mutant: Judged): string {
  const short = (code: string) => (code.length > 60 ? `${code.slice(0, 57)}…` : code).replace(/\s+/g, " ");
  const rest = mutant.leftOut > 0 ? `, ${mutant.leftOut} slower test files left out` : "";
  const change = `${short(mutant.before)} → ${short(mutant.after)}`;
  return `${mutant.fate}: ${mutant.file}:${mutant.line} ${mutant.kind}: ${change} (${mutant.tests} test files${rest})`;
}

function isKnown(mutant: Judged, known: readonly Known[]): boolean {
  const line = lineOf(mutant);
  return known.some(
    (one) =>
      one.file === mutant.file &&
      one.kind === mutant.kind &&
      one.before === mutant.before &&
      one.line === line,
  );
}

async function main(): Promise<void> {
  const files = listSources().filter((file) => options.only.some((place) => file.startsWith(place)));
  const trees = Array.from({ length: availableParallelism() }, () => createWorktree(ROOT));
  process.on("exit", () => {
    for (const tree of trees) tree.remove();
  });
  const [first] = trees;
  if (first === undefined) return;
  console.log(`${files.length} files; one run of the tests finds out which of them run what`);
  const coverage = await measure(first, files);
  for (const test of coverage.failed) console.log(`not used, because it fails without any mutant: ${test}`);
  const all = files.flatMap((file) => findMutants(file, readFileSync(join(first.root, file), "utf8")));
  const count = options.all ? all.length : Number(options.sample);
  const mutants = options.all ? all : choose(all, count, createRandom(Number(options.seed)));
  console.log(`${mutants.length} of ${all.length} mutants`);

  const judged: Judged[] = [];
  const waiting = [...mutants];
  await Promise.all(
    trees.map(async (tree) => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const one = await judge(next, tree, coverage);
        judged.push(one);
        if (one.fate !== "killed") console.log(`${judged.length}/${mutants.length} ${sayOf(one)}`);
      }
    }),
  );
  report(judged);
}

function report(judged: readonly Judged[]): void {
  const out = join(ROOT, "out", "mutations");
  mkdirSync(out, { recursive: true });
  const withLines = judged.map((one) => ({ ...one, text: lineOf(one) }));
  writeFileSync(join(out, "mutations.json"), JSON.stringify(withLines, null, 1));
  const known = JSON.parse(readFileSync(join(import.meta.dirname, "survivors.json"), "utf8")) as Known[];
  const of = (fate: Fate) => judged.filter((one) => one.fate === fate);
  const survivors = [...of("survived"), ...of("never run")];
  const fresh = survivors.filter((one) => !isKnown(one, known));
  console.log(
    `${of("killed").length} killed, ${of("too slow").length} too slow, ${survivors.length - fresh.length} known survivors, ${fresh.length} new ones`,
  );
  for (const one of fresh) console.log(sayOf(one));
  if (fresh.length > 0) process.exitCode = 1;
}

await main();
