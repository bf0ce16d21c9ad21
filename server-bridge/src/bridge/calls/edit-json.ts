/**
 * Applies a panel's edit to a session's JSON: splices the changed values into the string and leaves the rest as it is.
 * Operations are data, never code: set a value, delete an entry.
 */

import type { EditOperation } from "../../protocol/messages.ts";
import { containerAt, entryStart, type JsonNode } from "../../protocol/scan-json.ts";

/** Django cannot read a value a thousand levels deep: every request with that session would end in an error. */
const MAX_DEPTH = 500;

/** The edit does not fit the session. The message names the path, never a value. */
export class EditError extends Error {
  override readonly name = "EditError";
}

/**
 * Returns the session's JSON after all operations, in order. Throws an `EditError` when one does not fit; then none is
 * applied.
 */
export function applyEdit(json: string, operations: readonly EditOperation[]): string {
  return operations.reduce(
    (text, operation) => (operation.op === "set" ? setAt(text, operation) : deleteAt(text, operation.path)),
    json,
  );
}

function setAt(text: string, { path, valueJson }: Extract<EditOperation, { op: "set" }>): string {
  const name = path.at(-1);
  checkValue(valueJson, path);
  if (path.includes("__proto__")) throw forbidden(path);
  const { node, index } = find(text, path);
  const old = node.items[index];
  if (old !== undefined) return text.slice(0, old.start) + valueJson + text.slice(old.end);
  if (node.kind === "array" && name !== node.items.length) {
    throw new EditError(`${show(path)}: the list has ${node.items.length} items.`);
  }
  const close = node.end - 1;
  const comma = node.items.length === 0 ? "" : ",";
  const key = node.kind === "array" ? "" : `${JSON.stringify(name)}:`;
  return text.slice(0, close) + comma + key + valueJson + text.slice(close);
}

function deleteAt(text: string, path: readonly (string | number)[]): string {
  const { node, index } = find(text, path);
  const old = node.items[index];
  if (old === undefined) throw new EditError(`${show(path)}: there is nothing to delete.`);
  const from = entryStart(text, node, index);
  if (index + 1 < node.items.length)
    return text.slice(0, from) + text.slice(entryStart(text, node, index + 1));
  return text.slice(0, node.items[index - 1]?.end ?? from) + text.slice(old.end);
}

/**
 * The object or list that holds the path's last step, and where that entry is in it; without a place when the entry
 * does not exist.
 */
function find(text: string, path: readonly (string | number)[]): { node: JsonNode; index: number } {
  let at = 0;
  for (const [depth, step] of path.entries()) {
    const node = containerAt(text, at)?.node;
    if (node === undefined) throw new EditError(`${show(path.slice(0, depth))}: this value has no entries.`);
    if ((node.kind === "array") !== (typeof step === "number")) {
      throw new EditError(
        `${show(path.slice(0, depth))}: is ${node.kind === "array" ? "a list" : "an object"}.`,
      );
    }
    const index = typeof step === "number" ? step : node.keys.lastIndexOf(step);
    if (depth === path.length - 1) return { node, index };
    const entry = node.items[index];
    if (entry === undefined)
      throw new EditError(`${show(path.slice(0, depth + 1))}: there is no such entry.`);
    at = entry.start;
  }
  throw new EditError("the path is empty.");
}

/**
 * Strict JSON, no deeper than Python can read, with nothing that could reach a prototype if an app copies it
 * carelessly.
 */
function checkValue(valueJson: string, path: readonly (string | number)[]): void {
  let value: unknown;
  try {
    value = JSON.parse(valueJson);
  } catch {
    throw new EditError(`${show(path)}: the new value is not JSON.`);
  }
  const open: [value: unknown, depth: number][] = [[value, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [found, depth] = next;
    if (typeof found !== "object" || found === null) continue;
    if (depth > MAX_DEPTH)
      throw new EditError(`${show(path)}: the new value is nested deeper than ${MAX_DEPTH} levels.`);
    if (Object.hasOwn(found, "__proto__")) throw forbidden(path);
    for (const inner of Object.values(found)) open.push([inner, depth + 1]);
  }
}

function forbidden(path: readonly (string | number)[]): EditError {
  return new EditError(
    `${show(path)}: a key named __proto__ can change objects of the app, so it cannot be set here.`,
  );
}

function show(path: readonly (string | number)[]): string {
  return path.length === 0 ? "the session" : JSON.stringify(path.join(".").slice(0, 200));
}
