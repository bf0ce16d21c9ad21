/** Which deadline ended a session: from what was last reported of it, and never more than that shows. */
import type { Deadlines, Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { explain } from "../../../../extension/logic/explain/explain.ts";
import { gatherFacts } from "../../../../extension/logic/explain/gather.ts";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { AT, cookie, request, side, trace } from "./material.ts";

const KEY = "abcdefghijklmnopqrstuvwxyz012345";
const SHOWN = "abcd…2345";
const MINUTE = 60_000;

function row(minutes: number, path: string, told: Partial<Trace>, set = ""): Entry {
  const at = AT + minutes * MINUTE;
  const sent = request({
    id: `r${minutes}`,
    at,
    url: `http://localhost:8000${path}`,
    sentCookies: ["sessionid"],
    setCookies: set === "" ? [] : [`sessionid=${set}; Path=/; HttpOnly`],
  });
  const about = { method: "POST", path, status: 200, durationMs: 5 };
  return {
    type: "request",
    id: sent.id,
    at,
    number: minutes + 1,
    request: sent,
    trace: trace({ id: `${minutes}`.padStart(22, "A"), at, request: about, ...told }),
    traceGone: false,
    reading: null,
  };
}

/** The side of a session after a row. */
const stored = (expiresAt: number, deadlines?: Deadlines) => ({
  ...side,
  key: SHOWN,
  expiresAt,
  ...(deadlines && { deadlines }),
});

const unknown = (minutes: number, reason = "unknown key") =>
  row(minutes, "/read", { operations: [{ name: "load", durationMs: 1, reason }] });

/** What Why? says about the last row, or about now. */
function why(entries: readonly Entry[], { isNow = false, now = AT } = {}): string {
  const facts = gatherFacts("sessionid", isNow ? null : (entries.at(-1) ?? null), {
    entries,
    list: { cookies: [cookie({ value: KEY })], hosts: ["localhost"], denied: [] },
    pageUrl: "http://localhost:8000/",
    session: isNow ? { serverTime: 0, found: false, reason: "unknown" } : null,
    skewMs: 0,
    closed: false,
    removed: new Map(),
    now,
  });
  return explain(facts)
    .filter(({ rule }) =>
      ["deadline-reached", "ended-early", "unknown-key", "expired-session"].includes(rule),
    )
    .map(({ rule, sentence }) => `${rule}: ${sentence}`)
    .join("\n");
}

const absolute = AT + 480 * MINUTE;
const login = (ends: number, deadlines?: Deadlines) =>
  row(0, "/login", { after: stored(ends, deadlines), newKey: true }, KEY);
const use = (minutes: number, ends: number, deadlines?: Deadlines) =>
  row(minutes, "/", { before: stored(ends - MINUTE, deadlines), after: stored(ends, deadlines) });

describe("a session that is over", () => {
  it("ended so long after the login, with the row of the login", () => {
    const deadlines = { absolute, idle: null };
    const entries = [login(absolute, deadlines), use(470, absolute, deadlines), unknown(481)];
    expect(why(entries)).toBe(
      "deadline-reached: The session began empty: it had ended at Tue, 24 Nov 2026 20:00:00 GMT, 8 hours after POST /login, 1 (absoluteAge).",
    );
  });

  it("ended so long after the request that last prolonged it, which may not be the last that used it", () => {
    const ends = AT + 25 * MINUTE;
    const deadlines = { absolute, idle: ends };
    const poll = row(12, "/poll", { before: stored(ends, deadlines), after: stored(ends, deadlines) });
    const entries = [login(AT + 15 * MINUTE), use(10, ends, deadlines), poll, unknown(26)];
    expect(why(entries)).toMatch(
      /12:25:00 GMT, 15 minutes after POST \/, 11 last prolonged it \(idleAge\)\.$/,
    );
  });

  it("does not count what a panel did as a use", () => {
    const ends = AT + 15 * MINUTE;
    const here = stored(ends, { absolute, idle: ends });
    const panel = row(7, "/__sessions/v1/end-others", { origin: "panel", before: here, after: here });
    expect(why([login(ends, { absolute, idle: ends }), panel, unknown(16)])).toMatch(
      /15 minutes after POST \/login, 1 last prolonged it \(idleAge\)/,
    );
    const moved = row(7, "/__sessions/v1/expiry", { origin: "panel", before: stored(absolute), after: here });
    expect(why([login(absolute), moved, unknown(16)])).toMatch(
      /because no request prolonged it in time \(idleAge\)/,
    );
  });

  it("says the same of now, when no row is selected", () => {
    const ends = AT + 15 * MINUTE;
    const entries = [login(ends, { absolute, idle: ends })];
    expect(why(entries, { isNow: true, now: ends + 1 })).toMatch(
      /^deadline-reached: The session is over: .*idleAge/,
    );
    expect(why(entries, { isNow: true, now: ends - MINUTE })).toMatch(/^ended-early: The session is over: /);
  });

  it("ended by absoluteAge if the library says so, even if no row before was reported", () => {
    expect(why([unknown(1, "past its deadline")])).toBe(
      "deadline-reached: The session began empty: it had ended, at its deadline (absoluteAge).",
    );
  });

  it("ended before its time, and which of the causes it was could not be told", () => {
    const entries = [login(absolute, { absolute, idle: null }), unknown(5)];
    expect(why(entries)).toMatch(
      /^ended-early: .*the store has no session for the key .*until Tue, 24 Nov 2026 20:00:00 GMT.*could not be told/,
    );
  });

  it("was ended by a row that was reported, which is named", () => {
    const logout = row(4, "/logout", { before: stored(absolute), flushedKeys: 2 });
    expect(why([login(absolute), logout, unknown(5)])).toMatch(/because POST \/logout, 5 ended it/);
  });

  it("is only called unknown if it expired without a deadline, or nothing of it was reported", () => {
    expect(why([login(AT + 15 * MINUTE), unknown(16)])).toMatch(/^unknown-key: /);
    expect(why([unknown(16)])).toMatch(/^unknown-key: /);
    const other = row(0, "/login", { after: { ...stored(absolute), key: "zzzz…9999" } }, KEY);
    expect(why([other, unknown(16)])).toMatch(/^unknown-key: /);
  });

  it("is no other server's: on another port of the same host, the browser sends the same cookie", () => {
    const ends = AT + 15 * MINUTE;
    const there = use(5, ends, { absolute, idle: ends });
    if (there.type !== "request" || there.request === null) throw new Error("no request");
    const url = "http://localhost:9000/";
    const elsewhere = { ...there, request: { ...there.request, url } };
    expect(why([login(ends), elsewhere, unknown(16)])).toMatch(/^unknown-key: /);
    expect(why([login(ends), there, unknown(16)])).toMatch(/^deadline-reached: /);
  });
});

describe("a session that is over together with its cookie", () => {
  const ends = AT + 15 * MINUTE;
  /** What Why? says now, when the browser has dropped the cookie, of a login whose session ended then by the server's clock. */
  const saidOf = (deadlines?: Deadlines, { end = ends, skewMs = 0 } = {}) => {
    const entry = row(0, "/login", { after: stored(end, deadlines), newKey: true }, `${KEY}; Max-Age=900`);
    const facts = gatherFacts("sessionid", null, {
      entries: [entry],
      list: { cookies: [], hosts: ["localhost"], denied: [] },
      pageUrl: "http://localhost:8000/",
      session: { serverTime: 0, found: false, reason: "no-cookie" },
      skewMs,
      closed: false,
      removed: new Map(),
      now: ends + 1000,
    });
    return explain(facts).map(({ sentence }) => sentence);
  };

  it("says which setting had set the end", () => {
    const by = (name: string) =>
      `sessionid is not there: it expired on Tue, 24 Nov 2026 12:15:00 GMT, the end that ${name} had set.`;
    expect(saidOf({ absolute, idle: ends })).toEqual([by("idleAge")]);
    expect(saidOf({ absolute: ends, idle: null })).toEqual([by("absoluteAge")]);
    const ahead = ends + MINUTE;
    expect(saidOf({ absolute, idle: ahead }, { end: ahead, skewMs: MINUTE })).toContain(by("idleAge"));
  });

  it("names none if the session or the cookie ended by something else", () => {
    const plain = ["sessionid is not there: it expired on Tue, 24 Nov 2026 12:15:00 GMT."];
    expect(saidOf()).toEqual(plain);
    expect(saidOf({ absolute, idle: null })).toEqual(plain);
    expect(saidOf({ absolute, idle: ends + MINUTE }, { end: ends + MINUTE })).toEqual(plain);
  });
});
