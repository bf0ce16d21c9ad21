/**
 * Settings of cookies that browsers do not keep: refused at construction, with a remedy that works. Each row was measured
 * with Chromium 156 and Firefox 153, and so were the rows that are accepted.
 */
import { cache, createSessions, isSessionError, memory, type SettingsInput } from "session-bridge";
import { describe, expect, it } from "vitest";
import { library } from "../library.ts";

type Cookie = Partial<SettingsInput>;

const make = (cookie: Cookie) => createSessions({ secretKey: "s", engine: cache(memory()), ...cookie });

function failureOf(cookie: Cookie): string {
  try {
    make(cookie);
  } catch (error) {
    expect(isSessionError(error, "settings")).toBe(true);
    return String(error);
  }
  return "none";
}

const SECURE = "Pass cookieSecure: true, which browsers accept over https and on http://localhost.";
const PREFIXES = ["__Host-", "__HOST-", "__host-", "__Secure-", "__secure-", "__Http-", "__Host-Http-"];
const LOCAL = ["__Host-", "__host-", "__Host-Http-", "__host-http-"];
const HTTP = ["__Http-", "__http-", "__Host-Http-", "__HOST-HTTP-"];

/** What is wrong, the settings, what the message says, and the same settings after following the remedy. */
const REFUSED: [string, Cookie, string, Cookie][] = [
  ...PREFIXES.map((prefix): [string, Cookie, string, Cookie] => [
    `${prefix} without Secure`,
    { cookieName: `${prefix}id` },
    `a name that begins with ${prefix} without Secure. ${SECURE}`,
    { cookieName: `${prefix}id`, cookieSecure: true },
  ]),
  ...LOCAL.map((prefix): [string, Cookie, string, Cookie] => [
    `${prefix} with a domain`,
    { cookieName: `${prefix}id`, cookieSecure: true, cookieDomain: "example.com" },
    'with a Domain. Leave cookieDomain out, or begin the name with "__Secure-".',
    { cookieName: "__Secure-id", cookieSecure: true, cookieDomain: "example.com" },
  ]),
  ...LOCAL.map((prefix): [string, Cookie, string, Cookie] => [
    `${prefix} with a path`,
    { cookieName: `${prefix}id`, cookieSecure: true, cookiePath: "/app" },
    'with the Path "/app". Leave cookiePath out',
    { cookieName: `${prefix}id`, cookieSecure: true },
  ]),
  ...HTTP.map((prefix): [string, Cookie, string, Cookie] => [
    `${prefix} without HttpOnly`,
    { cookieName: `${prefix}id`, cookieSecure: true, cookieHttpOnly: false },
    "without HttpOnly. Leave cookieHttpOnly out, or choose another name.",
    { cookieName: `${prefix}id`, cookieSecure: true },
  ]),
  ...["None", "none"].map((sameSite): [string, Cookie, string, Cookie] => [
    `SameSite=${sameSite} without Secure`,
    { cookieSameSite: sameSite as "None" },
    `cookieSameSite is "${sameSite}", and browsers refuse SameSite=None without Secure. ${SECURE}`,
    { cookieSameSite: "None", cookieSecure: true },
  ]),
  [
    "Partitioned without Secure",
    { cookiePartitioned: true },
    `browsers refuse Partitioned without Secure. ${SECURE}`,
    { cookiePartitioned: true, cookieSecure: true },
  ],
  ...[{ cookieName: "__Host-id" }, { cookieSameSite: "None" as const }, { cookiePartitioned: true }].map(
    (cookie): [string, Cookie, string, Cookie] => [
      `${Object.keys(cookie)[0]} that is Secure over https only`,
      { ...cookie, cookieSecure: "auto" },
      `without Secure, which cookieSecure: "auto" leaves out over http. ${SECURE}`,
      { ...cookie, cookieSecure: true },
    ],
  ),
  ...[
    "localhost:3000",
    "http://localhost",
    "https://example.com",
    "//example.com",
    "example.com/",
    "example.com/app",
    "example.com.",
    "..example.com",
    "example..com",
    "*.example.com",
    "example .com",
    " example.com",
    "example.com,example.org",
    "user@example.com",
    "bücher.example",
    "a; Secure",
    "127.0.0.1:80",
    "::1",
    " ",
    ".",
  ].map((domain): [string, Cookie, string, Cookie] => [
    `the domain ${JSON.stringify(domain)}`,
    { cookieDomain: domain },
    `cookieDomain is ${JSON.stringify(domain)}, which browsers refuse: a domain has no scheme, port, path, space or wildcard. Pass a domain like "example.com", or null for this host only.`,
    { cookieDomain: null },
  ]),
  [
    "a path that does not begin with a slash",
    { cookiePath: "app" },
    'cookiePath is "app". Browsers ignore a path that does not begin with "/", and keep one cookie for each folder of the site. Pass "/app".',
    { cookiePath: "/app" },
  ],
  ["no path at all", { cookiePath: "" }, 'Pass "/".', { cookiePath: "/" }],
  [
    "a path that is too long",
    { cookiePath: `/${"a".repeat(1024)}` },
    "cookiePath is 1025 bytes long, and browsers ignore a path over 1024.",
    { cookiePath: `/${"a".repeat(1023)}` },
  ],
  [
    "a name that is too long for its key",
    { cookieName: "a".repeat(4065) },
    "cookieName is 4065 bytes long, and browsers refuse a cookie whose name and value are over 4096.",
    { cookieName: "a".repeat(4064) },
  ],
  ["a domain that is too long", { cookieDomain: "a".repeat(1025) }, "cookieDomain is not a domain.", {}],
];

