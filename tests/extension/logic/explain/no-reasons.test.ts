/** What "Why?" says where no rule speaks. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { sayOfNow, sayOfRow, type Teller } from "../../../../extension/logic/explain/no-reasons.ts";
import type { RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import { AT, carried, cookie, facts, request, trace } from "./material.ts";

const NOTHING = "This request did nothing to the session or its cookie.";

function entry(changes: Partial<RequestEntry> = {}): RequestEntry {
  return {
    type: "request",
    id: "1",
    at: AT,
    number: 1,
    request: request(),
    trace: null,
    traceGone: false,
    reading: null,
    ...changes,
  };
}

function say(
  changes: Partial<RequestEntry>,
  teller: Teller = "traces",
  given: readonly Facts[] = [],
): string {
  return sayOfRow(entry(changes), given, teller).sentence;
}

const untouched = trace({ touched: false });
const line = "sessionid=abc; Path=/";

describe("a row of which no rule has a word", () => {
  it("did nothing, when the server said so and the answer set no cookie", () => {
    expect(say({ trace: untouched })).toBe(NOTHING);
  });

  it.each<[string, Partial<RequestEntry>]>([
    ["has no report of the server", {}],
    ["has a Set-Cookie", { trace: untouched, request: request({ setCookies: [line] }) }],
    ["has Clear-Site-Data", { trace: untouched, request: request({ clearsCookies: true }) }],
    ["read the session", { trace: trace() }],
    ["changed the session", { trace: trace({ changes: [{ key: "cart", kind: "added" }] }) }],
    ["has no answer yet", { request: request({ status: null }) }],
    ["failed", { trace: untouched, request: request({ status: null, error: "net::ERR_ABORTED" }) }],
    ["lost its trace", { traceGone: true }],
    ["was answered from the cache", { request: request({ fromCache: true }) }],
    ["is between two readings that differ", { reading: { before: "{}", after: '{"cart":1}' } }],
  ])("is not said to have done nothing when it %s", (_, changes) => {
    expect(say(changes, "traces", [facts({ line })])).not.toBe(NOTHING);
  });

  it("says of a library that is seen at its store what that did, not what its handler read", () => {
    const session = (changes: Partial<Trace>) =>
      say({ trace: trace({ seen: "store", ...changes }), request: request({ setCookies: [line] }) });
    expect(session({ touched: false })).toMatch(/The server neither loaded nor stored a session\.$/);
    expect(session({ touched: true })).toMatch(
      /The server had a session for it and changed nothing in it\.$/,
    );
  });

  it("says why more may have happened, and not that nothing did", () => {
    const told = say({ trace: trace({ touched: false, seen: "store", incomplete: "contexts" }) });
    expect(told).toContain("Calls of this request may be missing, because the store was called");
    expect(told).not.toBe(NOTHING);
    expect(told).not.toMatch(/nothing|neither|not touch/);
    const edit = trace({ origin: "request", touched: false, incomplete: "late" });
    const row = { type: "outside", id: "o", at: AT, trace: edit, early: false } as const;
    expect(sayOfRow(row, [], "traces").sentence).not.toContain("changed nothing");
  });

  it("says of a trace that does not come that this tab may not be shown it", () => {
    expect(say({ traceGone: true })).toMatch(
      /no longer holds its report, or the report belongs to a session whose cookie this tab cannot show\.$/,
    );
  });

  it("says that a cookie was sent as before only where that is known", () => {
    const sent = { request: request({ setCookies: [line] }), trace: trace() };
    const as = (before: Facts["before"]) => say(sent, "traces", [facts({ line, before })]);
    expect(as(carried({ value: "abc" }))).toContain("The server sent sessionid as before.");
    expect(as(carried())).toContain("what the browser had before is not known");
    expect(as("absent")).toContain("what the browser had before is not known");
    expect(as(carried({ value: "another" }))).not.toContain("as before");
  });

  it.each<[Teller, string]>([
    ["none", "no bridge is known at its server"],
    ["readings", "does not report single requests"],
    ["unknown", "does not answer"],
    ["file", "the file holds no report"],
    ["traces", "the server reported nothing about this request"],
  ])("says why the session's part is not known: %s", (teller, why) => {
    expect(say({}, teller)).toMatch(
      new RegExp(`^This request set no cookie\\. Whether it touched .* ${why}`),
    );
  });

  it("does not say of an unfinished or failed request that it set no cookie", () => {
    expect(say({ request: request({ status: null }) })).toMatch(/^This request has no answer yet\. /);
    expect(say({ request: request({ error: "net::ERR_FAILED" }) })).toMatch(
      /^This request failed \(net::ERR_FAILED\)\. Whether/,
    );
  });

  it("names no more than three cookies", () => {
    const many = ["a", "b", "c", "d", "e"].map((name) => facts({ name, line: `${name}=1; Path=/` }));
    expect(
      say({ request: request({ setCookies: many.map(({ sent }) => sent?.line ?? "") }) }, "none", many),
    ).toContain("The server sent a, b, c and 2 more;");
  });
});

describe("now, when no rule has a word", () => {
  const login = entry({ request: request({ setCookies: [line] }) });

  it("names the response that sent the cookie as it is", () => {
    expect(sayOfNow("sessionid", [cookie()], [login]).sentence).toBe(
      "sessionid is there, as POST /login, 1 sent it.",
    );
  });

  it("names none when the cookie is another one, or was there before", () => {
    for (const entries of [[], [login]]) {
      expect(sayOfNow("sessionid", [cookie({ value: "other" })], entries).sentence).toBe(
        "sessionid is there. No response seen here sent it as it is.",
      );
    }
  });

  it("does not say that a cookie is there which is not", () => {
    expect(sayOfNow("sessionid", [cookie({ name: "other" })], [login]).sentence).toBe(
      "There is no cookie sessionid in this tab.",
    );
  });
});
