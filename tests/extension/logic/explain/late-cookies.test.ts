/** An older Set-Cookie that arrived last: said only if the server's order, the browser's order and the jar all show it. */
import { describe, expect, it } from "vitest";
import { explainRow } from "../../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../../extension/logic/explain/gather.ts";
import { lateRows } from "../../../../extension/logic/explain/late-cookies.ts";
import type { Entry, RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import { ALL_RECORDED } from "../../../../extension/logic/timeline/unrecorded.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { AT, cookie, request, trace } from "./material.ts";

const NAME = "sessionid";
const A = "http://localhost:3000";

/** When the browser sent the request and had the response, and when the server sent it, all from `AT`, milliseconds. */
interface Times {
  from: number;
  head: number;
  came: number;
}

function row(
  number: number,
  path: string,
  { from, head, came }: Times,
  line: string | string[],
): RequestEntry {
  const at = AT + from;
  const about = { id: String(number), at, url: A + path, status: 200, durationMs: came - from };
  const name = { method: "POST", path, status: 200, durationMs: head - from };
  return {
    type: "request",
    id: String(number),
    at,
    number,
    request: request({ ...about, sentCookies: [NAME], setCookies: [line].flat() }),
    trace: trace({ id: `trace ${number}`, at, request: name }),
    traceGone: false,
    reading: null,
    page: A,
  };
}

const set = (value: string, name = NAME) => `${name}=${value}; Path=/; HttpOnly`;
const DELETED = `${NAME}=; Path=/; Max-Age=0`;
const FIRST = { from: 0, head: 40, came: 300 };
const SECOND = { from: 10, head: 50, came: 90 };
const refresh = row(1, "/refresh", FIRST, set("old"));
const logout = row(2, "/logout", SECOND, DELETED);
const login = row(2, "/login", SECOND, set("new"));
const held = (value: string, name = NAME) => cookie({ id: name, name, value });

function tab(entries: readonly Entry[], cookies: readonly TabCookie[], more: Partial<Surroundings> = {}) {
  return {
    entries,
    list: { cookies: [...cookies], hosts: ["localhost"], denied: [] },
    pageUrl: `${A}/`,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map<string, number>(),
    now: AT + 1000,
    ...more,
  };
}

/** What is said of the row with this number; of now for null. */
function said(number: number | null, around: Surroundings, names = [NAME]) {
  const entry = around.entries.find(({ id }) => id === String(number)) ?? null;
  return explainRow(names, entry, around).filter(({ rule }) => rule === "older-cookie-arrived-last");
}
const chips = (around: Surroundings) => [...lateRows([NAME], around).keys()];

describe("a refresh that was sent before a logout and arrived after it", () => {
  const around = tab([refresh, logout], [held("old")]);

  it("is said at both rows and of now, with what to do", () => {
    const [one] = said(1, around);
    expect(one?.sentence).toBe(
      "The server sent the response to 1 · POST /refresh before that to 2 · POST /logout, and the browser got it after that: the older sessionid is back, which the newer response had deleted. If that was a logout, and the server still accepts the older one, the visitor is logged in again.",
    );
    expect(one?.remedy).toBe(
      "Sign out again. To prevent it, let the page wait for requests that are under way, or abort them, before it signs in or out.",
    );
    expect([said(2, around), said(null, around)]).toEqual([[one], [one]]);
  });

  it("has its chip at the row that arrived last", () => {
    expect(chips(around)).toEqual(["1"]);
    expect(lateRows([NAME], around).get("1")).toEqual({
      name: NAME,
      newerRow: "2 · POST /logout",
      isDeletion: false,
      sentBeforeMs: 10,
      cameAfterMs: 210,
    });
  });

  it("is the same in whatever order the rows are", () => {
    expect(chips(tab([logout, refresh], [held("old")]))).toEqual(["1"]);
  });
});

it("a logout that was sent before a login and arrived after it has deleted the newer cookie", () => {
  const away = row(1, "/logout", FIRST, DELETED);
  const around = tab([away, login], []);
  expect(said(1, around)[0]?.sentence).toContain(
    "the older response deleted the sessionid that the newer one had set. If that was a login, the visitor is logged out again.",
  );
});

it("of two values the browser holds the older", () => {
  const around = tab([refresh, login], [held("old")]);
  expect(said(1, around)[0]?.sentence).toMatch(
    /the browser holds the older sessionid, and not the newer one\.$/,
  );
});

it("of chunks it is said once, with the name of the whole cookie", () => {
  const chunks = [`${NAME}.0`, `${NAME}.1`];
  const one = row(
    1,
    "/refresh",
    FIRST,
    chunks.map((name) => set("old", name)),
  );
  const other = row(
    2,
    "/logout",
    SECOND,
    chunks.map((name) => `${name}=; Path=/; Max-Age=0`),
  );
  const cookies = chunks.map((name) => held("old", name));
  const around = tab([one, other], cookies, { split: new Map([[NAME, "whole"]]) });
  const [only, ...more] = said(1, around, chunks);
  expect(only?.sentence).toContain("the older sessionid is back");
  expect(more).toEqual([]);
  expect([...lateRows(chunks, around).values()].map(({ name }) => name)).toEqual([NAME]);
});

describe("a response that deletes only the parts that are left over has not deleted the cookie", () => {
  const parts = [NAME, `${NAME}.0`, `${NAME}.1`];
  const gone = (name: string) => `${name}=; Path=/; Max-Age=0`;
  const whole = [set("w"), gone(`${NAME}.0`), gone(`${NAME}.1`)];
  const chunks = [gone(NAME), set("a", `${NAME}.0`), set("b", `${NAME}.1`)];
  const shorter = [set("c", `${NAME}.0`), gone(`${NAME}.1`)];
  it.each([
    [whole, chunks, [held("w")]],
    [chunks, whole, [held("a", `${NAME}.0`), held("b", `${NAME}.1`)]],
    [chunks.slice(1), shorter, [held("a", `${NAME}.0`), held("b", `${NAME}.1`)]],
    [shorter, chunks.slice(1), [held("c", `${NAME}.0`)]],
  ])("%s before %s", (first, second, cookies) => {
    const entries = [row(1, "/refresh", FIRST, first), row(2, "/login", SECOND, second)];
    const around = tab(entries, cookies, { split: new Map([[NAME, "whole"]]) });
    expect(said(1, around, parts).map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/the browser holds the older sessionid, and not the newer one\.$/),
    ]);
    expect([...lateRows(parts, around).values()].map(({ isDeletion }) => isDeletion)).toEqual([false]);
  });
});

