/**
 * Converts between UTC and the local time of a time zone. Without USE_TZ, Django keeps local times, which do not say
 * which of two hours they mean when clocks show an hour twice.
 *
 * @source PEP 495, as Python's zoneinfo reads it
 */

/**
 * Python's mark for a local time that clocks show twice: 0 the first time, and for any unambiguous time; 1 the second
 * time.
 */
export type Fold = 0 | 1;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** The offset of each UTC day that was queried, in milliseconds; null: the clocks change during that day. */
  readonly days: Map<number, number | null>;
}

const DAY_MS = 86_400_000;
/** Sessions live from now until a few weeks ahead; a year of days takes a few kilobytes. */
const MAX_DAYS = 366;

/** Zones are queried for four-digit years only. Before these no clock changed, and Python has no years after them. */
const FIRST_MS = Date.UTC(1000, 0, 1);
const LAST_MS = Date.UTC(9999, 11, 31);

const zones = new Map<string, Zone>();

/** What the zone's clocks show at a given time, minus UTC, in milliseconds. */
export function offsetAt(epochMs: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const { format, days } = zoneOf(timeZone);
  const ms = Math.min(Math.max(epochMs, FIRST_MS), LAST_MS);
  const day = Math.floor(ms / DAY_MS);
  let offset = days.get(day);
  if (offset === undefined) {
    offset = readDay(format, day);
    if (days.size >= MAX_DAYS) days.clear();
    days.set(day, offset);
  }
  return offset ?? readOffset(format, ms);
}

/**
 * The same for a local time, given in milliseconds as if it were UTC. A time that the clocks skip uses the offset from
 * before the change, or with `fold` 1 the offset from after it. No zone changes its clocks twice within three days.
 *
 * @param fold which of the two is meant, if the clocks show a time twice: 0 the first, 1 the second
 */
export function offsetOfNaive(naiveMs: number, timeZone: string, fold: Fold = 0): number {
  if (timeZone === "UTC") return 0;
  const before = offsetAt(naiveMs - DAY_MS, timeZone);
  const after = offsetAt(naiveMs + DAY_MS, timeZone);
  if (before === after) return before;
  const [likely, other] = fold === 0 ? [before, after] : [after, before];
  if (offsetAt(naiveMs - likely, timeZone) === likely) return likely;
  return offsetAt(naiveMs - other, timeZone) === other ? other : likely;
}

/** True for a name in Node's own time zone data. */
export function isTimeZone(name: string): boolean {
  try {
    zoneOf(name);
    return true;
  } catch {
    return false; // a RangeError for an unknown name, a TypeError for anything that is not a string
  }
}

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const day = { year: "numeric", month: "numeric", day: "numeric" } as const;
  const time = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone, calendar: "gregory", ...day, ...time });
  const zone = { format, days: new Map<number, number | null>() };
  zones.set(timeZone, zone);
  return zone;
}

/** One offset for the whole day, if its first and last second have the same; otherwise null. */
function readDay(format: Intl.DateTimeFormat, day: number): number | null {
  const first = readOffset(format, day * DAY_MS);
  return first === readOffset(format, (day + 1) * DAY_MS - 1000) ? first : null;
}

/** Reads the zone's clocks. Takes a few microseconds. */
function readOffset(format: Intl.DateTimeFormat, epochMs: number): number {
  const wholeMs = Math.floor(epochMs / 1000) * 1000;
  const numbers = format.format(wholeMs).match(/\d+/g) ?? [];
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = numbers.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
}
