/** What a suite of tests came to, and how it is read from the reports of the test runners. */
import { readFile } from "node:fs/promises";

/** Counts of one suite. `notes` are lines for the end: what was skipped and why, what failed. */
export interface Result {
  passed: number;
  failed: number;
  skipped: number;
  notes: string[];
}

/** Result of a check that either holds or not. */
export function toResult(ok: boolean, failure: string): Result {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, notes: ok ? [] : [failure] };
}

/** Adds up results. */
export function sum(results: readonly Result[]): Result {
  const total: Result = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const result of results) {
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
    total.notes.push(...result.notes);
  }
  return total;
}

/** Parts of Vitest's JSON report that are read. */
interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

/**
 * Reads Vitest's JSON report.
 *
 * @param ok whether Vitest itself ended well; a failure that no test accounts for still counts as one
 */
export async function readVitest(path: string, ok: boolean): Promise<Result> {
  const report = await readReport<VitestReport>(path);
  if (report === null) return toResult(false, "Vitest wrote no report");
  const result: Result = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    notes: [],
  };
  for (const file of report.testResults) {
    for (const { fullName, status } of file.assertionResults) {
      if (status === "pending" || status === "skipped" || status === "todo")
        result.notes.push(`skipped: ${fullName}`);
      if (status === "failed") result.notes.push(`failed: ${fullName}`);
    }
    const alone =
      file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed");
    if (alone) result.failed++;
    if (alone) result.notes.push(`failed: ${file.name} as a whole`);
  }
  return accountFor(ok, result);
}

/** Parts of Playwright's JSON report that are read. */
interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  suites: PlaywrightSuite[];
}
interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs: { title: string; tests: { projectName: string; status: string }[] }[];
}

const WORDS: Readonly<Record<string, string>> = { skipped: "skipped", flaky: "second try" };

/** Reads Playwright's JSON report. A test that passed at its second try is passed, and named in the notes. */
export async function readPlaywright(path: string, ok: boolean): Promise<Result> {
  const report = await readReport<PlaywrightReport>(path);
  if (report === null) return toResult(false, "Playwright wrote no report");
  const { expected, unexpected, flaky, skipped } = report.stats;
  const result: Result = { passed: expected + flaky, failed: unexpected, skipped, notes: [] };
  const visit = (suite: PlaywrightSuite) => {
    for (const spec of suite.specs) {
      for (const { status, projectName } of spec.tests) {
        if (status === "expected") continue;
        result.notes.push(`${WORDS[status] ?? "failed"}: ${projectName}: ${spec.title}`);
      }
    }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  for (const suite of report.suites) visit(suite);
  return accountFor(ok, result);
}

function accountFor(ok: boolean, result: Result): Result {
  if (ok || result.failed > 0) return result;
  return sum([result, toResult(false, "the runner ended badly although no test failed")]);
}

/** A report, trusted in its shape since our own tools wrote it just now; null when there is none. */
async function readReport<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    return null;
  }
}
