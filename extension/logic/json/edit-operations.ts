/** Edits of a session as operations by path, and what a concurrent change means for them. */
import {
  type EditOperation,
  faultAt,
  type JsonFault,
  type JsonKind,
  type JsonNode,
  MAX_OPERATIONS,
  parseJson,
} from "session-bridge/protocol";
import { differences, entriesByName, type Path, sameData } from "./difference.ts";

const TOO_MANY = `More than ${MAX_OPERATIONS} places differ next to a number that JSON does not have: change fewer at a time`;

/** One place that you and someone else changed. Values are JSON; null means absent. */
export interface Clash {
  path: Path;
  base: string | null;
  yours: string | null;
  theirs: string | null;
}

/** The exact JSON at a path, or null if nothing is there. */
export function textAt(json: string, path: Path): string | null {
  const node = nodeAt(json, path);
  return node === null ? null : json.slice(node.start, node.end);
}

function nodeAt(json: string, path: Path): JsonNode | null {
  const parsed = parseJson(json);
  if (!parsed.ok) return null;
  let node: JsonNode | undefined = parsed.root;
  for (const step of path) {
    if (node?.kind === "array") node = node.items[Number(step)];
    else if (node?.kind === "object") node = node.items[node.keys.lastIndexOf(String(step))];
    else return null;
  }
  return node ?? null;
}

/**
 * Operations that turn the value at `path` from `base` into `next`; without a path both are whole sessions, which are changed key
 * by key. Values are replaced whole, unless the new one contains a number that only Python writes: the bridge accepts none, so
 * everything around it is changed, in pieces as large as JSON allows, and the number stays.
 */
export function operationsBetween(base: string, next: string, path: Path = []): EditOperation[] {
  return path.length === 0 ? (replaceEntries(base, next, path) ?? []) : replace(base, next, path);
}

function replace(base: string | null, next: string, path: Path): EditOperation[] {
  if (base !== null && sameData(base, next)) return [];
  const whole: EditOperation[] = [{ op: "set", path: [...path], valueJson: next }];
  if (base === null || parseJson(next, { strict: true }).ok) return whole;
  return replaceEntries(base, next, path) ?? whole;
}

/**
 * Entry by entry; null unless both are objects or both are lists. Removals from the end come first, so that list positions stay
 * valid.
 */
function replaceEntries(base: string, next: string, path: Path): EditOperation[] | null {
  const [before, after] = [entriesOf(base), entriesOf(next)];
  if (before === null || before.kind !== after?.kind) return null;
  const isNew = ([name]: [string | number, string]) => !before.texts.has(name);
  const added = [...after.texts].filter(isNew);
  const gone = [...before.texts.keys()].filter((name) => !after.texts.has(name)).reverse();
  const kept = [...after.texts].filter((entry) => !isNew(entry));
  return [
    ...added.flatMap(([name, text]) => replace(null, text, [...path, name])),
    ...gone.map((name): EditOperation => ({ op: "delete", path: [...path, name] })),
    ...kept.flatMap(([name, text]) => replace(before.texts.get(name) ?? null, text, [...path, name])),
  ];
}

/** The JSON of an object's or a list's entries. */
function entriesOf(json: string): { kind: JsonKind; texts: Map<string | number, string> } | null {
  const parsed = parseJson(json);
  if (!parsed.ok || (parsed.root.kind !== "object" && parsed.root.kind !== "array")) return null;
  const entries = [...entriesByName(parsed.root)];
  return {
    kind: parsed.root.kind,
    texts: new Map(entries.map(([name, { start, end }]) => [name, json.slice(start, end)])),
  };
}

/**
 * The first mistake in a string that was typed over the value `base` at `path`, or null.
 *
 * A number that only Python writes is a mistake where it would be set, but not where it already was.
 */
export function textFault(base: string, text: string, path: Path): JsonFault | null {
  if (parseJson(text, { strict: true }).ok) return null;
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed.fault;
  const operations = operationsBetween(base, text, path);
  if (operations.length > MAX_OPERATIONS) return faultAt(text, 0, TOO_MANY);
  for (const operation of operations) {
    const value = operation.op === "set" ? parseJson(operation.valueJson, { strict: true }) : null;
    if (value === null || value.ok) continue;
    const start = nodeAt(text, operation.path.slice(path.length))?.start ?? 0;
    return faultAt(text, start + value.fault.offset, value.fault.message);
  }
  return null;
}

/**
 * Operations that undo `operations`, which were made on `base`. The last comes first; a list that lost entries is restored whole.
 */
export function inverseOf(base: string, operations: readonly EditOperation[]): EditOperation[] {
  return operations.toReversed().map((operation): EditOperation => {
    const fromList = operation.op === "delete" && typeof operation.path.at(-1) === "number";
    const path = fromList ? operation.path.slice(0, -1) : [...operation.path];
    const valueJson = textAt(base, path);
    return valueJson === null ? { op: "delete", path } : { op: "set", path, valueJson };
  });
}

/**
 * The places where `theirs` differs from the `base` that was edited; an empty list means that only other keys changed, and the
 * edit can be applied to theirs.
 */
export function clashes(base: string, theirs: string, operations: readonly EditOperation[]): Clash[] {
  return operations.flatMap((operation) => {
    const before = textAt(base, operation.path);
    const now = textAt(theirs, operation.path);
    const holder = operation.path.slice(0, -1);
    const holderGone = holder.length > 0 && textAt(theirs, holder) === null;
    const same = before === now || (before !== null && now !== null && differences(before, now).length === 0);
    // In a list, positions shift: any change in it may have moved the edited entry.
    const moved =
      typeof operation.path.at(-1) === "number" && textAt(base, holder) !== textAt(theirs, holder);
    if (same && !holderGone && !moved) return [];
    return [{ path: operation.path, base: before, yours: yoursOf(operation), theirs: now }];
  });
}

function yoursOf(operation: EditOperation): string | null {
  return operation.op === "set" ? operation.valueJson : null;
}
