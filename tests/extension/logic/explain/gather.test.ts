/** What "Why?" reads from a timeline: it treats as known only what requests, Set-Cookie lines and the browser's list show. */
import { describe, expect, it } from "vitest";
import { explainRow } from "../../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../../extension/logic/explain/gather.ts";
import type { Entry, RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import { ALL_RECORDED, type Unrecorded } from "../../../../extension/logic/timeline/unrecorded.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { AT, cookie, request, side, trace } from "./material.ts";

const ORIGIN = "http://localhost:8000";

/** A request from the page's scripts. */
const row = (number: number, path: string, changes: Partial<NetworkRequest> = {}): RequestEntry => ({
  type: "request",
  id: String(number),
  at: AT + number * 1000,
  number,
  request: request({
    id: String(number),
    at: AT + number * 1000,
    method: "GET",
    url: path.startsWith("/") ? `${ORIGIN}${path}` : path,
    status: 200,
    type: "fetch",
    ...changes,
  }),
  trace: null,
  traceGone: false,
  reading: null,
  page: ORIGIN,
});
const sets = (...setCookies: string[]) => ({ setCookies });
const carries = (...sentCookies: string[]) => ({ sentCookies });

function around(
  entries: readonly Entry[],
  cookies: readonly TabCookie[] = [],
  changes: Partial<Surroundings> = {},
): Surroundings {
  return {
    entries,
    list: { cookies: [...cookies], hosts: ["localhost"], denied: [] },
    pageUrl: `${ORIGIN}/`,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now: AT + 60_000,
    ...changes,
  };
}

/** What "Why?" says about a row, counted from 0; null: about now. */
function told(
  at: number | null,
  surroundings: Surroundings,
  names: readonly string[] = ["sessionid"],
): string {
  const entry = at === null ? null : (surroundings.entries[at] ?? null);
  return explainRow(names, entry, surroundings)
    .map(({ sentence }) => sentence)
    .join("\n");
}

describe("a cookie that is not on the list", () => {
  const set = row(1, "/login", sets("sessionid=abc; Path=/"));
  const seen = row(5, "/", carries("sessionid"));

  it("is reported as gone if requests carried it", () => {
    expect(told(null, around([set, seen]))).toContain("sessionid is gone although it has not expired");
  });

  it("may never have been accepted if none did", () => {
    expect(told(null, around([set]))).toContain("the browser did not accept it or evicted it");
  });

  it("is not said to be gone if the extension may not read the host's cookies", () => {
    const list = { cookies: [], hosts: ["localhost"], denied: [ORIGIN] };
    expect(told(null, around([set, seen], [], { list }))).toBe("");
  });

  it("is not said to be gone before the list was read, or for a host without a frame in the tab", () => {
    const list = { cookies: [], hosts: [], denied: [] };
    expect(told(null, around([set, seen], [], { list }))).toBe("");
  });

  it("is not said to be gone if another cookie of its name is there", () => {
    expect(told(null, around([set, seen], [cookie({ path: "/app" })]))).toBe("");
  });

  it("was not deleted in this panel when that was the cookie of another host", () => {
    const removed = new Map([["example.test / sessionid", AT + 30_000]]);
    expect(told(null, around([set, seen], [], { removed }))).not.toContain("in this panel");
    const own = new Map([["localhost / sessionid", AT + 30_000]]);
    expect(told(null, around([set, seen], [], { removed: own }))).toContain("deleted in this panel");
  });
});

describe("a flush of the session in a panel", () => {
  const sent = { action: "set", name: "sessionid", path: "/", maxAge: null, expiresAt: null } as const;
  const login = trace({ cookie: { ...sent, domain: null, httpOnly: true, secure: false, sameSite: null } });
  const set = { ...row(1, "/login", sets("sessionid=abc; Path=/", "theme=dark; Path=/")), trace: login };
  const seen = row(2, "/", carries("sessionid", "theme"));
  const flush = (own: boolean): Entry => ({
    type: "edit",
    id: "flush",
    at: AT + 3000,
    trace: trace({ origin: "panel", flushedKeys: 1 }),
    origin: ORIGIN,
    early: false,
    ...(own && { own }),
  });

  it("counts as a deletion in this panel only if this panel made it", () => {
    expect(told(null, around([set, seen, flush(true)]))).toContain("it was deleted in this panel");
    expect(told(null, around([set, seen, flush(false)]))).not.toContain("in this panel");
  });

  it("deleted no other cookie", () => {
    expect(told(null, around([set, seen, flush(true)]), ["theme"])).not.toContain("in this panel");
  });
});

describe("a cookie that is on the list, and that no response set", () => {
  const page = row(1, "/", { type: "document", sentCookies: [] });
  const theme = cookie({ name: "theme", httpOnly: false });
  const say = (unrecorded: Partial<Unrecorded> = {}) =>
    told(0, around([page], [theme], { unrecorded: { ...ALL_RECORDED, ...unrecorded } }), ["theme"]);

  it("was set by something that is not in the timeline", () => {
    expect(say()).toContain("a request that is not in this timeline");
  });

  it("is not said to be set by no response if recording was stopped since, or rows were removed", () => {
    const at = page.at + 5000;
    expect(say({ gaps: [{ from: at, to: null }] })).toBe("");
    expect(say({ gaps: [{ from: at, to: at + 1000 }] })).toBe("");
    expect(say({ removedAt: at })).toBe("");
    expect(say({ removedAt: page.at - 1, gaps: [{ from: 0, to: page.at - 1 }] })).not.toBe("");
  });
});

describe("a cookie that a response sent", () => {
  it("is not said to be replaced if only its name is known from before", () => {
    const entries = [row(1, "/again", { ...sets("sessionid=abc"), ...carries("sessionid") })];
    expect(told(0, around(entries, [cookie()]))).toBe("");
  });

  it("is not said to be new to the browser if the request could not have carried it", () => {
    const entries = [row(1, "/login", sets("sessionid=abc; Path=/app"))];
    const said = told(0, around(entries, [cookie({ path: "/app" })]));
    expect(said).toBe("sessionid was set by the response to GET /login, which had been sent without it.");
  });

  it("is not said to replace one of another Path", () => {
    const entries = [
      row(1, "/a", sets("sessionid=old; Path=/")),
      row(5, "/b", { ...sets("sessionid=abc; Path=/b"), ...carries("sessionid") }),
    ];
    expect(told(1, around(entries, [cookie({ value: "old" }), cookie({ path: "/b" })]))).not.toContain(
      "replaced",
    );
  });

  it("is known for the time before its next change if a request in between carried it", () => {
    const first = row(1, "/a", sets("sessionid=abc; Path=/"));
    const next = row(9, "/b", { ...sets("sessionid=def; Path=/"), ...carries("sessionid") });
    const now = [cookie({ value: "def" })];
    expect(told(0, around([first, next], now))).toContain("sessionid is new");
    const lost = row(9, "/b", sets("sessionid=def; Path=/"));
    expect(told(0, around([first, lost], now))).toBe("");
  });

  it("is not known from a request that had begun before the response ended", () => {
    const first = row(1, "/a", { ...sets("sessionid=abc; Path=/"), durationMs: 9000 });
    const next = row(9, "/b", { ...sets("sessionid=def; Path=/"), ...carries("sessionid") });
    expect(told(0, around([first, next], [cookie({ value: "def" })]))).toBe("");
  });

  it("is said to stay if a deletion has another Path", () => {
    const entries = [
      row(1, "/", sets("sessionid=abc; Path=/")),
      row(5, "/logout", { ...sets("sessionid=; Path=/app; Max-Age=0"), ...carries("sessionid") }),
    ];
    expect(told(1, around(entries, [cookie()]))).toBe(
      "GET /logout told the browser to delete sessionid with Path /app. The browser holds one with Path /, which it treats as a different cookie and keeps.",
    );
    // A cookie that is not on the list is neither said to have stayed nor to be gone.
    expect(told(1, around(entries, [], { list: null }))).toBe(
      "GET /logout told the browser to delete sessionid with Path /app.",
    );
  });
});

describe("a cookie that was not sent", () => {
  const there = row(1, "/app/", carries("sessionid"));
  const now = [cookie({ path: "/app" })];

  it("has a Path that does not match: /app is not above /apple", () => {
    expect(told(1, around([there, row(5, "/apple")], now))).toBe(
      "sessionid was not sent to /apple: its Path is /app.",
    );
  });

  it("may not have been there yet", () => {
    expect(told(0, around([row(5, "/apple")], now))).toBe("");
  });

  it("is not said to be withheld below one suffix, which may be one site", () => {
    const far = row(5, "https://b.co.uk/", { sentCookies: [] });
    const page = { pageUrl: "https://a.co.uk/" };
    const list = { cookies: [cookie({ domain: "b.co.uk" })], hosts: ["b.co.uk"], denied: [] };
    const before = row(1, "https://b.co.uk/", carries("sessionid"));
    const entries = [before, far].map((each) => ({ ...each, page: "https://a.co.uk" }));
    expect(told(1, around(entries, [], { ...page, list }))).toBe("");
    const other = entries.map((each) => ({ ...each, page: "https://a.test" }));
    expect(told(1, around(other, [], { ...page, list }))).toContain(
      "it is SameSite=Lax, and a.test is another site",
    );
  });
});

describe("what is around a request", () => {
  it("names another port only if both servers set the same cookie", () => {
    const other = "http://localhost:5173/";
    const own = row(1, "/", sets("sessionid=abc; Path=/"));
    const shared = told(
      0,
      around([own, row(2, other, { ...sets("sessionid=def; Path=/"), ...carries("sessionid") })]),
    );
    expect(shared).toContain("http://localhost:8000 and http://localhost:5173 both set sessionid");
    expect(told(0, around([own, row(2, other, sets("sessionid=def; Path=/app"))]))).not.toContain("both set");
    expect(told(0, around([row(1, "/"), row(2, other, sets("sessionid=def; Path=/"))]))).toBe("");
  });

  it("uses the clock of the page's server only", () => {
    const far = row(1, "http://localhost:5173/");
    expect(told(0, around([far], [], { skewMs: 90_000 }))).toBe("");
    expect(told(0, around([row(1, "/")], [], { skewMs: 90_000 }))).toContain("1 minute ahead");
  });

  it("counts cookies of the same name that are sent to the same address", () => {
    const both = [cookie(), cookie({ id: "d", path: "/app" })];
    expect(told(0, around([row(1, "/app/x")], both))).toContain("There are 2 cookies named sessionid");
    expect(told(0, around([row(1, "/")], both))).toBe("");
  });

  it("says what the server did once, for any number of cookies that the request set", () => {
    const entry: Entry = {
      ...row(1, "/login", sets("csrftoken=1; Path=/", "sessionid=abc; Path=/")),
      trace: trace({ before: side, operations: [{ name: "load", durationMs: 1, reason: "unknown key" }] }),
    };
    const said = told(0, around([entry]), ["sessionid", "csrftoken"]);
    expect(said.match(/The session began empty/g)).toHaveLength(1);
    expect(said).not.toMatch(/csrftoken.*session/);
  });

  it("leaves out what the request did to other sessions", () => {
    const ended = { name: "flush" as const, durationMs: 1, reason: "another session abcd…wxyz" };
    const entry: Entry = {
      ...row(1, "/admin"),
      trace: trace({ before: side, after: side, operations: [ended] }),
    };
    expect(told(0, around([entry]))).toBe(
      "Nothing was saved: this request read the session and did not change its data.",
    );
  });
});

it("a request that carried the cookie after another response had set it again does not show that the first was accepted", () => {
  const entries = [
    row(0, "/one", { ...sets("sessionid=one; Path=/"), ...carries() }),
    row(1, "/two", { ...sets("sessionid=two; Path=/"), ...carries() }),
    row(2, "/look", carries("sessionid")),
  ];
  const now = around(entries, [cookie({ value: "two" })]);
  expect(told(0, now)).toBe("");
  expect(told(0, around(entries.filter((_, at) => at !== 1)))).toContain("sessionid is new: GET /one");
});
