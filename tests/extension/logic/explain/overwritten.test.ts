/** Which server overwrote whose cookie: only what the rows show. */
import { describe, expect, it } from "vitest";
import { overwrittenRows } from "../../../../extension/logic/explain/overwritten.ts";
import { OVERWROTE } from "../../../../extension/logic/timeline/cookie-chips.ts";
import type { Entry, RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import { ALL_RECORDED } from "../../../../extension/logic/timeline/unrecorded.ts";
import { AT } from "./material.ts";
import {
  A,
  around,
  B,
  back,
  first,
  found,
  kept,
  REPLACED,
  type Row,
  row,
  said,
  second,
  sets,
} from "./two-servers.ts";

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

  it("is not said if the other app knew the session of the cookie that came: it was its own", () => {
    const knew = row(2, `${B}/login`, sets("of-b", { known: true }));
    const all = [first, knew, back];
    for (const at of [1, 2, null]) expect(said(at, all)).toBeNull();
    expect(found(all)).toBeNull();
    expect(overwrittenRows(["sessionid"], around(all)).size).toBe(0);
  });

  it("is said if the session that the other app knew is that of another cookie", () => {
    const theirs = row(2, `${B}/login`, sets("of-b", { known: true }));
    const cookie = theirs.trace?.cookie ?? null;
    const own = cookie && { ...cookie, name: "sid" };
    const entry = { ...theirs, trace: theirs.trace && { ...theirs.trace, cookie: own } };
    expect(said(1, [first, entry, back])?.sentence).toBe(REPLACED);
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

describe("a response that overwrites several cookies", () => {
  const both = (value: string, theme = "; Path=/"): Row => ({
    ...sets(value),
    setCookies: [`sessionid=${value}; Path=/`, `theme=${value}${theme}`],
    sentCookies: ["sessionid", "theme"],
  });
  const rowsOf = (entries: readonly Entry[]) => overwrittenRows(["sessionid", "theme"], around(entries));
  const chipsAt = (id: string, entries: readonly Entry[]) => {
    const one = rowsOf(entries).get(id);
    return one === undefined ? [] : OVERWROTE.tell(one);
  };

  it("has all of them in its chip", () => {
    const all = [row(1, `${A}/login`, both("of-a")), row(2, `${B}/login`, both("of-b")), back];
    expect(chipsAt("2", all)).toMatchObject([
      {
        text: "overwrote sessionid and theme of localhost:3000",
        title: REPLACED.replace("sessionid", "sessionid and theme"),
      },
    ]);
  });

  it("has in it each row that had set one of them", () => {
    const theme = row(2, `${A}/theme`, { setCookies: ["theme=dark; Path=/"] });
    const all = [first, theme, row(3, `${B}/login`, both("of-b")), row(4, `${A}/cart`, { known: false })];
    expect(chipsAt("3", all)[0]?.title).toBe(
      "The response to 3 · POST /login of http://localhost:4000 replaced sessionid and theme, which http://localhost:3000 had set at 1 · POST /login and 2 · GET /theme.",
    );
  });

  it("names only those that it replaced, if it deleted fewer", () => {
    const deletes = row(2, `${B}/login`, both("of-b", "; Path=/; Max-Age=0"));
    const all = [row(1, `${A}/login`, both("of-a")), deletes, back];
    expect(chipsAt("2", all)).toMatchObject([{ text: "overwrote sessionid of localhost:3000" }]);
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
    [
      "for another host of the cookie's Domain: a port is not what they share",
      ["b.app.test:4000", "a.app.test", "b.app.test"].map((host, at) =>
        row(
          at,
          `http://${host}/`,
          sets(host, { setCookies: [`sessionid=${host}; Domain=app.test; Path=/`] }),
        ),
      ),
    ],
    [
      "if the browser was told in between to delete the site's cookies",
      [first, row(1.5, `${A}/leave`, { clearsCookies: true }), second],
    ],
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
