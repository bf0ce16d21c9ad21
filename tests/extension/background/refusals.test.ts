/** Why a cookie cannot be set, reported before it is tried. */
import { expect, it } from "vitest";
import { findRefusal } from "../../../extension/background/refusals.ts";
import { toTabCookie } from "../../../extension/background/to-tab-cookie.ts";
import type { TabCookie } from "../../../extension/messages/tab-cookie.ts";
import { createFakeJar, NOW } from "../fake-jar.ts";

const good = toTabCookie(createFakeJar().put({ name: "sessionid", secure: true }));

const refused: [what: string, changes: Partial<TabCookie>, reason: RegExp][] = [
  ["an expiry in the past", { expiresAt: NOW - 1 }, /expiry is in the past/],
  ["a semicolon in the value", { value: "a;b" }, /semicolon/],
  ["a line break in the value", { value: "a\nb" }, /control character/],
  ["an equals sign in the name", { name: "a=b" }, /name cannot hold "="/],
  ["neither name nor value", { name: "", value: "" }, /without a name/],
  ["more than 4096 bytes, counted as UTF-8", { name: "n", value: "é".repeat(2048) }, /over 4096 bytes/],
  ["a path without a slash", { path: "admin" }, /path must begin/],
  ["SameSite=None without Secure", { sameSite: "no_restriction", secure: false }, /needs Secure/],
  ["__Secure- without Secure", { name: "__Secure-a", secure: false }, /needs Secure/],
  ["__host- in small letters without Secure", { name: "__host-a", secure: false }, /needs Secure/],
  ["__Host- with a domain", { name: "__Host-a", hostOnly: false }, /no Domain/],
  ["__Host- with a path", { name: "__Host-a", path: "/x" }, /no Domain/],
  [
    "a partition of a site without a scheme",
    { partitionKey: { topLevelSite: "example.com" } },
    /scheme and host/,
  ],
  ["a partition of no web page", { partitionKey: { topLevelSite: "file:///" } }, /scheme and host/],
  ["a partition with a path", { partitionKey: { topLevelSite: "https://a.test/x" } }, /scheme and host/],
  ["a partition of half a site", { partitionKey: { topLevelSite: "https://" } }, /scheme and host/],
  [
    "a partition of a site with a blank",
    { partitionKey: { topLevelSite: "https://a b" } },
    /scheme and host/,
  ],
  [
    "a partition of a secure site without Secure",
    { partitionKey: { topLevelSite: "https://a.test" }, secure: false },
    /partitioned/,
  ],
];

it.each(refused)("%s is refused with its reason", (_, changes, reason) => {
  expect(findRefusal({ ...good, ...changes }, NOW)).toMatch(reason);
});

const taken: [what: string, changes: Partial<TabCookie>][] = [
  ["a plain cookie", {}],
  ["a partition", { partitionKey: { topLevelSite: "https://a.test" } }],
  ["a partition of this machine", { partitionKey: { topLevelSite: "http://localhost" } }],
  ["an address as a site", { partitionKey: { topLevelSite: "https://[::1]" } }],
  ["no expiry", { expiresAt: null }],
  ["quotes, commas, spaces and tabs", { value: '"a, b"\tc' }],
  ["an equals sign in the value", { value: "a=b==" }],
  ["a value without a name", { name: "" }],
  ["exactly 4096 bytes", { name: "n", value: "v".repeat(4095) }],
  ["__Host- as it must be", { name: "__Host-a", path: "/", hostOnly: true }],
];

it.each(taken)("%s is fine", (_, changes) => {
  expect(findRefusal({ ...good, ...changes }, NOW)).toBeNull();
});
