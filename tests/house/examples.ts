/** Finds the code in our documentation, and runs it as a reader would: pasted into a separate file. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listFiles, ROOT, readText } from "./files.ts";

/** A fenced block of TypeScript or JavaScript. */
export interface Example {
  /** `docs/engines.md:12`. */
  place: string;
  code: string;
  /** True for a block that is marked as a part of something, as in "```ts fragment". It is only parsed. */
  fragment: boolean;
  /** Where it is written to be run. */
  path: string;
}

/** Inside the repository, so that packages are found; not under version control. */
export const FOLDER = join(ROOT, "out", "docs");

const FENCE = /^([ \t]*(?:\*[ \t]?)?)```(ts|tsx|js|mjs|cjs)\b([^\n]*)\n([\s\S]*?)^\1```/gm;

/** Every block in pages and in docstrings. */
export function findExamples(): Example[] {
  const places = listFiles().filter(
    (path) =>
      /\.md$/.test(path) || /^(server-bridge\/src|entrypoints|components|extension)\/.*\.tsx?$/.test(path),
  );
  return places.flatMap((path) => {
    const text = readText(path);
    return [...text.matchAll(FENCE)].map((match) => {
      const line = text.slice(0, match.index).split("\n").length;
      const [, indent = "", language, info = "", body = ""] = match;
      return {
        place: `${path}:${line}`,
        fragment: /\bfragment\b/.test(info),
        code: body
          .split("\n")
          .map((one) => (one.startsWith(indent) ? one.slice(indent.length) : one.trim().replace(/^\*$/, "")))
          .join("\n"),
        path: join(FOLDER, `${path.replaceAll(/\W/g, "-")}-${line}.${language === "cjs" ? "cjs" : "ts"}`),
      };
    });
  });
}

/** Writes all blocks that are whole, so that they can be run and checked. */
export function writeExamples(examples: readonly Example[]): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const { path, code } of examples)
    writeFileSync(path, path.endsWith(".cjs") ? code : `${code}\nexport {};\n`);
  // A reader's rules: strict, but without our own habits.
  const compilerOptions = {
    noUncheckedIndexedAccess: false,
    exactOptionalPropertyTypes: false,
    noPropertyAccessFromIndexSignature: false,
    noUnusedLocals: false,
  };
  writeFileSync(
    join(FOLDER, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"], exclude: [] }),
  );
}

/**
 * Runs a block to its end, or until the server that it starts has answered one request.
 *
 * @returns what went wrong, or null
 */
export function runExample(example: Example): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "sessions-docs-"));
  const preload = join(import.meta.dirname, "answer-once.ts");
  const args = [
    "--conditions=sessions-source",
    "--disable-warning=ExperimentalWarning",
    "--import",
    preload,
    example.path,
  ];
  const env = {
    ...process.env,
    NODE_ENV: "development",
    SECRET_KEY: "only for the documentation's examples",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: 20_000 }, (error, stdout, stderr) => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      resolve(
        error === null
          ? null
          : `${error.killed ? "it did not end within 20 s" : "it failed"}:\n${stdout}${stderr}`,
      );
    });
  });
}
