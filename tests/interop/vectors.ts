/**
 * Reads the golden cases that real Django made (`vectors/`), as Django 5.2 behaves, and compares them field by field.
 *
 * If we differ on purpose, `deviations.json` names the case, the one field and the reason; every other field is still
 * compared, and an entry that no longer differs fails.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** A case, its version's members already in place. */
export type Case = Record<string, unknown> & { id: string };

export interface Vectors {
  /** What is next to the cases in a file. */
  header: Record<string, unknown>;
  cases: Case[];
  /** Ids of cases that exist in other versions only. */
  elsewhere: string[];
}

interface Deviation {
  case: string;
  field: string;
  reason: string;
}

const VERSION = "5.2";
const FOLDER = fileURLToPath(new URL("./vectors/", import.meta.url));
const deviations: Deviation[] = parseJson(new URL("./deviations.json", import.meta.url)) as Deviation[];
const used = new Set<Deviation>();

/** Absolute path of a vector file. */
export function vectorPath(name: string): string {
  return FOLDER + name;
}

export function readVectors(name: string): Vectors {
  const { cases, ...header } = parseJson(new URL(`./vectors/${name}.json`, import.meta.url)) as {
    cases: Case[];
  };
  const here = cases.filter((one) => !Array.isArray(one["only"]) || one["only"].includes(VERSION));
  return {
    header,
    cases: here.map(forVersion),
    elsewhere: cases.filter((one) => !here.includes(one)).map(({ id }) => id),
  };
}

/**
 * Every field as Django has it, except for the deviations, which must differ.
 *
 * @param file the vector file's name
 * @param step put before the fields' names, `3 ` for a case's fourth step
 */
export function expectFields(
  file: string,
  id: string,
  actual: Record<string, unknown>,
  expected: Record<string, unknown>,
  step = "",
): void {
  for (const [name, value] of Object.entries(expected)) {
    const field = step + name;
    const deviation = findDeviation(file, id, field);
    if (deviation === undefined) expect(actual[name], `${file}:${id} ${field}`).toEqual(value);
    else expect(actual[name], `${file}:${id} ${field}: deviates no longer`).not.toEqual(value);
  }
}

function findDeviation(file: string, id: string, field: string): Deviation | undefined {
  const found = deviations.find((one) => one.case === `${file}:${id}` && one.field === field);
  if (found !== undefined) used.add(found);
  return found;
}

/** Deviations of a vector file that no comparison has used so far: the case or the field is missing. */
export function unusedDeviations(file: string): Deviation[] {
  return deviations.filter((one) => one.case.startsWith(`${file}:`) && !used.has(one));
}

function forVersion(one: Case): Case {
  const changed = { ...one };
  for (const [versions, members] of Object.entries(one["variants"] ?? {})) {
    if (versions.split("+").includes(VERSION)) Object.assign(changed, members);
  }
  return changed;
}

function parseJson(url: URL): unknown {
  return JSON.parse(readFileSync(url, "utf8"));
}
