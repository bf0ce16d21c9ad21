/**
 * Moments as SQLite and MySQL keep them: text without a zone, in UTC, or with USE_TZ off in the local time of TIME_ZONE.
 * Microseconds are kept, as Python writes them: six digits, and only when there is a fraction.
 */
import type { Settings } from "../../django/settings.ts";

/** The part of the settings that says what a naive time means. */
export type Zone = Pick<Settings, "useTz" | "timeZone">;

const DAY_MS = 86_400_000;
// Years 1000 to 9999: what every database's column and Python's datetime can hold. What lies beyond is cut to the edge.
const FIRST_MS = Date.UTC(1000, 0, 2);
const LAST_MS = Date.UTC(9999, 11, 30);
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?$/;

/** `YYYY-MM-DD HH:MM:SS[.ffffff]`. Comparing such texts of one zone compares the moments. */
export function toMomentText(ms: number, zone: Zone): string {
  const { seconds, micros } = split(Math.min(Math.max(ms, FIRST_MS), LAST_MS));
  const local = zone.useTz ? seconds * 1000 : seconds * 1000 + offsetMs(seconds * 1000, zone.timeZone);
  const text = toSecondsText(local);
  return micros === 0 ? text : `${text}.${String(micros).padStart(6, "0")}`;
}

/** The moments of one request share their second with those of a thousand others: the last two texts are kept. */
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

/** The reverse, milliseconds since 1970 with fractions; NaN for a text of another form. */
export function parseMomentText(text: string, zone: Zone): number {
  const match = MOMENT.exec(text);
  if (match === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const naive = Date.UTC(year, month - 1, day, hour, minute, second);
  const whole = zone.useTz ? naive : fromLocal(naive, zone.timeZone);
  return whole + Number((match[7] ?? "").padEnd(6, "0")) / 1000;
}

function split(ms: number): { seconds: number; micros: number } {
  const total = Math.round(ms * 1000);
  const seconds = Math.floor(total / 1_000_000);
  return { seconds, micros: total - seconds * 1_000_000 };
}

/** A time that the clocks show twice is the first of the two; one that they skip counts on from before (PEP 495, fold=0). */
function fromLocal(naive: number, timeZone: string): number {
  const before = naive - offsetMs(naive - DAY_MS, timeZone);
  if (before + offsetMs(before, timeZone) === naive) return before;
  const after = naive - offsetMs(naive + DAY_MS, timeZone);
  return after + offsetMs(after, timeZone) === naive ? after : before;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the zone's clocks show at a whole second, less UTC. */
function offsetMs(ms: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const digits = { year: "numeric", month: "numeric", day: "numeric" } as const;
    const clock = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone, calendar: "gregory", ...digits, ...clock });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(ms).map((part) => [part.type, Number(part.value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const day = [part("year"), part("month") - 1, part("day")] as const;
  return Date.UTC(...day, part("hour"), part("minute"), part("second")) - ms;
}
