/**
 * Joins what two requests made of one value: path by path through objects, appendix by appendix in lists. It works on
 * JSON strings, so what no one changed keeps its exact bytes. `docs/engines.md` states the law, decision 016 why.
 */
import { holdsDoubted, withoutStored } from "./doubted.ts";
import {
  append,
  isListText,
  isObjectText,
  joinMembers,
  splitElements,
  splitMembers,
  tailOf,
} from "./json-parts.ts";
import { isIdentified, isSameThing } from "./login-keys.ts";

/** Deeper values are one whole. */
const MAX_DEPTH = 64;
/** More conflicts are not named. */
const MAX_CONFLICTS = 1_000;
const NO_MEMBERS: ReadonlyMap<string, string> = new Map();
const NO_VALUES: readonly string[] = [];
const PLAIN_NAME = /^[\p{L}\p{N}_$-]+$/u;

/** One value as the request loaded it, as it made it, and as another request stored it meanwhile. All are JSON. */
interface Versions {
  /** Undefined if there was none. */
  readonly base: string | undefined;
  readonly mine: string;
  readonly theirs: string;
  /** What this request may have stored before, without getting an answer; the newest first. */
  readonly doubted: readonly string[];
}

type Path = readonly (string | number)[];

/** One merge of a session: what its values have in common, and the conflicts found so far. */
export class Merge {
  /** Paths that both requests changed, such as `user.role` and `cart[3]`. At each, this request's value was kept. */
  readonly conflicts = new Set<string>();
  readonly #plain: boolean;

  /** @param plain all values have the form that JavaScript's own JSON writes, and so will the merged ones */
  constructor(plain: boolean) {
    this.#plain = plain;
  }

  /** Names a path at which both requests changed the value. */
  conflict(path: Path): void {
    if (this.conflicts.size < MAX_CONFLICTS) this.conflicts.add(pathText(path));
  }

  /** The merged value under a top-level key. */
  value(key: string, versions: Versions): string {
    return this.#value(versions, [key]);
  }

  #value({ base: loaded, mine, theirs, doubted }: Versions, path: Path): string {
    const base = doubted.find((one) => holdsDoubted(theirs, one, loaded)) ?? loaded;
    if (mine === base) return theirs;
    if (theirs === base) return mine;
    const versions = { base, mine, theirs, doubted };
    const merged =
      path.length < MAX_DEPTH ? (this.#members(versions, path) ?? this.#list(versions, path)) : null;
    if (merged !== null) return merged;
    this.conflict(path);
    return mine;
  }

  /** Null if the versions are not all objects, or not the same thing. */
  #members({ base, mine, theirs, doubted }: Versions, path: Path): string | null {
    if (!isObjectText(mine) || !isObjectText(theirs)) return null;
    if (base !== undefined && !isObjectText(base)) return null;
    const before = base === undefined ? NO_MEMBERS : splitMembers(base);
    const [own, other] = [splitMembers(mine), splitMembers(theirs)];
    if (!isSameThing(before.size === 0 ? [own, other] : [before, own, other])) return null;
    const maybe = doubted.filter(isObjectText).map(splitMembers);
    const merged = new Map<string, string>();
    for (const [name, text] of other) {
      const [was, now] = [before.get(name), own.get(name)];
      if (now !== undefined) {
        const tried = maybe.length === 0 ? NO_VALUES : maybe.flatMap((one) => one.get(name) ?? []);
        merged.set(
          name,
          this.#value({ base: was, mine: now, theirs: text, doubted: tried }, [...path, name]),
        );
      } else if (was === undefined) merged.set(name, text);
      else if (was !== text) this.conflict([...path, name]); // deleted here, changed there
    }
    for (const [name, text] of own) {
      if (other.has(name) || before.get(name) === text) continue;
      if (before.has(name)) this.conflict([...path, name]); // changed here, deleted there
      merged.set(name, text);
    }
    return joinMembers(merged, this.#plain);
  }

  /** Null if the versions are not all lists, or if more happened to both than can be joined. */
  #list(versions: Versions, path: Path): string | null {
    const { base, mine, theirs, doubted } = versions;
    if (!isListText(base) || !isListText(mine) || !isListText(theirs)) return null;
    const added = tailOf(base, mine);
    if (added !== null) {
      const left = doubted.reduce((rest, one) => withoutStored(rest, { theirs, doubted: one, base }), added);
      return append(theirs, left);
    }
    const others = tailOf(base, theirs);
    return others === null ? this.#elements(versions, path) : append(mine, others);
  }

  /** Both changed elements inside: joined if each element's id says that it is still in its place. */
  #elements({ base = "[]", mine, theirs, doubted }: Versions, path: Path): string | null {
    const [before, own, other] = [splitElements(base), splitElements(mine), splitElements(theirs)];
    if (own.length < before.length || other.length < before.length) return null;
    const inPlace = before.every((text, at) => areInPlace(text, own[at] ?? "", other[at] ?? ""));
    if (!inPlace) return null;
    const maybe = doubted.filter(isListText).map(splitElements);
    const merged = before.map((text, at) => {
      const tried = maybe.flatMap((one) => one[at] ?? []);
      return this.#value({ base: text, mine: own[at] ?? text, theirs: other[at] ?? text, doubted: tried }, [
        ...path,
        at,
      ]);
    });
    return `[${[...merged, ...other.slice(before.length), ...own.slice(before.length)].join(",")}]`;
  }
}

function areInPlace(base: string, mine: string, theirs: string): boolean {
  if (base === mine && base === theirs) return true;
  if (!isObjectText(base) || !isObjectText(mine) || !isObjectText(theirs)) return false;
  const before = splitMembers(base);
  return isIdentified(before) && isSameThing([before, splitMembers(mine), splitMembers(theirs)]);
}

/** `cart.total`, `items[0].name`, `["odd key"]`: as the extension writes paths. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (PLAIN_NAME.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
