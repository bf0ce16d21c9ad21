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
