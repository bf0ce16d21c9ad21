/** What the filter field understands. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { hiddenBy, matches, parseFilter } from "../../../../extension/logic/timeline/filter.ts";
import { DEFAULT_KINDS, type Kind, kindOf } from "../../../../extension/logic/timeline/kinds.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
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

  it("finds keys of a session that the panel read", () => {
    const ledger = createLedger();
    ledger.request(fillRequest({ id: "one", at: 1 }));
    ledger.request(fillRequest({ id: "two", at: 2 }));
    ledger.reading("one", { before: '{"a":1}', after: '{"a":1,"cart":{"tea":2}}' });
    ledger.reading("two", { before: '{"a":1}', after: '{"a":2}' });
    const found = ledger.list().filter((entry) => matches(entry, parseFilter("key:cart", false)));
    expect(found.map(({ id }) => id)).toEqual(["one"]);
  });

  it('hides requests without effect under "Changes only", but never a gap', () => {
    expect(shown("", true)).toEqual(["add", "note"]);
  });
});

const noChange = { changes: [], newKey: false, flushedKeys: null, operations: [] };

/** Ids of the shown requests of a page and its files. */
function shownKinds(kinds: readonly Kind[], text = ""): string[] {
  const server = createMemoryServer(() => 0);
  const ledger = createLedger();
  const changing = server.trace({ changes: [{ key: "visits", kind: "changed" }] });
  const reading = server.trace(noChange);
  ledger.trace(changing, 0, 0);
  ledger.trace(reading, 0, 0);
  const types = ["document", "xhr", "websocket", "other", "script", "stylesheet", "font", "media", "image"];
  for (const [at, type] of types.entries()) ledger.request(fillRequest({ id: type, at, type }));
  ledger.request(fillRequest({ id: "image that reads", at: 20, type: "image", traceId: reading.id }));
  ledger.request(fillRequest({ id: "image that changes", at: 21, type: "image", traceId: changing.id }));
  ledger.request(fillRequest({ id: "image that sets", at: 22, type: "image", setCookies: ["sid=1"] }));
  ledger.note(30, { kind: "evicted", from: 1, to: 3 });
  return ledger
    .list()
    .filter((entry) => entry.type !== "note" && matches(entry, parseFilter(text, false, kinds)))
    .map(({ id }) => id);
}

/** True if an image of this request and this trace is hidden by its kind. */
function isHidden(
  request: Partial<NetworkRequest>,
  trace: Partial<Trace> | null,
  then?: (ledger: ReturnType<typeof createLedger>) => void,
): boolean {
  const ledger = createLedger();
  const made = trace === null ? null : createMemoryServer(() => 0).trace(trace);
  if (made !== null) ledger.trace(made, 0, 0);
  const named = made === null ? {} : { traceId: made.id };
  ledger.request(
    fillRequest({ id: "1", at: 1, url: "http://localhost/a", type: "image", ...named, ...request }),
  );
  then?.(ledger);
  const [entry] = ledger.list();
  if (entry === undefined) throw new Error("There is one request.");
  return hiddenBy(entry, parseFilter("", false, DEFAULT_KINDS)) === "kind";
}

const CHANGING = ["image that changes", "image that sets"];

