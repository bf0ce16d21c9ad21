/** The trace log in memory: bounded by number, size and age; and the lineage of keys. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { createKeyLineage } from "../../../server-bridge/src/bridge/traces/key-lineage.ts";
import {
  type KeptTraces,
  MAX_AGE_MS,
  memoryLog,
  type TraceLog,
} from "../../../server-bridge/src/bridge/traces/trace-log.ts";
import { trace } from "../../protocol/samples.ts";

let drawn = 0;
const nextTrace = (more: Partial<Trace> = {}): Trace => {
  drawn += 1;
  return { ...trace, id: String(drawn).padStart(22, "A"), ...more };
};

function read(log: TraceLog, since = 0): KeptTraces {
  const kept = log.read(since);
  if (kept instanceof Promise) throw new Error("the memory log answers at once");
  return kept;
}

describe("the log in memory", () => {
  it("keeps the newest 200 traces of sessions, and says how much it dropped", () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    for (let n = 0; n < 1_000; n += 1) log.append({ trace: nextTrace(), owners: ["k"] });
    const { entries, evictedThrough, newest } = read(log);
    expect(entries).toHaveLength(200);
    expect({ first: entries[0]?.trace.sequence, evictedThrough, newest }).toEqual({
      first: 801,
      evictedThrough: 800,
      newest: 1_000,
    });
  });

  it("drops requests without a session first, and does not report that as a loss", () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    for (let n = 0; n < 100; n += 1) log.append({ trace: nextTrace(), owners: ["k"] });
    for (let n = 0; n < 1_000; n += 1) log.append({ trace: nextTrace(), owners: [] });
    const { entries, evictedThrough } = read(log);
    expect(entries.filter(({ owners }) => owners.length > 0)).toHaveLength(100);
    expect(entries).toHaveLength(200);
    expect(evictedThrough).toBe(0);
  });

  it("keeps at most 8 MiB", () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    const side = trace.after && { ...trace.after, dataJson: "x".repeat(100_000) };
    for (let n = 0; n < 100; n += 1) log.append({ trace: nextTrace({ after: side }), owners: ["k"] });
    expect(read(log).entries.length).toBeLessThan(42);
    expect(read(log).entries.length).toBeGreaterThan(30);
  });

  it("keeps nothing longer than 15 minutes", () => {
    let now = trace.at;
    const log = memoryLog({ id: "log", clock: () => now });
    log.append({ trace: nextTrace(), owners: ["k"] });
    now += MAX_AGE_MS - 1;
    expect(read(log).entries).toHaveLength(1);
    now += 1_000;
    expect(read(log)).toEqual({ entries: [], evictedThrough: 1, newest: 1 });
  });

  it("replaces a trace that comes again, under a new sequence", () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    const one = nextTrace();
    const other = nextTrace();
    log.append({ trace: one, owners: ["k"] });
    log.append({ trace: other, owners: ["k"] });
    log.append({ trace: { ...one, newKey: false }, owners: ["k"] });
    expect(read(log).entries.map(({ trace: kept }) => [kept.id, kept.sequence, kept.newKey])).toEqual([
      [other.id, 2, true],
      [one.id, 3, false],
    ]);
  });

  it("stays the same size through a hundred thousand requests", () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    for (let n = 0; n < 100_000; n += 1)
      log.append({ trace: nextTrace(), owners: n % 3 === 0 ? [`k${n}`] : [] });
    expect(read(log).entries.length).toBeLessThanOrEqual(200);
  });
});

describe("a lineage", () => {
  it("joins the keys between which requests moved, in any order", () => {
    const lineage = createKeyLineage({ joins: true });
    lineage.join(["c", "d"]);
    lineage.join(["a", "b"]);
    lineage.join(["b", "c"]);
    for (const one of ["a", "b", "c", "d"]) {
      for (const other of ["a", "b", "c", "d"]) expect(lineage.isFor([one], new Set([other]))).toBe(true);
      expect(lineage.isFor([one], new Set(["x"]))).toBe(false);
    }
    expect(lineage.isFor(["x"], new Set(["x"]))).toBe(true);
  });

  it("never joins keys that no request joined", () => {
    const lineage = createKeyLineage({ joins: true });
    lineage.join(["alice1", "alice2"]);
    lineage.join(["bob1", "bob2"]);
    lineage.join(["alice2"]);
    expect(lineage.isFor(["alice1"], new Set(["bob1", "bob2"]))).toBe(false);
  });

  it("forgets the oldest keys first", () => {
    const lineage = createKeyLineage({ joins: true, maxKeys: 4 });
    lineage.join(["a", "b"]);
    lineage.join(["c", "d"]);
    lineage.join(["e", "f"]);
    expect(lineage.isFor(["a"], new Set(["b"]))).toBe(false);
    expect(lineage.isFor(["e"], new Set(["f"]))).toBe(true);
  });

  it("forgets no key before it has as many as it may, and then only as many as are too many", () => {
    const lineage = createKeyLineage({ joins: true, maxKeys: 6 });
    const joined = (one: string, other: string) => lineage.isFor([one], new Set([other]));
    lineage.join(["a", "b", "c"]);
    lineage.join(["d", "e", "f"]);
    expect(joined("a", "b") && joined("d", "e")).toBe(true);
    lineage.join(["f", "g"]);
    expect(joined("a", "b")).toBe(false);
    expect(joined("b", "c")).toBe(true);
    lineage.join(["g", "h"]);
    expect(joined("b", "c")).toBe(false);
    expect(joined("d", "h")).toBe(true);
  });

  it("takes all keys of a session for new when one of them is joined again", () => {
    const lineage = createKeyLineage({ joins: true, maxKeys: 5 });
    lineage.join(["a", "b"]);
    lineage.join(["c", "d"]);
    lineage.join(["b", "e"]);
    lineage.join(["f", "g"]);
    expect(lineage.isFor(["c"], new Set(["d"]))).toBe(false);
    for (const key of ["a", "b"]) expect(lineage.isFor([key], new Set(["e"])), key).toBe(true);
    lineage.join(["b", "a"]);
    lineage.join(["h", "i"]);
    expect(lineage.isFor(["f"], new Set(["g"]))).toBe(false);
    expect(lineage.isFor(["a"], new Set(["b"]))).toBe(true);
  });

  it("shows nothing to someone who has proven a key that was forgotten", () => {
    const lineage = createKeyLineage({ joins: true, maxKeys: 2 });
    lineage.join(["a", "b", "c"]);
    expect(lineage.isFor(["b", "c"], new Set(["a"]))).toBe(false);
    expect(lineage.isFor(["a"], new Set(["b", "c"]))).toBe(false);
    expect(lineage.isFor(["b"], new Set(["c"]))).toBe(true);
  });

  it("has two thousand keys at most, unless another number is given", () => {
    const lineage = createKeyLineage({ joins: true });
    const join = (count: number) => lineage.join([`before${count}`, `after${count}`]);
    const isKnown = (count: number) => lineage.isFor([`before${count}`], new Set([`after${count}`]));
    for (let count = 0; count < 1000; count += 1) join(count);
    expect(isKnown(0)).toBe(true);
    join(1000);
    expect(isKnown(0)).toBe(false);
    expect(isKnown(1)).toBe(true);
  });

  it("of keys that two clients can have joins nothing, and is only for a panel that has proven every one", () => {
    const lineage = createKeyLineage({ joins: false });
    lineage.join(["before", "after"]);
    expect(lineage.isFor(["before", "after"], new Set(["before"]))).toBe(false);
    expect(lineage.isFor(["before", "after"], new Set(["after"]))).toBe(false);
    expect(lineage.isFor(["before", "after"], new Set(["before", "after"]))).toBe(true);
    expect(lineage.isFor([], new Set(["before"]))).toBe(false);
  });
});
