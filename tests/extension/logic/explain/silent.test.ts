/** When the rules of "Why?" say nothing: next to each case there are several situations in which its sentence would be false. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { explain } from "../../../../extension/logic/explain/explain.ts";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { AT, carried, cookie, facts, request, side, trace } from "./material.ts";

const rulesOf = (given: Facts) => explain(given).map(({ rule }) => rule);
const at = (url: string, line: string, changes: Partial<Facts> = {}) =>
  facts({ line, request: request({ url }), after: "absent", ...changes });
const load = { method: "GET" };
const scripted = cookie({ value: "scripted" });
const again = "sessionid=abc; Max-Age=60";
const did = (changes: Partial<Trace>) => facts({ trace: trace(changes) });

describe("nothing is said about a refusal", () => {
  const cross = { pageUrl: "https://a.co.uk/", after: null };

  it.each<[string, Facts]>([
    ["for the Domain above the host's", at("https://shop.app.test/", "sessionid=abc; Domain=app.test")],
    ["for an empty Domain", at("https://app.test/", "sessionid=abc; Domain=")],
    ["for a Domain at an address in brackets", at("http://[::1]:8000/", "sessionid=abc; Domain=::1")],
    [
      "when the panel deleted the cookie",
      at("https://app.test/", "sessionid=abc; SameSite=None", { panelDid: "deleted" }),
    ],
    [
      "between two hosts below co.uk, which may be one site",
      facts({
        ...cross,
        line: "sessionid=abc; SameSite=Lax",
        request: request({ url: "https://b.co.uk/", type: "fetch" }),
      }),
    ],
    [
      "for a page of another site, which is sent there by a link and may set it",
      facts({ ...cross, line: "sessionid=abc; SameSite=Lax", request: request({ url: "https://b.test/" }) }),
    ],
    [
      "without SameSite, which browsers treat differently",
      facts({ ...cross, line: "sessionid=abc", request: request({ url: "https://b.test/", type: "fetch" }) }),
    ],
    [
      "for a date that means to delete",
      at("https://app.test/", "sessionid=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
    ["for a date to come", at("https://app.test/", "sessionid=abc; Expires=Mon, 30 Nov 2026 00:00:00 GMT")],
    ["for an empty value", at("https://app.test/", "sessionid=; Expires=Mon, 23 Nov 2026 00:00:00 GMT")],
    [
      "for __Host- without a Path, as long as it is not seen to be missing",
      facts({
        name: "__Host-id",
        line: "__Host-id=abc; Secure",
        request: request({ url: "https://app.test/" }),
        after: null,
      }),
    ],
    [
      "for __Http-, which older browsers do not know, as long as it is not seen to be missing",
      facts({
        name: "__Http-id",
        line: "__Http-id=abc",
        request: request({ url: "https://app.test/" }),
        after: null,
      }),
    ],
    [
      "for letters of which it is not known how many bytes they were",
      at("https://app.test/", `sessionid=${"é".repeat(4090)}`),
    ],
  ])("%s", (_why, given) => {
    expect(explain(given).filter(({ sentence }) => /browser (?:refused|dropped)/.test(sentence))).toEqual([]);
  });
});

describe("nothing is said about a cookie", () => {
  it.each<[string, Facts]>([
    ["that a script may not set", facts({ request: request({ method: "GET" }), after: cookie() })],
    [
      "that a request for data went without",
      facts({ request: request({ method: "GET", type: "fetch" }), after: cookie({ httpOnly: false }) }),
    ],
    [
      "that is SameSite=Strict, at a page that may be led to from elsewhere",
      facts({ request: request({ method: "GET" }), after: cookie({ httpOnly: false, sameSite: "strict" }) }),
    ],
    [
      "that was there, and that the request carried",
      facts({
        before: carried(),
        after: cookie(),
        request: request({ sentCookies: ["sessionid"], url: "http://localhost:8000/cart" }),
      }),
    ],
    [
      "that is Secure, on this machine",
      facts({
        request: request({ type: "fetch", url: "http://localhost:8000/cart" }),
        before: carried(),
        after: cookie({ secure: true }),
      }),
    ],
    [
      "that the request carried, although nothing before showed it",
      facts({ line: "sessionid=abc", request: request({ sentCookies: ["sessionid"] }), after: cookie() }),
    ],
    [
      "that a script set, at a form's answer, for other sites send forms without cookies",
      facts({ after: cookie({ httpOnly: false }) }),
    ],
    [
      "that a script set, at a page of which the cookies are not known",
      facts({ request: request({ ...load, sentCookies: null }), after: cookie({ httpOnly: false }) }),
    ],
    [
      "that a script set, at a page from the browser's cache",
      facts({ request: request({ ...load, fromCache: true }), after: cookie({ httpOnly: false }) }),
    ],
    [
      "that a script set, at a page that carried it",
      facts({
        request: request({ ...load, sentCookies: ["sessionid"] }),
        after: cookie({ httpOnly: false }),
      }),
    ],
    [
      "that was replaced after a script had",
      facts({ line: "sessionid=abc", before: carried({ value: "old" }), after: scripted }),
    ],
    [
      "that a response sent, and no request carried since",
      facts({ line: "sessionid=abc", before: { value: "old" }, after: cookie() }),
    ],
    [
      "that was sent again, when no request had carried it",
      facts({
        line: again,
        before: { value: "abc", expiresAt: AT },
        after: cookie({ expiresAt: AT + 60_000 }),
      }),
    ],
    [
      "that ended with the browser before it was sent again",
      facts({
        line: again,
        before: carried({ value: "abc", expiresAt: null }),
        after: cookie({ expiresAt: AT + 60_000 }),
      }),
    ],
    [
      "that ends with the browser now",
      facts({ line: "sessionid=abc", before: carried({ value: "abc", expiresAt: AT }), after: cookie() }),
    ],
    [
      "that is there, although it was told to go",
      facts({ line: "sessionid=; Max-Age=0", before: carried(), after: scripted }),
    ],
    [
      "that is there again after its time",
      facts({ request: null, before: carried({ expiresAt: AT - 1 }), after: cookie() }),
    ],
    [
      "that is there again after the panel deleted it",
      facts({ request: null, before: carried(), after: cookie(), panelDid: "deleted" }),
    ],
    [
      "that may be gone, at a row of before",
      facts({ before: carried({ expiresAt: null }), after: "absent" }),
    ],
    [
      "that a script has changed since it was sent again",
      facts({
        line: "sessionid=abc",
        before: carried({ value: "abc" }),
        after: cookie({ value: "scripted" }),
      }),
    ],
    ["that is gone, when its end is not known", facts({ request: null, before: carried(), after: "absent" })],
    [
      "whose clock is that of the server: both ends are one by it",
      facts({
        line: "sessionid=abc; Max-Age=60; Expires=Tue, 24 Nov 2026 12:03:00 GMT",
        skewMs: 120_000,
        after: null,
      }),
    ],
  ])("%s", (_why, given) => {
    expect(rulesOf(given).filter((rule) => rule !== "clocks-differ")).toEqual([]);
  });
});

describe("nothing is said about a session", () => {
  const other = (name: "flush" | "create" | "save") => [
    { name, durationMs: 1, reason: "another session abcd…wxyz" },
  ];

  it.each<[string, Facts]>([
    [
      "that differs, although no save was seen",
      did({ before: side, after: side, changes: [{ key: "cart", kind: "added" }] }),
    ],
    ["of which nothing is known after the request", did({ before: side })],
    [
      "that was kept from being saved for another reason than that it was the same",
      did({
        before: side,
        after: side,
        operations: [{ name: "not-saved", durationMs: 0, reason: "asked for by DevTools itself" }],
      }),
    ],
    ["that another's began", did({ after: side, operations: other("create") })],
    [
      "that was kept in part by a save before the error",
      did({
        request: { method: "POST", path: "/", status: 500, durationMs: 1 },
        findings: [{ code: "unsaved-change", keys: ["cart"] }],
        operations: [
          { name: "create", durationMs: 1 },
          { name: "not-saved", durationMs: 0, reason: "status 500" },
        ],
      }),
    ],
    [
      "that held data, although something could not be read on the way",
      did({
        before: { ...side, dataJson: '{"cart":1}' },
        after: side,
        operations: [{ name: "reject", durationMs: 0, reason: "damaged" }],
      }),
    ],
    [
      "that was joined with a newer one and then not stored",
      did({ operations: [{ name: "merge", durationMs: 1 }] }),
    ],
    [
      "that was not touched, and yet deleted for another client",
      did({
        touched: false,
        operations: [{ name: "load", durationMs: 0, reason: "tampered by hand" }],
        before: { ...side, dataJson: '{"a":1}' },
      }),
    ],
  ])("%s", (_why, given) => {
    expect(rulesOf(given)).toEqual([]);
  });
});

describe("a login is not said to have kept its key", () => {
  const login = request({ sentCookies: ["sessionid"] });

  it.each<[string, Facts]>([
    ["when the cookie is gone", facts({ request: login, before: carried(), after: "absent" })],
    [
      "when the cookie has another value by now",
      facts({ request: login, before: carried({ value: "old" }), after: cookie() }),
    ],
    ["when the request did not carry it", facts({ before: { value: "abc" }, after: null })],
    [
      "when it carries no session",
      facts({ request: login, before: carried(), after: cookie(), isSession: false }),
    ],
    [
      "when another response has set it since",
      facts({ request: login, before: carried(), after: cookie(), isListed: false }),
    ],
    [
      "when it failed",
      facts({
        request: request({ sentCookies: ["sessionid"], status: 401 }),
        before: carried(),
        after: cookie(),
      }),
    ],
  ])("%s", (_why, given) => {
    expect(rulesOf(given)).toEqual([]);
  });
});
