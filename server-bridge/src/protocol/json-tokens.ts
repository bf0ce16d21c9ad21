/**
 * The smallest parts of a JSON text: white space, strings, numbers, words, and where each ends. Python's words for numbers
 * are among them. What they add up to is told by `scan-json.ts`.
 */

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = ["true", "false", "null"];
const PYTHON_WORDS = ["NaN", "Infinity", "-Infinity"];

/** Thrown for a text that is not the JSON it was said to be. */
export class JsonTextError extends Error {
  override readonly name = "JsonTextError";
  /** Where in the text, from 0. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * The string that the literal from `start` to `end` stands for. It is a text of its own and no slice, which would hold the
 * whole text in memory for as long as a key of it is kept.
 */
export function decodeString(text: string, start: number, end: number): string {
  return String(JSON.parse(text.slice(start, end)));
}

/**
 * Where the string, number or word that begins at `at` ends.
 *
 * @param strict true refuses Python's words for numbers
 */
export function endOfScalar(text: string, at: number, strict: boolean): number {
  if (text[at] === '"') return endOfString(text, at);
  NUMBER.lastIndex = at;
  if (NUMBER.test(text)) return NUMBER.lastIndex;
  for (const word of WORDS) if (text.startsWith(word, at)) return at + word.length;
  for (const word of PYTHON_WORDS) {
    if (!text.startsWith(word, at)) continue;
    if (strict) throw new JsonTextError(at, `${word} is not JSON, so it cannot be set here`);
    return at + word.length;
  }
  throw new JsonTextError(at, at >= text.length ? "The text ends too early" : "Expected a JSON value");
}

/** Where the string that begins at `start` ends. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) throw new JsonTextError(at, "A control character must be written as an escape");
    if (code === 0x5c) at = endOfEscape(text, at);
  }
  throw new JsonTextError(start, "The closing quote is missing");
}

function endOfEscape(text: string, at: number): number {
  const next = text[at + 1] ?? "";
  if (next === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) return at + 5;
  if (next !== "" && '"\\/bfnrt'.includes(next)) return at + 1;
  throw new JsonTextError(at, "Unknown escape");
}

/**
 * Where the value that begins at `at` ends, by its brackets and quotes alone: for a text that is known to be JSON. Takes no
 * more stack for deep values than for flat ones.
 *
 * @throws JsonTextError when it does not end
 */
export function skipValue(text: string, at: number): number {
  let depth = 0;
  for (let position = at; position < text.length; position += 1) {
    const letter = text[position];
    if (letter === '"') position = skipString(text, position) - 1;
    else if (letter === "{" || letter === "[") depth += 1;
    else if (letter === "}" || letter === "]") depth -= 1;
    else if (depth === 0) return endOfScalar(text, position, false);
    if (depth === 0) return position + 1;
    if (depth < 0) break;
  }
  throw new JsonTextError(at, "The value does not end");
}

/** As `endOfString`, but finds the closing quote alone: a long text is skipped ten times as fast. */
function skipString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  throw new JsonTextError(at, "The closing quote is missing");
}

/** The first place from `from` on that is not white space. */
export function skipSpace(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}
