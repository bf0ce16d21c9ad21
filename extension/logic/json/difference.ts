/** What differs between two JSON strings, compared value by value; numbers and strings by what is stored. */
import { type JsonNode, parseJson, stringOf } from "session-bridge/protocol";

/** The path from the top of a session to a value: keys, and positions in lists. */
export type Path = readonly (string | number)[];
/** What happened to a value, relative to the earlier string. */
export type DifferenceKind = "added" | "changed" | "removed";

/** One place that differs. `before` and `after` are the exact JSON there. */
export interface Difference {
  path: Path;
  kind: DifferenceKind;
  before: string | null;
  after: string | null;
}

/** Differences beyond this number are counted, not listed: no one reads them, and a hostile session could contain millions. */
export const MAX_DIFFERENCES = 2000;

/** Differences deeper than this are shown as one, at the depth limit: no one reads a longer path. */
const MAX_DEPTH = 100;
/** How often each character may be compared just to skip values that are spelled alike. In deep data it occurs at every level. */
const COMPARISONS = 4;

interface Sides {
  before: string;
  after: string;
  found: Difference[];
  /** Characters that may still be compared to skip values that are spelled alike. */
  left: number;
}

/** Two values of one place, and what is shown if they differ: themselves, or their ancestors at the depth limit. */
interface Pair {
  left: JsonNode;
  right: JsonNode;
  shown: Shown;
}

interface Shown {
  path: Path;
  left: JsonNode | null;
  right: JsonNode | null;
}

/**
 * Every place that differs, in the order of `after`, then what was removed.
 *
 * `null` means no session and counts as an empty one. A string that is not JSON differs as a whole.
 */
export function differences(before: string | null, after: string | null): Difference[] {
  const sides: Sides = { before: before ?? "{}", after: after ?? "{}", found: [], left: 0 };
  if (sides.before === sides.after) return [];
  sides.left = COMPARISONS * (sides.before.length + sides.after.length);
  const left = parseJson(sides.before);
  const right = parseJson(sides.after);
  if (!left.ok || !right.ok) return [{ path: [], kind: "changed", before, after }];
  compare(sides, left.root, right.root);
  return sides.found;
}

/** True when both strings hold the same data; key order and white space do not matter. */
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
  const queue: Pair[] = [{ left, right, shown: { path: [], left, right } }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (sides.found.length >= MAX_DIFFERENCES) return;
    if (isContainer(next.left) && next.left.kind === next.right.kind) {
      for (const inner of children(sides, next).reverse()) queue.push(inner);
    } else if (!sameScalar(sides, next.left, next.right)) {
      report(sides, next.shown);
    }
  }
}

/** Reports what only one side has; returns the pairs that both have and that are not known to be spelled alike. */
function children(sides: Sides, pair: Pair): Pair[] {
  const pairs: Pair[] = [];
  const lefts = entriesByName(pair.left);
  const rights = entriesByName(pair.right);
  const isDeep = pair.shown.path.length >= MAX_DEPTH;
  const show = (name: string | number, left: JsonNode | null, right: JsonNode | null): Shown =>
    isDeep ? pair.shown : { path: [...pair.shown.path, name], left, right };
  for (const [name, right] of rights) {
    const left = lefts.get(name);
    if (left === undefined) report(sides, show(name, null, right));
    else if (!isSpelledAlike(sides, left, right)) pairs.push({ left, right, shown: show(name, left, right) });
  }
  for (const [name, left] of lefts) if (!rights.has(name)) report(sides, show(name, left, null));
  return pairs;
}

/** Also false if it was not compared: equal values then turn out to be equal when their parts are compared. */
function isSpelledAlike(sides: Sides, left: JsonNode, right: JsonNode): boolean {
  const length = left.end - left.start;
  if (length !== right.end - right.start || length > sides.left) return false;
  sides.left -= length;
  return spelling(sides.before, left) === spelling(sides.after, right);
}

/** The entries of an object or a list by key or position; if a key occurs twice, the last one counts. */
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

function report(sides: Sides, { path, left, right }: Shown): void {
  if (sides.found.length >= MAX_DIFFERENCES || sides.found.at(-1)?.path === path) return;
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
