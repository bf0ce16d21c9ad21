/**
 * Local times of time zones, compared with Python's zoneinfo for every half-hour from 1970 to 2037. The vectors were
 * made by `vectors/make-zones.py`.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isTimeZone, offsetAt, offsetOfNaive } from "../../../server-bridge/src/core/django/zone.ts";

/** From which half-hour on local time minus UTC is that many minutes. */
type Run = [halfHour: number, minutes: number];

interface Vectors {
  halfHours: number;
  zones: Record<string, { toNaive: Run[]; fromNaive: Run[]; fromSecond: Run[] }>;
}

const HALF_HOUR_MS = 1_800_000;
const vectors = JSON.parse(readFileSync(new URL("./vectors/zones.json", import.meta.url), "utf8")) as Vectors;

/** From 20 September 2026 on, Morocco's clocks no longer change. Node's time zone data say so from 2026c on. */
const MOROCCO = Date.UTC(2026, 8, 20) / HALF_HOUR_MS;
const knowsMorocco = (process.versions.tz ?? "") >= "2026c";

/** Half-hours for which Node's data and the vectors agree. */
const known = (zone: string) => (zone === "Africa/Casablanca" && !knowsMorocco ? MOROCCO : vectors.halfHours);

function runsOf(zone: string, offset: (ms: number) => number): Run[] {
  const runs: Run[] = [];
  for (let halfHour = 0; halfHour < known(zone); halfHour++) {
    const minutes = offset(halfHour * HALF_HOUR_MS) / 60_000;
    if (runs.at(-1)?.[1] !== minutes) runs.push([halfHour, minutes]);
  }
  return runs;
}

function until(zone: string, runs: Run[]): Run[] {
  return runs.filter(([halfHour]) => halfHour < known(zone));
}

describe.each(Object.entries(vectors.zones))(
  "in %s, every half-hour of 1970 to 2037",
  (zone, { toNaive, fromNaive, fromSecond }) => {
    it("has Python's local time", () => {
      expect(runsOf(zone, (ms) => offsetAt(ms, zone))).toEqual(until(zone, toNaive));
    });

    it("as a local time is Python's datetime: the first of two, and a skipped one by the offset before it", () => {
      expect(runsOf(zone, (ms) => offsetOfNaive(ms, zone))).toEqual(until(zone, fromNaive));
    });

    it("as a local time with fold=1 is Python's datetime: the second of two, and a skipped one by the offset after it", () => {
      expect(runsOf(zone, (ms) => offsetOfNaive(ms, zone, 1))).toEqual(until(zone, fromSecond));
    });
  },
);

/** Python's offsets in minutes, fold=0 and fold=1: `zoneinfo` on the same local times. */
const EDGES: [zone: string, local: string, first: number, second: number][] = [
  ["Pacific/Auckland", "2026-04-05T01:59", 780, 780],
  ["Pacific/Auckland", "2026-04-05T02:30", 780, 720],
  ["Pacific/Auckland", "2026-04-05T03:00", 720, 720],
  ["Pacific/Auckland", "2026-09-27T01:59", 720, 720],
  ["Pacific/Auckland", "2026-09-27T02:30", 720, 780],
  ["Pacific/Auckland", "2026-09-27T03:00", 780, 780],
  ["Pacific/Chatham", "2026-04-05T03:00", 825, 765],
  ["Pacific/Chatham", "2026-09-27T03:00", 765, 825],
  ["Pacific/Apia", "2011-12-29T23:59", -600, -600],
  ["Pacific/Apia", "2011-12-30T12:00", -600, 840], // the day that Samoa skipped
  ["Pacific/Apia", "2011-12-31T00:00", 840, 840],
  ["America/St_Johns", "2026-11-01T01:30", -150, -210],
  ["America/St_Johns", "2026-03-08T02:30", -210, -150],
];

describe("where the clocks change far from Greenwich, or by a whole day", () => {
  it.each(EDGES)(
    "%s at %s is %d minutes ahead of UTC, or the second time %d",
    (zone, local, first, second) => {
      const naive = Date.parse(`${local}Z`);
      expect(offsetOfNaive(naive, zone) / 60_000).toBe(first);
      expect(offsetOfNaive(naive, zone, 1) / 60_000).toBe(second);
    },
  );
});

describe("a time zone", () => {
  it("is known by its IANA name", () => {
    expect(isTimeZone("Europe/Berlin")).toBe(true);
    expect(isTimeZone("Europe/Atlantis")).toBe(false);
  });

  it("has an offset for what no Date can represent, so that an expiry beyond every date is not an error", () => {
    expect(offsetAt(1e20, "Asia/Kolkata")).toBe(5.5 * 3_600_000);
    expect(offsetOfNaive(Number.POSITIVE_INFINITY, "Asia/Kolkata")).toBe(5.5 * 3_600_000);
    expect(offsetOfNaive(Number.NEGATIVE_INFINITY, "Asia/Kolkata")).toBe((5 * 3600 + 53 * 60 + 28) * 1000);
  });

  it("had seconds in its offset before it had a standard time", () => {
    expect(offsetAt(Date.UTC(1880, 0, 1), "Europe/Berlin")).toBe((53 * 60 + 28) * 1000);
  });

  it("may change its offset within a minute, and is exact to the second there", () => {
    const change = Date.UTC(1972, 0, 7, 0, 44, 30);
    expect(offsetAt(change - 1, "Africa/Monrovia")).toBe(-(44 * 60 + 30) * 1000);
    expect(offsetAt(change, "Africa/Monrovia")).toBe(0);
  });
});
