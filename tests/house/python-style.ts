/** The style of the repository's Python: ruff as WebAssembly, with its rules (docs/decisions/021-python-next-to-node.md). */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-nodejs";
import { ROOT } from "./files.ts";

/** What users install. Everything else is tests and examples. */
const PACKAGE = /^server-bridge\/django-package\/session_bridge\//;
/** pycodestyle, pyflakes, order of imports, likely bugs, today's syntax; the oldest Python is the package's `requires-python`. */
const RULES = ["E", "F", "W", "I", "B", "UP"];
/** In the package also: types, and docstrings of what is public, but not of `__init__` and its like. */
const PACKAGE_RULES = ["ANN", "D1"];
/** `Any` is the type of what a session holds. */
const NOT_RULES = ["ANN401", "D105", "D107"];
/** Scripts of tests import what needs settings after these, and have comments as long as those of the code around them. */
const NOT_IN_TESTS = ["E402", "E501"];
/** Rules whose repair changes nothing that runs. */
const REPAIRED = /^(I|UP|W|F401$)/;
/** One repair a round, since each moves what comes after it. */
const MAX_ROUNDS = 500;

interface Edit {
  content: string | null;
  location: { row: number; column: number };
  end_location: { row: number; column: number };
}

/** What ruff's `check` gives; its own type is `any`. */
interface Diagnostic {
  code: string | null;
  message: string;
  start_location: { row: number; column: number };
  fix: { edits: Edit[] } | null;
}

const workspaces = new Map([false, true].map((isPackage) => [isPackage, openWorkspace(isPackage)]));

/** Paths from the root of all Python, also of what is not yet under version control. */
export function listPython(): string[] {
  const asked = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"];
  const listed = execFileSync("git", asked, { cwd: ROOT, encoding: "utf8" });
  return listed.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

/** What is wrong with a file, one line for each. */
export function checkPython(path: string, text: string): string[] {
  return diagnose(path, text).map(
    ({ code, message, start_location: at }) => `${path}:${at.row}:${at.column}: ${code}: ${message}`,
  );
}

/** The file as ruff formats it; null if it is no Python. */
export function formatPython(path: string, text: string): string | null {
  try {
    return workspaceOf(path).format(text);
  } catch {
    return null;
  }
}

/** The file with its imports in order and in today's syntax, and formatted; as it was if it is no Python. */
export function repairPython(path: string, text: string): string {
  let repaired = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = diagnose(path, repaired).find(({ code, fix }) => fix !== null && REPAIRED.test(code ?? ""));
    if (next?.fix == null) break;
    repaired = applyEdits(repaired, next.fix.edits);
  }
  return formatPython(path, repaired) ?? text;
}

function openWorkspace(isPackage: boolean): Workspace {
  const select = [...RULES, ...(isPackage ? PACKAGE_RULES : [])];
  const ignore = isPackage ? NOT_RULES : NOT_IN_TESTS;
  const options = { "line-length": 110, "target-version": "py39", lint: { select, ignore } };
  return new Workspace(options, PositionEncoding.Utf16);
}

function workspaceOf(path: string): Workspace {
  const workspace = workspaces.get(PACKAGE.test(path));
  if (workspace === undefined) throw new Error("both are there");
  return workspace;
}

function diagnose(path: string, text: string): Diagnostic[] {
  return workspaceOf(path).check(text);
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offset = ({ row, column }: Edit["location"]) => (starts[row - 1] ?? text.length) + column - 1;
  return [...edits]
    .sort((one, other) => offset(other.location) - offset(one.location))
    .reduce(
      (all, { content, location, end_location: end }) =>
        all.slice(0, offset(location)) + (content ?? "") + all.slice(offset(end)),
      text,
    );
}
