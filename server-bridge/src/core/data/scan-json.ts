/**
 * Reads JSON as text, without making values of it, so that what nobody changes stays byte for byte what it was: `1.0`,
 * integers beyond 2^53, `NaN` as Python writes it, the order of keys, a key named `__proto__`.
 *
 * The text is a session's, already known to be JSON; what is found to be otherwise throws a `JsonTextError`.
 */

/** The text is not the JSON it was said to be. */
export class JsonTextError extends Error {
  override readonly name = "JsonTextError";
}

/** One entry of an object or a list; `text.slice(start, end)` is its value. */
export interface Member {
  /** The key, decoded, or the position in a list. */
  name: string | number;
  /** Where the entry begins: its key in an object, its value in a list. */
  entry: number;
  start: number;
  end: number;
}

export interface Container {
  kind: "object" | "array";
  members: Member[];
  /** True when there are more than were asked for. */
  more: boolean;
  /** Where the closing bracket is; meaningless when there are more. */
  close: number;
}

/** The entries of the object or list that begins at `at`, at most `limit`; null when a scalar begins there. */
export function containerAt(text: string, at = 0, limit = Number.POSITIVE_INFINITY): Container | null {
  const open = skipSpace(text, at);
  const opening = text[open];
  if (opening !== "{" && opening !== "[") return null;
  const kind = opening === "{" ? "object" : "array";
  const closing = kind === "object" ? "}" : "]";
  const members: Member[] = [];
  let position = skipSpace(text, open + 1);
  if (text[position] === closing) return { kind, members, more: false, close: position };
  for (;;) {
    if (members.length >= limit) return { kind, members, more: true, close: -1 };
    const member = memberAt(text, position, kind === "array" ? members.length : null);
    members.push(member);
    position = skipSpace(text, member.end);
    if (text[position] === closing) return { kind, members, more: false, close: position };
    if (text[position] !== ",") throw new JsonTextError(`expected , or ${closing} at ${position}`);
    position = skipSpace(text, position + 1);
  }
}

/** Where the value that begins at `at` ends. Takes no more stack for deep values than for flat ones. */
export function skipValue(text: string, at: number): number {
  let depth = 0;
  for (let position = at; position < text.length; position += 1) {
    const letter = text[position];
    if (letter === '"') position = skipString(text, position) - 1;
    else if (letter === "{" || letter === "[") depth += 1;
    else if (letter === "}" || letter === "]") depth -= 1;
    else if (depth === 0) return skipLiteral(text, position);
    if (depth === 0) return position + 1;
    if (depth < 0) break;
  }
  throw new JsonTextError(`the value at ${at} does not end`);
}

/** The text that the string literal `literal` stands for. */
export function decodeString(literal: string): string {
  const decoded: unknown = JSON.parse(literal);
  if (typeof decoded !== "string") throw new JsonTextError("expected a string");
  return decoded;
}

/** Top-level keys of an object, each with its value's text; the last one of a repeated key. */
export function entriesOf(text: string, limit?: number): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, start, end } of containerAt(text, 0, limit)?.members ?? []) {
    found.set(String(name), text.slice(start, end));
  }
  return found;
}

/** True when two texts stand for the same JSON but for white space and the way letters are escaped. */
export function sameJson(first: string, second: string): boolean {
  return first === second || plain(first) === plain(second);
}

/** No white space, and every string escaped in one way. Numbers as written: `1.0` is not `1`. */
function plain(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/gs, (token) => {
    if (token[0] !== '"') return "";
    return token.includes("\\") ? JSON.stringify(decodeString(token)) : token;
  });
}

function memberAt(text: string, at: number, position: number | null): Member {
  if (position !== null) return { name: position, entry: at, start: at, end: skipValue(text, at) };
  if (text[at] !== '"') throw new JsonTextError(`expected a key at ${at}`);
  const keyEnd = skipString(text, at);
  const colon = skipSpace(text, keyEnd);
  if (text[colon] !== ":") throw new JsonTextError(`expected : at ${colon}`);
  const start = skipSpace(text, colon + 1);
  return { name: decodeString(text.slice(at, keyEnd)), entry: at, start, end: skipValue(text, start) };
}

function skipSpace(text: string, at: number): number {
  let position = at;
  while (position < text.length && " \t\n\r".includes(text[position] ?? "x")) position += 1;
  return position;
}

function skipString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  throw new JsonTextError(`the string at ${at} does not end`);
}

function skipLiteral(text: string, at: number): number {
  let position = at;
  while (position < text.length && /[A-Za-z0-9+.-]/.test(text[position] ?? "")) position += 1;
  if (position === at) throw new JsonTextError(`expected a value at ${at}`);
  return position;
}
