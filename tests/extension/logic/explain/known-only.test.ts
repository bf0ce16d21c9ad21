/** A sentence of "Why?" says no more than what is known, and says it once. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { explain } from "../../../../extension/logic/explain/explain.ts";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { AT, carried, cookie, facts, side, trace } from "./material.ts";

const rulesOf = (given: Facts) => explain(given).map(({ rule }) => rule);
const did = (changes: Partial<Trace>) => facts({ trace: trace(changes) });

describe("a new key is reported once", () => {
  const set = {
    name: "sessionid",
    action: "set" as const,
    maxAge: 60,
    expiresAt: AT,
    path: "/",
    domain: null,
    secure: false,
    httpOnly: true,
    sameSite: "Lax",
  };
  const cycled = (changes: Partial<Trace>) =>
    facts({
      line: "sessionid=abc",
      before: carried({ value: "old" }),
      after: cookie(),
      trace: trace({ before: side, after: side, newKey: true, cookie: set, ...changes }),
    });

  it.each<[string, Facts, string[]]>([
    ["of the session, not of its cookie, too", cycled({}), ["new-key"]],
    [
      "of another cookie, what became of it",
      cycled({ cookie: { ...set, name: "other" } }),
      ["new-key", "replaced"],
    ],
    ["of a session that began, what became of the cookie", cycled({ before: null }), ["replaced"]],
  ])("%s", (_why, given, rules) => {
    expect(rulesOf(given)).toEqual(rules);
  });
});

describe("a sentence says no more than what is known", () => {
  const said = (given: Facts) =>
    explain(given)
      .map(({ sentence }) => sentence)
      .join("\n");

  it("of a new key: which keys are gone", () => {
    const changes = [
      { key: "cart", kind: "removed" as const },
      { key: "user_id", kind: "added" as const },
    ];
    expect(said(did({ before: side, after: side, newKey: true, changes }))).toBe(
      "The session got a new key, its session id, as it should at login, and lost “cart”.",
    );
  });

  it("of a new key, when the sides were too long to compare: nothing about the data", () => {
    const cut = { ...side, truncated: true };
    expect(said(did({ before: cut, after: cut, newKey: true }))).toBe(
      "The session got a new key, its session id, as it should at login.",
    );
  });

  it("of a flush, when a cookie held the session: nothing about a store", () => {
    const flush = [{ name: "flush" as const, durationMs: 0 }];
    expect(said(did({ before: side, flushedKeys: 2, operations: flush }))).toBe(
      "The session was flushed, as at a logout: its 2 keys are gone.",
    );
  });

  it("of a flush that was followed by another session: not that its keys are gone", () => {
    const flush = [{ name: "flush" as const, durationMs: 1 }];
    expect(said(did({ before: side, after: side, newKey: true, flushedKeys: 2, operations: flush }))).toBe(
      "The previous session was flushed: it held 2 keys, and its row in the store is gone. There is a new one now.",
    );
  });

  it("of a session that nothing read: that it was loaded, if it was", () => {
    expect(said(did({ touched: false, operations: [{ name: "load", durationMs: 1 }] }))).toContain(
      "loaded before the handler ran",
    );
  });

  it("of a save that changed nothing: that the expiry moved, if it did", () => {
    const given = did({
      before: { ...side, expiresAt: 1 },
      after: { ...side, expiresAt: 2000 },
      findings: [{ code: "needless-save" }],
      operations: [{ name: "save", durationMs: 1 }],
    });
    const moved = "and only its expiry moved, to Thu, 01 Jan 1970";
    expect(said({ ...given, skewMs: 0 })).toContain(`${moved} 00:00:02 GMT.`);
    expect(said({ ...given, skewMs: -3_600_000 })).toContain(`${moved} 01:00:02 GMT.`);
    expect(said(given)).toContain(`${moved} 00:00:02 GMT by the server's clock.`);
  });

  it("of a cookie that could not be opened: not that its signature is wrong", () => {
    const load = { name: "load" as const, durationMs: 0, reason: "not opened by the bridge" };
    const told = said(did({ touched: true, seen: "cookie", incomplete: "unopened", operations: [load] }));
    expect(told).toContain("the bridge could not open its cookie. Its secret is not the one");
    expect(told).not.toMatch(/began|nothing|no session|secretKey/i);
  });

  it.each(["late", "contexts", "unopened", "unfinished", "other"] as const)(
    "of an incomplete trace (%s): not what did not happen",
    (incomplete) => {
      const save = { name: "save" as const, durationMs: 1 };
      const create = { name: "create" as const, durationMs: 1 };
      const load = { name: "load" as const, durationMs: 1 };
      for (const changes of [
        { touched: false },
        { before: side, after: side, operations: [load] },
        { before: null, after: side, operations: [create] },
        { before: null, after: side, operations: [save] },
        { before: side, after: { ...side, key: "other" }, newKey: true, operations: [load, save] },
      ])
        expect(said(did({ ...changes, incomplete }))).not.toMatch(
          /began here|neither|nothing was|not look|lost none|not change its data/i,
        );
    },
  );

  it.each([
    { name: "load", reason: "unknown key" },
    { name: "load", reason: "expired" },
    { name: "expire" },
    { name: "reject", reason: "bad signature" },
  ] as const)("of an incomplete trace: not that the session began empty ($name)", (done) => {
    const given = { before: null, after: null, operations: [{ durationMs: 1, ...done }] };
    expect(said(did(given))).toContain("began empty");
    expect(said(did({ ...given, incomplete: "contexts" }))).not.toContain("began empty");
  });

  it("of a library that is observed at its store or cookie: not whether its handler read the session", () => {
    const read = { before: side, after: side, operations: [{ name: "load" as const, durationMs: 1 }] };
    expect(said(did({ ...read, seen: "store" }))).toBe(
      "The session was loaded for this request, and no data was stored.",
    );
    expect(said(did({ ...read, seen: "cookie" }))).toBe(
      "The session came in its cookie, and the response sent no new one. The bridge cannot see whether the handler read it.",
    );
  });

  it("of a cookie without an expiry: when the session expires, if that is known", () => {
    const set = {
      name: "sessionid",
      action: "set" as const,
      maxAge: null,
      expiresAt: null,
      path: "/",
      domain: null,
      secure: false,
      httpOnly: true,
      sameSite: "Lax",
    };
    const given = did({ after: { ...side, expiresAt: 0 }, cookie: set });
    const lasts = "The session itself lasts until Thu, 01 Jan 1970";
    expect(said({ ...given, skewMs: 1500 })).toContain(`${lasts} 00:00:00 GMT.`);
    expect(said({ ...given, skewMs: -3_600_000 })).toContain(`${lasts} 01:00:00 GMT.`);
    expect(said(given)).toContain(`${lasts} 00:00:00 GMT by the server's clock.`);
    expect(said(did({ after: side, cookie: set }))).not.toContain("The session itself");
    expect(said(did({ after: side, cookie: { ...set, name: "other" } }))).not.toContain("browser closes");
  });
});
