/** What the filter field understands. */
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { matches, parseFilter } from "../../../../extension/logic/timeline/filter.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

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

  it("finds a key with a space in it, in quotes", () => {
    const ledger = createLedger();
    const trace = createMemoryServer(() => 0).trace({ changes: [{ key: "last seen", kind: "added" }] });
    ledger.trace(trace, 0, 0);
    ledger.request(fillRequest({ id: "one", at: 1, traceId: trace.id }));
    const other = createMemoryServer(() => 0).trace({
      id: "other",
      changes: [{ key: "last", kind: "added" }],
    });
    ledger.trace(other, 0, 0);
    ledger.request(fillRequest({ id: "seen", at: 2, url: "http://localhost/seen", traceId: "other" }));
    const found = (text: string) => ledger.list().filter((entry) => matches(entry, parseFilter(text, false)));
    expect(found('key:"last seen"').map(({ id }) => id)).toEqual(["one"]);
    expect(found('-key:"last seen"').map(({ id }) => id)).toEqual(["seen"]);
  });

  it("knows the keys of a request whose session was read by the panel", () => {
    const ledger = createLedger();
    ledger.request(fillRequest({ id: "one", at: 1 }));
    ledger.request(fillRequest({ id: "two", at: 2 }));
    ledger.reading("one", { before: '{"a":1}', after: '{"a":1,"cart":{"tea":2}}' });
    ledger.reading("two", { before: '{"a":1}', after: '{"a":2}' });
    const found = ledger.list().filter((entry) => matches(entry, parseFilter("key:cart", false)));
    expect(found.map(({ id }) => id)).toEqual(["one"]);
  });

  it("hides requests without effect under changes only, never a gap", () => {
    expect(shown("", true)).toEqual(["add", "note"]);
  });
});
