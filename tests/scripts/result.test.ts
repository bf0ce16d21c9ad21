/** Counting what the test runners report. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readPlaywright, readVitest, sum } from "../../scripts/test/result.ts";

const folder = mkdtempSync(join(tmpdir(), "sessions-result-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(report: unknown): string {
  const path = join(folder, "report.json");
  writeFileSync(path, JSON.stringify(report));
  return path;
}

const vitest = (...statuses: string[]) => ({
  numPassedTests: statuses.filter((status) => status === "passed").length,
  numFailedTests: statuses.filter((status) => status === "failed").length,
  numPendingTests: statuses.filter((status) => status === "skipped").length,
  numTodoTests: 0,
  testResults: [
    {
      name: "a.test.ts",
      status: statuses.includes("failed") ? "failed" : "passed",
      assertionResults: statuses.map((status, at) => ({ fullName: `test ${at}`, status })),
    },
  ],
});

describe("a report", () => {
  it("of Vitest gives its counts, and names what failed and what was skipped", async () => {
    const result = await readVitest(write(vitest("passed", "failed", "skipped", "passed")), false);
    expect(result).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      notes: ["failed: test 1", "skipped: test 2"],
    });
  });

  it("without a failed test counts as failed when the runner itself failed", async () => {
    expect(await readVitest(write(vitest("passed")), false)).toMatchObject({ passed: 1, failed: 1 });
  });

  it("of a file that could not even be loaded counts as failed", async () => {
    const report = {
      ...vitest("passed"),
      testResults: [{ name: "b.test.ts", status: "failed", assertionResults: [] }],
    };
    expect(await readVitest(write(report), false)).toMatchObject({
      failed: 1,
      notes: ["failed: b.test.ts as a whole"],
    });
  });

  it("that is missing counts as failed", async () => {
    expect(await readVitest(join(folder, "nothing.json"), true)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("of Playwright names a test that passed on its second try", async () => {
    const specs = [
      { title: "one", tests: [{ projectName: "chromium", status: "expected" }] },
      { title: "two", tests: [{ projectName: "chromium", status: "flaky" }] },
      { title: "three", tests: [{ projectName: "chromium", status: "skipped" }] },
    ];
    const stats = { expected: 1, unexpected: 0, flaky: 1, skipped: 1 };
    const result = await readPlaywright(write({ stats, suites: [{ specs: [], suites: [{ specs }] }] }), true);
    expect(result).toMatchObject({ passed: 2, failed: 0, skipped: 1 });
    expect(result.notes).toEqual(["second try: chromium: two", "skipped: chromium: three"]);
  });

  it("adds up with others", () => {
    const one = { passed: 1, failed: 2, skipped: 3, notes: ["a"] };
    expect(sum([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6, notes: ["a", "a"] });
  });
});
