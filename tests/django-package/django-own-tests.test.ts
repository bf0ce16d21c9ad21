/** Django's own tests of its sessions pass with the package's wrapping, without a request in hand and with one. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../scripts/machine/program.ts";
import { canHave, djangoPath, djangoTestsFolder, hasDjango, PYTHON } from "../interop/django-packages.ts";
import { PACKAGE_FOLDER } from "./site.ts";

type Mode = "no" | "wrapped" | "recorded";

/** What `python/traced_runner.py` writes. */
interface Report {
  /** By the test's name: how it ended. */
  outcomes: Record<string, string>;
  /** By name: how many the records have. */
  operations: Record<string, number>;
  /** What the package logged. */
  complaints: string[];
}

const HERE = join(import.meta.dirname, "python");
/** Fewer would mean that the tests were not found. */
const AT_LEAST = { "3.2": 350, "5.2": 600 } as const;
const FINE = ["passed", "skipped", "expected failure"];

for (const series of ["3.2", "5.2"] as const) {
  const there =
    (await hasDjango(series)) &&
    (await canHave(`The source of Django ${series}`, () => djangoTestsFolder(series)));
  describe.skipIf(!there)(`Django ${series}'s own tests of sessions`, () => {
    let folder: string;
    let plain: Report;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "django-own-tests-"));
      plain = await runTests("no");
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    /** Runs them all, and fails with the output if one fails. */
    async function runTests(mode: Mode): Promise<Report> {
      const tests = await djangoTestsFolder(series);
      const report = join(folder, `${mode}.json`);
      const asked = ["sessions_tests", "--settings=traced_settings", "--parallel=1", "--verbosity=0"];
      const path = [tests, HERE, PACKAGE_FOLDER, await djangoPath(series)].join(delimiter);
      const ended = await run(PYTHON, ["runtests.py", ...asked], {
        cwd: tests,
        env: { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1", TRACED: mode, TRACED_REPORT: report },
      });
      expect(ended.code, ended.output.slice(-8000)).toBe(0);
      return JSON.parse(await readFile(report, "utf8"));
    }

    it("pass without the package, so that the others show something", () => {
      const outcomes = Object.values(plain.outcomes);
      expect(outcomes.length).toBeGreaterThan(AT_LEAST[series]);
      expect(outcomes.filter((outcome) => !FINE.includes(outcome))).toEqual([]);
      expect(plain.operations).toEqual({});
    });

    it("end the same with the wrapping", async () => {
      const wrapped = await runTests("wrapped");
      expect(wrapped.outcomes).toEqual(plain.outcomes);
      expect(wrapped.operations).toEqual({});
    });

    it("end the same while everything is recorded", async () => {
      const recorded = await runTests("recorded");
      expect(recorded.outcomes).toEqual(plain.outcomes);
      for (const name of ["load", "create", "save", "cycle", "flush", "delete"])
        expect(recorded.operations[name] ?? 0, name).toBeGreaterThan(0);
      expect(Object.values(recorded.operations).reduce((all, one) => all + one)).toBeGreaterThan(300);
      expect(recorded.complaints).toEqual([]);
    });
  });
}
