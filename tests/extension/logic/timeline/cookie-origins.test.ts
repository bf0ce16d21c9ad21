/** Which request a cookie's expiry comes from, even if several cookies have the same name or the browser refused the last one. */
import { describe, expect, it } from "vitest";
import { cookieOrigins, findOrigin } from "../../../../extension/logic/timeline/cookie-origins.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";

const AT = Date.UTC(2026, 10, 24, 12);

const origins = (requests: [url: string, setCookie: string][]) => {
  const ledger = createLedger();
  requests.forEach(([url, line], at) => {
    ledger.request(fillRequest({ id: `r${at}`, at: AT + at, url, setCookies: [line], durationMs: 5 }));
  });
  const found = cookieOrigins(ledger.list());
  return (cookie: Parameters<typeof fillCookie>[0]) => findOrigin(found, fillCookie(cookie))?.source;
};
/** As the browser stores it: with the expiry that a response at `AT` gave it. */
const ends = (seconds: number) => ({ expiresAt: AT + seconds * 1000 });

describe("the expiry of a cookie", () => {
  it("comes from the last response that set it", () => {
    const sourceOf = origins([
      ["http://localhost:8000/a", "sessionid=1; Max-Age=10; Path=/"],
      ["http://localhost:8000/b", "sessionid=2; Max-Age=20; Path=/"],
    ]);
    expect(sourceOf(ends(20))).toBe("Max-Age 20");
  });

  it("does not come from one that set another of its name: another path, domain or host", () => {
    const sourceOf = origins([
      ["http://app.test/login", "sessionid=1; Max-Age=10; Path=/"],
      ["http://app.test/admin/login", "sessionid=2; Max-Age=10"],
      ["http://app.test/login", "sessionid=3; Max-Age=30; Path=/; Domain=.test"],
      ["http://app.test/wide", "sessionid=5; Max-Age=50; Path=/; Domain=app.test"],
      ["http://other.test/login", "sessionid=4; Max-Age=40; Path=/"],
    ]);
    expect(sourceOf({ domain: "app.test", ...ends(10) })).toBe("Max-Age 10");
    expect(sourceOf({ domain: "app.test", path: "/admin", ...ends(10) })).toBe("Max-Age 10");
    expect(sourceOf({ domain: ".test", hostOnly: false, ...ends(30) })).toBe("Max-Age 30");
    expect(sourceOf({ domain: "app.test", ...ends(50) })).toBeUndefined();
    expect(sourceOf({ domain: ".app.test", hostOnly: false, ...ends(50) })).toBe("Max-Age 50");
    expect(sourceOf({ domain: "third.test", ...ends(40) })).toBeUndefined();
  });

  it("does not come from a Set-Cookie that the browser did not accept", () => {
    const sourceOf = origins([
      ["http://app.test/login", "sessionid=1; Max-Age=10; Path=/"],
      ["http://app.test/plain", "sessionid=2; Max-Age=3600; Path=/; SameSite=None"],
    ]);
    expect(sourceOf({ domain: "app.test", value: "1", ...ends(10) })).toBe("Max-Age 10");
    expect(sourceOf({ domain: "app.test", value: "1", ...ends(600) })).toBeUndefined();
  });

  it("does not come from a deletion while the cookie is there", () => {
    const sourceOf = origins([
      ["http://app.test/login", "sessionid=1; Max-Age=10; Path=/"],
      ["http://app.test/logout", "sessionid=; Max-Age=0; Path=/; Partitioned"],
      ["http://app.test/logout", "sessionid=; Max-Age=0; Path=/"],
    ]);
    expect(sourceOf({ domain: "app.test", value: "1", ...ends(10) })).toBe("Max-Age 10");
  });

  it("of an unpartitioned cookie does not come from a partitioned Set-Cookie", () => {
    const sourceOf = origins([
      ["https://app.test/login", "sessionid=1; Max-Age=10; Path=/; Secure; Partitioned"],
    ]);
    const partitionKey = { topLevelSite: "https://app.test" };
    expect(sourceOf({ domain: "app.test", ...ends(10) })).toBeUndefined();
    expect(sourceOf({ domain: "app.test", ...ends(10), partitionKey })).toBe("Max-Age 10");
  });

  it("is not absent if a script has set it since", () => {
    const sourceOf = origins([["http://app.test/login", "sessionid=1; Path=/"]]);
    expect(sourceOf({ domain: "app.test", value: "1", expiresAt: null })).toBe("no expiry");
    expect(sourceOf({ domain: "app.test", value: "1", ...ends(60) })).toBeUndefined();
  });

  it("is 400 days if more was requested", () => {
    const sourceOf = origins([["http://app.test/login", "sessionid=1; Max-Age=99999999; Path=/"]]);
    expect(sourceOf({ domain: "app.test", ...ends(400 * 86_400) })).toBe("Max-Age 99999999");
  });

  it("is said to be an age that the browser cannot read, not to be absent", () => {
    const sourceOf = origins([["http://app.test/login", "sessionid=1; Max-Age=3600.5; Path=/"]]);
    expect(sourceOf({ domain: "app.test", value: "1", expiresAt: null })).toBe(
      "Max-Age 3600.5, which the browser cannot parse,",
    );
    expect(sourceOf({ domain: "app.test", value: "2", expiresAt: null })).toBeUndefined();
  });
});
