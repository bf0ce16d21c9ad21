/** The clock behind the countdowns, with simulated time. */
import { describe, expect, it } from "vitest";
import { formatLeft } from "../../../../extension/logic/time-text.ts";
import { ClockModel } from "../../../../extension/models/showing/clock.ts";
import type { TabPort } from "../../../../extension/ports/ports.ts";

const HOUR_MS = 3_600_000;

/** A clock that the test sets, and a panel that is shown or hidden. */
function createClock() {
  let ms = 1_000_000;
  let show: (visible: boolean) => void = () => {};
  const tab: Pick<TabPort, "watchVisible"> = {
    watchVisible(listener) {
      show = listener;
      return () => {};
    },
  };
  const port = { now: () => ms, every: () => () => {} };
  // The clock uses only whether the panel is shown.
  const model = new ClockModel(port, tab as TabPort);
  return { model, show: (visible: boolean) => show(visible), pass: (by: number) => (ms += by), at: () => ms };
}

describe("the clock", () => {
  it("counts a new expiry from the time it arrives, so that an hour starts as an hour", () => {
    const clock = createClock();
    clock.pass(900);
    const end = clock.at() + HOUR_MS;
    clock.model.watch([end]);
    expect(formatLeft(end - clock.model.now.value, false)).toBe("01:00:00");
  });

  it("stands still while the panel is hidden", () => {
    const clock = createClock();
    const before = clock.model.now.value;
    clock.show(false);
    clock.pass(5000);
    clock.model.watch([clock.at() + HOUR_MS]);
    expect(clock.model.now.value).toBe(before);
  });
});

describe("a server's clock", () => {
  const APP = "http://localhost:3000";
  /** The server's time is asked for, and the answer takes this long. */
  function ask(clock: ReturnType<typeof createClock>, { ahead, away, back }: Record<string, number>) {
    const askedAt = clock.at();
    clock.pass(away ?? 0);
    const written = clock.at() + (ahead ?? 0);
    clock.pass(back ?? 0);
    clock.model.heard(APP, written, askedAt);
  }

  it("does not look behind because its answer came late", () => {
    const clock = createClock();
    ask(clock, { ahead: 0, away: 10, back: 8000 });
    expect(clock.model.aheadOf(APP)).toBe(0);
    clock.model.heard(APP, clock.at() - 5000); // a line of a stream that waited
    expect(clock.model.aheadOf(APP)).toBe(0);
  });

  it("does not look ahead because the question came late", () => {
    const clock = createClock();
    ask(clock, { ahead: 0, away: 8000, back: 10 });
    expect(clock.model.aheadOf(APP)).toBe(0);
  });

  it.each([HOUR_MS, -HOUR_MS])(
    "that is %i ms away is known by what is certain, however slow the answer",
    (ahead) => {
      const clock = createClock();
      ask(clock, { ahead, away: 20, back: 30 });
      expect(Math.abs((clock.model.aheadOf(APP) ?? 0) - ahead)).toBeLessThan(50);
      ask(clock, { ahead, away: 4000, back: 4000 });
      expect(Math.abs((clock.model.aheadOf(APP) ?? 0) - ahead)).toBeLessThan(50);
      clock.model.heard(APP, clock.at() + ahead - 6000);
      expect(Math.abs((clock.model.aheadOf(APP) ?? 0) - ahead)).toBeLessThan(50);
    },
  );

  it("is known again after it was set", () => {
    const clock = createClock();
    ask(clock, { ahead: HOUR_MS, away: 10, back: 10 });
    ask(clock, { ahead: 0, away: 10, back: 10 });
    expect(clock.model.aheadOf(APP)).toBe(0);
    clock.model.heard(APP, clock.at() + 60_000); // no line arrives before it is written
    expect(clock.model.aheadOf(APP)).toBe(60_000);
  });
});
