/** Which cookie of a name is meant, and what is known to have happened to it: other Paths, Domains and partitions, cleared cookies, and ports. */
import { describe, expect, it } from "vitest";
import { explainRow, namesFor } from "../../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../../extension/logic/explain/gather.ts";
import type { RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { AT, cookie, request } from "./material.ts";

const PAGE = "https://app.test";

const row = (number: number, url: string, changes: Partial<NetworkRequest> = {}): RequestEntry => ({
  type: "request",
  id: String(number),
  at: AT + number * 1000,
  number,
  request: request({
    id: String(number),
    at: AT + number * 1000,
    method: "GET",
    url: url.startsWith("/") ? PAGE + url : url,
    status: 200,
    type: "fetch",
    ...changes,
  }),
  trace: null,
  traceGone: false,
  reading: null,
  page: PAGE,
});
const sets = (...setCookies: string[]) => ({ setCookies });
const carries = { sentCookies: ["sessionid"] };
const mine = (changes: Partial<TabCookie> = {}) => cookie({ domain: "app.test", ...changes });

/** What "Why?" says about a row, counted from 0; null: about now. */
function told(
  at: number | null,
  entries: readonly RequestEntry[],
  cookies: readonly TabCookie[],
  changes: Partial<Surroundings> = {},
): string {
  const entry = at === null ? null : (entries[at] ?? null);
  return explainRow(namesFor(entry, ["sessionid"]), entry, {
    entries,
    list: { cookies: [...cookies], hosts: ["app.test"], denied: [] },
    pageUrl: `${PAGE}/`,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now: AT + 60_000,
    ...changes,
  })
    .map(({ sentence }) => sentence)
    .join("\n");
}

describe("a deletion", () => {
  const login = row(1, "/login", sets("sessionid=abc; Path=/; Max-Age=600"));

  it("with a Domain does not affect the cookie that has none", () => {
    const entries = [
      login,
      row(5, "/out", { ...sets("sessionid=; Path=/; Domain=app.test; Max-Age=0"), ...carries }),
    ];
    const said = told(1, entries, [mine({ expiresAt: AT + 601_000 })]);
    expect(said).toContain(
      "delete sessionid with Domain app.test. The browser holds one on app.test without a Domain",
    );
    expect(said).not.toContain("gone");
  });

  it("with a Domain deletes the same cookie on a host that can have no subdomains", () => {
    const url = "http://localhost:8000/out";
    const page = {
      ...row(1, "http://localhost:8000/in", sets("sessionid=abc; Path=/")),
      page: "http://localhost:8000",
    };
    const out = row(5, url, { ...sets("sessionid=; Path=/; Domain=localhost; Max-Age=0"), ...carries });
    const list = { cookies: [], hosts: ["localhost"], denied: [] };
    expect(told(1, [page, out], [], { list, pageUrl: url })).toContain(
      "sessionid is gone: GET /out deleted it",
    );
  });

  it("in a partition does not affect the cookie outside it", () => {
    const entries = [
      login,
      row(5, "/out", { ...sets("sessionid=; Path=/; Secure; Partitioned; Max-Age=0"), ...carries }),
    ];
    const said = told(1, entries, [mine({ expiresAt: AT + 601_000 })]);
    expect(said).toContain("delete sessionid in a partition. The browser holds one outside any partition");
  });

  it("without Partitioned is not said to have missed a partitioned cookie, because Firefox may have partitioned the deletion", () => {
    const entries = [row(5, "/out", { ...sets("sessionid=; Path=/; Max-Age=0"), ...carries })];
    const partitionKey = { topLevelSite: "https://other.test" };
    expect(told(0, entries, [mine({ partitionKey })])).not.toContain("holds one");
  });

  it("is not said to have deleted a cookie that may have been another of the same name", () => {
    const deeper = row(1, "/app/login", sets("sessionid=abc; Path=/app"));
    const out = row(5, "/app/out", { ...sets("sessionid=; Path=/; Max-Age=0"), ...carries });
    // The cookie of /app was sent with it, and has since gone for another reason.
    expect(told(1, [deeper, out], [])).not.toContain("is gone");
  });
});

describe("a cookie that Clear-Site-Data deleted", () => {
  const login = row(1, "/login", sets("sessionid=abc; Path=/; Max-Age=600"));
  const clear = row(5, "/logout", { clearsCookies: true, ...carries });

  it("is reported as deleted by it, in the request's row and now", () => {
    const gone = "sessionid is gone: GET /logout answered with Clear-Site-Data";
    expect(told(1, [login, clear], [])).toContain(gone);
    expect(told(null, [login, clear], [])).toContain(gone);
    expect(told(null, [login, clear], [])).not.toContain("no response in this timeline");
  });

  it("was new at its login all the same", () => {
    expect(told(0, [login, clear], [])).toContain("sessionid is new: GET /login");
  });

  it("is not said to be gone if nothing carried it: the browser may not have accepted it", () => {
    const said = told(1, [login, row(5, "/logout", { clearsCookies: true })], []);
    expect(said).toBe("GET /logout told the browser with Clear-Site-Data to delete all cookies of app.test.");
    expect(told(null, [login, row(5, "/logout", { clearsCookies: true })], [])).toBe(said);
  });

  it("is not said to be gone if it is there", () => {
    expect(told(1, [login, clear], [mine({ expiresAt: AT + 601_000 })])).not.toMatch(/gone|Clear-Site-Data/);
  });

  it("no longer existed for a later login", () => {
    const again = row(9, "/again", sets("sessionid=def; Path=/; Max-Age=600"));
    const said = told(2, [login, clear, again], [mine({ value: "def", expiresAt: AT + 609_000 })]);
    expect(said).toContain("sessionid is new: GET /again");
  });

  it("was not deleted over plain http, where browsers ignore the header", () => {
    const plain = [
      row(1, "http://app.test/login", sets("sessionid=abc; Path=/; Max-Age=600")),
      row(5, "http://app.test/logout", { clearsCookies: true, ...carries }),
    ];
    expect(told(1, plain, [], { pageUrl: "http://app.test/" })).not.toContain("Clear-Site-Data");
  });

  it("is named by what the request carried, if nothing else names it", () => {
    const sentCookies = ["theme", "connect.sid"];
    expect(namesFor(row(5, "/logout", { clearsCookies: true, sentCookies }), [])).toEqual(["connect.sid"]);
    expect(namesFor(row(5, "/logout", { sentCookies }), [])).toEqual([]);
  });
});

describe("a cookie that is gone now", () => {
  it("was still new at its login, if a later request carried it", () => {
    const login = row(1, "/login", sets("sessionid=abc; Path=/"));
    expect(told(0, [login, row(5, "/later", carries)], [])).toContain("sessionid is new: GET /login");
    expect(told(0, [login], [])).not.toContain("is new");
  });
});

describe("a Secure cookie", () => {
  const safe = row(1, "/login", sets("sessionid=abc; Path=/; Secure"));
  const plain = (line: string) => row(5, "http://app.test/plain", { ...sets(line), type: "document" });
  const held = [mine({ secure: true })];

  it("blocks cookies and deletions under its name over plain http", () => {
    for (const line of ["sessionid=def; Path=/", "sessionid=; Path=/; Max-Age=0"])
      expect(told(1, [safe, plain(line)], held)).toContain(
        "refused sessionid: it holds a Secure cookie of that name",
      );
  });

  it("blocks nothing under another Path", () => {
    const other = [mine({ secure: true, path: "/app" })];
    expect(told(1, [safe, plain("sessionid=def; Path=/")], other)).not.toContain("refused");
  });

  it("is not said to have blocked what came before it was seen to exist", () => {
    expect(told(0, [plain("sessionid=def; Path=/")], held)).not.toContain("refused");
  });

  it("is not called missing because it is not sent to the page's own address", () => {
    const url = "http://app.test/";
    const login = row(1, url, sets("sessionid=abc; Path=/"));
    expect(told(null, [login], held, { pageUrl: url })).not.toContain("is not there");
    expect(told(null, [login], [], { pageUrl: url })).toContain("is not there");
  });

  it("leaves the state before a later request unknown", () => {
    const again = row(9, "/again", { ...sets("sessionid=abc; Path=/; Secure"), ...carries });
    // If plain http had succeeded, this would be a different value.
    expect(told(2, [safe, plain("sessionid=def; Path=/"), again], held)).not.toContain("replaced");
  });

  it("is not replaced by one that plain http sets on another port", () => {
    const entries = [safe, row(5, "http://app.test:8080/", sets("sessionid=def; Path=/"))];
    expect(told(0, entries, held)).not.toContain("both set");
    const both = [
      safe,
      row(5, "https://app.test:8443/", { ...sets("sessionid=def; Path=/; Secure"), ...carries }),
    ];
    expect(told(0, both, held)).toContain("both set sessionid");
    const refused = [
      safe,
      row(5, "http://app.test:8080/", sets("sessionid=def; Path=/")),
      row(9, "/again", sets("sessionid=ghi; Path=/")),
    ];
    expect(told(2, refused, [mine({ value: "ghi" })])).not.toContain("both set");
    const local = [
      row(1, "https://localhost:8443/", sets("sessionid=abc; Path=/; Secure")),
      row(5, "http://localhost:8000/", { ...sets("sessionid=def; Path=/"), ...carries }),
    ];
    expect(told(0, local, [])).toContain("both set sessionid");
  });
});

describe("a fetch of another origin without cookies", () => {
  const login = row(1, "/login", sets("sessionid=abc; Path=/"));
  const omitted = (line: string) => ({ ...row(5, "/omitted", sets(line)), page: "https://page.test" });
  const later = row(9, "/later", carries);

  it("is not said to have changed a cookie, even if later requests carried another value", () => {
    const entries = [
      login,
      omitted("sessionid=def; Path=/"),
      later,
      row(12, "/set", { ...sets("sessionid=ghi; Path=/"), ...carries }),
    ];
    expect(told(1, entries, [mine({ value: "ghi" })])).toBe("");
    const now = [login, omitted("sessionid=def; Path=/")];
    expect(told(1, now, [mine()])).toContain("browsers ignore Set-Cookie on a fetch without credentials");
  });

  it("leaves the state before a later request unknown", () => {
    const again = row(9, "/again", { ...sets("sessionid=abc; Path=/"), ...carries });
    // If the fetch had succeeded, this would be a different value.
    expect(told(2, [login, omitted("sessionid=def; Path=/"), again], [mine()])).not.toContain("replaced");
  });

  it("is not said to have set a cookie that may be another of the same name", () => {
    const deeper = row(1, "/app/login", sets("sessionid=abc; Path=/app"));
    const entries = [deeper, omitted("sessionid=def; Path=/"), row(9, "/app/later", carries)];
    expect(told(1, entries, [mine({ path: "/app" })])).not.toContain("was set by");
  });

  it("is not said to have deleted one", () => {
    const said = told(1, [login, omitted("sessionid=; Path=/; Max-Age=0")], [mine()]);
    expect(said).toContain("still holds the sessionid that it was told to delete by GET /omitted");
  });

  it("is a login like any other if no cookie existed before", () => {
    const first = { ...row(1, "/login", sets("sessionid=abc; Path=/")), page: "https://page.test" };
    const entries = [first, row(5, "/roll", { ...sets("sessionid=def; Path=/"), ...carries })];
    expect(told(1, entries, [mine({ value: "def" })])).toContain("sessionid was replaced");
  });
});

describe("cookies of one name", () => {
  it("are counted for the page that the request was made by", () => {
    const both = [mine(), mine({ id: "d", path: "/app" })];
    const asked = { ...row(1, "/app/x"), page: "https://other.test" };
    // A request from another site carries neither of the two, even if another page is open now.
    expect(told(0, [asked], both)).not.toContain("There are 2 cookies");
    expect(told(0, [row(1, "/app/x")], both)).toContain("There are 2 cookies");
  });
});
