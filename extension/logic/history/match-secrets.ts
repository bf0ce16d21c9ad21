/**
 * Replaces many known strings in another string in one pass (Aho and Corasick, 1975): however many secrets there are, each
 * character is visited a bounded number of times.
 */

/** Strings and their replacements. */
type Replacements = ReadonlyMap<string, string>;

/** Characters kept of all strings together; beyond that, only the beginnings of strings are searched for. */
const MAX_LETTERS = 4 * 1024 * 1024;
const KEPT_OF_EACH = 64;
const ROOT = 0;

/** A string that was found. */
interface Match {
  start: number;
  end: number;
  word: string;
}

/** Replaces every string that was passed to `createMatcher`. */
export type Replace = (text: string) => string;

/**
 * Returns the function that replaces all of them. If two overlap, both are replaced; if one contains the other, the longer one
 * is. `maxLetters` is for tests.
 */
export function createMatcher(replacements: Replacements, maxLetters: number = MAX_LETTERS): Replace {
  if (replacements.size === 0) return (text) => text;
  let letters = 0;
  for (const text of replacements.keys()) letters += text.length;
  const isCut = letters > maxLetters;
  const tree = new Tree(isCut ? replacements.size * KEPT_OF_EACH : letters);
  const words: string[] = [];
  const isWhole: boolean[] = [];
  for (const [text, word] of replacements) {
    const kept = isCut ? text.slice(0, KEPT_OF_EACH) : text;
    tree.add(kept, words.length);
    words.push(word);
    isWhole.push(kept === text);
  }
  tree.link();
  return (text) => replaceMatches(text, findMatches(text, tree, { words, isWhole }));
}

function findMatches(
  text: string,
  tree: Tree,
  { words, isWhole }: { words: readonly string[]; isWhole: readonly boolean[] },
): Match[] {
  const matches: Match[] = [];
  let node = ROOT;
  for (let at = 0; at < text.length; at += 1) {
    node = tree.follow(node, text.charCodeAt(at));
    if (node === ROOT) continue;
    const ends = tree.ending(node);
    if (ends === ROOT) continue;
    const index = tree.indexOf(ends);
    const start = at + 1 - tree.depthOf(ends);
    // If a string was only known by its beginning, nothing after it is shown.
    const end = isWhole[index] ? at + 1 : text.length;
    for (let last = matches.at(-1); last !== undefined && last.start >= start; last = matches.at(-1))
      matches.pop();
    matches.push({ start, end, word: words[index] ?? "" });
    if (end === text.length) break;
  }
  return matches;
}

function replaceMatches(text: string, matches: readonly Match[]): string {
  if (matches.length === 0) return text;
  let result = "";
  let at = 0;
  for (const { start, end, word } of matches) {
    result += text.slice(at, Math.max(at, start)) + word;
    at = end;
  }
  return result + text.slice(at);
}

/** A trie: a node is the beginning of a string, an edge its next character. */
class Tree {
  #size = 1;
  readonly #parent: Int32Array;
  readonly #letter: Uint16Array;
  readonly #depth: Int32Array;
  /** The node of the longest other beginning that is a suffix of this one. */
  readonly #suffix: Int32Array;
  /** The nearest node, this one or a suffix, at which a string ends; the root if none. */
  readonly #ending: Int32Array;
  /** Which string ends here, counted from 1. */
  readonly #index: Int32Array;
  /** Open hashing of edges: the node below. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #starts = new Uint8Array(0x1_0000);

  constructor(letters: number) {
    const nodes = letters + 1;
    this.#parent = new Int32Array(nodes);
    this.#letter = new Uint16Array(nodes);
    this.#depth = new Int32Array(nodes);
    this.#suffix = new Int32Array(nodes);
    this.#ending = new Int32Array(nodes);
    this.#index = new Int32Array(nodes);
    const slots = 2 ** Math.ceil(Math.log2(nodes * 2));
    this.#slots = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  add(text: string, index: number): void {
    let node = ROOT;
    for (let at = 0; at < text.length; at += 1) {
      const letter = text.charCodeAt(at);
      const slot = this.#slotOf(node, letter);
      let next = this.#slots[slot] ?? ROOT;
      if (next === ROOT) {
        next = this.#size;
        this.#size += 1;
        this.#parent[next] = node;
        this.#letter[next] = letter;
        this.#depth[next] = at + 1;
        this.#slots[slot] = next;
        if (at === 0) this.#starts[letter] = 1;
      }
      node = next;
    }
    if (node !== ROOT && this.#index[node] === 0) this.#index[node] = index + 1;
  }

  /** Finds every node's suffix link, shallow nodes first. Call it once, after the last `add`. */
  link(): void {
    for (const node of this.#byDepth()) {
      const parent = this.#parent[node] ?? ROOT;
      const suffix =
        parent === ROOT ? ROOT : this.follow(this.#suffix[parent] ?? ROOT, this.#letter[node] ?? 0);
      this.#suffix[node] = suffix;
      this.#ending[node] = this.#index[node] === 0 ? (this.#ending[suffix] ?? ROOT) : node;
    }
  }

  /** The node of the longest beginning that the text ends with after this character. */
  follow(from: number, letter: number): number {
    for (let node = from; node !== ROOT; node = this.#suffix[node] ?? ROOT) {
      const next = this.#slots[this.#slotOf(node, letter)] ?? ROOT;
      if (next !== ROOT) return next;
    }
    return this.#starts[letter] === 0 ? ROOT : (this.#slots[this.#slotOf(ROOT, letter)] ?? ROOT);
  }

  ending(node: number): number {
    return this.#ending[node] ?? ROOT;
  }

  depthOf(node: number): number {
    return this.#depth[node] ?? 0;
  }

  indexOf(node: number): number {
    return (this.#index[node] ?? 1) - 1;
  }

  /** The slot of the edge from this node by this character, or the free slot for it. */
  #slotOf(node: number, letter: number): number {
    let slot = (Math.imul(node, 0x9e37_79b1) ^ Math.imul(letter + 1, 0x85eb_ca6b)) & this.#mask;
    slot ^= slot >>> 15;
    for (;;) {
      const below = this.#slots[slot] ?? ROOT;
      if (below === ROOT || (this.#parent[below] === node && this.#letter[below] === letter)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #byDepth(): Int32Array {
    let deepest = 0;
    for (let node = 1; node < this.#size; node += 1) deepest = Math.max(deepest, this.#depth[node] ?? 0);
    const places = new Int32Array(deepest + 2);
    for (let node = 1; node < this.#size; node += 1) {
      const depth = (this.#depth[node] ?? 0) + 1;
      places[depth] = (places[depth] ?? 0) + 1;
    }
    for (let depth = 1; depth < places.length; depth += 1)
      places[depth] = (places[depth] ?? 0) + (places[depth - 1] ?? 0);
    const order = new Int32Array(this.#size - 1);
    for (let node = 1; node < this.#size; node += 1) {
      const depth = this.#depth[node] ?? 0;
      const place = places[depth] ?? 0;
      order[place] = node;
      places[depth] = place + 1;
    }
    return order;
  }
}
