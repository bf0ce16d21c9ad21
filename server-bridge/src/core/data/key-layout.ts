/**
 * The keys of a session's data, in order. Data with the same keys in the same order share one layout, so a stored
 * session is only a few objects to the garbage collector, however many keys it has.
 */
import { quote } from "./python-json.ts";

/** From this many keys on an index pays; a short list is searched faster than a map. */
const INDEX_FROM = 12;
/**
 * Up to this many keys, adding one makes a new layout that others can share; a longer layout grows in place, because
 * otherwise adding keys would be quadratic.
 */
const SHARE_TO = 64;

/** The keys of stored data, in order. */
export class KeyLayout {
  readonly keys: readonly string[];
  /** Each key as it appears in JSON, colon included. */
  readonly heads: readonly string[];
  #index: Map<string, number> | null = null;
  /** The last layout made from this one by adding a key: the sessions of one application grow alike. */
  #next: KeyLayout | null = null;
  /** The lists themselves, while no data uses this layout and it can grow. */
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

  /**
   * This layout with `key`, which must not be in it, added at the end. Use the returned layout from then on, not this
   * one.
   */
  with(key: string): KeyLayout {
    const at = this.keys.length;
    if (at >= SHARE_TO) return this.#grow(key);
    if (this.#next === null || this.#next.keys[at] !== key) {
      this.#next = new KeyLayout([...this.keys, key], [...this.heads, toHead(key)]);
    }
    return this.#next;
  }

  without(at: number): KeyLayout {
    return new KeyLayout(this.keys.toSpliced(at, 1), this.heads.toSpliced(at, 1));
  }

  /** Called when data uses this layout: from then on it does not change. */
  settle(): void {
    this.#growing = null;
  }

  #grow(key: string): KeyLayout {
    if (this.#growing === null) {
      const growing = { keys: [...this.keys], heads: [...this.heads] };
      const copy = new KeyLayout(growing.keys, growing.heads);
      copy.#growing = growing;
      return copy.#grow(key);
    }
    this.#index?.set(key, this.keys.length);
    this.#growing.keys.push(key);
    this.#growing.heads.push(toHead(key));
    return this;
  }

  /** The layout of these keys: a known one, if these keys were seen in this order before. */
  static of(keys: readonly string[]): KeyLayout {
    let layout: KeyLayout = EMPTY_LAYOUT;
    for (const [at, key] of keys.entries()) {
      const next: KeyLayout | null = layout.#next;
      if (next === null || next.keys[at] !== key) {
        return keys.length > SHARE_TO ? new KeyLayout(keys) : keys.slice(at).reduce(add, layout);
      }
      layout = next;
    }
    return layout;
  }
}

function add(layout: KeyLayout, key: string): KeyLayout {
  return layout.with(key);
}

/** The layout without keys, from which all others grow. */
export const EMPTY_LAYOUT = new KeyLayout([]);

function toHead(key: string): string {
  return `${quote(key)}:`;
}
