/**
 * Datetimes as Python's `datetime` writes and reads them: with an offset, or naive in the local time of a time zone.
 * Kept in whole microseconds, while JavaScript's Date has only milliseconds.
 */
import { type Fold, offsetAt, offsetOfNaive } from "./zone.ts";

/** Beyond this many seconds, about 1,500 years, the expiry is outside every calendar that Python or a cookie knows. */
export const MAX_SECONDS = 50e9;

/** A date and time. */
export interface Moment {
  /** Microseconds since 1970 of the date and time as written, as if its zone were UTC. */
  wallUs: number;
  /** Minutes east of UTC, fractions allowed; null: naive. */
  offsetMinutes: number | null;
  /**
   * Which of the two is meant, if the clocks show a naive time twice; absent: the first. Not part of the string form.
   */
  fold?: Fold;
}

const DATE = /^(\d{4})(?:-(\d{2})-(\d{2})|(\d{2})(\d{2}))/;
const TIME = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?/;
const OFFSET = /^([+-])(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.\d+)?)?)?$/;

/** Microseconds since 1970, UTC. A naive datetime counts as if it were UTC. */
export function toEpochUs(moment: Moment): number {
  return moment.wallUs - (moment.offsetMinutes ?? 0) * 60e6;
}

/** The datetime in an ISO 8601 string, read as Python 3.11's `fromisoformat` does, or null. Week dates are not read. */
export function parseIso(text: string): Moment | null {
  const date = DATE.exec(text);
  if (date === null) return null;
  const month = date[2] ?? date[4];
  const day = date[3] ?? date[5];
  const dayMs = Date.UTC(Number(date[1]), Number(month) - 1, Number(day));
  if (new Date(dayMs).toISOString().slice(0, 10) !== `${date[1]}-${month}-${day}`) return null;
  const rest = text.slice(date[0].length);
  if (rest === "") return { wallUs: dayMs * 1000, offsetMinutes: null };
  const time = TIME.exec(rest.slice(1));
  if (time === null) return null;
  const [, hour = "0", minute = "0", second = "0", fraction = ""] = time;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offsetMinutes = parseOffset(rest.slice(1 + time[0].length));
  if (offsetMinutes === undefined) return null;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return {
    wallUs: dayMs * 1000 + seconds * 1e6 + Number(fraction.slice(0, 6).padEnd(6, "0")),
    offsetMinutes,
  };
}

/** Python's `isoformat()`: `YYYY-MM-DDTHH:MM:SS[.ffffff][±HH:MM]`; six digits of fraction or none. */
export function toIso({ wallUs, offsetMinutes }: Moment, separator = "T"): string {
  const seconds = Math.floor(wallUs / 1e6);
  const fraction = Math.round(wallUs - seconds * 1e6);
  const text = new Date(seconds * 1000).toISOString();
  const micros = fraction === 0 ? "" : `.${String(fraction).padStart(6, "0")}`;
  return `${text.slice(0, 10)}${separator}${text.slice(11, 19)}${micros}${toOffset(offsetMinutes)}`;
}

/** The datetime at `epochMs`: in UTC, or naive in the local time of `timeZone`. */
export function toMoment(epochMs: number, timeZone: string | null): Moment {
  const us = Math.round(epochMs * 1000);
  if (timeZone === null) return { wallUs: us, offsetMinutes: 0 };
  const offset = offsetAt(epochMs, timeZone);
  const isSecond = offsetOfNaive(epochMs + offset, timeZone) !== offset;
  return { wallUs: us + offset * 1000, offsetMinutes: null, fold: isSecond ? 1 : 0 };
}

/** Milliseconds since 1970 of a naive datetime in `timeZone`. */
export function naiveToEpochMs({ wallUs, fold }: Moment, timeZone: string): number {
  const wallMs = wallUs / 1000;
  return wallMs - offsetOfNaive(wallMs, timeZone, fold);
}

/** Undefined: not an offset. Null: there is none, so the datetime is naive. */
function parseOffset(text: string): number | null | undefined {
  if (text === "") return null;
  if (text === "Z" || text === "z") return 0;
  const match = OFFSET.exec(text);
  if (match === null) return undefined;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = match;
  const size = Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
  return sign === "-" ? -size : size;
}

function toOffset(minutes: number | null): string {
  if (minutes === null) return "";
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${hours}:${String(Math.floor(size % 60)).padStart(2, "0")}`;
}
