/** Functions of the app that never answer: the tab's calls end, say so, and do not hold up what comes later. */
import { type CustomSourceOptions, customSource } from "session-bridge/sources";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createProofs } from "../../../server-bridge/src/bridge/calls/proof.ts";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { createTable } from "./table-app.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});

it.each([
  ["toKey", { toKey: never }],
  ["load", { load: never }],
] satisfies [string, Partial<CustomSourceOptions>][])(
  "%s() that never answers is given up after five seconds",
  async (_, replaced) => {
    const source = customSource({ ...createTable().options, ...replaced });
    const proofs = createProofs(source, createDigests(undefined));
    let outcome: unknown = "open";
    const proving = proofs.prove("a cookie").then(
      () => (outcome = "proven"),
      (error: Error) => (outcome = error.message),
    );
    const claiming = proofs.claim(["a cookie", "another"]);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(outcome).toBe("open");
    await vi.advanceTimersByTimeAsync(200);
    await proving;
    expect(outcome).toContain("The session store did not answer for 5 seconds.");
    await vi.advanceTimersByTimeAsync(5_100);
    expect((await claiming).keyIds.size).toBe(0);
  },
);
