/**
 * Applies a panel's edit to a session's JSON: splices the changed values into the text and leaves the rest alone.
 * Operations are data, never code: set a value, delete an entry.
 */

import { type Container, containerAt, type Member } from "../../core/data/scan-json.ts";
import type { EditOperation } from "../../protocol/messages.ts";

/** Django reads no value of a thousand levels: every request of its session would end in an error. */
const MAX_DEPTH = 500;

/** The edit does not fit the session. The message names the path and never a value. */
export class EditError extends Error {
  override readonly name = "EditError";
}

/** The session's JSON after all operations, in order. Throws an `EditError` when one does not fit; then none counts. */
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
  const { container, member } = find(text, path);
  if (member !== undefined) return text.slice(0, member.start) + valueJson + text.slice(member.end);
  if (container.kind === "array" && name !== container.members.length) {
    throw new EditError(`${show(path)}: the list has ${container.members.length} items.`);
  }
  const comma = container.members.length === 0 ? "" : ",";
  const key = container.kind === "array" ? "" : `${JSON.stringify(name)}:`;
  return text.slice(0, container.close) + comma + key + valueJson + text.slice(container.close);
}

function deleteAt(text: string, path: readonly (string | number)[]): string {
  const { container, member } = find(text, path);
  if (member === undefined) throw new EditError(`${show(path)}: there is nothing to delete.`);
  const index = container.members.indexOf(member);
  const next = container.members[index + 1];
  const previous = container.members[index - 1];
  if (next !== undefined) return text.slice(0, member.entry) + text.slice(next.entry);
  return text.slice(0, previous?.end ?? member.entry) + text.slice(member.end);
}

/** The container that the path's last step is in, and the entry of that name when there is one. */
function find(text: string, path: readonly (string | number)[]): { container: Container; member?: Member } {
  let at = 0;
  for (const [index, step] of path.entries()) {
    const container = containerAt(text, at);
    if (container === null) throw new EditError(`${show(path.slice(0, index))}: holds no entries.`);
    if ((container.kind === "array") !== (typeof step === "number")) {
      throw new EditError(
        `${show(path.slice(0, index))}: is ${container.kind === "array" ? "a list" : "an object"}.`,
      );
    }
    const member = container.members.findLast(({ name }) => name === step);
    if (index === path.length - 1) return member === undefined ? { container } : { container, member };
    if (member === undefined) throw new EditError(`${show(path.slice(0, index + 1))}: is not there.`);
    at = member.start;
  }
  throw new EditError("the path is empty.");
}

/** Strict JSON, of a depth that Python reads too, and nothing in it that could reach a prototype when an app copies it carelessly. */
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
      throw new EditError(`${show(path)}: the new value goes deeper than ${MAX_DEPTH} levels.`);
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
