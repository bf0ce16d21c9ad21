/**
 * Between session data and Django's serialised form: compact ASCII JSON, numbers and order as Python keeps them.
 *
 * Nearly every text is one that JavaScript's own JSON brings back byte for byte; that is checked once, when a text is
 * first met, and only the others go the slow way of `json-exact.ts`.
 */
import type { Contents } from "./codec.ts";
import { type Origin, parseExact, writeExact } from "./json-exact.ts";

/** A value's JSON. `plain`: JavaScript's own JSON reads and writes it unchanged. */
export interface Written {
  text: string;
  plain: boolean;
}

export const EMPTY: Contents = { json: "{}", entries: new Map(), plain: true };

/** What a JSON text holds, or null when it is not JSON. What is no object (a list, a number) holds nothing. */
export function readContents(json: string): Contents | null {
  try {
    const data: unknown = JSON.parse(json);
    if (!isDict(data)) return EMPTY;
    const entries = new Map<string, string>();
    for (const key of Object.keys(data)) entries.set(key, toAscii(JSON.stringify(data[key])));
    if (joinEntries(entries) === json) return { json, entries, plain: true };
  } catch {
    // not JavaScript's JSON (NaN, say): Python's may be wider
  }
  return readExactly(json);
}

/** The JSON of a dict from the JSON of its values. */
export function joinEntries(entries: ReadonlyMap<string, string>): string {
  let json = "{";
  for (const [key, text] of entries) json += `${json.length > 1 ? "," : ""}${quote(key)}:${text}`;
  return `${json}}`;
}

/** The value of a JSON text that came out of `Contents`. */
export function parseValue(text: string, plain: boolean): unknown {
  return plain ? JSON.parse(text) : parseExact(text).value;
}

/**
 * A value's JSON, or undefined for what JSON leaves out (undefined, functions, symbols).
 *
 * @param before the JSON that the value had when it was handed out; numbers and order that are still the same keep their form
 */
export function writeValue(value: unknown, before?: string): Written | undefined {
  if (before !== undefined) return toWritten(writeExact(value, originOf(before)), false);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return toWritten(writeExact(value), false); // a bigint; a circle is refused there
  }
  if (text === undefined || !text.includes("null")) return toWritten(text, true);
  const exact = writeExact(value); // JavaScript writes null for NaN and Infinity
  return toWritten(exact, exact === text);
}

/** One JSON string, ASCII only. */
export function quote(text: string): string {
  return toAscii(JSON.stringify(text));
}

function toWritten(text: string | undefined, plain: boolean): Written | undefined {
  return text === undefined ? undefined : { text: toAscii(text), plain };
}

/** Everything outside 0x20–0x7e as `\uXXXX`: Django reads the payload as Latin-1, so UTF-8 would come back garbled. */
function toAscii(json: string): string {
  if (!/[\u007f-\uffff]/.test(json)) return json;
  return json.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function readExactly(json: string): Contents | null {
  try {
    const { value, origin } = parseExact(json);
    if (!isDict(value) || origin.kind !== "dict") return EMPTY;
    const entries = new Map<string, string>();
    for (const [key, member] of origin.members) {
      entries.set(key, toAscii(writeExact(value[key], member) ?? "null"));
    }
    return { json: joinEntries(entries), entries, plain: [...entries.values()].every(isPlain) };
  } catch {
    return null;
  }
}

function isPlain(text: string): boolean {
  try {
    return toAscii(JSON.stringify(JSON.parse(text))) === text;
  } catch {
    return false;
  }
}

function originOf(text: string): Origin {
  return parseExact(text).origin;
}

function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