describe("nothing is said", () => {
  const silent: [string, Surroundings][] = [
    [
      "if they arrived as they were sent",
      tab([refresh, row(2, "/logout", { ...SECOND, came: 310 }, DELETED)], [held("old")]),
    ],
    [
      "if the server sent them in the order in which they arrived",
      tab([row(1, "/refresh", { ...FIRST, head: 60 }, set("old")), logout], [held("old")]),
    ],
    [
      "if both were sent in the same millisecond",
      tab([row(1, "/refresh", { ...FIRST, head: 50 }, set("old")), logout], [held("old")]),
    ],
    [
      "if less than the server's clock counts is between them: the other may have been sent first",
      tab([row(1, "/refresh", { ...FIRST, head: 49.4 }, set("old")), logout], [held("old")]),
    ],
    [
      "if less than a browser's clock counts is between their arrivals",
      tab([row(1, "/refresh", { ...FIRST, came: 91 }, set("old")), logout], [held("old")]),
    ],
    ["if the browser holds what the newer one asked", tab([refresh, logout], [])],
    ["if the browser holds another cookie by now", tab([refresh, logout], [held("third")])],
    ["if both set the same value", tab([refresh, row(2, "/login", SECOND, set("old"))], [held("old")])],
    [
      "if one was answered by another process, whose clock may differ",
      tab([refresh, { ...logout, trace: trace({ ...logout.trace, process: "q" }) }], [held("old")]),
    ],
    ["without a trace", tab([refresh, { ...logout, trace: null }], [held("old")])],
    [
      "if they did not overlap",
      tab([row(1, "/refresh", { from: 100, head: 40, came: 300 }, set("old")), logout], [held("old")]),
    ],
    [
      "about cookies with different paths",
      tab([refresh, row(2, "/logout", SECOND, `${NAME}=; Path=/app; Max-Age=0`)], [held("old")]),
    ],
    ["if the list is of another time", tab([refresh, logout], [], { list: null })],
    [
      "if requests may have no row",
      tab([refresh, logout], [held("old")], { unrecorded: { ...ALL_RECORDED, removedAt: AT + 5 } }),
    ],
    [
      "if a third response that overlapped set the same value",
      tab([refresh, logout, row(3, "/third", { from: 20, head: 60, came: 400 }, set("old"))], [held("old")]),
    ],
    [
      "if the newer response's cookie cannot be kept",
      tab([refresh, row(2, "/login", SECOND, `${set("new")}; SameSite=None`)], [held("old")]),
    ],
  ];
  it.each(silent)("%s", (_why, around) => {
    expect(said(1, around)).toEqual([]);
    expect(chips(around)).toEqual([]);
  });

  const away = row(1, "/logout", FIRST, DELETED);
  const gone: [string, Surroundings][] = [
    [
      "if this panel deleted the cookie",
      tab([away, login], [], { removed: new Map([[`localhost / ${NAME}`, AT + 500]]) }),
    ],
    [
      "if the newer cookie has expired",
      tab([away, row(2, "/login", SECOND, `${set("new")}; Max-Age=1`)], [], { now: AT + 5000 }),
    ],
    [
      "if the host's cookies are not listed",
      tab([away, login], [], { list: { cookies: [], hosts: [], denied: [] } }),
    ],
    [
      "if Clear-Site-Data came since",
      tab(
        [
          away,
          login,
          {
            ...row(3, "/clear", { from: 20, head: 60, came: 80 }, []),
            request: request({ id: "3", at: AT + 20, url: `${A}/clear`, clearsCookies: true }),
          },
        ],
        [],
      ),
    ],
  ];
  it.each(gone)("of a missing cookie %s", (_why, around) => {
    expect(said(1, around)).toEqual([]);
  });

  it("of a missing cookie is checked by the case that differs from these in nothing else", () => {
    expect(said(1, tab([away, login], []))).toHaveLength(1);
  });
});
