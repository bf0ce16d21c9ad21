/** How datetimes are written in SQLite and MySQL. */
import { describe, expect, it } from "vitest";
import {
  parseMomentText,
  toMomentText,
} from "../../../server-bridge/src/core/engines/databases/column-time.ts";

const utc = { useTz: true, timeZone: "America/Chicago" };
const chicago = { useTz: false, timeZone: "America/Chicago" };

describe("datetimes in SQLite and MySQL", () => {
  it("are UTC with USE_TZ, whatever TIME_ZONE says", () => {
    expect(toMomentText(Date.UTC(2026, 11, 7), utc)).toBe("2026-12-07 00:00:00");
  });

  it("are the zone's own time without USE_TZ", () => {
    expect(toMomentText(Date.UTC(2026, 11, 7), chicago)).toBe("2026-12-06 18:00:00");
    expect(parseMomentText("2026-12-06 18:00:00", chicago)).toBe(Date.UTC(2026, 11, 7));
  });

  it("have six fractional digits or none", () => {
    expect(toMomentText(Date.UTC(2026, 11, 7) + 1.5, utc)).toBe("2026-12-07 00:00:00.001500");
    expect(toMomentText(Date.UTC(2026, 11, 7) + 0.001, utc)).toBe("2026-12-07 00:00:00.000001");
    expect(toMomentText(-0.5, utc)).toBe("1969-12-31 23:59:59.999500");
  });

  it("are read back to the microsecond", () => {
    const moments = [0.25, 999.999, 1_795_392_000_123.456];
    for (const ms of moments) expect(parseMomentText(toMomentText(ms, utc), utc)).toBeCloseTo(ms, 3);
  });

  it("read a repeated hour as the first one, and a skipped one by the offset before it", () => {
    expect(parseMomentText("2026-11-01 01:30:00", chicago)).toBe(Date.UTC(2026, 10, 1, 6, 30));
    expect(parseMomentText("2026-03-08 02:30:00", chicago)).toBe(Date.UTC(2026, 2, 8, 8, 30));
  });

  it("are limited to the years that a column can store", () => {
    expect(toMomentText(1e20, utc)).toMatch(/^9999-/);
    expect(toMomentText(-1e20, chicago)).toMatch(/^1000-/);
    expect(toMomentText(Number.POSITIVE_INFINITY, utc)).toMatch(/^9999-/);
  });

  it("are not guessed from text of another form", () => {
    expect(parseMomentText("yesterday", utc)).toBeNaN();
  });
});
