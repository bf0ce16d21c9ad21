/** What the filter field understands. */
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../entrypoints/panel/logic/entries.ts";
import { matches, parseFilter } from "../../../entrypoints/panel/logic/filter.ts";
import { createLedger } from "../../../entrypoints/panel/logic/ledger.ts";
import { fillRequest } from "../../../entrypoints/panel/ports/memory.ts";
import { createMemoryServer } from "../../../entrypoints/panel/ports/memory-server.ts";

function entries(): readonly Entry[] {
  const server = createMemoryServer(() => 0);
  const ledger = createLedger();
  const trace = server.trace({ changes: [{ key: "cart", kind: "changed" }] });
  ledger.trace(trace, 0, 0);
  ledger.request(
    fillRequest({
      id: "add",
      at: 1,
      method: "POST",
      url: "http://localhost/cart/add?x=1",
      status: 503,
      traceId: trace.id,
    }),
  );
  ledger.request(fillRequest({ id: "home", at: 2, url: "http://localhost/", sentCookies: ["sessionid"] }));
  ledger.request(fillRequest({ id: "failed", at: 3, url: "http://localhost/x", status: null }));
  ledger.note(4, { kind: "evicted", from: 1, to: 3 });
  return ledger.list();
}

const shown = (text: string, changesOnly = false) =>
  entries()
    .filter((entry) => matches(entry, parseFilter(text, changesOnly)))
    .map((entry) => (entry.type === "note" ? "note" : entry.id));

describe("the filter", () => {
  it.each([
    ["", ["add", "home", "failed", "note"]],
    ["CART", ["add", "note"]],
    ["key:cart", ["add", "note"]],
    ["method:post", ["add", "note"]],
    ["status:5xx", ["add", "note"]],
    ["status:503", ["add", "note"]],
    ["status:>=400", ["add", "note"]],
    ["status:<300", ["home", "note"]],
    ["status:failed", ["failed", "note"]],
    ["cookie:sess", ["home", "note"]],
    ["path:/x", ["failed", "note"]],
    ["-cart", ["home", "failed", "note"]],
    ["cart status:200", ["note"]],
    ['"/cart/add"', ["add", "note"]],
    ["status:(", ["note"]],
  ])("shows for %j: %j", (text, ids) => {
    expect(shown(text)).toEqual(ids);
  });

  it("hides requests without effect under changes only, never a gap", () => {
    expect(shown("", true)).toEqual(["add", "note"]);
  });
});
