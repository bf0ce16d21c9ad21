/** Mozilla's own linter on the built extension. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, runWxt } from "./build.ts";

interface Finding {
  code: string;
  message: string;
  file?: string;
}

interface Report {
  errors: Finding[];
  notices: Finding[];
  warnings: Finding[];
}

let out = "";
let report: Report;

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "sessions-lint-"));
  await runWxt("build", "firefox", ROOT, out);
  report = await lint(join(out, "firefox-mv3"));
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

it("web-ext finds no error and no notice", () => {
  expect({ errors: report.errors, notices: report.notices }).toEqual({ errors: [], notices: [] });
});

it("web-ext warns only of Preact's use of innerHTML, which none of our code reaches", () => {
  const others = report.warnings.filter(({ code }) => code !== "UNSAFE_VAR_ASSIGNMENT");
  expect(others).toEqual([]);
  expect(new Set(report.warnings.map(({ file }) => file)).size).toBeLessThanOrEqual(1);
});

/** It exits with 1 if it found something, and still prints its report. */
function lint(folder: string): Promise<Report> {
  const program = join(ROOT, "node_modules/web-ext/bin/web-ext.js");
  const args = [program, "lint", "--source-dir", folder, "--output", "json", "--no-config-discovery"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as Report); // web-ext's own format
      } catch {
        reject(new Error(`[packages] web-ext gave no report: ${error?.message ?? ""} ${stderr}`));
      }
    });
  });
}
