/**
 * How a session's data gets into the store. Every write is a compare-and-swap: a request that loses the race applies
 * its own changes to the newer session and tries again, and a session that was deleted in the meantime is never brought
 * back.
 *
 * The life of one write:
 *
 * | the store answers | the data | then |
 * |---|---|---|
 * | `saved` | is stored | the session goes on from there |
 * | `conflict`, and it holds something newer | is merged with that | it is written again |
 * | `conflict`, and it holds an earlier write of ours whose answer was lost | was stored then | only later changes are written |
 * | `gone` | is still to be stored | `session-gone`; after a move whose answer was lost: on to the new key |
 * | a refusal (too large, key taken) | is still to be stored | the error is thrown |
 * | nothing in time, or another error | may be stored: it is *in doubt* | the error is thrown; the next write finds out |
 *
 * @source django/contrib/sessions/backends/base.py and db.py
 */

import { type Draft, SessionData } from "../data/session-data.ts";
import { endOfSaved } from "../django/deadlines.ts";
import type { End, Stored, UpdateResult } from "../engines/engine.ts";
import type { Ownership } from "../engines/user-index.ts";
import { SessionError } from "../errors.ts";
import type { HasEnd } from "../observers/observe-request.ts";
import { canBeStored } from "./context.ts";
import { isDoubtful } from "./doubts.ts";
import { ownershipOf } from "./owner.ts";
import { isOver, isUnseen, keepsEnd, keptEnd, retime, storedBefore, withDeadline } from "./session-end.ts";
import type { SessionState } from "./state.ts";
import type { Handover, Line } from "./turns.ts";

/** A race lost this many times is no race: something keeps rewriting the session. */
export const MAX_ATTEMPTS = 1000;
/** The longest pause between two lost races, milliseconds. */
const MAX_PAUSE_MS = 50;

/** One way to store a string. */
export interface Writer {
  /** The session that is replaced, and read after a conflict; null: none. */
  from: string | null;
  /** The key under which `put` stores; null: none yet. */
  target: string | null;
  /** The key under which it stores is a new one. */
  readonly isNew: boolean;
  /**
   * Stores a string with its expiry and its owner (undefined: `users` is off), and returns the result. If it throws, the
   * string may be stored all the same.
   */
  put(text: string, end: End, owner: Ownership | undefined): UpdateResult | Promise<UpdateResult>;
}

/** Options of `attempt`. */
interface AttemptOptions {
  /** The operation that is reported to the observer; absent: none. */
  name?: "create" | "cycle" | "save";
  /** What to store first; absent: the data as it is now. */
  draft?: Draft | undefined;
}

/**
 * Stores the session's data: draft, encode, put; then the draft is settled, or restored so that its changes are still
 * pending. After a conflict the newer session becomes the base, and the next draft is put. Writers of one key take turns.
 *
 * @throws SessionError `session-gone`, and whatever `put` throws
 */
