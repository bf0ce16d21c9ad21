/** How a session's data changes when a panel changes its expiry: Django's `_session_expiry`, set, removed or moved. */

import { DEADLINE_KEY } from "../../core/data/draft.ts";
import { EMPTY, joinEntries, quote, readContents } from "../../core/data/json.ts";
import { deadlineIn } from "../../core/django/deadlines.ts";
import {
  EXPIRY_KEY,
  expiryEnd,
  expiryIn,
  expiryMoment,
  toEpochMs,
  toStoredExpiry,
} from "../../core/django/expiry.ts";
import type { Settings } from "../../core/django/settings.ts";
import { isSessionError, PREFIX } from "../../core/errors.ts";
import type { ExpiryChange } from "../../protocol/messages.ts";

/**
 * The JSON after the change. A shift leaves seconds alone, because they count from the last save, and moves a fixed
 * date and the deadline, so that the next save does not undo the shift.
 */
export function expiryJson(json: string, change: ExpiryChange, settings: Settings): string {
  const contents = readContents(json) ?? EMPTY;
  const stored = expiryIn(contents);
  const entries = new Map(contents.entries);
  const setMoment = (ms: number) => {
    const text = toStoredExpiry(new Date(ms), settings);
    entries.set(EXPIRY_KEY, typeof text === "string" ? quote(text) : JSON.stringify(text));
  };
  if (change.kind === "seconds") entries.set(EXPIRY_KEY, JSON.stringify(change.seconds));
  if (change.kind === "browser-close") entries.set(EXPIRY_KEY, "0");
  if (change.kind === "at") setMoment(change.at);
  if (change.kind === "default") entries.delete(EXPIRY_KEY);
  if (change.kind === "shift") {
    const deadline = deadlineIn(contents, settings);
    const isDated = typeof stored === "string" && stored !== "";
    if (!isDated && deadline === null) return json;
    if (isDated)
      setMoment(toEpochMs(expiryMoment(stored, 0, settings), settings) - change.shiftSeconds * 1000);
    if (deadline !== null)
      entries.set(DEADLINE_KEY, String(Math.floor(deadline / 1000 - change.shiftSeconds)));
  }
  return joinEntries(entries);
}

/** True if the data's `_session_expiry` is a date, as a string. */
export function holdsMoment(json: string): boolean {
  const stored = expiryIn(readContents(json) ?? EMPTY);
  return typeof stored === "string" && stored !== "";
}

/** The years 1 to 9999: the dates that Python and databases can hold. */
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * What is wrong with the data's `_session_expiry`, as a sentence; null if nothing is. With a wrong one, the site
 * answers every request of that session with an error.
 */
export function expiryFault(json: string, nowMs: number, settings: Settings): string | null {
  try {
    const { expiresAtMs } = expiryEnd(expiryIn(readContents(json) ?? EMPTY), nowMs, settings);
    const isDate = expiresAtMs >= FIRST_MS && expiresAtMs <= LAST_MS;
    return isDate
      ? null
      : "_session_expiry is outside the years 1 to 9999. Use the number of seconds until the session expires.";
  } catch (error) {
    if (!isSessionError(error, "expiry") && !isSessionError(error, "expiry-zone")) throw error;
    return error.message.replace(PREFIX, "");
  }
}
