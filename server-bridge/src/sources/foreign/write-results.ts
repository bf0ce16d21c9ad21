/** The results of writes, for stores without compare-and-swap: what was read just before the write is compared. */
import type { StoredView, WriteResult } from "../source.ts";

/** The result of a completed write. */
export function toResult(before: StoredView, after: StoredView | null, cookie: string | null): WriteResult {
  return { ok: true, before, after, cookie, cookieExpiresAtMs: after?.expiresAtMs ?? null };
}

/** The result of a write that was not made. */
export function unfit(why: string): WriteResult {
  return { ok: false, reason: "unfit", why };
}

/**
 * Why a copy is not put back: something else is stored than the caller believes; null if nothing stands in the way.
 *
 * @param ifStored null: nothing is stored; undefined: it may be anything
 */
export function refuseRestore(
  there: StoredView | null,
  ifStored: string | null | undefined,
): WriteResult | null {
  if (ifStored === undefined || (there?.stored ?? null) === ifStored) return null;
  return there ? { ok: false, reason: "conflict", now: there } : { ok: false, reason: "gone" };
}
