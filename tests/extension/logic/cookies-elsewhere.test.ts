/** Which servers of the page's site carry cookies that the list does not hold. */
import { expect, it } from "vitest";
import { hostsWithCookies } from "../../../extension/logic/cookies-elsewhere.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { row } from "../../truth/facts.ts";

const PAGE = "https://www.example.com/";
const list = { cookies: [], hosts: ["www.example.com"], denied: [] };
const hosts = (...requests: Partial<NetworkRequest>[]) =>
  hostsWithCookies(
    PAGE,
    list,
    requests.map((about) => row({}, about)),
  );
const url = "https://api.example.com/login";

it("are those that were sent a cookie, or set one, each once", () => {
  expect(hosts({ url, sentCookies: ["sid"] }, { url, setCookies: ["sid=1"] })).toEqual(["api.example.com"]);
  expect(hosts({ url, setCookies: ["sid=1"] })).toEqual(["api.example.com"]);
});

it("are none without a cookie, of the page itself, or of another site", () => {
  expect(hosts({ url, sentCookies: [] }, { url, sentCookies: null })).toEqual([]);
  expect(hosts({ url: `${PAGE}login`, setCookies: ["sid=1"] })).toEqual([]);
  expect(hosts({ url: "https://ads.test/pixel", setCookies: ["sid=1"] })).toEqual([]);
  expect(hostsWithCookies(undefined, list, [row({}, { url, setCookies: ["sid=1"] })])).toEqual([]);
});
