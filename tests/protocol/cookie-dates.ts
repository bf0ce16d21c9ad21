/**
 * Sixty-seven strings after `Expires=`, and how Chromium and Firefox read them.
 *
 * Measured in Chromium 156 and Firefox 153, and measured again by each run of `tests/e2e/scenarios/dates.ts`: there every cookie
 * is stored by the real browser. If the two differ, it is because Firefox respects time zones and reads what is not a date by RFC 6265.
 */

/**
 * How a browser reads a string: how many hours the cookie's expiry is later than the time in the string; or `over`, a date in
 * the past; `capped`, one beyond 400 days; `none`, no date, so the cookie ends when the browser closes; `unsure`, we do not know.
 */
export type Meaning = number | "over" | "capped" | "none" | "unsure";

/** `text` has places for a day, such as `{dd}`; its clock says 02:57:25. */
export interface DateVector {
  text: string;
  chromium: Meaning;
  firefox: Meaning;
}

/** The same in both browsers. */
function both(text: string, meaning: Meaning): DateVector {
  return { text, chromium: meaning, firefox: meaning };
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** Fills in a day, at 02:57:25 in the string's time zone. */
export function fillDate(text: string, day: Date): string {
  const weekday = WEEKDAYS[day.getUTCDay()] ?? "";
  const month = MONTHS[day.getUTCMonth()] ?? "";
  const year = String(day.getUTCFullYear());
  const pieces = new Map([
    ["Www", weekday.slice(0, 3)],
    ["Weekday", weekday],
    ["dd", String(day.getUTCDate()).padStart(2, "0")],
    ["mm", String(day.getUTCMonth() + 1).padStart(2, "0")],
    ["Mmm", month.slice(0, 3)],
    ["mmm", month.slice(0, 3).toLowerCase()],
    ["MMM", month.slice(0, 3).toUpperCase()],
    ["Month", month],
    ["yyyy", year],
    ["yy", year.slice(2)],
    ["seconds", String(day.getTime() / 1000)],
    ["ms", String(day.getTime())],
  ]);
  return text.replace(/\{(\w+)\}/g, (_, name: string) => pieces.get(name) ?? "");
}

/** A day of next month that is not a month's number, 02:57:25 UTC: near enough not to be capped, and unambiguous in every browser. */
export function dayNextMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 23, 2, 57, 25));
}

/** Milliseconds since 1970 for a string that means a day; null for the other meanings. */
export function momentOf(meaning: Meaning, day: Date): number | null {
  return typeof meaning === "number" ? day.getTime() + meaning * 3_600_000 : null;
}

