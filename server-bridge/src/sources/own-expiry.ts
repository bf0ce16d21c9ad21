/** How a session's data change when a panel changes its expiry: Django's `_session_expiry`, set, removed or moved. */
import { EXPIRY_KEY, expiryIn, expiryMoment, toEpochMs, toStoredExpiry } from "../expiry.ts";
import { EMPTY, joinEntries, quote, readContents } from "../json.ts";
import type { ExpiryChange } from "../protocol/messages.ts";
import type { Settings } from "../settings.ts";

/**
 * The JSON after the change. A shift leaves seconds alone, for they count from the last save, and moves a fixed moment,
 * so that the next save does not undo the shift.
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
    if (typeof stored !== "string" || stored === "") return json;
    setMoment(toEpochMs(expiryMoment(stored, 0, settings), settings) - change.shiftSeconds * 1000);
  }
  return joinEntries(entries);
}
