/** Edits of a session as operations by path, and what a concurrent change means for them. */
import type { EditOperation } from "session-bridge/protocol";
import { differences, type Path } from "./difference.ts";
import { type JsonNode, parseJson } from "./json.ts";

/** One place that you and someone else changed. Texts are JSON; null is absent. */
export interface Clash {
  path: Path;
  base: string | null;
  yours: string | null;
  theirs: string | null;
}

/** The exact JSON text at a path, or null when nothing is there. */
export function textAt(json: string, path: Path): string | null {
  const parsed = parseJson(json);
  if (!parsed.ok) return null;
  let node: JsonNode | undefined = parsed.root;
  for (const step of path) {
    if (node === undefined) return null;
    if (node.kind === "array") node = node.items[Number(step)];
    else if (node.kind === "object") node = node.items[node.keys.lastIndexOf(String(step))];
    else return null;
  }
  return node === undefined ? null : json.slice(node.start, node.end);
}

/** Operations that turn `base` into `next`, both whole sessions; lists are replaced whole. */
export function operationsBetween(base: string, next: string): EditOperation[] {
  const tops = new Map<string, EditOperation>();
  for (const { path } of differences(base, next)) {
    const [top] = path;
    if (top === undefined || tops.has(String(top))) continue;
    const valueJson = textAt(next, [top]);
    tops.set(
      String(top),
      valueJson === null ? { op: "delete", path: [top] } : { op: "set", path: [top], valueJson },
    );
  }
  return [...tops.values()];
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
