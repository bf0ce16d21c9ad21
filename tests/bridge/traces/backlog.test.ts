/** Traces are built between requests: in order, within a bounded queue, and within a share of the time. */
import { describe, expect, it } from "vitest";
import { createBacklog } from "../../../server-bridge/src/bridge/traces/backlog.ts";

describe("the backlog of traces", () => {
  it("builds everything that waits, in order, when someone reads", () => {
    const made: number[] = [];
    const backlog = createBacklog<number>({
      make: (item) => made.push(item),
      limit: 10,
      share: 1,
      now: () => 0,
    });
    for (const item of [1, 2, 3]) expect(backlog.add(item)).toBe(true);
    expect(made).toEqual([]);
    backlog.flush();
    expect(made).toEqual([1, 2, 3]);
  });

  it("accepts no more than may wait, and accepts again once something was built", () => {
    const made: number[] = [];
    const backlog = createBacklog<number>({
      make: (item) => made.push(item),
      limit: 2,
      share: 1,
      now: () => 0,
    });
    expect([1, 2, 3].map((item) => backlog.add(item))).toEqual([true, true, false]);
    backlog.flush();
    expect(backlog.add(4)).toBe(true);
    backlog.flush();
    expect(made).toEqual([1, 2, 4]);
  });

  it("builds by itself even if no one reads", async () => {
    const made: number[] = [];
    const backlog = createBacklog<number>({
      make: (item) => made.push(item),
      limit: 10,
      share: 1,
      now: () => 0,
    });
    backlog.add(1);
    await expect.poll(() => made).toEqual([1]);
  });

  it("pauses when its share of the time is used up", async () => {
    let nowMs = 0;
    const made: number[] = [];
    const make = (item: number) => {
      made.push(item);
      nowMs += 6; // the second of these exceeds the ten milliseconds that may be saved up
    };
    const backlog = createBacklog<number>({ make, limit: 100, share: 0.02, now: () => nowMs });
    for (let item = 0; item < 100; item += 1) backlog.add(item);
    await expect.poll(() => made.length).toBeGreaterThan(0);
    expect(made.length).toBe(2);
    nowMs += 1_000; // two hundredths of it are worth three more
    await expect.poll(() => made.length).toBeGreaterThan(2);
    expect(made.length).toBeLessThan(7);
  });
});

it("refuses more when what waits is too long, and takes it again when that is made", () => {
  const made: number[] = [];
  const backlog = createBacklog<number>({
    ...{ make: (item) => void made.push(item), limit: 100, share: 1, now: () => 0 },
    ...{ lengthOf: (item) => item, maxLength: 10 },
  });
  expect([6, 5, 1].map(backlog.add)).toEqual([true, true, false]);
  backlog.flush();
  expect(backlog.add(11)).toBe(true);
  backlog.flush();
  expect(made).toEqual([6, 5, 11]);
});