export async function attempt(
  state: SessionState,
  writer: Writer,
  { name, draft }: AttemptOptions,
): Promise<void> {
  const start = state.startOperation();
  state.data ??= new SessionData();
  const { data } = state;
  const { clock, settings, codec, storeWaits, turns } = state.context;
  const { absoluteAge, passive } = settings;
  if (state.isOtherUsers) throw otherUsers();
  storeWaits.beginOperation(state);
  const key = writer.from;
  const line = key === null ? null : turns.at(key);
  let next = draft;
  let handed: Handover | null = null;
  if (line?.isBusy === true && key !== null)
    ({ draft: next, handed } = await takeTurn(state, data, { key, line, draft }));
  else if (line !== null) line.isBusy = true;
  let left: Handover | null = null;
  try {
    const before = absoluteAge !== null && isUnseen(state, key) ? await storedBefore(state, key) : null;
    for (let count = 0; count < MAX_ATTEMPTS; count++) {
      const drafted = next ?? data.draft();
      const tried = absoluteAge === null ? drafted : withDeadline(state, drafted, { from: key, before });
      next = undefined;
      const begunAt = turns.now();
      let text = "";
      let result: UpdateResult;
      try {
        storeWaits.begin(state);
        const kept =
          passive !== null && keepsEnd(state, key, tried) ? await keptEnd(state, writer.from, tried) : null;
        const nowMs = clock();
        const end = kept ?? endOfSaved(tried.contents, nowMs, settings);
        const before = writer.from === null ? null : tried.base;
        const owner = ownershipOf(settings, tried.contents, before, nowMs);
        text = codec.encode(tried.contents.json, kept?.signedAtSeconds);
        // the writer before has just stored the same: one write is enough for all who wait (saveEveryRequest)
        const isThere = text === handed?.text && key === writer.target && passive === null;
        const answer = isThere ? "saved" : writer.put(text, end, owner);
        result = typeof answer === "string" ? answer : await answer; // operations that take no time are reported in order, too
        if (result === "saved") {
          if (kept !== null) await retime(state, writer.target, text, end);
          settle(state, tried, text, end);
          if (key === writer.target && line?.waiters)
            left = { text, end, begunAt: isThere ? (handed?.begunAt ?? begunAt) : begunAt };
        }
      } catch (error) {
        data.restore(tried);
        noteDoubt(state, writer, { text, draft: tried, error, oldKey: key });
        throw error;
      }
      handed = null;
      if (result !== "saved") {
        data.restore(tried);
        if (count > 0 && result === "conflict") await pause(state, count);
        const isWhole = await goOn(state, writer, result, data);
        if (!isWhole || writer.from !== writer.target) continue; // under the old key: it is still to be moved
      }
      if (state.doubts !== null) await dropLeftovers(state, writer.target);
      if (name !== undefined) state.report(name, start);
      return;
    }
  } finally {
    if (line !== null) turns.leave(line, left);
  }
  throw new SessionError(
    "engine",
    `The session was rewritten ${MAX_ATTEMPTS} times while it was being saved.`,
  );
}

/** Replaces what is stored under the session's key with its data. */
export function replace(state: SessionState, key: string): Promise<void> {
  return attempt(state, new Replacement(state, key), { name: "save" });
}

/** Writes in place of what is stored. */
class Replacement implements Writer {
  from: string;
  target: string;
  readonly isNew = false;
  readonly state: SessionState;

  constructor(state: SessionState, key: string) {
    this.from = key;
    this.target = key;
    this.state = state;
  }

  put(text: string, end: End, owner: Ownership | undefined): UpdateResult | Promise<UpdateResult> {
    const { state, target } = this;
    const { context, key } = state;
    if (key === null || !canBeStored(context, key)) return "gone";
    return context.storeWaits.within(state, context.engine.update(target, text, end, state.text, owner));
  }
}

/**
 * Deletes what earlier writes may have stored under new keys that no one was given, and what a flush could not delete.
 * If that fails, it stays there until it expires.
 */
export async function dropLeftovers(state: SessionState, except: string | null): Promise<void> {
  const keys = state.doubts?.leftovers() ?? [];
  state.doubts = null;
  const { engine, storeWaits } = state.context;
  try {
    for (const key of keys) if (key !== except) await storeWaits.within(state, engine.delete(key));
  } catch {
    // the write itself was stored
  }
}

/**
 * Waits for the turn in a line, and goes on from what the writer before stored there.
 *
 * @returns the draft to store first, unless it is out of date
 * @throws without the turn
 */
async function takeTurn(
  state: SessionState,
  data: SessionData,
  { key, line, draft }: { key: string; line: Line; draft: Draft | undefined },
): Promise<{ draft: Draft | undefined; handed: Handover | null }> {
  const { storeWaits, turns } = state.context;
  const waiter = turns.join(line);
  let left: Handover | null;
  try {
    left = await storeWaits.within(state, waiter.promise);
  } catch (error) {
    if (line.waiters?.delete(waiter) !== true) turns.leave(line, null); // it was given the turn just then
    if (draft !== undefined) data.restore(draft);
    throw error;
  }
  if (left === null || state.text === null || left.begunAt < state.seenAt) return { draft, handed: null };
  if (state.text === left.text) return { draft, handed: left };
  if (draft !== undefined) data.restore(draft);
  try {
    moveOnto(state, data, key, left, state.startOperation());
  } catch (error) {
    turns.leave(line, null);
    throw error;
  }
  return { draft: undefined, handed: left };
}

function noteDoubt(
  state: SessionState,
  { target, isNew }: Writer,
  { text, draft, error, oldKey }: { text: string; draft: Draft; error: unknown; oldKey: string | null },
): void {
  if (target === null || text === "" || !isDoubtful(error)) return;
  state.doubt({ key: target, text, draft, isNew, oldKey });
}

