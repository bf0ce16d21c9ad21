/** What differs between two JSON texts, compared value by value; numbers and strings by what is stored. */
import { type JsonNode, parseJson, stringOf } from "session-bridge/protocol";

/** The way from the top of a session to a value: keys, and positions in lists. */
export type Path = readonly (string | number)[];
/** What happened to a value, seen from the earlier text. */
export type DifferenceKind = "added" | "changed" | "removed";

/** One place that differs. `before` and `after` are the exact JSON texts there. */
export interface Difference {
  path: Path;
  kind: DifferenceKind;
  before: string | null;
  after: string | null;
}

/** More differences than these are counted, not listed: no one reads them, and a hostile session could hold millions. */
export const MAX_DIFFERENCES = 2000;

interface Sides {
  before: string;
  after: string;
  found: Difference[];
}

/**
 * Every place that differs, in the order of `after`, then what was removed.
 *
 * `null` stands for no session and counts as an empty one. A text that is not JSON differs as a whole.
 */
export function differences(before: string | null, after: string | null): Difference[] {
  const sides: Sides = { before: before ?? "{}", after: after ?? "{}", found: [] };
  if (sides.before === sides.after) return [];
  const left = parseJson(sides.before);
  const right = parseJson(sides.after);
  if (!left.ok || !right.ok) return [{ path: [], kind: "changed", before, after }];
  compare(sides, left.root, right.root);
  return sides.found;
}

/** True when both texts hold the same data; key order and white space aside. */
export function sameData(before: string, after: string): boolean {
  return differences(before, after).length === 0;
}

/** `cart.total`, `items[0].name`, `["odd key"]`: a path as people write it. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\p{L}\p{N}_$-]+$/u.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

function compare(sides: Sides, left: JsonNode, right: JsonNode): void {
  const queue: { left: JsonNode; right: JsonNode; path: Path }[] = [{ left, right, path: [] }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (sides.found.length >= MAX_DIFFERENCES) return;
    if (isContainer(next.left) && next.left.kind === next.right.kind) {
      const inner = children(sides, next.left, next.right, next.path);
      queue.push(...inner.reverse());
    } else if (!sameScalar(sides, next.left, next.right)) {
      report(sides, next.path, next.left, next.right);
    }
  }
}

/** Reports what only one side has; returns the pairs that both have and that are not spelled alike. */
function children(sides: Sides, left: JsonNode, right: JsonNode, path: Path) {
  const pairs: { left: JsonNode; right: JsonNode; path: Path }[] = [];
  const lefts = entriesByName(left);
  const rights = entriesByName(right);
  for (const [name, node] of rights) {
    const other = lefts.get(name);
    if (other === undefined) report(sides, [...path, name], null, node);
    else if (spelling(sides.before, other) !== spelling(sides.after, node))
      pairs.push({ left: other, right: node, path: [...path, name] });
  }
  for (const [name, node] of lefts) if (!rights.has(name)) report(sides, [...path, name], node, null);
  return pairs;
}

/** An object's or a list's entries by key or position; of a key that is there twice, the last one counts. */
export function entriesByName(node: JsonNode): Map<string | number, JsonNode> {
  return new Map(
    node.items.map((item, index) => [node.kind === "object" ? (node.keys[index] ?? "") : index, item]),
  );
}

function sameScalar(sides: Sides, left: JsonNode, right: JsonNode): boolean {
  if (left.kind !== right.kind) return false;
  if (left.kind === "string") return stringOf(sides.before, left) === stringOf(sides.after, right);
  return spelling(sides.before, left) === spelling(sides.after, right);
}

function report(sides: Sides, path: Path, left: JsonNode | null, right: JsonNode | null): void {
  if (sides.found.length >= MAX_DIFFERENCES) return;
  sides.found.push({
    path,
    kind: left === null ? "added" : right === null ? "removed" : "changed",
    before: left && spelling(sides.before, left),
    after: right && spelling(sides.after, right),
  });
}

function isContainer(node: JsonNode): boolean {
  return node.kind === "object" || node.kind === "array";
}

function spelling(text: string, node: JsonNode): string {
  return text.slice(node.start, node.end);
}
