/** Whose clients forwarding headers name: pairs of a case that closes the bridge, and the nearest that does not. */
import { describe, expect, it } from "vitest";
import { foreignForwarding } from "../../../server-bridge/src/bridge/guard/forwarded-clients.ts";

type Lines = Record<string, string> | [name: string, value: string][];

/** The header that shows clients elsewhere. */
function ask(lines: Lines, hosts: string[] = []): string | null {
  const pairs = Array.isArray(lines) ? lines : Object.entries(lines);
  return foreignForwarding([["Host", "localhost:3000"], ...pairs].flat(), new Set(hosts));
}

interface Pair {
  what: string;
  /** Shows clients on other machines. */
  foreign: Lines;
  by: string;
  local: Lines;
}

const FOR = "X-Forwarded-For";
const LOCAL = { [FOR]: "127.0.0.1" };

const PAIRS: Pair[] = [
  { what: "an address", foreign: { [FOR]: "128.0.0.1" }, by: "x-forwarded-for", local: LOCAL },
  {
    what: "another address of the loopback network",
    foreign: { [FOR]: "126.255.255.255" },
    by: "x-forwarded-for",
    local: { [FOR]: "127.255.255.255" },
  },
  {
    what: "an address of IPv6",
    foreign: { [FOR]: "::2" },
    by: "x-forwarded-for",
    local: { [FOR]: "::1" },
  },
  {
    what: "an address of IPv6, written out",
    foreign: { [FOR]: "0:0:0:0:0:0:0:2" },
    by: "x-forwarded-for",
    local: { [FOR]: "0:0:0:0:0:0:0:1" },
  },
  {
    what: "IPv4 in IPv6",
    foreign: { [FOR]: "::ffff:10.0.0.1" },
    by: "x-forwarded-for",
    local: { [FOR]: "::ffff:127.0.0.1" },
  },
  {
    what: "an address with a port",
    foreign: { [FOR]: "10.0.0.1:127" },
    by: "x-forwarded-for",
    local: { [FOR]: "127.0.0.1:10" },
  },
  {
    what: "a bracketed address with a port",
    foreign: { [FOR]: "[2001:db8::1]:80" },
    by: "x-forwarded-for",
    local: { [FOR]: "[::1]:80" },
  },
  {
    what: "a network of the house",
    foreign: { "X-Real-IP": "192.168.1.20" },
    by: "x-real-ip",
    local: { "X-Real-IP": "127.0.0.1" },
  },
  {
    what: "the last of a list",
    foreign: { [FOR]: "127.0.0.1, 203.0.113.7" },
    by: "x-forwarded-for",
    local: { [FOR]: "127.0.0.1, ::1" },
  },
  {
    what: "the first of a list",
    foreign: { [FOR]: "203.0.113.7,127.0.0.1" },
    by: "x-forwarded-for",
    local: { [FOR]: "127.0.0.1,127.0.0.1" },
  },
  {
    what: "a header that came twice, forged first",
    foreign: [
      [FOR, "127.0.0.1"],
      [FOR, "203.0.113.7"],
    ],
    by: "x-forwarded-for",
    local: [
      [FOR, "127.0.0.1"],
      [FOR, "127.0.0.1"],
    ],
  },
  {
    what: "a forged loopback address, and the real one in another header",
    foreign: { [FOR]: "127.0.0.1", "X-Real-IP": "203.0.113.7" },
    by: "x-real-ip",
    local: { [FOR]: "127.0.0.1", "X-Real-IP": "127.0.0.1" },
  },
  {
    what: "the same in the other order",
    foreign: { "CF-Connecting-IP": "203.0.113.7", [FOR]: "127.0.0.1" },
    by: "cf-connecting-ip",
    local: { "CF-Connecting-IP": "127.0.0.1", [FOR]: "127.0.0.1" },
  },
  {
    what: "a forged loopback address, and the real one in RFC 7239's header",
    foreign: { [FOR]: "127.0.0.1", Forwarded: "for=203.0.113.7" },
    by: "forwarded",
    local: { [FOR]: "127.0.0.1", Forwarded: "for=127.0.0.1" },
  },
  {
    what: "an underscore for a hyphen",
    foreign: { X_Forwarded_For: "203.0.113.7" },
    by: "x_forwarded_for",
    local: { X_Forwarded_For: "127.0.0.1" },
  },
  {
    what: "RFC 7239, quoted",
    foreign: { Forwarded: 'for="[2001:db8::1]:80";proto=https' },
    by: "forwarded",
    local: { Forwarded: 'for="[::1]:80";proto=https' },
  },
  {
    what: "RFC 7239, second element",
    foreign: { forwarded: "for=127.0.0.1;proto=http, For=203.0.113.7" },
    by: "forwarded",
    local: { forwarded: "for=127.0.0.1;proto=http, For=127.0.0.1" },
  },
  {
    what: "RFC 7239, without a name",
    foreign: { Forwarded: "203.0.113.7" },
    by: "forwarded",
    local: { Forwarded: "127.0.0.1" },
  },
  {
    what: "RFC 7239, a host alone",
    foreign: { Forwarded: "host=shop.example;proto=https" },
    by: "forwarded",
    local: { Forwarded: "host=localhost;proto=https" },
  },
  {
    what: "a host",
    foreign: { "X-Forwarded-Host": "shop.example" },
    by: "x-forwarded-host",
    local: { "X-Forwarded-Host": "localhost:5173" },
  },
  {
    what: "a host that begins like one of ours",
    foreign: { "X-Forwarded-Host": "localhost.evil.test" },
    by: "x-forwarded-host",
    local: { "X-Forwarded-Host": "app.localhost" },
  },
  {
    what: "another spelling of this machine",
    foreign: { "X-Forwarded-Host": "0.0.0.1:5173" },
    by: "x-forwarded-host",
    local: { "X-Forwarded-Host": "0.0.0.0:5173" },
  },
  {
    what: "a foreign host, without or with a client here",
    foreign: { "X-Forwarded-Host": "app.test" },
    by: "x-forwarded-host",
    local: { "X-Forwarded-Host": "app.test", [FOR]: "127.0.0.1" },
  },
  {
    what: "a foreign host, with a client elsewhere or here",
    foreign: { "X-Forwarded-Host": "app.test", [FOR]: "203.0.113.7" },
    by: "x-forwarded-for",
    local: { [FOR]: "::1", "X-Forwarded-Host": "app.test" },
  },
  {
    what: "Via, without or with a client here",
    foreign: { Via: "1.1 Caddy" },
    by: "via",
    local: { Via: "1.1 Caddy", [FOR]: "127.0.0.1" },
  },
  {
    what: "a hosting proxy, with a client elsewhere or here",
    foreign: { "CDN-Loop": "cloudflare", [FOR]: "203.0.113.7" },
    by: "x-forwarded-for",
    local: { "CDN-Loop": "cloudflare", [FOR]: "::1" },
  },
  {
    what: "a hosting proxy next to what says nothing, or to a client here",
    foreign: { "Cf-Ray": "1", "X-Forwarded-Proto": "https", [FOR]: "" },
    by: "cf-ray",
    local: { "Cf-Ray": "1", "X-Forwarded-Proto": "https", [FOR]: "::1" },
  },
  {
    what: "an unknown client, or none",
    foreign: { [FOR]: "unknown" },
    by: "x-forwarded-for",
    local: { [FOR]: "" },
  },
  {
    what: "a hidden client, or a hidden proxy",
    foreign: { Forwarded: "for=_hidden" },
    by: "forwarded",
    local: { Forwarded: "by=_hidden;proto=http" },
  },
  {
    what: "an unknown client in a list",
    foreign: { [FOR]: "unknown, 127.0.0.1" },
    by: "x-forwarded-for",
    local: { [FOR]: ", 127.0.0.1" },
  },
  {
    what: "a name in place of an address",
    foreign: { [FOR]: "localhost.evil.test" },
    by: "x-forwarded-for",
    local: { "X-Forwarded-Server": "localhost.evil.test" },
  },
  {
    what: "more addresses than chains here have",
    foreign: { [FOR]: Array.from({ length: 10_000 }, () => "127.0.0.1").join() },
    by: "x-forwarded-for",
    local: { [FOR]: Array.from({ length: 20 }, () => "127.0.0.1").join() },
  },
  {
    what: "an address behind ten thousand",
    foreign: { [FOR]: `${"127.0.0.1,".repeat(10_000)}203.0.113.7` },
    by: "x-forwarded-for",
    local: { [FOR]: `${"127.0.0.1,".repeat(19)}127.0.0.1` },
  },
];

