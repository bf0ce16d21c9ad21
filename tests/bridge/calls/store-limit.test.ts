/** The time that a call waits for the session store. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { withinStoreLimit } from "../../../server-bridge/src/bridge/calls/store-limit.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("leaves no timer behind, which would keep the process from ending, once the store has answered", async () => {
  expect(await withinStoreLimit(Promise.resolve("answer"), "read")).toBe("answer");
  await expect(withinStoreLimit(Promise.reject(new Error("refused")), "write")).rejects.toThrow("refused");
  expect(vi.getTimerCount()).toBe(0);
});
