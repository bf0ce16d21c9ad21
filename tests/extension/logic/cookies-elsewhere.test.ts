/** Which servers of the page's site are sent cookies that are not in the list. */
import { expect, it } from "vitest";
import { hostsWithCookies } from "../../../extension/logic/cookies-elsewhere.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { fillCookie } from "../../panel/memory-ports/world.ts";
import { row } from "../../truth/facts.ts";

const PAGE = "https://www.example.com/";
const list = { cookies: [], hosts: ["www.example.com"], denied: [] };
const rows = (...requests: Partial<NetworkRequest>[]) => requests.map((about) => row({}, about));
const hosts = (...requests: Partial<NetworkRequest>[]) => hostsWithCookies(PAGE, list, rows(...requests));
const url = "https://api.example.com/login";
const sent = { url, sentCookies: ["sid"] };

it("are those that were sent a cookie, each once, latest last", () => {
  expect(hosts(sent, { ...sent, url: "https://b.example.com/" }, sent)).toEqual([
    "b.example.com",
    "api.example.com",
  ]);
});

it("exclude servers that only set a cookie: without credentials the browser does not keep it", () => {
  expect(hosts({ url, setCookies: ["sid=1"] }, { url, sentCookies: [] }, { url, sentCookies: null })).toEqual(
    [],
  );
});

it("exclude the page itself, other sites, and requests without a known page", () => {
  expect(hosts({ ...sent, url: `${PAGE}login` }, { ...sent, url: "https://ads.test/pixel" })).toEqual([]);
  expect(hostsWithCookies(undefined, list, rows(sent))).toEqual([]);
});

it("exclude servers that were sent only listed cookies, because those are for the whole domain", () => {
  const cookie = fillCookie({ name: "_ga", domain: ".example.com", hostOnly: false });
  const whole = { ...list, cookies: [cookie] };
  expect(hostsWithCookies(PAGE, whole, rows({ url, sentCookies: ["_ga"] }))).toEqual([]);
  expect(hostsWithCookies(PAGE, whole, rows({ url, sentCookies: ["_ga", "sid"] }))).toEqual([
    "api.example.com",
  ]);
});
