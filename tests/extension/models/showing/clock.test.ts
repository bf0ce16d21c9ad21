/** The clock behind the countdowns, on a time of our own. */
import { describe, expect, it } from "vitest";
import { formatLeft } from "../../../../extension/logic/time-text.ts";
import { ClockModel } from "../../../../extension/models/showing/clock.ts";
import type { TabPort } from "../../../../extension/ports/ports.ts";

const HOUR_MS = 3_600_000;

/** A clock that stands where it is put, under a panel that is shown or hidden. */
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
  // Of the tab, the clock asks only whether the panel is shown.
  const model = new ClockModel(port, tab as TabPort);
  return { model, show: (visible: boolean) => show(visible), pass: (by: number) => (ms += by), at: () => ms };
}

describe("the clock", () => {
  it("reckons a new end from the moment it comes, so that an hour begins as an hour", () => {
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