describe("fails at start, with a remedy that works", () => {
  it.each(REFUSED)("%s", (_, wrong, message, remedied) => {
    expect(failureOf(wrong)).toContain("SessionError: [session-bridge] createSessions: cookie");
    expect(failureOf(wrong)).toContain(message);
    expect(failureOf(remedied)).toBe("none");
  });
});

describe("is accepted, because browsers keep it", () => {
  it.each([
    "example.com",
    ".example.com",
    "EXAMPLE.com",
    "my_host.example.com",
    "localhost",
    "127.0.0.1",
    ".127.0.0.1",
    "[::1]",
  ])("the domain %s", async (cookieDomain) => {
    const { request } = library({ cookieDomain });
    const { line } = await request((session) => session.set("a", 1));
    expect(line).toContain(`; Domain=${cookieDomain}; `);
  });

  it("an empty domain, which is no domain, as in Django", async () => {
    const { request } = library({ cookieDomain: "" });
    expect((await request((session) => session.set("a", 1))).line).not.toContain("Domain");
  });

  it.each(["__Hostess", "__host", "_Host-id", "Host-id", "__Secure_id"])("the name %s", (cookieName) => {
    expect(failureOf({ cookieName, cookieDomain: "example.com", cookiePath: "/app" })).toBe("none");
  });
});

/** The browsers' rules hold for a deletion, too. Django's own has no HttpOnly, and Secure only with capitals. */
describe("a deletion is one that browsers do not refuse", () => {
  it.each([
    ["sessionid", {}, ""],
    ["__Host-id", {}, "; Secure"],
    ["__host-id", {}, "; Secure"],
    ["__secure-id", {}, "; Secure"],
    ["__Http-id", {}, "; HttpOnly; Secure"],
    ["__host-http-id", {}, "; HttpOnly; Secure"],
    ["sessionid", { cookieSameSite: "None" }, "; Secure"],
    ["sessionid", { cookiePartitioned: true }, "; Partitioned; Secure"],
  ] as const)("%s %j", async (cookieName, cookie, attributes) => {
    const { stored, request } = library({ cookieName, cookieSecure: true, ...cookie });
    const { line } = await request((session) => session.flush(), { cookie: await stored({ a: 1 }) });
    const [pair, ...rest] = line?.split("; ") ?? [];
    const required = rest.filter((one) => /^(?:HttpOnly|Secure|Partitioned)$/.test(one));
    expect(pair).toBe(`${cookieName}=""`);
    expect(required.map((one) => `; ${one}`).join("")).toBe(attributes);
  });
});

it("Partitioned is where Python 3.14 writes it, in the cookie and in its deletion", async () => {
  const { stored, request } = library({
    cookiePartitioned: true,
    cookieSecure: true,
    cookieSameSite: "None",
  });
  const { line } = await request((session) => session.set("a", 1));
  expect(line?.slice(line.indexOf(";"))).toBe(
    "; expires=Mon, 07 Dec 2026 00:00:00 GMT; HttpOnly; Max-Age=1209600; Partitioned; Path=/; SameSite=None; Secure",
  );
  const gone = await request((session) => session.flush(), { cookie: await stored({ a: 1 }) });
  expect(gone.line).toBe(
    'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Partitioned; Path=/; SameSite=None; Secure',
  );
});
