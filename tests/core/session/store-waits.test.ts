/** What counts as waiting for the store: with a clock that the tests move. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StoreWaits } from "../../../server-bridge/src/core/session/store-waits.ts";

const TICK_MS = 20;

let nowMs: number;
beforeEach(() => {
  nowMs = 1000;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A session whose store has one second, and what became of its waits. */
function start() {
  const storeWaits = new StoreWaits(1);
  const request = {
    context: { engine: { name: "test" }, storeWaits },
    waitedMs: 0,
    waitedAtMs: 0,
    holder: {},
  };
  const waiting = request as unknown as Parameters<StoreWaits["within"]>[0]; // all that waits read of a request
  const seen: string[] = [];
  const wait = (name: string, answer: Promise<unknown>) => {
    const noting = storeWaits.within(waiting, answer).then(
      () => seen.push(`${name} answered`),
      () => seen.push(`${name} failed`),
    );
    return noting;
  };
  return { seen, wait };
}

/** Time passes in ticks, each of which the timer sees. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += TICK_MS) {
    nowMs += TICK_MS;
    await vi.advanceTimersByTimeAsync(TICK_MS);
  }
}

describe("waits for the store", () => {
  it("fail after their time, and the timer ends with the last one", async () => {
    const { seen, wait } = start();
    const waits = wait("first", new Promise(() => {}));
    await pass(900);
    expect(seen).toEqual([]);
    await pass(200);
    await waits;
    expect(seen).toEqual(["first failed"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("count once for a session that waits for two answers", async () => {
    const { seen, wait } = start();
    const waits = [wait("first", new Promise(() => {})), wait("second", new Promise(() => {}))];
    await pass(900);
    expect(seen).toEqual([]);
    await pass(200);
    await Promise.all(waits);
    expect(seen).toEqual(["first failed", "second failed"]);
  });

  it("do not count while this process was busy with something else", async () => {
    const { seen, wait } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waits = wait("first", promise);
    nowMs += 60_000; // the timer runs before the answer is read
    await vi.advanceTimersByTimeAsync(TICK_MS);
    resolve();
    await waits;
    expect(seen).toEqual(["first answered"]);
  });
});
