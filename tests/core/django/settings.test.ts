/** Settings: Django's names in camelCase, defaults, and mistakes that are reported at construction. */
import { cache, createSessions, database, isSessionError, memory, type SettingsInput } from "session-bridge";
import { describe, expect, it } from "vitest";
import { library, NOW } from "../library.ts";

const BROWSER_CLOSE = /^sessionid=[a-z0-9]{32}; HttpOnly; Path=\/; SameSite=Lax$/;
const TWO_WEEKS =
  /^sessionid=[a-z0-9]{32}; expires=Mon, 07 Dec 2026 00:00:00 GMT; HttpOnly; Max-Age=1209600; Path=\/; SameSite=Lax$/;

async function lineUnder(options: Partial<SettingsInput>): Promise<string | null> {
  const { request } = library({ djangoDefaults: false, ...options });
  return (await request((session) => session.set("a", 1))).line;
}

describe("without cookieAge and expireAtBrowserClose", () => {
  it("the cookie ends when the browser closes, and the stored session is valid for two weeks", async () => {
    expect(await lineUnder({})).toMatch(BROWSER_CLOSE);
    const { sessions } = library({ djangoDefaults: false });
    const { ageSeconds, atBrowserClose } = sessions.expiryOf("{}");
    expect([ageSeconds, atBrowserClose]).toEqual([1_209_600, true]);
  });

  it("djangoDefaults gives Django's cookie of two weeks", async () => {
    expect(await lineUnder({ djangoDefaults: true })).toMatch(TWO_WEEKS);
  });
});

describe("the cookie", () => {
  it("is kept for cookieAge seconds if that is given", async () => {
    expect(await lineUnder({ cookieAge: 3600 })).toContain("; Max-Age=3600; ");
    expect(await lineUnder({ cookieAge: 3600, expireAtBrowserClose: true })).toMatch(BROWSER_CLOSE);
    expect(await lineUnder({ expireAtBrowserClose: false })).toMatch(TWO_WEEKS);
  });

  it("has every attribute that the settings name, in Django's order", async () => {
    const line = await lineUnder({
      cookieName: "sid",
      cookieAge: 60,
      cookieDomain: "example.com",
      cookiePath: "/app/",
      cookieSecure: true,
      cookieHttpOnly: false,
      cookieSameSite: "None",
    });
    expect(line?.slice(line.indexOf(";"))).toBe(
      "; Domain=example.com; expires=Mon, 23 Nov 2026 00:01:00 GMT; Max-Age=60; Path=/app/; SameSite=None; Secure",
    );
    expect(await lineUnder({ cookieSameSite: null, cookieAge: 60 })).not.toContain("SameSite");
  });

  it("is renewed by every request with saveEveryRequest, even if the handler does not use the session", async () => {
    const { stored, request, time } = library({ saveEveryRequest: true });
    const cookie = await stored({ a: 1 });
    time.now += 5000;
    const { line } = await request(() => {}, { cookie });
    expect(line).toContain("expires=Mon, 07 Dec 2026 00:00:05 GMT");
  });

  it("with an unknown key is left alone, with saveEveryRequest too: Django replaces it by that of an empty session", async () => {
    const { request } = library({ saveEveryRequest: true });
    const unknown = "sessionid=abcdefghijklmnopqrstuvwxyz012345";
    expect(await request(() => {}, { cookie: unknown })).toMatchObject({ instead: null, line: null });
    expect(await request((session) => session.get("a"), { cookie: unknown })).toMatchObject({ line: null });
  });
});

