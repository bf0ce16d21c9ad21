/** Which server overwrote whose cookie: only what the rows show, and never of one app at two addresses. */
import { describe, expect, it } from "vitest";
import { explainRow } from "../../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../../extension/logic/explain/gather.ts";
import { lastOverwriting } from "../../../../extension/logic/explain/overwritten.ts";
import type { Entry, RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import { ALL_RECORDED } from "../../../../extension/logic/timeline/unrecorded.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { AT, request, side, trace } from "./material.ts";

const [A, B] = ["http://localhost:3000", "http://localhost:4000"];
const IDENTITY = { domain: "localhost", hostOnly: true, path: "/", partitioned: false };
const REPLACED =
  "The response to 2 · POST /login of http://localhost:4000 replaced sessionid, which http://localhost:3000 had set at 1 · POST /login.";

interface Row extends Partial<NetworkRequest> {
  /** The process that answered; null: no bridge. */
  process?: string | null;
  /** The server had a session for the request. */
  known?: boolean;
}

/** Of a page of the same server, which the browser sends the cookie to. */
function row(number: number, url: string, { process, known = true, ...about }: Row = {}): RequestEntry {
  const server = new URL(url).origin;
  const by = process === undefined ? `process of ${server}` : process;
  const sets = (about.setCookies ?? []).length > 0;
  const line = { action: "set", maxAge: null, expiresAt: null, path: "/", domain: null } as const;
  const cookie = { ...line, name: "sessionid", secure: false, httpOnly: true, sameSite: "Lax" };
  const at = AT + number * 1000;
  return {
    type: "request",
    id: String(number),
    at,
    number,
    request: request({
      id: String(number),
      at,
      method: "GET",
      url,
      status: 200,
      sentCookies: ["sessionid"],
      ...about,
    }),
    trace:
      by === null ? null : trace({ process: by, before: known ? side : null, cookie: sets ? cookie : null }),
    traceGone: false,
    reading: null,
    page: server,
  };
}

const sets = (value: string, about: Row = {}): Row => ({
  method: "POST",
  setCookies: [`sessionid=${value}; Path=/; HttpOnly`],
  ...about,
});
const first = row(1, `${A}/login`, sets("of-a"));
const second = row(2, `${B}/login`, sets("of-b"));
const back = row(3, `${A}/cart`, { known: false });
const kept = row(3, `${A}/cart`);

function around(entries: readonly Entry[], changes: Partial<Surroundings> = {}): Surroundings {
  return {
    entries,
    list: { cookies: [], hosts: [], denied: [] },
    pageUrl: `${A}/`,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now: AT + 60_000,
    ...changes,
  };
}

/** What the rules about two servers say of a row, counted from 0; null: of now. */
function said(
  at: number | null,
  entries: readonly Entry[],
  changes: Partial<Surroundings> = {},
): { rule: string; sentence: string; remedy?: string } | null {
  const entry = at === null ? null : (entries[at] ?? null);
  const all = explainRow(["sessionid"], entry, around(entries, changes));
  return all.find(({ rule }) => /overw/.test(rule)) ?? null;
}

const found = (entries: readonly Entry[], changes: Partial<Surroundings> = {}) =>
  lastOverwriting("sessionid", IDENTITY, around(entries, changes));

describe("a login at another app on the host", () => {
  const all = [first, second, back];

  it("is said of its own row, of the cookie now, and in the cookie's findings", () => {
    expect(said(1, all)?.sentence).toBe(REPLACED);
    expect(said(null, all)?.sentence).toBe(REPLACED);
    expect(found(all)).toMatchObject({ areTwoApps: true, isDeletion: false });
  });

  it("is said of the row at which the first app did not know its session", () => {
    expect(said(2, all)?.sentence).toBe(
      `${REPLACED} GET /cart was then sent with another sessionid, for which http://localhost:3000 has no session.`,
    );
    expect(said(2, [first, second, kept])).toBeNull();
    expect(said(0, all)).toBeNull();
  });

  it("names a cure that needs no change to either app", () => {
    expect(said(1, all)?.remedy).toBe(
      "Cookies ignore ports. Open http://localhost:4000 as http://app.localhost:4000, or give one of the two another name than sessionid.",
    );
  });

  it("is said both ways if the first app then overwrites the cookie in turn", () => {
    const again = row(3, `${A}/`, { ...sets("new"), method: "GET", known: false });
    expect(said(2, [first, second, again])?.sentence).toMatch(
      /has no session\. Its response replaced the sessionid of http:\/\/localhost:4000 in turn\.$/,
    );
  });

  it("is no longer the reason once the first app has set its cookie again", () => {
    const again = row(3, `${A}/login`, sets("again"));
    const later = row(4, `${A}/cart`, { known: false });
    expect(said(3, [first, second, again, later])).toBeNull();
  });
});

describe("a logout at another app on the host", () => {
  const out = row(2, `${B}/logout`, {
    method: "POST",
    setCookies: ["sessionid=; Path=/; Max-Age=0"],
  });
  const without = row(3, `${A}/cart`, { known: false, sentCookies: [] });

  it("is said to have deleted the first app's cookie", () => {
    const all = [first, out, without];
    const deleted =
      "The response to 2 · POST /logout of http://localhost:4000 deleted sessionid, which http://localhost:3000 had set at 1 · POST /login.";
    expect(said(1, all)?.sentence).toBe(deleted);
    expect(said(2, all)?.sentence).toBe(
      `${deleted} GET /cart was therefore sent without it, and http://localhost:3000 found no session.`,
    );
  });

  it("is not the reason for a request that may go without the cookie anyway", () => {
    const form = row(3, `${A}/cart`, { known: false, sentCookies: [], method: "POST" });
    expect(said(2, [first, out, form])).toBeNull();
  });
});

describe("two addresses", () => {
  const of = (process: string | null) => [
    row(1, `${A}/login`, sets("of-a", { process })),
    row(2, `${B}/login`, sets("of-b", { process })),
    row(3, `${A}/cart`, { process, known: false }),
  ];

  it("of one app are not accused: one process answers at both", () => {
    for (const at of [0, 1, 2, null]) {
      const entry = at === null ? null : (of("same")[at] ?? null);
      const all = explainRow(["sessionid"], entry, around(of("same")));
      expect(all.map(({ sentence }) => sentence).join()).not.toMatch(/replaced sessionid, which|both set/);
    }
    expect(found(of("same"))).toBeNull();
  });

  it("of one app are not accused if only the bridges now say that they are one", () => {
    const running = new Map([A, B].map((origin) => [origin, "same"]));
    expect(said(1, of(null), { running })).toBeNull();
  });

  it("of one app are not accused if the bridge of one reports a trace that the other's response named", () => {
    const id = "BBBBBBBBBBBBBBBBBBBBBB";
    const named = row(2, `${B}/login`, sets("of-b", { process: null, traceId: id }));
    const outside = (its: string): Entry => ({
      type: "outside",
      id: its,
      at: AT + 2500,
      trace: trace({ id: its, process: "one" }),
      origin: A,
      early: false,
    });
    expect(said(1, [first, named, outside(id)])).toBeNull();
    expect(said(1, [first, named, outside("C".repeat(22))])).not.toBeNull();
  });

  it("that may be one app are only said to have replaced the cookie, and no finding is made of it", () => {
    const unknown = said(1, of(null));
    expect(unknown?.sentence).toBe(REPLACED);
    expect(unknown?.remedy).toContain("If these are two apps: ");
    expect(found(of(null))).toBeNull();
  });

  it("may be one app that was restarted, until the first process answers again", () => {
    const restarted = [first, second];
    expect(said(1, restarted)?.remedy).toContain("If these are two apps: ");
    expect(found(restarted)).toBeNull();
    expect(found([...restarted, back])).not.toBeNull();
  });

  it("may be one app in several processes, if one of them is answered by two at a time", () => {
    const workers = [
      row(1, `${A}/login`, sets("of-a", { process: "one" })),
      row(2, `${B}/login`, sets("of-b", { process: "three" })),
      row(3, `${A}/cart`, { process: "two" }),
      row(4, `${A}/cart`, { process: "one" }),
    ];
    expect(found(workers)).toBeNull();
    expect(said(1, workers)?.remedy).toContain("If these are two apps: ");
  });

  it("are two apps if two bridges answer now, or the first one is still there", () => {
    const both = new Map([
      [A, "one"],
      [B, "two"],
    ]);
    expect(found(of(null), { running: both })).not.toBeNull();
    expect(found([first, second], { running: new Map([[A, `process of ${A}`]]) })).not.toBeNull();
    expect(found([first, second], { running: new Map([[A, "restarted"]]) })).toBeNull();
  });
});

describe("nothing is said", () => {
  const with2 = (about: Row, url = `${B}/login`) => [first, row(2, url, sets("of-b", about)), back];
  const line = (text: string) => with2({ setCookies: [text] });

  it.each<[string, RequestEntry[]]>([
    ["if the request did not carry the cookie", with2({ sentCookies: [] })],
    ["if it is not known what it carried", with2({ sentCookies: null })],
    ["for the same value", line("sessionid=of-a; Path=/")],
    ["for a cookie with another Path", line("sessionid=of-b; Path=/login")],
    ["for a cookie in a partition", line("sessionid=of-b; Path=/; Secure; Partitioned")],
    ["for a cookie that browsers refuse", line("sessionid=of-b; Path=/; SameSite=None")],
    ["for a Domain that browsers refuse", line("sessionid=of-b; Path=/; Domain=other.test")],
    ["for a cookie that is too long", line(`sessionid=${"b".repeat(5000)}; Path=/`)],
    ["for another host", with2({}, "http://app.localhost:4000/login")],
    ["for a response from the cache", with2({ fromCache: true })],
    ["for a request that began before the cookie was set", with2({ at: AT + 1001 })],
    [
      "if the first cookie had been deleted",
      [
        row(1, `${A}/login`, sets("of-a", { setCookies: ["sessionid=of-a; Path=/; Max-Age=0"] })),
        second,
        back,
      ],
    ],
    [
      "if the first cookie had expired",
      [
        row(1, `${A}/login`, sets("of-a", { setCookies: ["sessionid=of-a; Path=/; Max-Age=1"] })),
        second,
        back,
      ],
    ],
    [
      "if the first was never accepted",
      [
        row(1, `${A}/login`, sets("of-a", { setCookies: ["sessionid=of-a; Path=/; SameSite=None"] })),
        second,
        back,
      ],
    ],
    [
      "if the response set several of the name",
      with2({ setCookies: ["sessionid=x; Path=/", "sessionid=y; Path=/app"] }),
    ],
    [
      "if it may have carried another cookie of the name",
      [row(0, `${B}/`, { setCookies: ["sessionid=deep; Path=/login"] }), ...with2({})],
    ],
  ])("%s", (_why, entries) => {
    const at = entries.findIndex((entry) => entry.id === "2");
    expect(said(at, entries)).toBeNull();
    expect(found(entries)).toBeNull();
  });

  it("if a request without a row may have changed the cookie in between", () => {
    const unrecorded = { ...ALL_RECORDED, gaps: [{ from: AT + 1500, to: AT + 1600 }] };
    expect(said(1, with2({}), { unrecorded })).toBeNull();
  });

  it("if this panel deleted the cookie in between", () => {
    expect(said(1, with2({}), { removed: new Map([["localhost / sessionid", AT + 1500]]) })).toBeNull();
  });

  it("of a cookie that carries no session, about a session that is not there", () => {
    const theme = (entry: RequestEntry): RequestEntry => ({
      ...entry,
      trace: entry.trace && { ...entry.trace, cookie: null },
    });
    const all = [theme(first), theme(second), back];
    expect(said(1, all)?.sentence).toBe(REPLACED);
    expect(said(2, all)).toBeNull();
  });
});