/**
 * After a lost race: takes what is stored now as the new base.
 *
 * @returns true if it is an earlier write of ours that already holds everything
 */
async function goOn(
  state: SessionState,
  writer: Writer,
  result: UpdateResult,
  data: SessionData,
): Promise<boolean> {
  if (result === "gone" && !(await followMove(state, writer))) throw gone();
  const key = writer.from;
  if (key === null) throw gone();
  const { engine, storeWaits } = state.context;
  const start = state.startOperation();
  const stored = engine.loadSync?.(key) ?? (await storeWaits.within(state, engine.load(key)));
  if (stored === null || stored === "expired" || isOver(state.context, key, stored)) throw gone();
  return moveOnto(state, data, key, { text: stored.text, end: stored }, start);
}

/** True if the session is gone because an earlier cycleKey of ours, whose answer was lost, has moved it. */
async function followMove(state: SessionState, writer: Writer): Promise<boolean> {
  const key = state.doubts?.newKeyFor(writer.from);
  if (writer.isNew || key === undefined || state.key === null) return false;
  if (!(await holdsDoubted(state, key)) || state.key === null) return false; // null: a flush came in between
  state.key = key;
  writer.from = key;
  writer.target = key;
  return true;
}

/** True if the store holds what one of our writes, whose answer was lost, stored under `key`. */
export async function holdsDoubted(state: SessionState, key: string): Promise<boolean> {
  const doubts = state.doubts?.at(key) ?? [];
  if (doubts.length === 0) return false;
  const { engine, storeWaits } = state.context;
  const stored: Stored | "expired" | null = await storeWaits.within(state, engine.load(key));
  return typeof stored === "object" && doubts.some(({ text }) => text === stored?.text);
}

/** What another request stored, or an earlier write of ours, becomes the base of this session. @see goOn */
function moveOnto(
  state: SessionState,
  data: SessionData,
  key: string,
  { text, end }: { text: string; end: HasEnd },
  start: number,
): boolean {
  const doubts = state.doubts?.at(key) ?? [];
  const own = doubts.find((doubt) => doubt.text === text)?.draft;
  if (own !== undefined && own.base === data.base) {
    state.doubts?.forget(key);
    saw(state, text, end);
    data.landed(own);
    state.context.codec.remember(key, text, own.contents);
    return !data.isChanged();
  }
  const contents = state.context.codec.decode(text, key);
  if (contents === null) {
    state.doubts?.forget(key);
    saw(state, text, end);
    state.reportDamage();
    return false; // as in Django, this session's own data replaces what cannot be read
  }
  const rebased = data.rebase(contents, { doubted: doubts.map(({ draft }) => draft) });
  if (rebased.otherUser) {
    state.isOtherUsers = true;
    throw otherUsers(); // state.text stays as it was, so that a second save is refused, too
  }
  state.doubts?.forget(key);
  saw(state, text, end);
  for (const conflict of rebased.conflicts) state.conflicts.add(conflict);
  state.report("merge", start, "another request saved first");
  return false;
}

function settle(state: SessionState, draft: Draft, text: string, end: HasEnd): void {
  state.accessed = true;
  state.data?.stored(draft);
  state.wasSaved = true;
  saw(state, text, end);
  if (state.key !== null) state.context.codec.remember(state.key, text, draft.contents);
}

function saw(state: SessionState, text: string, end: HasEnd): void {
  state.text = text;
  state.end = end;
  state.seenAt = state.context.turns.now();
}

/** Waits a random while, so that two processes that write one session do not go on losing to each other. */
function pause(state: SessionState, lost: number): Promise<void> {
  const ms = Math.random() * Math.min(MAX_PAUSE_MS, 2 ** lost);
  const pausing = new Promise<void>((resolve) => setTimeout(resolve, ms));
  return state.context.storeWaits.within(state, pausing);
}

/** The error for a session that another request deleted while this one was using it. */
export function gone(): SessionError {
  return new SessionError(
    "session-gone",
    "The session was deleted while this request was using it, perhaps by a logout in another one, so nothing was saved.",
  );
}

/** The error for a session in which another request logged someone in or out while this one was using it. */
function otherUsers(): SessionError {
  return new SessionError(
    "session-gone",
    "Another request logged someone in or out in this session while this request was using it, so nothing was saved: it would have become the other user's.",
  );
}
