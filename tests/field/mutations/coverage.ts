/** Which test files run which functions, and how long each takes: one run of all of them on marked sources. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Mutant, markFunctions } from "./mutants.ts";
import type { Worktree } from "./worktree.ts";

/** What the run found out. */
export interface Coverage {
  /** Test files that run a mutant's code, those of the same room first, then the fast ones. */
  testsOf(mutant: Mutant): string[];
  /** Milliseconds that a test file took. */
  msOf(test: string): number;
  /** Test files that failed without any mutant, and are not used. */
  readonly failed: readonly string[];
}

interface Report {
  testResults: { name: string; status: string; startTime: number; endTime: number }[];
}

/** Tests that take part: those that run the library in Vitest's own process, and need no other language. */
const TESTS = ["tests/core", "tests/bridge", "tests/interop", "tests/adapters", "tests/protocol"];
const NOT = ["tests/interop/django-*.test.ts", "tests/interop/peer.test.ts"];

/** Marks the sources, runs every test once, and takes the marks out again. */
export async function measure(tree: Worktree, files: readonly string[]): Promise<Coverage> {
  const ran = join(tree.root, "tmp", "ran");
  const report = join(tree.root, "tmp", "report.json");
  writeFileSync(
    join(tree.root, "vitest.marked.config.ts"),
    `import base from "./vitest.config.ts";\nexport default { ...base, test: { ...base.test, setupFiles: ["tests/field/mutations/record-functions.ts"] } };\n`,
  );
  const sources = new Map(files.map((file) => [file, readFileSync(join(tree.root, file), "utf8")]));
  for (const [file, text] of sources) writeFileSync(join(tree.root, file), markFunctions(file, text));
  const args = ["--config", "vitest.marked.config.ts", "--reporter=json", `--outputFile=${report}`];
  const excluded = NOT.flatMap((pattern) => ["--exclude", pattern]);
  await tree.vitest([...args, ...excluded, ...TESTS], 30 * 60_000, { MUTATIONS_RAN: ran });
  for (const [file, text] of sources) writeFileSync(join(tree.root, file), text);

  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const nameOf = (path: string) => relative(tree.root, path);
  const times = new Map(
    testResults.map(({ name, startTime, endTime }) => [nameOf(name), endTime - startTime]),
  );
  const failed = testResults.filter(({ status }) => status !== "passed").map(({ name }) => nameOf(name));
  const testsOfFunction = readRan(ran, nameOf, new Set(failed));
  const msOf = (test: string) => times.get(test) ?? 0;
  return {
    failed,
    msOf,
    testsOf({ file, inside }) {
      const found = testsOfFunction.get(`${file}#${inside ?? ""}`) ?? [];
      const isNear = (test: string) => test.startsWith(mirrorOf(file));
      return found.toSorted((one, other) => {
        return Number(isNear(other)) - Number(isNear(one)) || msOf(one) - msOf(other);
      });
    },
  };
}

/** The folder of tests that mirrors a source's room. */
function mirrorOf(file: string): string {
  return file.replace("server-bridge/src/", "tests/").replace(/[^/]*$/, "");
}

function readRan(folder: string, nameOf: (path: string) => string, without: ReadonlySet<string>) {
  const tests = new Map<string, string[]>();
  for (const name of readdirSync(folder)) {
    const { testPath, ran } = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
      testPath: string;
      ran: string[];
    };
    const test = nameOf(testPath);
    if (without.has(test)) continue;
    for (const id of ran) tests.set(id, [...(tests.get(id) ?? []), test]);
  }
  return tests;
}
