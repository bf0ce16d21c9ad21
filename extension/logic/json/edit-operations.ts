/** Edits of a session as operations by path, and what a concurrent change means for them. */
import {
  type EditOperation,
  faultAt,
  type JsonFault,
  type JsonNode,
  parseJson,
} from "session-bridge/protocol";
import { type Difference, differences, type Path } from "./difference.ts";

/** One place that you and someone else changed. Texts are JSON; null is absent. */
export interface Clash {
  path: Path;
  base: string | null;
  yours: string | null;
  theirs: string | null;
}

/** The exact JSON text at a path, or null when nothing is there. */
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
 * Operations that turn the value at `path` from `base` into `next`; without a path both are whole sessions, which are
 * changed key by key. Values are replaced whole, unless the new one holds a number that only Python writes: the bridge
 * takes none, so what is around it is changed and it stays.
 */
export function operationsBetween(base: string, next: string, path: Path = []): EditOperation[] {
  const found = differences(base, next);
  if (path.length > 0) return found.length === 0 ? [] : replace(found, next, path);
  const tops = Map.groupBy(found, (difference) => difference.path[0]);
  return [...tops].flatMap(([top, below]): EditOperation[] => {
    if (top === undefined) return [];
    const valueJson = textAt(next, [top]);
    if (valueJson === null) return [{ op: "delete", path: [top] }];
    return replace(
      below.map((each) => ({ ...each, path: each.path.slice(1) })),
      valueJson,
      [top],
    );
  });
}

/** Replaces the value at `path`, whole or where it differs. In lists, what is removed stands at the end: it goes last first. */
function replace(found: readonly Difference[], valueJson: string, path: Path): EditOperation[] {
  const isWhole = found.some((each) => each.path.length === 0);
  if (isWhole || parseJson(valueJson, { strict: true }).ok)
    return [{ op: "set", path: [...path], valueJson }];
  const sets = found.flatMap(({ path: inner, after }): EditOperation[] =>
    after === null ? [] : [{ op: "set", path: [...path, ...inner], valueJson: after }],
  );
  const gone = found.filter(({ after }) => after === null).reverse();
  return [
    ...sets,
    ...gone.map(({ path: inner }): EditOperation => ({ op: "delete", path: [...path, ...inner] })),
  ];
}

/**
 * The first mistake in a text that was typed over the value `base` at `path`, or null.
 *
 * A number that only Python writes is a mistake where it would be set, not where it stood before.
 */
export function textFault(base: string, text: string, path: Path): JsonFault | null {
  if (parseJson(text, { strict: true }).ok) return null;
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed.fault;
  for (const operation of operationsBetween(base, text, path)) {
    const value = operation.op === "set" ? parseJson(operation.valueJson, { strict: true }) : null;
    if (value === null || value.ok) continue;
    const start = nodeAt(text, operation.path.slice(path.length))?.start ?? 0;
    return faultAt(text, start + value.fault.offset, value.fault.message);
  }
  return null;
}

/** Operations that undo `operations`, which were made on `base`. The last comes first; a list gets back what it lost whole. */
export function inverseOf(base: string, operations: readonly EditOperation[]): EditOperation[] {
  return operations.toReversed().map((operation): EditOperation => {
    const fromList = operation.op === "delete" && typeof operation.path.at(-1) === "number";
    const path = fromList ? operation.path.slice(0, -1) : [...operation.path];
    const valueJson = textAt(base, path);
    return valueJson === null ? { op: "delete", path } : { op: "set", path, valueJson };
  });
}

/**
 * The places where `theirs` differs from the `base` that was edited; an empty list means that only other keys
 * changed, and the edit can be made on top of theirs.
 */
export function clashes(base: string, theirs: string, operations: readonly EditOperation[]): Clash[] {
  return operations.flatMap((operation) => {
    const before = textAt(base, operation.path);
    const now = textAt(theirs, operation.path);
    const holder = operation.path.slice(0, -1);
    const holderGone = holder.length > 0 && textAt(theirs, holder) === null;
    const same = before === now || (before !== null && now !== null && differences(before, now).length === 0);
    // In a list, positions shift: a change anywhere in it can have moved what was meant.
    const moved =
      typeof operation.path.at(-1) === "number" && textAt(base, holder) !== textAt(theirs, holder);
    if (same && !holderGone && !moved) return [];
    return [{ path: operation.path, base: before, yours: yoursOf(operation), theirs: now }];
  });
}

function yoursOf(operation: EditOperation): string | null {
  return operation.op === "set" ? operation.valueJson : null;
}
