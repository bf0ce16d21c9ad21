/** Which request a cookie's expiry comes from, also where several cookies have one name. */
import { describe, expect, it } from "vitest";
import { cookieOrigins, originKey } from "../../../../extension/logic/timeline/cookie-origins.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";

const origins = (requests: [url: string, setCookie: string][]) => {
  const ledger = createLedger();
  requests.forEach(([url, line], at) => {
    ledger.request(fillRequest({ id: `r${at}`, at, url, setCookies: [line] }));
  });
  const found = cookieOrigins(ledger.list());
  return (cookie: Parameters<typeof fillCookie>[0]) => found.get(originKey(fillCookie(cookie)))?.source;
};

describe("the expiry of a cookie", () => {
  it("comes from the last response that set it", () => {
    const sourceOf = origins([
      ["http://localhost:8000/a", "sessionid=1; Max-Age=10; Path=/"],
      ["http://localhost:8000/b", "sessionid=2; Max-Age=20; Path=/"],
    ]);
    expect(sourceOf({})).toBe("Max-Age 20");
  });

  it("does not come from one that set another of its name: another path, domain or host", () => {
    const sourceOf = origins([
      ["http://app.test/login", "sessionid=1; Max-Age=10; Path=/"],
      ["http://app.test/admin/login", "sessionid=2; Max-Age=20"],
      ["http://app.test/login", "sessionid=3; Max-Age=30; Path=/; Domain=.test"],
      ["http://other.test/login", "sessionid=4; Max-Age=40; Path=/"],
    ]);
    expect(sourceOf({ domain: "app.test" })).toBe("Max-Age 10");
    expect(sourceOf({ domain: "app.test", path: "/admin" })).toBe("Max-Age 20");
    expect(sourceOf({ domain: ".test", hostOnly: false })).toBe("Max-Age 30");
    expect(sourceOf({ domain: "third.test" })).toBeUndefined();
  });
});
