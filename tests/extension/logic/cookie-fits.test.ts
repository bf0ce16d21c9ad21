/** A cookie's value is sent only where the browser itself would send that cookie (T37). */
import { describe, expect, it } from "vitest";
import { cookieFits } from "../../../extension/logic/cookie-fits.ts";
import { isLoopbackPage, isSameSite } from "../../../extension/logic/origins.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import { fillCookie } from "../../panel/memory-ports/world.ts";

/** Whether the cookie is sent to `to` (an address there responded with a trace) while the tab is at `page`. */
function goes(cookie: Partial<TabCookie>, to: string, page = to): boolean {
  const { origin, pathname } = new URL(to);
  return cookieFits(fillCookie(cookie), { origin, paths: [pathname], page });
}

describe("a cookie is sent", () => {
  it.each([
    ["to its own host", {}, "http://localhost:8000/"],
    ["to every port of its host, as browsers send it", {}, "http://localhost:3000/"],
    ["to a host below its domain", { domain: ".app.test", hostOnly: false }, "http://api.app.test/"],
    ["to an IPv6 address", { domain: "::1" }, "http://[::1]:8000/"],
    ["Secure over https", { domain: "app.test", secure: true }, "https://app.test/"],
    ["Secure over http to this machine", { secure: true }, "http://localhost:8000/"],
    ["to its own path", { path: "/admin" }, "http://localhost:8000/admin"],
    ["below its path", { path: "/admin" }, "http://localhost:8000/admin/users"],
    ["below a path with a slash at its end", { path: "/admin/" }, "http://localhost:8000/admin/users"],
    [
      "in the partition of the page's site",
      { partitionKey: { topLevelSite: "http://localhost" } },
      "http://localhost:8000/",
    ],
  ] as const)("%s", (_, cookie, to) => {
    expect(goes(cookie, to)).toBe(true);
  });

  it.each([
    ["to another host", {}, "http://127.0.0.1:8000/"],
    ["to a host that ends like its own", { domain: "app.test", hostOnly: false }, "http://evilapp.test/"],
    ["below its host when it is of that host only", { domain: "app.test" }, "http://api.app.test/"],
    ["to a host above its domain", { domain: ".api.app.test", hostOnly: false }, "http://app.test/"],
    ["Secure over http elsewhere", { domain: "app.test", secure: true }, "http://app.test/"],
    [
      "Secure over http to a name that begins like an address",
      { domain: "127.evil.test", secure: true },
      "http://127.evil.test/",
    ],
    ["to a path that begins like its own", { path: "/admin" }, "http://localhost:8000/administrators"],
    ["above its path", { path: "/admin" }, "http://localhost:8000/"],
    [
      "in the partition of another site",
      { partitionKey: { topLevelSite: "http://other.test" } },
      "http://localhost:8000/",
    ],
    [
      "in the partition of the site at a port, where browsers name none",
      { partitionKey: { topLevelSite: "http://localhost:3000" } },
      "http://localhost:8000/",
    ],
    [
      "in the partition of the site by another scheme",
      { partitionKey: { topLevelSite: "https://localhost" } },
      "http://localhost:8000/",
    ],
    [
      "in the partition of frames below another site",
      { partitionKey: { topLevelSite: "http://localhost", hasCrossSiteAncestor: true } },
      "http://localhost:8000/",
    ],
  ] as const)("never %s", (_, cookie, to) => {
    expect(goes(cookie, to)).toBe(false);
  });

  it("across sites only with SameSite=None: a cross-site image request carries no other", () => {
    const page = "https://evil.test/";
    for (const sameSite of ["lax", "strict", "unspecified"] as const) {
      expect(goes({ sameSite }, "http://localhost:9999/", page)).toBe(false);
    }
    expect(goes({ sameSite: "no_restriction" }, "http://localhost:9999/", page)).toBe(true);
    expect(goes({}, "http://localhost:9999/", "http://localhost:8000/")).toBe(true);
  });

  it("nowhere while neither the page nor a path is known", () => {
    const cookie = fillCookie({});
    expect(cookieFits(cookie, { origin: "http://localhost:8000", paths: [], page: null })).toBe(false);
    expect(cookieFits(cookie, { origin: "http://localhost:8000", paths: ["/"], page: null })).toBe(false);
    expect(cookieFits(cookie, { origin: "not an origin", paths: ["/"], page: null })).toBe(false);
  });
});

it.each([
  ["http://localhost:1/", "http://localhost:2/", true],
  ["http://app.shop.test/", "http://api.shop.test/", true],
  ["http://app.localhost/", "http://api.localhost/", false],
  ["http://localhost/", "http://app.localhost/", false],
  ["http://app.test/", "https://app.test/", false],
  ["http://10.0.0.1/", "http://11.0.0.1/", false],
  ["http://app.test/", "nonsense", false],
])("%s and %s are one site: %s", (one, other, same) => {
  expect(isSameSite(one, other)).toBe(same);
});

it.each([
  ["http://localhost:8000", true],
  ["http://app.localhost", true],
  ["http://127.3.2.1:80", true],
  ["http://[::1]:8000", true],
  ["https://localhost:8000", false],
  ["https://shop.example", false],
  ["http://127.evil.test", false],
  ["http://localhost.", false],
  ["http://localhost.evil.test", false],
])("%s is a page of this machine: %s", (origin, loopback) => {
  expect(isLoopbackPage(origin)).toBe(loopback);
});
