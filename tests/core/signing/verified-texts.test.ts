/** The memory of strings that were verified before: for exactly the same string, and within a bound. */
import { describe, expect, it } from "vitest";
import { createTextMemory } from "../../../server-bridge/src/core/signing/codec.ts";

const text = (n: number) => String(n).padEnd(100, ".");
/** The size of ten of these strings, with their keys and the overhead of each entry. */
const TEN = 10 * (100 + 4 + 128);

describe("the memory of verified texts", () => {
  it("answers only for exactly the stored string, so that a changed row is read again", () => {
    const memory = createTextMemory<number>(1000);
    memory.set("key", "text", 1);
    expect(memory.get("key", "text")).toBe(1);
    expect(memory.get("key", "another")).toBeUndefined();
    expect(memory.get("another", "text")).toBeUndefined();
  });

  it("keeps as many characters as it may, however often each is requested", () => {
    const memory = createTextMemory<number>(TEN);
    for (let n = 0; n < 10; n++) memory.set(`key${n}`, text(n), n);
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 10; n++) expect(memory.get(`key${n}`, text(n))).toBe(n);
    }
  });

  it("counts a session that is saved again and again once", () => {
    const memory = createTextMemory<number>(1000);
    memory.set("first", text(0), 0);
    for (let n = 1; n < 100; n++) memory.set("second", text(n), n);
    expect(memory.get("first", text(0))).toBe(0);
  });

  it("drops the least recently used when it is full", () => {
    const memory = createTextMemory<number>(TEN + 20);
    for (let n = 0; n < 10; n++) memory.set(`key${n}`, text(n), n);
    memory.get("key0", text(0));
    memory.set("key10", text(10), 10);
    expect(memory.get("key0", text(0))).toBe(0);
    expect(memory.get("key1", text(1))).toBeUndefined();
  });

  it("accepts the empty string, and one that is too long for it", () => {
    const memory = createTextMemory<number>(1000);
    memory.set("empty", "", 1);
    memory.set("long", text(0).repeat(11), 2);
    expect(memory.get("empty", "")).toBe(1);
    expect(memory.get("long", text(0).repeat(11))).toBeUndefined();
  });

  it("counts an entry's overhead, so that small ones are bounded too", () => {
    const memory = createTextMemory<number>(TEN);
    for (let n = 0; n < 100; n++) memory.set(`key${n}`, "{}", n);
    expect(memory.get("key0", "{}")).toBeUndefined();
    expect(memory.get("key99", "{}")).toBe(99);
  });
});
