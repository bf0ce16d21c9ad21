/** What "Why?" says when no rule applies. */
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

describe("a row to which no rule applies", () => {
  it("did nothing, if the server said so and the response set no cookie", () => {
    expect(say({ trace: untouched })).toBe(NOTHING);
  });

  it.each<[string, Partial<RequestEntry>]>([
    ["has no report of the server", {}],
    ["has a Set-Cookie", { trace: untouched, request: request({ setCookies: [line] }) }],
    ["has Clear-Site-Data", { trace: untouched, request: request({ clearsCookies: true }) }],
    ["read the session", { trace: trace() }],
    ["changed the session", { trace: trace({ changes: [{ key: "cart", kind: "added" }] }) }],
    ["has no response yet", { request: request({ status: null }) }],
    ["failed", { trace: untouched, request: request({ status: null, error: "net::ERR_ABORTED" }) }],
    ["lost its trace", { traceGone: true }],
    ["was answered from the cache", { request: request({ fromCache: true }) }],
    ["is between two readings that differ", { reading: { before: "{}", after: '{"cart":1}' } }],
  ])("is not said to have done nothing when it %s", (_, changes) => {
    expect(say(changes, "traces", [facts({ line })])).not.toBe(NOTHING);
  });

  it("says of a library that is observed at its store what the store did, not what the handler read", () => {
    const session = (changes: Partial<Trace>) =>
      say({ trace: trace({ seen: "store", ...changes }), request: request({ setCookies: [line] }) });
    expect(session({ touched: false })).toMatch(/The server neither loaded nor stored a session\.$/);
    expect(session({ touched: true })).toMatch(
      /The server had a session for it and changed nothing in it\.$/,
    );
  });

  it("says why more may have happened, not that nothing did", () => {
    const told = say({ trace: trace({ touched: false, seen: "store", incomplete: "contexts" }) });
    expect(told).toContain("Calls of this request may be missing, because the store was called");
    expect(told).not.toBe(NOTHING);
    expect(told).not.toMatch(/nothing|neither|not touch/);
    const edit = trace({ origin: "request", touched: false, incomplete: "late" });
    const row = { type: "outside", id: "o", at: AT, trace: edit, early: false } as const;
    expect(sayOfRow(row, [], "traces").sentence).not.toContain("changed nothing");
  });

  it("says of a missing trace that this tab may not be allowed to see it", () => {
    expect(say({ traceGone: true })).toMatch(
      /no longer holds its report, or the report belongs to a session whose cookie this tab cannot show\.$/,
    );
  });

  it("says that a cookie was sent unchanged only if that is known", () => {
    const sent = { request: request({ setCookies: [line] }), trace: trace() };
    const as = (before: Facts["before"]) => say(sent, "traces", [facts({ line, before })]);
    expect(as(carried({ value: "abc" }))).toContain("The server sent sessionid as before.");
    expect(as(carried())).toContain("what the browser had before is not known");
    expect(as("absent")).toContain("what the browser had before is not known");
    expect(as(carried({ value: "another" }))).not.toContain("as before");
  });

  it.each<[Teller, string]>([
    ["none", "its server has no known bridge"],
    ["readings", "does not report single requests"],
    ["unknown", "does not answer"],
    ["file", "the file has no report"],
    ["traces", "the server reported nothing about this request"],
  ])("says why it is not known what happened to the session: %s", (teller, why) => {
    expect(say({}, teller)).toMatch(
      new RegExp(`^This request set no cookie\\. It is not known whether it touched .* ${why}`),
    );
  });

  it("does not say of an unfinished or failed request that it set no cookie", () => {
    expect(say({ request: request({ status: null }) })).toMatch(/^This request has no response yet\. /);
    expect(say({ request: request({ error: "net::ERR_FAILED" }) })).toMatch(
      /^This request failed \(net::ERR_FAILED\)\. It is not known whether/,
    );
  });

  it("names no more than three cookies", () => {
    const many = ["a", "b", "c", "d", "e"].map((name) => facts({ name, line: `${name}=1; Path=/` }));
    expect(
      say({ request: request({ setCookies: many.map(({ sent }) => sent?.line ?? "") }) }, "none", many),
    ).toContain("The server sent a, b, c and 2 more;");
  });
});

describe("now, when no rule applies", () => {
  const login = entry({ request: request({ setCookies: [line] }) });

  it("names the response that sent the current cookie", () => {
    expect(sayOfNow("sessionid", [cookie()], [login]).sentence).toBe(
      "sessionid is there, as POST /login, 1 sent it.",
    );
  });

  it("names no response when the cookie is another one, or existed before", () => {
    for (const entries of [[], [login]]) {
      expect(sayOfNow("sessionid", [cookie({ value: "other" })], entries).sentence).toBe(
        "sessionid is there. No response seen here set it as it is now.",
      );
    }
  });

  it("does not say that a missing cookie is there", () => {
    expect(sayOfNow("sessionid", [cookie({ name: "other" })], [login]).sentence).toBe(
      "There is no cookie sessionid in this tab.",
    );
  });
});
