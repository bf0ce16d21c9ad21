/**
 * Datetimes as SQLite and MySQL keep them: strings without a zone, in UTC, or with USE_TZ off in the local time of
 * TIME_ZONE. Microseconds are kept as Python writes them: six digits, and only if there is a fraction.
 */
import type { Settings } from "../../django/settings.ts";
import { offsetAt, offsetOfNaive } from "../../django/zone.ts";

/** The settings that define what a naive time means. */
export type Zone = Pick<Settings, "useTz" | "timeZone">;

// Years 1000 to 9999: the range of every database's column and of Python's datetime. Anything beyond is clamped to it.
const FIRST_MS = Date.UTC(1000, 0, 2);
const LAST_MS = Date.UTC(9999, 11, 30);
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?$/;

/** `YYYY-MM-DD HH:MM:SS[.ffffff]`. Within one zone, comparing these strings compares the times. */
export function toMomentText(ms: number, zone: Zone): string {
  const { seconds, micros } = split(Math.min(Math.max(ms, FIRST_MS), LAST_MS));
  const local = zone.useTz ? seconds * 1000 : seconds * 1000 + offsetAt(seconds * 1000, zone.timeZone);
  const text = toSecondsText(local);
  return micros === 0 ? text : `${text}.${String(micros).padStart(6, "0")}`;
}

/** Many requests fall into the same second: the last two strings are kept. */
const lastTexts = [
  { ms: Number.NaN, text: "" },
  { ms: Number.NaN, text: "" },
];

function toSecondsText(ms: number): string {
  const known = lastTexts.find((one) => one.ms === ms);
  if (known !== undefined) return known.text;
  const text = new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  lastTexts.unshift({ ms, text });
  lastTexts.pop();
  return text;
}

/** The reverse, milliseconds since 1970 with fractions; NaN for a string of another form. */
export function parseMomentText(text: string, zone: Zone): number {
  const match = MOMENT.exec(text);
  if (match === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const naive = Date.UTC(year, month - 1, day, hour, minute, second);
  const whole = zone.useTz ? naive : naive - offsetOfNaive(naive, zone.timeZone);
  return whole + Number((match[7] ?? "").padEnd(6, "0")) / 1000;
}

function split(ms: number): { seconds: number; micros: number } {
  const total = Math.round(ms * 1000);
  const seconds = Math.floor(total / 1_000_000);
  return { seconds, micros: total - seconds * 1_000_000 };
}
