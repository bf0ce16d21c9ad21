/** What a session remembers of writes whose answer was lost. */
import { describe, expect, it } from "vitest";
import { SessionData } from "../../../server-bridge/src/core/data/session-data.ts";
import { type Doubt, Doubts } from "../../../server-bridge/src/core/session/doubts.ts";

const KEY = "k".repeat(32);

function doubt(text: string, more: Partial<Doubt> = {}): Doubt {
  return { key: KEY, text, draft: new SessionData().draft(), isNew: false, oldKey: null, ...more };
}

describe("doubts", () => {
  it("are the last ones, however many writes fail", () => {
    const doubts = new Doubts();
    for (let n = 0; n < 100; n++) doubts.add(doubt(`text ${n}`));
    expect(doubts.at(KEY).map(({ text }) => text)).toEqual(
      [92, 93, 94, 95, 96, 97, 98, 99].map((n) => `text ${n}`),
    );
  });

  it("name the key that was drawn last for a move", () => {
    const doubts = new Doubts();
    for (const key of ["first", "second"]) doubts.add(doubt("text", { key, isNew: true, oldKey: KEY }));
    doubts.add(doubt("text", { key: "third", isNew: true }));
    expect(doubts.newKeyFor(KEY)).toBe("second");
    expect(doubts.newKeyFor(null)).toBe("third");
    expect(doubts.newKeyFor("another")).toBeUndefined();
  });

  it("end for a key once it is known what is there, or that it was deleted", () => {
    const doubts = new Doubts();
    doubts.add(doubt("text", { key: "drawn", isNew: true }));
    doubts.addUndeleted(KEY);
    expect(doubts.leftovers()).toEqual(["drawn", KEY]);
    doubts.forget(KEY);
    doubts.forget("drawn");
    expect(doubts.leftovers()).toEqual([]);
  });
});
