/**
 * A session's data as one immutable JSON string, with the position where each value ends. Changing a value copies the
 * pieces before and after it.
 */
import { EMPTY_LAYOUT, KeyLayout } from "./key-layout.ts";

/** The contents of a stored string. Never changed once made; shared between requests that read the same string. */
export interface DecodedSession {
  /** The whole data as one JSON string. */
  readonly json: string;
  /** Top-level keys in stored order, each with its value's exact JSON. */
  readonly entries: ReadonlyMap<string, string>;
  /** The JSON of the value under `key`, or undefined if there is none. */
  textOf(key: string): string | undefined;
  /** True if JavaScript's own JSON reads and writes every value unchanged (see `json.ts`). */
  readonly plain: boolean;
}

/** @deprecated Renamed to `DecodedSession`. */
export type Contents = DecodedSession;

/** Data as JSON, divided into its values. */
export class StoredJson implements DecodedSession {
  readonly layout: KeyLayout;
  readonly json: string;
  readonly plain: boolean;
  /** Where each value's JSON ends in `json`. */
  readonly #ends: readonly number[];

  constructor(layout: KeyLayout, json: string, ends: readonly number[], plain: boolean) {
    this.layout = layout;
    this.json = json;
    this.#ends = ends;
    this.plain = plain;
    layout.settle();
  }

  get size(): number {
    return this.#ends.length;
  }

  get entries(): ReadonlyMap<string, string> {
    return new Map(this.layout.keys.map((key, at) => [key, this.textAt(at)]));
  }

  /** The JSON of the value at an index. */
  textAt(at: number): string {
    const head = this.layout.heads[at]?.length ?? 0;
    return this.json.slice(this.#startOf(at) + head, this.#ends[at]);
  }

  /** The JSON of the value under `key`, or undefined if there is none. */
  textOf(key: string): string | undefined {
    const at = this.layout.indexOf(key);
    return at === -1 ? undefined : this.textAt(at);
  }

  /** The JSON of the pairs from one index up to another, the second not included; with the comma before them. */
  piece(from: number, to: number): string {
    return this.json.slice(this.startOfPiece(from), this.#ends[to - 1]);
  }

  startOfPiece(from: number): number {
    return from === 0 ? 1 : this.endOf(from - 1);
  }

  /** Where the value at an index ends in `json`. */
  endOf(at: number): number {
    return this.#ends[at] ?? this.json.length;
  }

  #startOf(at: number): number {
    return at === 0 ? 1 : (this.#ends[at - 1] ?? 0) + 1;
  }

  static from(entries: ReadonlyMap<string, string>, plain: boolean): StoredJson {
    return writeStoredJson(KeyLayout.of([...entries.keys()]), [...entries.values()], null, plain);
  }
}

/** No data. */
export const EMPTY = new StoredJson(EMPTY_LAYOUT, "{}", [], true);

/**
 * Builds data from these values.
 *
 * @param values JSON strings, or indexes of values in `base`, which stay as they are
 */
export function writeStoredJson(
  layout: KeyLayout,
  values: readonly (string | number)[],
  base: StoredJson | null,
  plain: boolean,
): StoredJson {
  const ends = new Array<number>(values.length); // exact size: a list that grows reserves room for 17, kept as long as the session
  /**
   * Joined at the end: a string built by repeated concatenation is a tree of pieces, and the garbage collector tracks
   * each of them.
   */
  const pieces = ["{"];
  let length = 1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? "null";
    if (base?.layout === layout && value === at) {
      const run = runFrom(values, at);
      const piece = base.piece(at, run);
      const shift = length - base.startOfPiece(at);
      pieces.push(piece);
      length += piece.length;
      for (; at < run; at++) ends[at] = base.endOf(at) + shift;
      at--;
      continue;
    }
    const text = typeof value === "number" ? (base?.textAt(value) ?? "null") : value;
    const head = layout.heads[at] ?? "";
    if (at > 0) pieces.push(",");
    pieces.push(head, text);
    length += (at > 0 ? 1 : 0) + head.length + text.length;
    ends[at] = length;
  }
  pieces.push("}");
  return new StoredJson(layout, pieces.join(""), ends, plain);
}

/** The data with one more value, or with another one under that key. @param text its JSON, as JavaScript writes it */
export function putMember(base: StoredJson, key: string, text: string): StoredJson {
  const at = base.layout.indexOf(key);
  const values: (string | number)[] = base.layout.keys.map((_, index) => (index === at ? text : index));
  if (at !== -1) return writeStoredJson(base.layout, values, base, base.plain);
  return writeStoredJson(base.layout.with(key), [...values, text], base, base.plain);
}

/** The first index from `at` on whose value is not the one at that index in the base. */
function runFrom(values: readonly (string | number)[], at: number): number {
  let end = at + 1;
  while (end < values.length && values[end] === end) end++;
  return end;
}
