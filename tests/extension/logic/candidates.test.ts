/** Which cookies may carry a session although they are not recognised: by name, HttpOnly, and what responses set. */
import { describe, expect, it } from "vitest";
import { findCandidates, mayNameSession } from "../../../extension/logic/candidates.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { COOKIE_NOTICES } from "../../../extension/logic/notices/pane-notices.ts";
import { createLedger } from "../../../extension/logic/timeline/ledger.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import { fillCookie, fillRequest } from "../../panel/memory-ports/world.ts";

const NAME = "session-flash__session";
const PAGE = "http://localhost:8000/";

const unknown = (changes: Partial<TabCookie> = {}) =>
  fillCookie({ name: NAME, recognised: null, ...changes });

function find(cookies: TabCookie[], responses: [url: string, setCookie: string][] = []) {
  const ledger = createLedger();
  responses.forEach(([url, line], at) => {
    ledger.request(fillRequest({ id: `r${at}`, at, url, setCookies: [line] }));
  });
  return findCandidates({ cookies, hosts: ["localhost"], denied: [] }, ledger.list());
}

function tell(candidates: ReturnType<typeof find>) {
  return firstNotice(COOKIE_NOTICES, {
    failure: null,
    denied: [],
    watchingAll: false,
    elsewhere: [],
    candidates,
  });
}

describe("a name", () => {
  it.each([
    NAME,
    "app_sess",
    "sess2",
    "SESS",
    "app.sid",
    "sid_v2",
    "userSid",
    "mySID",
    "appSessionKey",
    "MYSESSID",
    "moodlesessionid",
    "__Host-sid",
  ])("like %s may be a session's", (name) => {
    expect(mayNameSession(name)).toBe(true);
  });

  it.each([
    "sidebar",
    "sidebar_state",
    "SIDEBAR",
    "sidebarState",
    "inside",
    "insider_id",
    "assessment",
    "assess",
    "obsess",
    "possession",
    "reside",
    "president",
    "locale",
    "_ga",
    "session_csrf",
    "XSRF-SESSION",
    "app.sess.sig",
    "",
  ])("like %s is not a session's", (name) => {
    expect(mayNameSession(name)).toBe(false);
  });
});

describe("a cookie is a candidate", () => {
  it("when it is HttpOnly, named like a session's and not recognised", () => {
    expect(find([unknown()]).held).toEqual([NAME]);
  });

  it.each([
    ["scripts may read it", unknown({ httpOnly: false })],
    ["it is named otherwise", unknown({ name: "sidebar_state" })],
    ["it is recognised as a session", fillCookie({ name: NAME })],
    ["it is recognised as another thing", unknown({ recognised: { framework: "Rails", role: "auth" } })],
    ["it is empty", unknown({ value: "" })],
  ])("but not when %s", (_, cookie) => {
    expect(find([cookie]).held).toEqual([]);
  });

  it("once, however many paths it has", () => {
    expect(find([unknown(), unknown({ id: "other", path: "/admin" })]).held).toEqual([NAME]);
  });
});

describe("a response that set what may be a session", () => {
  const line = `${NAME}=a1b2; Path=/; HttpOnly`;

  it("is reported when the browser does not have it", () => {
    expect(find([], [[PAGE, line]])).toEqual({ held: [], gone: [NAME] });
    expect(find([unknown()], [[PAGE, line]])).toEqual({ held: [NAME], gone: [] });
  });

  it.each([
    [
      "a later one ended it",
      [
        [PAGE, line],
        [PAGE, `${NAME}=; Max-Age=0; HttpOnly`],
      ],
    ],
    ["it ends in the past", [[PAGE, `${line}; Expires=Thu, 01 Jan 1970 00:00:00 GMT`]]],
    ["scripts may read it", [[PAGE, `${NAME}=a1b2; Path=/`]]],
    ["it is named otherwise", [[PAGE, "sidebar_state=1; HttpOnly"]]],
    ["it came from a host that is no part of the page", [["http://tracker.test/", line]]],
  ] as [string, [string, string][]][])("is not reported when %s", (_, responses) => {
    expect(find([], responses).gone).toEqual([]);
  });
});

describe("the empty list", () => {
  it("counts the candidates, lists them and offers exactly these", () => {
    const two = find([unknown(), unknown({ name: "app_sid" })]);
    expect(tell(two)).toMatchObject({
      title: "2 cookies may carry a session",
      sentence: `${NAME}, app_sid. The panel does not know their forms.`,
      button: "Watch them",
      names: [NAME, "app_sid"],
    });
  });

  it("does not list more names than fit, and makes invisible characters in names visible", () => {
    const many = ["sid\u200b", "sid1", "sid2", "sid3", "sid4"].map((name) => unknown({ name }));
    expect(tell(find(many))?.sentence).toMatch(/^sid\\u\{200b\}, sid1, sid2 and 2 more\./);
  });

  it("does not say that there is no session yet when a response set a cookie that may be one", () => {
    expect(tell(find([], [[PAGE, `${NAME}=a1b2; HttpOnly`]]))?.title).toBe(
      "A response set what may be a session cookie",
    );
  });

  it("says that there is no session yet when nothing indicates one", () => {
    expect(tell(find([unknown({ name: "sidebar_state" })], [[PAGE, "theme=dark"]]))?.title).toBe(
      "No session yet",
    );
  });
});

it("are read from each response once, even when the rows are read often", () => {
  let times = 0;
  const setCookies = [""];
  const get = () => {
    times += 1;
    return `${NAME}=abc; HttpOnly`;
  };
  Object.defineProperty(setCookies, 0, { enumerable: true, get });
  const row = { type: "request", id: "r", at: 1, number: 1, trace: null, traceGone: false } as const;
  const request = fillRequest({ id: "r", at: 1, url: PAGE, setCookies });
  const find = () =>
    findCandidates({ cookies: [], hosts: ["localhost"], denied: [] }, [{ ...row, reading: null, request }]);
  expect(find().gone).toEqual([NAME]);
  const once = times;
  expect([find().gone, find().gone]).toEqual([[NAME], [NAME]]);
  expect(times).toBe(once);
});
