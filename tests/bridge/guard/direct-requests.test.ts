/** The memory of direct requests: an app's usual requests are known after the first, and requests through a proxy never are. */
import { describe, expect, it } from "vitest";
import { createDirectRequests } from "../../../server-bridge/src/bridge/guard/direct-requests.ts";
import type { HttpFacts } from "../../../server-bridge/src/bridge/http.ts";
import { FORWARDING_NAMES } from "./switch-requests.ts";

function facts(headers: Record<string, string>, more: Partial<HttpFacts> = {}): HttpFacts {
  return {
    method: "GET",
    target: "/",
    httpVersion: "1.1",
    rawHeaders: Object.entries({ Host: "localhost:3000", ...headers }).flat(),
    peerAddress: "127.0.0.1",
    localPort: 3000,
    encrypted: false,
    ...more,
  };
}

const MARK = ";at=3000";

const page = { "User-Agent": "a browser", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };
const visit = facts({ ...page, Referer: "http://localhost:3000/cart" });

describe("a request that was found direct", () => {
  it("is known the next time, under any path of the page and with any other values", () => {
    const direct = createDirectRequests(new Set());
    expect(direct.find(visit)).toBeNull();
    direct.learn(visit, MARK);
    expect(direct.find(visit)).toBe(MARK);
    expect(direct.find(facts({ ...page, Referer: "http://localhost:3000/" }))).toBe(MARK);
    expect(direct.find(facts({ ...page, "User-Agent": "another" }))).toBe(MARK);
    expect(
      direct.find(facts({ ...page, "Sec-Fetch-Site": "cross-site", Referer: "https://evil.test/" })),
    ).toBe(MARK);
  });

  it("is known for a name in `hosts`", () => {
    const direct = createDirectRequests(new Set(["app.test"]));
    const post = facts({ ...page, Origin: "https://app.test:5173" });
    direct.learn(post, MARK);
    expect(direct.find(post)).toBe(MARK);
  });

  it("makes no other known: a new header name, peer, Host, port, protocol, version or page is checked", () => {
    const direct = createDirectRequests(new Set());
    direct.learn(visit, MARK);
    direct.learn(facts({ ...page, Origin: "http://localhost:3000" }), MARK);
    for (const other of [
      facts({ ...page, "X-New": "1" }),
      facts({ ...page }, { peerAddress: "::1" }),
      facts({ ...page }, { localPort: 3001 }),
      facts({ ...page }, { encrypted: true }),
      facts({ ...page, Host: "app.test" }),
      facts({ ...page }, { httpVersion: "1.0" }),
      facts({ ...page, Referer: "https://shop.example/" }),
      facts({ ...page, Origin: "https://shop.example" }),
      facts({ ...page, Origin: "https://shop.example", Referer: "http://localhost:3000/" }),
      facts({}, { rawHeaders: [...visit.rawHeaders, "Host", "localhost:3000"] }),
      facts({}, { rawHeaders: [...visit.rawHeaders, "Sec-Fetch-Site", "cross-site"] }),
      facts({}, { rawHeaders: [...visit.rawHeaders, "Referer", "https://shop.example/"] }),
      facts({}, { rawHeaders: visit.rawHeaders.slice(2) }),
    ]) {
      expect(direct.find(other), other.rawHeaders.join(" ")).toBeNull();
    }
  });
});

describe("the mark of a known request", () => {
  it("is that of its peer, Host, port and protocol", () => {
    const direct = createDirectRequests(new Set());
    const others = [
      facts({ Host: "app.test" }),
      facts({}, { localPort: 3001 }),
      facts({}, { peerAddress: "::1" }),
      facts({}, { encrypted: true }),
    ];
    direct.learn(visit, MARK);
    for (const [at, other] of others.entries()) direct.learn(other, `mark ${at}`);
    expect(direct.find(visit)).toBe(MARK);
    expect(others.map((other) => direct.find(other))).toEqual(["mark 0", "mark 1", "mark 2", "mark 3"]);
  });
});

describe("what is never learned", () => {
  it("includes forwarding headers of any origin", () => {
    for (const name of [...FORWARDING_NAMES, "Via", "via"]) {
      const direct = createDirectRequests(new Set());
      direct.learn(visit, MARK);
      const request = facts({ ...page, "Sec-Fetch-Site": "cross-site", [name]: "1" });
      direct.learn(request, MARK);
      expect(direct.find(request), name).toBeNull();
    }
  });

  it("includes pages that are not local, even for direct requests", () => {
    const direct = createDirectRequests(new Set());
    const post = facts({ ...page, Host: "app.test", Origin: "https://app.test" }, { encrypted: true });
    direct.learn(post, MARK);
    expect(direct.find(post)).toBeNull();
  });

  it("includes malformed Hosts and overlong header names", () => {
    const direct = createDirectRequests(new Set());
    for (const headers of [{ Host: "a".repeat(10_000) }, { ["X".repeat(10_000)]: "1" }]) {
      direct.learn(facts(headers), MARK);
      expect(direct.find(facts(headers))).toBeNull();
    }
  });
});
