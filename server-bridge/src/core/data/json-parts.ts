/**
 * A JSON string as its parts, each with its exact bytes: members of an object, elements of a list. Only for JSON as this
 * package writes it: without white space. One level at a time and without recursion, so depth costs no stack.
 */
import { quote } from "./python-json.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** Names that JavaScript moves to the front of an object. */
const INDEX = /^(?:0|[1-9][0-9]{0,9})$/;
const MAX_INDEX = 2 ** 32 - 2;

/** True for the JSON of an object; false for undefined. */
export function isObjectText(text: string | undefined): text is string {
  return text?.charCodeAt(0) === OPEN_OBJECT;
}

/** True for the JSON of a list; false for undefined. */
export function isListText(text: string | undefined): text is string {
  return text?.charCodeAt(0) === OPEN_LIST;
}

/** The members of an object, in order, each with its value's JSON. */
export function splitMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = 1;
  while (at < text.length - 1) {
    const nameEnd = endOfString(text, at);
    const name = text.slice(at, nameEnd);
    const end = endOfValue(text, nameEnd + 1);
    members.set(name.includes("\\") ? JSON.parse(name) : name.slice(1, -1), text.slice(nameEnd + 1, end));
    at = end + 1;
  }
  return members;
}

/** The elements of a list, each as JSON. */
export function splitElements(text: string): string[] {
  const elements: string[] = [];
  let at = 1;
  while (at < text.length - 1) {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    at = end + 1;
  }
  return elements;
}

/**
 * The JSON of an object with these members.
 *
 * @param plain the result must be what JavaScript's own JSON would write: names like `"10"` come first, in their order
 */
export function joinMembers(members: ReadonlyMap<string, string>, plain: boolean): string {
  let names = [...members.keys()];
  if (plain) {
    const indexes = names.filter(isIndex);
    if (indexes.length > 0) {
      indexes.sort((one, other) => Number(one) - Number(other));
      names = [...indexes, ...names.filter((name) => !isIndex(name))];
    }
  }
  return `{${names.map((name) => `${quote(name)}:${members.get(name)}`).join(",")}}`;
}

/**
 * What `whole` has after the elements of `start`, as JSON separated by commas; empty if they are the same list. Null
 * unless both are lists and `whole` begins with all elements of `start`.
 */
export function tailOf(start: string, whole: string): string | null {
  if (!isListText(start) || !isListText(whole)) return null;
  if (start === "[]") return whole.slice(1, -1);
  const end = start.length - 1;
  if (!whole.startsWith(start.slice(0, end))) return null;
  const next = whole.charCodeAt(end);
  if (next === CLOSE_LIST) return "";
  return next === COMMA ? whole.slice(end + 1, -1) : null;
}

/** A list with more elements at its end. `tail` is as `tailOf` returns it. */
export function append(list: string, tail: string): string {
  if (tail === "") return list;
  return list === "[]" ? `[${tail}]` : `${list.slice(0, -1)},${tail}]`;
}

function isIndex(name: string): boolean {
  return INDEX.test(name) && Number(name) <= MAX_INDEX;
}

/** The index after the value that begins at `at`. */
function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  const isContainer = first === OPEN_OBJECT || first === OPEN_LIST;
  let depth = 0;
  for (let next = at; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) next = endOfString(text, next) - 1;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth++;
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      if (!isContainer) return next;
      depth--;
      if (depth === 0) return next + 1;
    } else if (code === COMMA && !isContainer) return next;
  }
  return text.length;
}

/** The index after the string whose quote is at `at`. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === BACKSLASH) from--;
  return (at - from) % 2 === 1;
}