export const COOKIE_DATES: readonly DateVector[] = [
  // As JavaScript's Date.toString() and toUTCString() write it.
  { text: "{Www} {Mmm} {dd} {yyyy} 02:57:25 GMT-0500 (EST)", chromium: 0, firefox: 5 },
  { text: "{Www} {Mmm} {dd} {yyyy} 02:57:25 GMT+0530 (India Standard Time)", chromium: 0, firefox: -5.5 },
  both("{Www} {Mmm} {dd} {yyyy} 02:57:25 GMT+0000 (Coordinated Universal Time)", 0),
  both("{Www}, {dd} {Mmm} {yyyy} 02:57:25 GMT", 0),
  // As older standards have it.
  both("{Www}, {dd}-{Mmm}-{yyyy} 02:57:25 GMT", 0),
  both("{Www}, {dd}-{Mmm}-{yy} 02:57:25 GMT", 0),
  both("{Weekday}, {dd}-{Mmm}-{yy} 02:57:25 GMT", 0),
  both("{Www} {Mmm} {dd} 02:57:25 {yyyy}", 0),
  // Zones.
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 EST", chromium: 0, firefox: 5 },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 PDT", chromium: 0, firefox: 7 },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 +0200", chromium: 0, firefox: -2 },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 -0800", chromium: 0, firefox: 8 },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 +02:00", chromium: 0, firefox: -2 },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 CEST", chromium: 0, firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 (EST)", chromium: 0, firefox: "unsure" },
  both("{Www}, {dd} {Mmm} {yyyy} 02:57:25 UTC", 0),
  both("{Www}, {dd} {Mmm} {yyyy} 02:57:25 Z", 0),
  both("{Www}, {dd} {Mmm} {yyyy} 02:57:25", 0),
  // Spellings.
  both("{dd} {Mmm} {yyyy} 02:57:25 GMT", 0),
  both("{dd} {mmm} {yyyy} 02:57:25 gmt", 0),
  both("{dd} {MMM} {yyyy} 02:57:25 GMT", 0),
  both("{dd} {Month} {yyyy} 02:57:25 GMT", 0),
  both("{Month} {dd}, {yyyy} 02:57:25 GMT", 0),
  both("{dd} {Mmm}t {yyyy} 02:57:25 GMT", 0),
  both("{Www}, {dd} {Mmm} {yyyy} 2:57:25 GMT", 0),
  both("{Www},   {dd}   {Mmm}   {yyyy}   02:57:25   GMT", 0),
  both("{Www}, {dd} {Mmm} {yyyy} (a comment) 02:57:25 GMT", 0),
  both('"{Www}, {dd} {Mmm} {yyyy} 02:57:25 GMT"', 0),
  both("'{Www}, {dd} {Mmm} {yyyy} 02:57:25 GMT'", 0),
  // Orders for which only Chromium's parsing is known.
  { text: "02:57:25 {dd} {Mmm} {yyyy}", chromium: 0, firefox: "unsure" },
  { text: "{yyyy} {Mmm} {dd} 02:57:25", chromium: 0, firefox: "unsure" },
  { text: "Foo, {dd} {Mmm} {yyyy} 02:57:25 GMT", chromium: 0, firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25.123 GMT", chromium: 0, firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} 0{yyyy} 02:57:25 GMT", chromium: 0, firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57:25 GMT 1999", chromium: 0, firefox: "unsure" },
  { text: "{yyyy}-{Mmm}-{dd} 02:57:25 GMT", chromium: 0, firefox: "unsure" },
  // Years.
  both("Thu, 01-Jan-1970 00:00:00 GMT", "over"),
  both("Thu, 01 Jan 1970 00:00:00 GMT", "over"),
  both("Thu, 01-Jan-70 00:00:01 GMT", "over"),
  both("Fri, 01 Jan 99 00:00:00 GMT", "over"),
  both("Sat, 01 Jan 00 00:00:00 GMT", "over"),
  both("Tue, 01 Jan 69 00:00:00 GMT", "capped"),
  both("Mon, 01 Jan 1601 00:00:00 GMT", "over"),
  both("Sat, 01 Jan 1600 00:00:00 GMT", "over"),
  both("Fri, 31 Dec 9999 23:59:59 GMT", "capped"),
  { text: "Fri, 31 Dec 10000 23:59:59 GMT", chromium: "capped", firefox: "unsure" },
  // Missing parts, or dates in no calendar.
  { text: "Thu, 01-Jan-1970", chromium: "none", firefox: "over" },
  { text: "{Www}, {dd} {Mmm} {yyyy}", chromium: "none", firefox: -10_645 / 3600 },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02:57 GMT", chromium: "none", firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} {yyyy} 02.57.25 GMT", chromium: "none", firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} {yyyy} 24:00:00 GMT", chromium: "none", firefox: "unsure" },
  { text: "{Www}, {dd} {Mmm} {yyyy} 23:59:60 GMT", chromium: "none", firefox: "unsure" },
  { text: "Tue, 31 Feb {yyyy} 02:57:25 GMT", chromium: "none", firefox: "unsure" },
  { text: "Tue, 32 Jan {yyyy} 02:57:25 GMT", chromium: "none", firefox: "unsure" },
  { text: "{Www}, {dd}th {Mmm} {yyyy} 02:57:25 GMT", chromium: "none", firefox: "unsure" },
  { text: "{mm}/{dd}/{yyyy} 02:57:25", chromium: "none", firefox: "unsure" },
  // What no browser reads as a date.
  both("{yyyy}-{mm}-{dd}T02:57:25Z", "none"),
  both("{yyyy}-{mm}-{dd}T02:57:25.000Z", "none"),
  both("{yyyy}-{mm}-{dd} 02:57:25", "none"),
  both("{dd}.{mm}.{yyyy} 02:57:25", "none"),
  both("{seconds}", "none"),
  both("{ms}", "none"),
  both("0", "none"),
  both("-1", "none"),
  both("Session", "none"),
  both("Invalid Date", "none"),
  both("14 days, 0:00:00", "none"),
  both("", "none"),
];

/** `Max-Age`, and for how many seconds the cookie is valid: 0 is expired immediately, null means that it is ignored. */
export const MAX_AGES: readonly { text: string; chromium: number | null; firefox: number | null }[] = [
  { text: "600", chromium: 600, firefox: 600 },
  { text: " 600 ", chromium: 600, firefox: 600 },
  { text: "00600", chromium: 600, firefox: 600 },
  { text: "0", chromium: 0, firefox: 0 },
  { text: "-0", chromium: 0, firefox: 0 },
  { text: "-1", chromium: 0, firefox: 0 },
  { text: "99999999999999999999", chromium: 34_560_000, firefox: 34_560_000 },
  { text: "+600", chromium: 600, firefox: null },
  { text: "--1", chromium: null, firefox: 0 },
  { text: "-", chromium: null, firefox: 0 },
  { text: "1e3", chromium: null, firefox: null },
  { text: "600s", chromium: null, firefox: null },
  { text: "10.5", chromium: null, firefox: null },
  { text: "0x258", chromium: null, firefox: null },
  { text: '"600"', chromium: null, firefox: null },
  { text: "600, 5", chromium: null, firefox: null },
  { text: "6 00", chromium: null, firefox: null },
  { text: "abc", chromium: null, firefox: null },
  { text: "", chromium: null, firefox: null },
];
