/**
 * An immutable dict of JSON texts. Dicts with the same keys in the same order share one shape, so that a changed value costs
 * a copied list and no new map: a request changes values far more often than keys.
 */
import type { Contents } from "./codec.ts";
import { quote } from "./json-text.ts";

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

/** Keys and the JSON text of each value. */
export class Dict implements Contents {
  readonly shape: Shape;
  readonly texts: readonly string[];
  readonly plain: boolean;
  readonly json: string;
  #entries: ReadonlyMap<string, string> | null = null;

  constructor(shape: Shape, texts: readonly string[], plain: boolean) {
    this.shape = shape;
    this.texts = texts;
    this.plain = plain;
    this.json = joinTexts(shape, texts);
    shape.settle();
  }

  get entries(): ReadonlyMap<string, string> {
    this.#entries ??= new Map(this.shape.keys.map((key, at) => [key, this.texts[at] ?? "null"]));
    return this.#entries;
  }

  /** The JSON of the value under `key`, or undefined. */
  textOf(key: string): string | undefined {
    const at = this.shape.indexOf(key);
    return at === -1 ? undefined : this.texts[at];
  }

  static from(entries: ReadonlyMap<string, string>, plain: boolean): Dict {
    return new Dict(Shape.of([...entries.keys()]), [...entries.values()], plain);
  }
}

export const EMPTY = new Dict(ROOT, [], true);

function joinTexts({ heads }: Shape, texts: readonly string[]): string {
  if (texts.length === 0) return "{}";
  let json = `{${heads[0]}${texts[0]}`;
  for (let at = 1; at < texts.length; at++) json += `,${heads[at]}${texts[at]}`;
  return `${json}}`;
}

function toHead(key: string): string {
  return `${quote(key)}:`;
}