describe("the kinds of requests", () => {
  it.each([
    ["document", "document"],
    ["prefetch", "document"],
    ["xhr", "fetch"],
    ["fetch", "fetch"],
    ["eventsource", "fetch"],
    ["script", "script"],
    ["stylesheet", "style"],
    ["image", "image"],
    ["font", "font"],
    ["media", "media"],
    ["websocket", "other"],
    ["ping", "other"],
    ["manifest", "other"],
    ["other", "other"],
    ["a word of a later browser", "other"],
    ["", "other"],
  ])("puts %j under %s", (type, kind) => {
    expect(kindOf(fillRequest({ id: "1", at: 0, type }))).toBe(kind);
  });

  it("hide scripts, styles, images, fonts and media unless they are chosen", () => {
    expect(shownKinds(DEFAULT_KINDS)).toEqual(["document", "xhr", "websocket", "other", ...CHANGING]);
    expect(shownKinds(["style"])).toEqual(["stylesheet", ...CHANGING]);
  });

  it("never hide a request that changed the session or set a cookie", () => {
    expect(shownKinds([])).toEqual(CHANGING);
  });

  it("can be named by a term of the filter, which overrides the buttons", () => {
    expect(shownKinds(DEFAULT_KINDS, "kind:image")).toEqual(["image", "image that reads", ...CHANGING]);
    expect(shownKinds(DEFAULT_KINDS, "kind:doc")).toEqual(["document"]);
    expect(shownKinds(DEFAULT_KINDS, "kind:XHR")).toEqual(["xhr"]);
    expect(shownKinds(DEFAULT_KINDS, "-kind:fetch -kind:other")).toEqual(["document", ...CHANGING]);
  });

  it.each([
    ["documents", ["document"]],
    ["styles", ["stylesheet"]],
    ["Scripts", ["script"]],
    ["fetch/xhr", ["xhr"]],
    ["fonts", ["font"]],
  ])("can be named by their words on screen: kind:%s", (word, ids) => {
    expect(shownKinds(DEFAULT_KINDS, `kind:${word}`)).toEqual(ids);
  });

  it.each<[what: string, request: Partial<NetworkRequest>, trace: Partial<Trace> | null]>([
    ["whose trace is incomplete", {}, { ...noChange, incomplete: "late" }],
    [
      "whose session was saved, but is too large to tell whether it changed",
      {},
      { ...noChange, operations: [{ name: "save", durationMs: 1 }] },
    ],
    [
      "whose changes were merged into those of another",
      {},
      { ...noChange, operations: [{ name: "merge", durationMs: 1 }] },
    ],
    ["whose trace has not arrived", { traceId: "later" }, null],
    ["that got no response", { status: null, error: "net::ERR_ABORTED" }, null],
    ["that cleared the site's cookies", { clearsCookies: true }, null],
    ["about which there is a finding", {}, { ...noChange, findings: [{ code: "near-4-kib" }] }],
  ])("never hide a request %s", (_, request, trace) => {
    expect(isHidden(request, trace)).toBe(false);
  });

  it("never hide a request about which two readings of its session have a finding", () => {
    const same = '{"cart":{}}';
    const find = (code: "lost-update" | null) =>
      isHidden({}, null, (ledger) =>
        ledger.reading("1", { before: same, after: same, findings: code === null ? [] : [{ code }] }),
      );
    expect([find(null), find("lost-update")]).toEqual([true, false]);
  });

  it("never hide a request whose trace is gone from the bridge's log", () => {
    expect(isHidden({ traceId: "gone" }, null, (ledger) => ledger.giveUp("http://localhost", ["gone"]))).toBe(
      false,
    );
  });

  it.each<[what: string, request: Partial<NetworkRequest>, trace: Partial<Trace> | null]>([
    ["that is under way", { status: null }, null],
    ["that was not found", { status: 404 }, null],
    [
      "that closed another user's session, but not its own",
      {},
      { ...noChange, operations: [{ name: "save", durationMs: 1, reason: "another session of the user" }] },
    ],
  ])("may hide a request %s", (_, request, trace) => {
    expect(isHidden(request, trace)).toBe(true);
  });

  it("say of a request what hides it: its kind, the filter, or both", () => {
    const ledger = createLedger();
    ledger.request(fillRequest({ id: "1", at: 0, url: "http://localhost/a.png", type: "image" }));
    const [entry] = ledger.list();
    if (entry === undefined) throw new Error("There is one request.");
    const hidden = (text: string, kinds: readonly Kind[]) => hiddenBy(entry, parseFilter(text, false, kinds));
    expect(hidden("a.png", DEFAULT_KINDS)).toBe("kind");
    expect(hidden("cart", ["image"])).toBe("filter");
    expect(hidden("cart", DEFAULT_KINDS)).toBe("both");
    expect(hidden("a.png", ["image"])).toBeNull();
  });
});
