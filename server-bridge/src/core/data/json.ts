/**
 * Between session data and Django's serialised form: compact ASCII JSON, numbers and order as Python keeps them.
 *
 * JavaScript's own JSON can read nearly every string and write it back byte for byte. That is checked once, when a
 * string is first seen; only the others take the slow path through `python-json.ts`.
 */

import { misuse } from "../errors.ts";
import { KeyLayout } from "./key-layout.ts";
import { type Origin, parseExact, toAscii, writeExact } from "./python-json.ts";
import { EMPTY, StoredJson, writeStoredJson } from "./stored-json.ts";

/** A value's JSON. `plain`: JavaScript's own JSON reads and writes it unchanged. */
export interface Written {
  text: string;
  plain: boolean;
}

/**
 * The contents of a JSON string, or null if it is not JSON. Anything but an object (a list, a number) has no contents.
 */
export function readContents(json: string): StoredJson | null {
  try {
    const data: unknown = JSON.parse(json);
    if (!isDict(data)) return EMPTY;
    const keys = Object.keys(data);
    const texts = keys.map((key) => toAscii(JSON.stringify(data[key])));
    const stored = writeStoredJson(KeyLayout.of(keys), texts, null, true);
    if (stored.json === json) return stored;
  } catch {
    // not JSON to JavaScript (NaN, for example): Python may accept more
  }
  return readExactly(json);
}

/** The JSON of an object, made from the JSON of its values. */
export function joinEntries(entries: ReadonlyMap<string, string>): string {
  return StoredJson.from(entries, true).json;
}

/** The value of a JSON string that came from a `DecodedSession`. */
export function parseValue(text: string, plain: boolean): unknown {
  return plain ? JSON.parse(text) : parseExact(text).value;
}

/**
 * Like `writeValue`, for values that cannot be changed from inside; undefined for all others.
 *
 * Throws a TypeError for values that JSON would silently reduce to nothing: a Map, a Set, a promise, a function.
 */
export function writeScalar(value: unknown): Written | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null) {
    return { text: toAscii(JSON.stringify(value)), plain: true };
  }
  if (typeof value === "number" && Number.isFinite(value))
    return { text: JSON.stringify(value), plain: true };
  if (typeof value === "number" || typeof value === "bigint") return writeValue(value);
  requireStorable(value);
  return undefined;
}

const REMEDIES: readonly [type: abstract new (...parts: never[]) => object, remedy: string][] = [
  [Map, "Store Object.fromEntries(map)."],
  [Set, "Store [...set]."],
  [Promise, "Await it, and store its result."],
  [Function, "Store its result."],
];

function requireStorable(value: unknown): void {
  const found = REMEDIES.find(([type]) => value instanceof type);
  if (found === undefined) return;
  const [{ name }, remedy] = found;
  throw misuse(`a ${name.toLowerCase()} cannot be stored in a session. ${remedy}`);
}

/**
 * A value's JSON, or undefined for what JSON leaves out (undefined, functions, symbols).
 *
 * @param before the JSON that the value had when it was handed out; unchanged numbers and key order keep their form
 */
export function writeValue(value: unknown, before?: string): Written | undefined {
  if (before !== undefined) return toWritten(writeExact(value, originOf(before)), false);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return toWritten(writeExact(value), false); // a bigint; circular values are rejected there
  }
  if (text === undefined || !text.includes("null")) return toWritten(text, true);
  const exact = writeExact(value); // JavaScript writes null for NaN and Infinity
  return toWritten(exact, exact === text);
}

function toWritten(text: string | undefined, plain: boolean): Written | undefined {
  return text === undefined ? undefined : { text: toAscii(text), plain };
}

function readExactly(json: string): StoredJson | null {
  try {
    const { value, origin } = parseExact(json);
    if (!isDict(value) || origin.kind !== "dict") return EMPTY;
    const entries = new Map<string, string>();
    for (const [key, member] of origin.members) {
      entries.set(key, toAscii(writeExact(value[key], member) ?? "null"));
    }
    return StoredJson.from(entries, [...entries.values()].every(isPlain));
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

export { quote } from "./python-json.ts";
export { EMPTY } from "./stored-json.ts";
