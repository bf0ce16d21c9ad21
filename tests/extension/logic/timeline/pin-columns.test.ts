/** Which pins are columns of the timeline. */
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { automaticPins, filledPins } from "../../../../extension/logic/timeline/pin-columns.ts";
import { sideOf } from "../../../panel/memory-ports/calls.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

/** Rows of requests after each of which the session held this; undefined is a request without a trace. */
function rows(...sessions: unknown[]): readonly Entry[] {
  const server = createMemoryServer(() => 0);
  const ledger = createLedger();
  for (const [at, session] of sessions.entries()) {
    const dataJson = typeof session === "string" ? session : JSON.stringify(session);
    const after = session === null ? null : sideOf("k", { dataJson, version: 1, expiresAt: null });
    const trace = session === undefined ? null : server.trace({ before: null, after });
    ledger.request(fillRequest({ id: String(at), at, traceId: trace?.id ?? null }));
    if (trace !== null) ledger.trace(trace, at, 0);
  }
  return ledger.list();
}

const found = (...sessions: unknown[]) => automaticPins(rows(...sessions));

describe("the columns that say who is logged in", () => {
  it("are found under the keys of apps and libraries", () => {
    expect(found({ user_id: 123, username: "john_doe" })).toEqual(["user_id", "username"]);
    expect(found({ _auth_user_id: "1", _auth_user_backend: "b" })).toEqual(["_auth_user_id"]);
    expect(found({ _user_id: "1", _fresh: true })).toEqual(["_user_id"]);
    expect(found({ passport: { user: 7 } })).toEqual(["passport.user"]);
    expect(found({ passport: { user: { id: 7, username: "ada" } } })).toEqual([
      "passport.user.id",
      "passport.user.username",
    ]);
    expect(found({ user: { id: 7, name: "Ada", email: "ada@example.com" } })).toEqual([
      "user.id",
      "user.name",
    ]);
    expect(found({ user: "ada" })).toEqual(["user"]);
    expect(found({ userId: 7 })).toEqual(["userId"]);
    expect(found({ sub: "auth0|7", email: "ada@example.com" })).toEqual(["sub", "email"]);
  });

  it("are none as long as no one is logged in", () => {
    expect(found()).toEqual([]);
    expect(
      found(undefined, null, { cart: {} }, { user_id: null, user: {}, username: "", passport: {} }),
    ).toEqual([]);
    expect(found({ user_id: 0, userId: false, user: true })).toEqual([]);
    expect(found('{"user_id":')).toEqual([]);
  });

  it("are there from the first row that names someone, also after the logout", () => {
    expect(found({ cart: {} }, { user_id: 1 }, undefined, null)).toEqual(["user_id"]);
  });

  it("leave out a key that only repeats another, and keep it when two apps share the tab", () => {
    expect(found({ _auth_user_id: "1", user_id: 1 })).toEqual(["user_id"]);
    expect(found({ _auth_user_id: "1" }, { user_id: 1 })).toEqual(["user_id", "_auth_user_id"]);
  });

  it("are three at most", () => {
    const apps = [{ user_id: 1 }, { _auth_user_id: "1" }, { uid: 1 }, { sub: "1" }, { username: "ada" }];
    expect(found(...apps)).toEqual(["user_id", "_auth_user_id", "uid"]);
  });
});

describe("pins of the user's", () => {
  const filled = (pins: readonly string[], ...sessions: unknown[]) => filledPins(rows(...sessions), pins);

  it("are columns in the user's order, without those that are empty in every row", () => {
    expect(
      filled(["theme", "cart.total", "missing"], { cart: { total: 19.5 } }, { theme: null }, undefined),
    ).toEqual(["theme", "cart.total"]);
    expect(filled(["theme"], undefined, null)).toEqual([]);
    expect(filled(["[1].sku", 'claims["odd \\"key"]', "naïve"], [1, { sku: "a" }])).toEqual(["[1].sku"]);
    const odd = '{"claims":{"odd \\"key":1},"na\\u00efve":2}';
    expect(filled(['claims["odd \\"key"]', "naïve"], odd)).toEqual(['claims["odd \\"key"]', "naïve"]);
  });
});

describe("a long history of large sessions", () => {
  const large = (at: number, more = {}) => ({ at, filler: "x".repeat(20_000), ...more });

  /** Counts how often a session was looked at. */
  function counting(entries: readonly Entry[]): () => number {
    let count = 0;
    for (const entry of entries) {
      const after = entry.type === "request" ? entry.trace?.after : undefined;
      if (after === null || after === undefined) continue;
      const json = after.dataJson;
      Object.defineProperty(after, "dataJson", {
        get() {
          count += 1;
          return json;
        },
      });
    }
    return () => count;
  }

  it("is read a part at a time, the newest rows first", () => {
    const whole = rows(
      large(0, { sub: "1" }),
      ...Array.from({ length: 99 }, (_, at) => large(at, { user: {} })),
    );
    expect(automaticPins(whole)).toEqual([]);
    expect(automaticPins([...whole, ...rows({ user_id: 1 })])).toEqual(["user_id"]);
    for (let part = 0; part < 4; part += 1) automaticPins(whole);
    expect(automaticPins(whole)).toEqual(["sub"]);
  });

  it("leaves the user's pins their columns until all of it was read", () => {
    const whole = rows(...Array.from({ length: 99 }, (_, at) => large(at, { cart: {} })));
    expect(filledPins(whole, ["cart.total"])).toEqual(["cart.total"]);
    for (let part = 0; part < 4; part += 1) filledPins(whole, ["cart.total"]);
    expect(filledPins(whole, ["cart.total"])).toEqual([]);
  });

  it("is searched at once for a key that no session has", () => {
    const whole = rows(...Array.from({ length: 99 }, (_, at) => large(at)));
    expect(filledPins(whole, ["theme"])).toEqual([]);
  });

  it("is read once, however often pins change and rows are added", () => {
    const whole = rows({ cart: {} }, { cart: {} }, { cart: { sku: 1 } });
    const count = counting(whole);
    for (const pins of [["cart.total"], ["cart.total"], [], ["cart.total"]]) filledPins(whole, pins);
    filledPins([...whole, ...rows({ cart: {} })], ["cart.total"]);
    expect(count()).toBe(3);
  });
});