describe("a mistake is reported at construction, with the option and the remedy", () => {
  const wrong: [string, object, string][] = [
    ["no secret", { secretKey: undefined }, "secretKey is missing. Pass a string of 50 random characters"],
    ["an empty secret", { secretKey: "" }, "secretKey is empty"],
    ["no secrets", { secretKey: [] }, "secretKey is an empty list"],
    ["an empty old secret", { secretKey: ["new", ""] }, "secretKey[1] is empty"],
    ["an old secret that is none", { secretKey: ["new", 5] }, "secretKey[1] is not a string"],
    ["a cookie name with a space", { cookieName: "my session" }, 'cookieName is "my session"'],
    ["an age that is no number", { cookieAge: "3600" }, "cookieAge is 3600. Pass seconds as a number"],
    ["an age beyond every calendar", { cookieAge: 1e300 }, "cookieAge is 1e+300"],
    ["an infinite age", { cookieAge: Number.POSITIVE_INFINITY }, "cookieAge is Infinity"],
    ["a domain that ends the attribute", { cookieDomain: "a; Secure" }, "cookieDomain is"],
    ["a path that ends the line", { cookiePath: "/\r\nX: y" }, "cookiePath is"],
    ["a SameSite that is none", { cookieSameSite: "Sometimes" }, 'Pass "Lax", "Strict", "None", null for no'],
    ["a Secure that is a text", { cookieSecure: "yes" }, 'cookieSecure is yes. Pass true, false or "auto"'],
    ["a flag that is a text", { cookieHttpOnly: "yes" }, "cookieHttpOnly is yes. Pass true or false"],
    ["a zone that is none", { timeZone: "Mars/Olympus" }, 'Pass an IANA name like "Europe/Berlin"'],
    ["no time for the store", { storeTimeout: 0 }, "storeTimeout is 0. Pass seconds as a number, like 5"],
    ["more than an hour for the store", { storeTimeout: 3601 }, "storeTimeout is 3601. Pass seconds"],
    ["a time for the store that is no number", { storeTimeout: Number.NaN }, "storeTimeout is NaN. Pass"],
    ["a touchAfter that is no number", { touchAfter: "60" }, "touchAfter is 60. Pass seconds as a number"],
    ["a negative touchAfter", { saveEveryRequest: true, touchAfter: -1 }, "touchAfter is -1. Pass seconds"],
    [
      "a touchAfter alone",
      { touchAfter: 60 },
      "touchAfter is 60, and has no effect without saveEveryRequest",
    ],
    [
      "a touchAfter as long as unused sessions last",
      { touchAfter: 60, idleAge: 60 },
      "touchAfter is 60, and idleAge is 60. Pass a smaller touchAfter",
    ],
    ["an absoluteAge that is no number", { absoluteAge: "8h" }, "absoluteAge is 8h. Pass whole seconds"],
    ["an absoluteAge of none", { absoluteAge: 0 }, "absoluteAge is 0. Pass whole seconds as a number"],
    ["an idleAge with a fraction", { idleAge: 0.5 }, "idleAge is 0.5. Pass whole seconds as a number"],
    [
      "an idleAge without renewal",
      { idleAge: 60, saveEveryRequest: false },
      "idleAge is 60, and saveEveryRequest is false. Leave saveEveryRequest out",
    ],
    [
      "a passive that is no function",
      { passive: true },
      "passive is not a function. Pass one like (request)",
    ],
    [
      "a touchAfter as long as sessions last",
      { saveEveryRequest: true, touchAfter: 60, cookieAge: 60 },
      "touchAfter is 60, and cookieAge is 60. Pass a smaller touchAfter",
    ],
    ["a pattern that is a text", { keyPattern: "^[a-z]+$" }, "keyPattern is not a regular expression"],
    ["a way to load that is none", { load: "eager" }, 'load is eager. Pass "before" or "lazy"'],
    ["an option that is none", { cookieage: 60 }, "there is no option cookieage"],
    ["a clock that is no function", { clock: 5 }, "clock is not a function"],
    ["an engine that is none", { engine: "sqlite:sessions.db" }, 'Pass database("sqlite:sessions.db")'],
  ];

  it.each(wrong)("%s", (_, options, message) => {
    const make = () => createSessions({ secretKey: "s", engine: cache(memory()), ...options } as never);
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(isSessionError(thrown, "settings")).toBe(true);
    expect(thrown).toHaveProperty("message", expect.stringContaining(message));
    expect(String(thrown)).toMatch(/^SessionError: \[session-bridge\] /);
  });
});

it("leaves deadlines off, and saves every request only with idleAge", () => {
  const settingsOf = (options: Partial<SettingsInput>) =>
    createSessions({ secretKey: "x", engine: database("sqlite::memory:"), ...options }).settings;
  const off = { absoluteAge: null, idleAge: null, passive: null, touchAfter: 0, saveEveryRequest: false };
  expect(settingsOf({})).toMatchObject(off);
  expect(settingsOf({ idleAge: 60 })).toMatchObject({ ...off, idleAge: 60, saveEveryRequest: true });
});

describe("secrets", () => {
  it("are strings or bytes: the newest signs, and older ones still verify", () => {
    const codecOf = (secretKey: SettingsInput["secretKey"]) =>
      createSessions({ secretKey, engine: database("sqlite::memory:"), clock: () => NOW }).codec;
    const json = '{"a":1}';
    const signedByOld = codecOf("old").encode(json);
    expect(codecOf(new TextEncoder().encode("old")).encode(json)).toBe(signedByOld);
    expect(codecOf(["new", "old"]).decode(signedByOld)?.json).toBe(json);
    expect(codecOf(["new", "old"]).encode(json)).toBe(codecOf("new").encode(json));
    expect(codecOf("new").decode(signedByOld)).toBeNull();
  });
});
