/**
 * An immutable dict as one JSON text, and where in it each value ends. Dicts with the same keys in the same order share one
 * shape. So a stored session is three objects to the garbage collector, however many keys it has, and a changed value copies
 * what is before and behind it in two pieces.
 */
import type { Contents } from "../signing/codec.ts";
import { quote } from "./ascii-json.ts";

/** From how many keys on an index pays; a short list is searched faster than a map. */
const INDEX_FROM = 12;
/** Up to here a new key makes a new shape that others can share; a longer one grows in place, or adding would be quadratic. */
const SHARE_TO = 64;

/** The keys of a dict, in order. */
export class Shape {
  readonly keys: readonly string[];
  /** Each key as it stands in JSON, colon included. */
  readonly heads: readonly string[];
  #index: Map<string, number> | null = null;
  /** The last shape that was made from this one by adding a key: sessions of one application grow alike. */
  #next: Shape | null = null;
  /** The lists themselves, while no dict has this shape and it can grow. */
  #growing: { keys: string[]; heads: string[] } | null = null;

  constructor(keys: readonly string[], heads: readonly string[] = keys.map(toHead)) {
    this.keys = keys;
    this.heads = heads;
  }

  indexOf(key: string): number {
    if (this.keys.length < INDEX_FROM) return this.keys.indexOf(key);
    this.#index ??= new Map(this.keys.map((one, at) => [one, at]));
    return this.#index.get(key) ?? -1;
  }

  /** With `key`, which is not in it, at the end. Use the shape that it gives, and no longer this one. */
  with(key: string): Shape {
    const at = this.keys.length;
    if (at >= SHARE_TO) return this.#grow(key);
    if (this.#next === null || this.#next.keys[at] !== key) {
      this.#next = new Shape([...this.keys, key], [...this.heads, toHead(key)]);
    }
    return this.#next;
  }

  without(at: number): Shape {
    return new Shape(this.keys.toSpliced(at, 1), this.heads.toSpliced(at, 1));
  }

  /** Called when a dict has this shape: it does not change any more. */
  settle(): void {
    this.#growing = null;
  }

  #grow(key: string): Shape {
    if (this.#growing === null) {
      const growing = { keys: [...this.keys], heads: [...this.heads] };
      const copy = new Shape(growing.keys, growing.heads);
      copy.#growing = growing;
      return copy.#grow(key);
    }
    this.#index?.set(key, this.keys.length);
    this.#growing.keys.push(key);
    this.#growing.heads.push(toHead(key));
    return this;
  }

  /** The shape of these keys: one that is known, where the keys were met in this order before. */
  static of(keys: readonly string[]): Shape {
    let shape: Shape = ROOT;
    for (const [at, key] of keys.entries()) {
      const next: Shape | null = shape.#next;
      if (next === null || next.keys[at] !== key) {
        return keys.length > SHARE_TO ? new Shape(keys) : keys.slice(at).reduce(add, shape);
      }
      shape = next;
    }
    return shape;
  }
}

function add(shape: Shape, key: string): Shape {
  return shape.with(key);
}

const ROOT = new Shape([]);

/** A dict's JSON, cut at its values. */
export class Dict implements Contents {
  readonly shape: Shape;
  readonly json: string;
  readonly plain: boolean;
  /** Where each value's text ends in `json`. */
  readonly #ends: readonly number[];

  constructor(shape: Shape, json: string, ends: readonly number[], plain: boolean) {
    this.shape = shape;
    this.json = json;
    this.#ends = ends;
    this.plain = plain;
    shape.settle();
  }

  get size(): number {
    return this.#ends.length;
  }

  get entries(): ReadonlyMap<string, string> {
    return new Map(this.shape.keys.map((key, at) => [key, this.textAt(at)]));
  }

  /** The JSON of the value at a place. */
  textAt(at: number): string {
    const head = this.shape.heads[at]?.length ?? 0;
    return this.json.slice(this.#startOf(at) + head, this.#ends[at]);
  }

  /** The JSON of the value under `key`, or undefined. */
  textOf(key: string): string | undefined {
    const at = this.shape.indexOf(key);
    return at === -1 ? undefined : this.textAt(at);
  }

  /** The JSON of the pairs from one place to another, the second not included; the comma before it, too. */
  piece(from: number, to: number): string {
    return this.json.slice(this.startOfPiece(from), this.#ends[to - 1]);
  }

  startOfPiece(from: number): number {
    return from === 0 ? 1 : this.endOf(from - 1);
  }

  /** Where the value at a place ends in `json`. */
  endOf(at: number): number {
    return this.#ends[at] ?? this.json.length;
  }

  #startOf(at: number): number {
    return at === 0 ? 1 : (this.#ends[at - 1] ?? 0) + 1;
  }

  static from(entries: ReadonlyMap<string, string>, plain: boolean): Dict {
    return writeDict(Shape.of([...entries.keys()]), [...entries.values()], null, plain);
  }
}

export const EMPTY = new Dict(ROOT, "{}", [], true);

/**
 * A dict of these values.
 *
 * @param values JSON texts, or places of values in `base`, which stay as they are
 */
export function writeDict(
  shape: Shape,
  values: readonly (string | number)[],
  base: Dict | null,
  plain: boolean,
): Dict {
  const ends = new Array<number>(values.length); // exactly: a list that grows holds room for 17, kept as long as the session
  /** Joined at the end: a text made by adding piece to piece is a tree of them, and the collector carries each. */
  const pieces = ["{"];
  let length = 1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? "null";
    if (base?.shape === shape && value === at) {
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
    const head = shape.heads[at] ?? "";
    if (at > 0) pieces.push(",");
    pieces.push(head, text);
    length += (at > 0 ? 1 : 0) + head.length + text.length;
    ends[at] = length;
  }
  pieces.push("}");
  return new Dict(shape, pieces.join(""), ends, plain);
}

/** The first place from `at` on whose value is not the one of that place in the base. */
function runFrom(values: readonly (string | number)[], at: number): number {
  let end = at + 1;
  while (end < values.length && values[end] === end) end++;
  return end;
}

function toHead(key: string): string {
  return `${quote(key)}:`;
}
