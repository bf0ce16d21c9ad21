/**
 * The date after `Expires=`, as browsers read it. This is the only place that parses one.
 *
 * Chromium reads it as RFC 6265 §5.1.1 says: zones and offsets are ignored. Firefox has its own parser, which respects
 * them (both measured, see `docs/decisions/013-cookie-dates.md`). For Firefox, only the forms that are read here are
 * known.
 */

/** Which browser's reading is wanted. */
export type CookieBrowser = "chromium" | "firefox";

/**
 * Milliseconds since 1970. `none`: this browser sees no date, so it ignores the attribute. `unsure`: how it reads the
 * value is not known.
 */
type CookieDate = number | "none" | "unsure";

/**
 * Reads the string after `Expires=`.
 *
 * @param browser null: unknown; then a date is returned only if all browsers agree on it
 */
export function readCookieDate(text: string, browser: CookieBrowser | null): CookieDate {
  if (browser === "chromium") return readByStandard(text);
  if (browser === "firefox") return readAsFirefox(text);
  const [one, other] = [readByStandard(text), readAsFirefox(text)];
  return one === other ? one : "unsure";
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

interface Parts {
  day: number;
  /** From 0. */
  month: number;
  year: number;
  /** Hours, minutes, seconds. */
  time: readonly [number, number, number];
}

/**
 * RFC 6265 §5.1.1 as implemented by Chromium: a number token must be all digits, numbers in a time may have leading
 * zeros, and a year before 1601 is a date in the past, where the standard has none.
 */
function readByStandard(text: string): number | "none" {
  const found: Partial<Parts> = {};
  for (const token of text.split(/[\t -/;-@[-`{-~]/)) take(found, token);
  const { day, month, year, time } = found;
  if (day === undefined || month === undefined || year === undefined || time === undefined) return "none";
  return toMoment({ day, month, year: toFullYear(year), time }) ?? "none";
}

function take(found: Partial<Parts>, token: string): void {
  if (/^\d+:\d+:\d+$/.test(token)) {
    const [hours = 0, minutes = 0, seconds = 0] = token.split(":").map(Number);
    found.time ??= [hours, minutes, seconds];
  } else if (/^\d+$/.test(token)) {
    if (found.day === undefined && token.length <= 2) found.day = Number(token);
    else if (token.length <= 5) found.year ??= Number(token);
  } else {
    const month = MONTHS.indexOf(token.slice(0, 3).toLowerCase());
    if (month >= 0) found.month ??= month;
  }
}

function toFullYear(year: number): number {
  if (year >= 100) return year;
  return year >= 70 ? year + 1900 : year + 2000;
}

/** Null for a date that no calendar or clock has. */
function toMoment({ day, month, year, time: [hours, minutes, seconds] }: Parts): number | null {
  const midnight = new Date(Date.UTC(year, month, day));
  if (day < 1 || midnight.getUTCMonth() !== month || hours > 23 || minutes > 59 || seconds > 59) return null;
  return midnight.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** Minutes east of Greenwich. Firefox ignores some other names and knows others; which, is not covered here. */
const ZONES = new Map([
  ["gmt", 0],
  ["utc", 0],
  ["z", 0],
  ["est", -300],
  ["edt", -240],
  ["cst", -360],
  ["cdt", -300],
  ["mst", -420],
  ["mdt", -360],
  ["pst", -480],
  ["pdt", -420],
]);

/** The usual forms, complete and in range. Firefox may read anything else in its own way. */
function readAsFirefox(text: string): CookieDate {
  if (!/\d/.test(text) || /^-?\d*$/.test(text.trim()) || !mayHoldMonth(text)) return "none";
  const bare = text.replace(/["']/g, " ").replace(/\([^()]*\)/g, " ");
  if (/^\s*\d{4}-\d{2}-\d{2}[T ]/.test(bare)) return "none";
  const usual = readUsual(bare.split(/[\s,]+/).filter((token) => token !== ""));
  const offset = readOffset(usual?.zone);
  // A zone in brackets counts if there is no other.
  if (usual === null || offset === null || (usual.zone === undefined && /[()]/.test(text))) return "unsure";
  const moment = toMoment(usual);
  return moment === null ? "unsure" : moment - offset * 60_000;
}

/** Without a month, by name or as a number between these characters, there is no date. */
function mayHoldMonth(text: string): boolean {
  const lower = text.toLowerCase();
  return /[/-]/.test(text) || MONTHS.some((month) => lower.includes(month));
}

interface Usual extends Parts {
  /** As written; undefined if there is none. */
  zone: string | undefined;
}

function readUsual(tokens: readonly string[]): Usual | null {
  const words = tokens.flatMap((token) => {
    const dashed = /^(\d{1,2})-([a-z]{3})-(\d{2}|\d{4})$/i.exec(token);
    return dashed ? dashed.slice(1) : [token];
  });
  const rest = /^(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*$/i.test(words[0] ?? "") ? words.slice(1) : words;
  const shape = rest.map((word) => (/^\d/.test(word) ? (word.includes(":") ? "t" : "d") : "w")).join("");
  const order = ORDERS.find(([start]) => shape.startsWith(start));
  if (order === undefined || rest.length > order[0].length + 1) return null;
  const [start, [dayAt, monthAt, yearAt, timeAt]] = order;
  const month = MONTHS.indexOf((rest[monthAt] ?? "").slice(0, 3).toLowerCase());
  const [day, year] = [rest[dayAt] ?? "", rest[yearAt] ?? ""];
  const time = /^(\d{1,2}):(\d{2}):(\d{2})$/.exec(timeAt === null ? "00:00:00" : (rest[timeAt] ?? ""));
  if (month < 0 || day.length > 2 || !/^(?:\d{2}|[1-9]\d{3})$/.test(year) || time === null) return null;
  const clock = [Number(time[1]), Number(time[2]), Number(time[3])] as const;
  return { day: Number(day), month, year: toFullYear(Number(year)), time: clock, zone: rest[start.length] };
}

/** By the shape of the first words: where day, month, year and time are. */
const ORDERS: readonly (readonly [string, readonly [number, number, number, number | null]])[] = [
  ["dwdt", [0, 1, 2, 3]], // 23 Dec 2026 02:57:25
  ["wddt", [1, 0, 2, 3]], // Dec 23 2026 02:57:25
  ["wdtd", [1, 0, 3, 2]], // Dec 23 02:57:25 2026
  ["dwd", [0, 1, 2, null]], // 23 Dec 2026, at midnight
];

/** The offset in minutes for `GMT`, `EST`, `+0200`, `GMT-0500`, or for no zone at all; null for other words. */
function readOffset(zone = "GMT"): number | null {
  const named = ZONES.get(zone.toLowerCase());
  if (named !== undefined) return named;
  const offset = /^(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})$/i.exec(zone);
  if (offset === null) return null;
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return offset[1] === "-" ? -minutes : minutes;
}
