/** What is remembered of texts that were read before: for exactly the same text, and within a bound. */
import { describe, expect, it } from "vitest";
import { createTextMemory } from "../../../server-bridge/src/core/signing/codec.ts";

const text = (n: number) => String(n).padEnd(100, ".");
/** As much as ten of these texts take, with their keys and what each entry takes besides. */
const TEN = 10 * (100 + 4 + 128);

describe("the memory of verified texts", () => {
  it("answers for exactly the text that was kept, so that a changed row is read again", () => {
    const memory = createTextMemory<number>(1000);
    memory.set("key", "text", 1);
    expect(memory.get("key", "text")).toBe(1);
    expect(memory.get("key", "another")).toBeUndefined();
    expect(memory.get("another", "text")).toBeUndefined();
  });

  it("keeps as many characters as it was told, however often each is asked for", () => {
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

  it("forgets what was not asked for longest when it is full", () => {
    const memory = createTextMemory<number>(TEN + 20);
    for (let n = 0; n < 10; n++) memory.set(`key${n}`, text(n), n);
    memory.get("key0", text(0));
    memory.set("key10", text(10), 10);
    expect(memory.get("key0", text(0))).toBe(0);
    expect(memory.get("key1", text(1))).toBeUndefined();
  });

  it("takes the empty text, and one that is too long for it", () => {
    const memory = createTextMemory<number>(1000);
    memory.set("empty", "", 1);
    memory.set("long", text(0).repeat(11), 2);
    expect(memory.get("empty", "")).toBe(1);
    expect(memory.get("long", text(0).repeat(11))).toBeUndefined();
  });

  it("counts what an entry takes besides its text, so that small ones have a bound too", () => {
    const memory = createTextMemory<number>(TEN);
    for (let n = 0; n < 100; n++) memory.set(`key${n}`, "{}", n);
    expect(memory.get("key0", "{}")).toBeUndefined();
    expect(memory.get("key99", "{}")).toBe(99);
  });
});
