/** The tree of a session as a flat list of visible rows: windowing, selection and keys all work on this one list. */
import { type JsonKind, type JsonNode, type JsonResult, parseJson } from "session-bridge/protocol";
import { showUnseen } from "../show-unseen.ts";
import { type Difference, type DifferenceKind, type Path, pathText } from "./difference.ts";
import { standInOf } from "./stand-in.ts";

/** A longer text is cut in its row; *Show all* opens it. */
export const MAX_SHOWN = 200;

/** One visible row. `json` is the value's exact text, `shown` what fits in a row. */
export interface TreeRow {
  /** The path as JSON: equal for equal paths. */
  id: string;
  path: Path;
  /** The last step of the path. */
  name: string;
  kind: JsonKind;
  json: string;
  shown: string;
  cut: boolean;
  /** From 1, as `aria-level`. */
  level: number;
  position: number;
  setSize: number;
  /** What this string stands for, if JSON has no form for the value; null for a value that is as shown. */
  standIn: string | null;
  /** Null for what cannot be opened. */
  expanded: boolean | null;
  mark: DifferenceKind | null;
  /** What a changed scalar was before, cut. */
  was: string | null;
}

type TreeResult = { ok: true; rows: TreeRow[] } | { ok: false };

/**
 * Rows of every open branch; `ok: false` when the text is not a JSON object or list.
 *
 * @param toggled      the branches that the user opened or closed, by their id; of the others the small ones are open
 * @param hasStandIns  false: every string is as shown, whatever its form
 */
export function treeRows(
  text: string,
  toggled: ReadonlyMap<string, boolean>,
  changes: readonly Difference[] = [],
  hasStandIns = true,
): TreeResult {
  const parsed = parseOnce(text);
  if (!parsed.ok) return { ok: false };
  if (parsed.root.kind !== "object" && parsed.root.kind !== "array") return { ok: false };
  const rows: TreeRow[] = [];
  walk({ text, toggled, marks: marksOf(changes), rows, hasStandIns }, parsed.root);
  return { ok: true, rows };
}

let last: { text: string; result: JsonResult } = { text: "", result: parseJson("") };

/** The same text comes again whenever a branch is opened; a megabyte of it is read once. */
function parseOnce(text: string): JsonResult {
  if (last.text !== text) last = { text, result: parseJson(text) };
  return last.result;
}

/** Equal for equal paths. */
export function pathId(path: Path): string {
  return JSON.stringify(path);
}

/** `3 keys` or `2 items`: what a closed branch holds. */
function sizeText(node: { kind: JsonKind; items: readonly unknown[] }): string {
  return node.kind === "object" ? `{${node.items.length}}` : `[${node.items.length}]`;
}

/** Cuts a text for its row, never between the halves of a surrogate pair. */
export function cutText(text: string, length = MAX_SHOWN): string {
  if (text.length <= length) return text;
  const code = text.charCodeAt(length - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length);
}

interface Walk {
  text: string;
  toggled: ReadonlyMap<string, boolean>;
  marks: ReadonlyMap<string, { kind: DifferenceKind; was: string | null }>;
  rows: TreeRow[];
  hasStandIns: boolean;
}

interface Place {
  node: JsonNode;
  path: Path;
  position: number;
  setSize: number;
}

function walk(state: Walk, root: JsonNode): void {
  const stack: Place[] = [];
  const push = (node: JsonNode, path: Path): void => {
    for (let index = node.items.length - 1; index >= 0; index -= 1) {
      const item = node.items[index];
      if (item === undefined) continue;
      const step = node.kind === "object" ? (node.keys[index] ?? "") : index;
      stack.push({ node: item, path: [...path, step], position: index + 1, setSize: node.items.length });
    }
  };
  push(root, []);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const row = toRow(state, next);
    state.rows.push(row);
    if (row.expanded) push(next.node, next.path);
  }
}

function toRow(state: Walk, at: Place): TreeRow {
  const { node, path } = at;
  const id = pathId(path);
  const branch = node.kind === "object" || node.kind === "array";
  const json = state.text.slice(node.start, node.end);
  const standIn = state.hasStandIns && node.kind === "string" ? standInOf(json) : null;
  const shown = showValue(node, json, standIn);
  const mark = state.marks.get(id) ?? null;
  return {
    id,
    path,
    name: String(path.at(-1) ?? ""),
    kind: node.kind,
    json,
    shown,
    standIn,
    cut: !branch && standIn === null && shown.length < json.length,
    level: path.length,
    position: at.position,
    setSize: at.setSize,
    expanded: branch && node.items.length > 0 ? (state.toggled.get(id) ?? isOpenAtFirst(at)) : null,
    mark: mark?.kind ?? null,
    was: mark?.was ?? null,
  };
}

function showValue(node: JsonNode, json: string, standIn: string | null): string {
  if (standIn !== null) return `\u2039${standIn}\u203a`;
  return node.kind === "object" || node.kind === "array" ? sizeText(node) : cutText(json);
}

/** So much is seen faster than opened: a cart of two items, a message, who is logged in. */
const SMALL = { leaves: 5, rows: 8, letters: 300 };

/** In a longer list or object each branch stays closed, so that its entries can be compared and counting them costs little. */
const MAX_SIBLINGS = 50;

/** True for a branch that is open until the user closes it. */
function isOpenAtFirst({ node, setSize }: Place): boolean {
  if (setSize > MAX_SIBLINGS || node.end - node.start > SMALL.letters) return false;
  const inside = [...node.items];
  let leaves = 0;
  for (let at = 0; at < inside.length; at += 1) {
    const items = inside[at]?.items ?? [];
    if (items.length === 0) leaves += 1;
    if (leaves > SMALL.leaves || inside.push(...items) > SMALL.rows) return false;
  }
  return true;
}

/** Marks each difference at its place, and the branches above it as changed. */
function marksOf(changes: readonly Difference[]): Walk["marks"] {
  const marks = new Map<string, { kind: DifferenceKind; was: string | null }>();
  for (const change of changes) {
    for (let length = 1; length < change.path.length; length += 1) {
      const above = pathId(change.path.slice(0, length));
      if (!marks.has(above)) marks.set(above, { kind: "changed", was: null });
    }
    const was = change.kind === "changed" && change.before !== null ? cutText(change.before, 40) : null;
    marks.set(pathId(change.path), { kind: change.kind, was });
  }
  return marks;
}

/** The value's place in words, for accessible names: `cart.total`. */
export function rowLabel(row: Pick<TreeRow, "path">): string {
  return showUnseen(pathText(row.path));
}