describe.each(PAIRS)("$what", ({ foreign, by, local }) => {
  it("shows clients elsewhere", () => expect(ask(foreign)).toBe(by));
  it("does not, in the nearest case", () => expect(ask(local)).toBeNull());
});

describe("addresses that only look like this machine's", () => {
  it.each([
    "127.0.0.1.evil.test",
    "127.0.0.01",
    "127.0.0.256",
    "127.0.0",
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0.0.0.0",
    "::",
    "[::1",
    "::1]",
    "[::1]:123456",
    "[::1]evil",
    "::1:80",
    "127.0.0.1:",
    "127.0.0.1:x",
    "127.0.0.1 203.0.113.7",
    '"127.0.0.1"',
    "fe80::1",
    "::ffff:7f00:1",
    "localhost",
  ])("are not: %s", (address) => {
    expect(ask({ [FOR]: address })).toBe("x-forwarded-for");
  });
});

describe("the app's own names", () => {
  it("are hosts of this machine, exactly", () => {
    expect(ask({ "X-Forwarded-Host": "app.test:443" }, ["app.test"])).toBeNull();
    expect(ask({ Forwarded: 'host="app.test"' }, ["app.test"])).toBeNull();
    expect(ask({ "X-Forwarded-Host": "x.app.test" }, ["app.test"])).toBe("x-forwarded-host");
    expect(ask({ "X-Forwarded-Host": "app.test, shop.example" }, ["app.test"])).toBe("x-forwarded-host");
  });
});

describe("headers that are not a proxy's", () => {
  it("show nothing, whatever they hold", () => {
    expect(ask({ "X-Request-Id": "203.0.113.7", Referer: "https://shop.example/" })).toBeNull();
    expect(ask({ ["X-Forwarded-For".padEnd(100, "x")]: "203.0.113.7" })).toBeNull();
    expect(ask([])).toBeNull();
  });
});
