/** Which chips of a row stay when not all fit. */
import { describe, expect, it } from "vitest";
import { type Chip, chip } from "../../../../extension/logic/timeline/chip.ts";
import { OTHER_SERVER } from "../../../../extension/logic/timeline/chips.ts";
import { foldChips } from "../../../../extension/logic/timeline/fold-chips.ts";

const login = [
  chip("added", "+csrf_seed", ""),
  chip("added", "+user_id", ""),
  chip("changed", "~visits 1→2", ""),
  chip("key", "new key", ""),
];

/** The texts that stay, where each chip is 50 pixels wide with its gap. */
const kept = (chips: readonly Chip[], room: number) => {
  const shown = foldChips(
    chips,
    chips.map(() => 50),
    room,
  );
  return chips.filter((_, at) => shown.has(at)).map(({ text }) => text);
};

describe("chips that do not all fit", () => {
  it("all stay when there is room", () => {
    expect(kept(login, 200)).toEqual(login.map(({ text }) => text));
  });

  it("fold from the least important, so that a new key stays in its place", () => {
    expect(kept(login, 150)).toEqual(["+csrf_seed", "+user_id", "new key"]);
    expect(kept(login, 100)).toEqual(["+csrf_seed", "new key"]);
    expect(kept(login, 50)).toEqual(["new key"]);
  });

  it("keep one, however small the room", () => {
    expect(kept(login, 0)).toEqual(["new key"]);
  });

  it("keep the name of another server, or its report would look like the page's own", () => {
    const other = OTHER_SERVER.tell({ server: "http://localhost:4000", page: "http://localhost:3000" });
    const chips = [...other, chip("bad", "unsaved change", ""), chip("key", "new key", "")];
    expect(kept(chips, 100)).toEqual(["localhost:4000", "unsaved change"]);
    expect(kept(chips, 50)).toEqual(["localhost:4000"]);
  });

  it.each([
    ["a warning before a change", [chip("changed", "~cart", ""), chip("bad", "not saved", "")], "not saved"],
    [
      "what a login adds before what it flushed",
      [chip("removed", "flushed", ""), chip("added", "+user_id", "")],
      "+user_id",
    ],
    ["a flush before what changed", [chip("changed", "~a", ""), chip("removed", "flushed", "")], "flushed"],
    ["what is new before what changed", [chip("changed", "~a", ""), chip("added", "+b", "")], "+b"],
    ["a change before a remark", [chip("dim", "from cache", ""), chip("changed", "~a", "")], "~a"],
    ["the first of two alike", [chip("added", "+a", ""), chip("added", "+b", "")], "+a"],
  ])("keep %s", (_, chips, text) => {
    expect(kept(chips, 50)).toEqual([text]);
  });

  it("show no less important one because it is narrower", () => {
    const chips = [chip("changed", "~a", ""), chip("added", "+a_long_name", ""), chip("key", "new key", "")];
    expect([...foldChips(chips, [20, 90, 50], 80)]).toEqual([2]);
  });
});
