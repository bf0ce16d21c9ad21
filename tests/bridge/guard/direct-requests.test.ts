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
    encrypted: false,
    ...more,
  };
}

const page = { "User-Agent": "a browser", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };
const visit = facts({ ...page, Referer: "http://localhost:3000/cart" });

describe("a request that was found direct", () => {
  it("is known the next time, under any path of the page and with any other values", () => {
    const direct = createDirectRequests(new Set());
    expect(direct.has(visit)).toBe(false);
    direct.learn(visit);
    expect(direct.has(visit)).toBe(true);
    expect(direct.has(facts({ ...page, Referer: "http://localhost:3000/" }))).toBe(true);
    expect(direct.has(facts({ ...page, "User-Agent": "another" }))).toBe(true);
    expect(
      direct.has(facts({ ...page, "Sec-Fetch-Site": "cross-site", Referer: "https://evil.test/" })),
    ).toBe(true);
  });

  it("is known for a name in `hosts`", () => {
    const direct = createDirectRequests(new Set(["app.test"]));
    const post = facts({ ...page, Origin: "https://app.test:5173" });
    direct.learn(post);
    expect(direct.has(post)).toBe(true);
  });

  it("makes no other known: a new header name, peer, Host, version or page is checked", () => {
    const direct = createDirectRequests(new Set());
    direct.learn(visit);
    direct.learn(facts({ ...page, Origin: "http://localhost:3000" }));
    for (const other of [
      facts({ ...page, "X-New": "1" }),
      facts({ ...page }, { peerAddress: "::1" }),
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
      expect(direct.has(other), other.rawHeaders.join(" ")).toBe(false);
    }
  });
});

describe("what is never learned", () => {
  it("includes forwarding headers of any origin", () => {
    for (const name of [...FORWARDING_NAMES, "Via", "via"]) {
      const direct = createDirectRequests(new Set());
      direct.learn(visit);
      const request = facts({ ...page, "Sec-Fetch-Site": "cross-site", [name]: "1" });
      direct.learn(request);
      expect(direct.has(request), name).toBe(false);
    }
  });

  it("includes pages that are not local, even for direct requests", () => {
    const direct = createDirectRequests(new Set());
    const post = facts({ ...page, Host: "app.test", Origin: "https://app.test" }, { encrypted: true });
    direct.learn(post);
    expect(direct.has(post)).toBe(false);
  });

  it("includes malformed Hosts and overlong header names", () => {
    const direct = createDirectRequests(new Set());
    for (const headers of [{ Host: "a".repeat(10_000) }, { ["X".repeat(10_000)]: "1" }]) {
      direct.learn(facts(headers));
      expect(direct.has(facts(headers))).toBe(false);
    }
  });
});
