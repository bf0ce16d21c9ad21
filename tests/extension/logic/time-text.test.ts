/** How the time left is written. */
import { describe, expect, it } from "vitest";
import {
  formatLeft,
  formatPeriod,
  formatShort,
  lifePhase,
  lifeShare,
} from "../../../extension/logic/time-text.ts";

const DAY = 86_400_000;

describe("formatLeft", () => {
  it.each([
    [13 * DAY + 85_267_000, "13d 23:41:07"],
    [DAY, "1d 00:00:00"],
    [DAY - 1000, "23:59:59"],
    [292_000, "00:04:52"],
    [3_599_001, "01:00:00"],
    [9_999, "00:00:10"],
    [1, "00:00:01"],
    [0, "expired"],
    [-5, "expired"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(formatLeft(ms, false)).toBe(text);
  });

  it("shows tenths below ten seconds if motion is allowed", () => {
    expect(formatLeft(9_999, true)).toBe("10.0 s");
    expect(formatLeft(4_200, true)).toBe("4.2 s");
    expect(formatLeft(10_000, true)).toBe("00:00:10");
  });
});

describe("lifePhase", () => {
  it("turns amber under five minutes or under a tenth", () => {
    expect(lifePhase(5 * 60_000 - 1, 3_600_000)).toBe("soon");
    expect(lifePhase(DAY, 14 * DAY)).toBe("soon");
    expect(lifePhase(2 * DAY, 14 * DAY)).toBe("fresh");
    expect(lifePhase(400_000, null)).toBe("fresh");
  });

  it("does not call a short life amber from its start", () => {
    expect(lifePhase(60_000, 60_000)).toBe("fresh");
    expect(lifePhase(5_000, 60_000)).toBe("soon");
  });

  it('distinguishes "at browser close" from "expired"', () => {
    expect(lifePhase(null, null)).toBe("browser-close");
    expect(lifePhase(0, null)).toBe("expired");
  });
});

describe("lifeShare", () => {
  it("keeps the share between 0 and 1", () => {
    expect(lifeShare(5, 10)).toBe(0.5);
    expect(lifeShare(20, 10)).toBe(1);
    expect(lifeShare(-1, 10)).toBe(0);
    expect(lifeShare(-1, null)).toBe(0);
  });
});

describe("formatPeriod", () => {
  it("uses the largest even unit", () => {
    expect(formatPeriod(1_209_600)).toBe("2 weeks");
    expect(formatPeriod(3600)).toBe("1 hour");
    expect(formatPeriod(90)).toBe("90 seconds");
  });
});

describe("formatShort", () => {
  it("uses the two largest units, and rounds whole seconds up", () => {
    expect(formatShort(252_000)).toBe("4 min 12 s");
    expect(formatShort(251_001)).toBe("4 min 12 s");
    expect(formatShort(60_000)).toBe("1 min 0 s");
    expect(formatShort(7_500_000)).toBe("2 h 5 min");
    expect(formatShort(11_900)).toBe("12 s");
    expect(formatShort(-5)).toBe("0 s");
  });
});
