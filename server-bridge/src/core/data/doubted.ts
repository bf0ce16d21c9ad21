/**
 * A write whose answer was lost may be stored, or not. What is stored now shows which: what the write changed is still
 * there, or what it replaced is.
 */
import type { Draft } from "./draft.ts";
import { isListText, isObjectText, splitElements, splitMembers, tailOf } from "./json-parts.ts";
import type { StoredJson } from "./stored-json.ts";

/** Deeper values are compared whole. */
const MAX_DEPTH = 64;
const NO_MEMBERS: ReadonlyMap<string, string> = new Map();

interface Evidence {
  stored: number;
  lost: number;
  /** What is there, and an older one of the drafts had written, too: it does not tell which of them is stored. */
  shared: number;
}

/** The versions of one value: before the write, as written, and as stored now. */
type Versions = readonly [base: string | undefined, draft: string | undefined, fresh: string | undefined];

/**
 * Which of these drafts `fresh` was made from. `stored`: the newest of them whose changes are all there, as far as they
 * can be seen. `unclear`: newer ones of whose changes some seem to be there and others not, the newest first. Drafts made
 * from anything but `base` are ignored.
 */
export function findStored(
  base: StoredJson,
  fresh: StoredJson,
  doubted: readonly Draft[],
): { stored: Draft | undefined; unclear: Draft[] } {
  const unclear: Draft[] = [];
  const drafts = doubted.filter((draft) => draft.base === base);
  for (let at = drafts.length - 1; at >= 0; at--) {
    const draft = drafts[at];
    if (draft === undefined) continue;
    const found: Evidence = { stored: 0, lost: 0, shared: 0 };
    const { contents } = draft;
    const older = drafts.slice(0, at);
    for (const key of new Set([...contents.layout.keys, ...base.layout.keys])) {
      const written = older.map((one) => one.contents.textOf(key));
      weigh([base.textOf(key), contents.textOf(key), fresh.textOf(key)], written, found, 0);
    }
    if (found.stored > 0 && found.lost === 0) return { stored: draft, unclear };
    if (found.stored + found.shared > 0) unclear.push(draft);
  }
  return { stored: undefined, unclear };
}

/**
 * True if `theirs` was made from `doubted`, a value that was written over `base` (undefined: nothing): it is that value, or
 * that list and more, or a list with all that was appended to `base`.
 */
export function holdsDoubted(theirs: string, doubted: string, base: string | undefined): boolean {
  if (doubted === theirs) return true;
  if (!isListText(theirs) || !isListText(doubted) || doubted === base) return false;
  const before = base ?? "[]";
  const added = tailOf(before, doubted);
  // every list begins with an empty one, and the list that was replaced may begin like the new one
  if (added === null) return doubted !== "[]" && !begins(before, theirs) && begins(doubted, theirs);
  return begins(doubted, theirs) || missingFrom(theirs, added, before).length === 0;
}

/**
 * What is still to be appended of `added`, JSON separated by commas, after `doubted`, which was written over `base`, was
 * perhaps stored: all but the elements in `doubted` that `theirs` has more often than `base`.
 */
export function withoutStored(
  added: string,
  { theirs, doubted, base }: { theirs: string; doubted: string; base: string },
): string {
  const tried = tailOf(base, doubted);
  if (tried === null || tried === "") return added;
  const stored = countElements(splitElements(`[${tried}]`));
  for (const one of missingFrom(theirs, tried, base)) stored.set(one, (stored.get(one) ?? 0) - 1);
  return splitElements(`[${added}]`)
    .filter((one) => !takeOne(stored, one))
    .join(",");
}

/**
 * True if what `change` made of a key in a draft that may be stored in part is in `fresh`. A number or a string is no
 * evidence: another request that counts to the same number is more likely.
 */
export function holdsChanged(fresh: StoredJson, { base, contents }: Draft, key: string): boolean {
  const [written, theirs] = [contents.textOf(key), fresh.textOf(key)];
  if (theirs === undefined || !(isListText(written) || isObjectText(written))) return false;
  return holdsDoubted(theirs, written, base.textOf(key));
}

/** @param older what older drafts had written there */
function weigh(
  [base, draft, fresh]: Versions,
  older: readonly (string | undefined)[],
  found: Evidence,
  depth: number,
): void {
  if (draft === base) return;
  if (fresh === draft) {
    if (older.includes(draft)) found.shared++;
    else found.stored++;
  } else if (fresh === base || older.includes(fresh)) found.lost++;
  else if (isListText(draft) && isListText(fresh)) {
    const { stored } = found;
    weighList([base, draft, fresh], found);
    if (!older.includes(draft)) return;
    found.shared += found.stored - stored;
    found.stored = stored;
  } else if (isObjectText(draft) && isObjectText(fresh) && depth < MAX_DEPTH) {
    const before = isObjectText(base) ? splitMembers(base) : NO_MEMBERS;
    const [written, now] = [splitMembers(draft), splitMembers(fresh)];
    const others = older.map((text) => (isObjectText(text) ? splitMembers(text) : NO_MEMBERS));
    for (const name of new Set([...written.keys(), ...before.keys()])) {
      const texts = others.map((one) => one.get(name));
      weigh([before.get(name), written.get(name), now.get(name)], texts, found, depth + 1);
    }
  }
}

function weighList([base = "[]", draft = "[]", fresh = "[]"]: Versions, found: Evidence): void {
  const added = tailOf(base, draft);
  if (holdsDoubted(fresh, draft, base)) found.stored++;
  else if (added !== null) {
    const missing = missingFrom(fresh, added, base).length;
    found.lost += missing;
    found.stored += splitElements(`[${added}]`).length - missing;
  } else if (begins(base, fresh)) found.lost++;
}

function begins(start: string, list: string): boolean {
  return tailOf(start, list) !== null;
}

/** The elements of `added` that `list` does not have more often than `before`. */
function missingFrom(list: string, added: string, before: string): string[] {
  const counts = countElements(splitElements(list));
  for (const one of splitElements(before)) counts.set(one, (counts.get(one) ?? 0) - 1);
  return splitElements(`[${added}]`).filter((one) => !takeOne(counts, one));
}

function countElements(elements: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of elements) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

/** True if there was one left. */
function takeOne(counts: Map<string, number>, one: string): boolean {
  const left = counts.get(one) ?? 0;
  counts.set(one, left - 1);
  return left > 0;
}
