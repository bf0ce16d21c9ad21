/**
 * What a cached database keeps in its cache under a session's name, and what each of its four steps does with it. A
 * step sees an entry and replaces it at once, so no other process comes between.
 *
 * - a *copy* of the row, with the epoch (see `../cache-trust.ts`) and the run of the server in which it was stored;
 * - the *claim* of a reader that is reading the row, to put its copy there;
 * - the *mark* of writers that are changing the row: the id of each, and when it no longer counts. Readers then use the
 *   row, and put no copy there. A mark that two writers have shared is never replaced by a copy, because no one knows
 *   whose row is newer.
 *
 * A *run* is the life of one server process. A server that restarts may come back with old entries; they name another
 * run, so their copies do not count. A cache in this process cannot be lost alone: its copies are the bare strings.
 */

/** A copy to be stored. */
export interface Copy {
  readonly epoch: string;
  readonly text: string;
  /** How long it can be read, milliseconds; zero or less: not at all. */
  readonly lifeMs: number;
}

/**
 * What a reader finds: the copy, and if it asked for that how many milliseconds it has left; or none, and its own claim,
 * so that it may store one; or a mark or another reader's claim.
 */
export type CopyRead = { readonly text: string; readonly leftMs?: number } | "claimed" | "busy";

/** Where a step happens: the run of the server, and its time in milliseconds. */
export interface Place {
  /** Null: the cache is in this process. */
  readonly run: string | null;
  readonly nowMs: number;
}

/** The result of a step, and what it stores: nothing if `next` is absent; with a null text it deletes the entry. */
export interface Step<Result> {
  readonly result: Result;
  readonly next?: { readonly text: string | null; readonly lifeMs: number };
}

/** A mark: its writers, and until when each counts, in seconds. */
interface Mark {
  readonly run: string;
  readonly isShared: boolean;
  readonly writers: ReadonlyMap<string, number>;
}

// no session's string begins with NUL, and these are only needed where copies are bare strings
const LEAD = "\u0000";
const MARK = /^(w|x):([^:]*):((?:\w+@\d+;)*)$/;
/** A mark with more writers than this is not extended: it stands until they are gone. */
const MAX_WRITERS = 50;

/** Reads the copy of `epoch`, or claims the name for `claimMs`. A copy that does not count is replaced by the claim. */
export function readEntry(
  entry: string | null,
  { run, nowMs }: Place,
  { epoch, id, claimMs }: { epoch: string; id: string; claimMs: number },
): Step<CopyRead> {
  const claim = { result: "claimed", next: { text: claimOf(run, id), lifeMs: claimMs } } as const;
  if (entry === null) return claim;
  const text = textOf(entry, run, epoch);
  if (text !== null) return { result: { text } };
  const mark = parseMark(entry, run, nowMs);
  const isBusy = mark === null ? entry.startsWith(claimOf(run, "")) : mark.writers.size > 0;
  return isBusy ? { result: "busy" } : claim;
}

/** Adds a writer to the mark, or replaces whatever else is there by its mark. */
export function markEntry(
  entry: string | null,
  { run, nowMs }: Place,
  { id, lifeMs }: { id: string; lifeMs: number },
): Step<undefined> {
  const before = parseMark(entry, run, nowMs);
  const others = new Map(before?.writers);
  others.delete(id);
  if (others.size >= MAX_WRITERS) return { result: undefined };
  const isShared = others.size > 0 || (before?.isShared === true && before.writers.has(id));
  return {
    result: undefined,
    next: toMark(run, isShared, others.set(id, Math.ceil((nowMs + lifeMs) / 1000)), nowMs),
  };
}

/** Takes a writer out of the mark; the only one that was there replaces it by its copy. No other copy remains. */
export function settleEntry(
  entry: string | null,
  { run, nowMs }: Place,
  { id, copy }: { id: string; copy: Copy | null },
): Step<undefined> {
  if (entry === null) return { result: undefined };
  const mark = parseMark(entry, run, nowMs);
  if (mark !== null && !mark.writers.has(id)) return { result: undefined };
  const others = new Map(mark?.writers);
  others.delete(id);
  if (others.size > 0) return { result: undefined, next: toMark(run, true, others, nowMs) };
  const isAlone = mark !== null && !mark.isShared && mark.run === (run ?? "");
  return { result: undefined, next: isAlone ? toCopy(run, copy) : NOTHING };
}

/** Replaces exactly this claim by a copy, or removes it. */
export function fillEntry(
  entry: string | null,
  { run }: Place,
  { id, copy }: { id: string; copy: Copy | null },
): Step<undefined> {
  return entry === claimOf(run, id) ? { result: undefined, next: toCopy(run, copy) } : { result: undefined };
}

/** True for a copy in a cache of this process, false for a mark or a claim. */
export function isBareCopy(entry: string): boolean {
  return !entry.startsWith(LEAD);
}

const NOTHING = { text: null, lifeMs: 0 };

function leadOf(run: string | null): string {
  return run === null ? LEAD : "";
}

function claimOf(run: string | null, id: string): string {
  return `${leadOf(run)}f:${run ?? ""}:${id}`;
}

function toCopy(run: string | null, copy: Copy | null): { text: string | null; lifeMs: number } {
  if (copy === null || !(copy.lifeMs > 0)) return NOTHING;
  const text = run === null ? copy.text : `c:${run}:${copy.epoch}:${copy.text}`;
  return { text, lifeMs: copy.lifeMs };
}

function textOf(entry: string, run: string | null, epoch: string): string | null {
  if (run === null) return isBareCopy(entry) ? entry : null;
  const head = `c:${run}:${epoch}:`;
  return entry.startsWith(head) ? entry.slice(head.length) : null;
}

/** Null for any other entry. Writers that no longer count are left out. */
function parseMark(entry: string | null, run: string | null, nowMs: number): Mark | null {
  if (entry === null || !entry.startsWith(leadOf(run))) return null;
  const [, kind, markRun = "", list = ""] = MARK.exec(entry.slice(leadOf(run).length)) ?? [];
  if (kind === undefined) return null;
  const writers = new Map<string, number>();
  for (const item of list.split(";").slice(0, -1)) {
    const at = item.indexOf("@");
    const ends = Number(item.slice(at + 1));
    if (ends * 1000 > nowMs) writers.set(item.slice(0, at), ends);
  }
  return { run: markRun, isShared: kind === "x", writers };
}

function toMark(run: string | null, isShared: boolean, writers: ReadonlyMap<string, number>, nowMs: number) {
  const list = [...writers].map(([id, ends]) => `${id}@${ends};`).join("");
  const text = `${leadOf(run)}${isShared ? "x" : "w"}:${run ?? ""}:${list}`;
  return { text, lifeMs: Math.max(...writers.values()) * 1000 - nowMs };
}
