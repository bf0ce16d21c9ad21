/** Set-Cookie lines, and the dates and ages in them, compared with how browsers were seen to read them. */
import { describe, expect, it } from "vitest";
import { readCookieDate } from "../../server-bridge/src/protocol/cookie-date.ts";
import {
  type CookieClock,
  endOfSetCookie,
  parseSetCookie,
} from "../../server-bridge/src/protocol/set-cookie.ts";
import { COOKIE_DATES, fillDate, MAX_AGES, type Meaning, momentOf } from "./cookie-dates.ts";

const DAY = new Date("2026-12-23T02:57:25Z");
const AT = Date.UTC(2026, 10, 24);
const CHROMIUM: CookieClock = { browser: "chromium", aheadMs: 0 };
const FIREFOX: CookieClock = { browser: "firefox", aheadMs: 0 };
const GMT = "Wed, 23 Dec 2026 02:57:25 GMT";

function toMeaning(text: string, browser: "chromium" | "firefox"): Meaning {
  const date = readCookieDate(fillDate(text, DAY), browser);
  if (typeof date !== "number") return date;
  if (date <= AT) return "over";
  return date > AT + 400 * 86_400_000 ? "capped" : (date - DAY.getTime()) / 3_600_000;
}

describe("the date of a cookie", () => {
  it.each(COOKIE_DATES)("is read as Chromium and Firefox read it: $text", ({ text, chromium, firefox }) => {
    expect({ chromium: toMeaning(text, "chromium"), firefox: toMeaning(text, "firefox") }).toEqual({
      chromium,
      firefox,
    });
  });

  it.each(COOKIE_DATES)(
    "is known without a browser only if all agree: $text",
    ({ text, chromium, firefox }) => {
      const told = readCookieDate(fillDate(text, DAY), null);
      const moment = readCookieDate(fillDate(text, DAY), "chromium");
      expect(told).toBe(chromium === firefox ? moment : "unsure");
      if (typeof told === "number" && momentOf(chromium, DAY) !== null)
        expect(told).toBe(momentOf(chromium, DAY));
    },
  );

  it("is corrected to the browser's clock if the server's Date differs, as browsers do", () => {
    const line = `a=1; Expires=${GMT}`;
    const ahead = parseSetCookie(line, { browser: "chromium", aheadMs: 7_200_000 });
    expect(ahead?.expires?.toISOString()).toBe("2026-12-23T00:57:25.000Z");
  });
});

describe("the age of a cookie", () => {
  it.each(MAX_AGES)("is read as Chromium and Firefox read it: $text", ({ text, chromium, firefox }) => {
    const read = (clock: CookieClock) => {
      const { maxAge } = parseSetCookie(`a=1; Max-Age=${text}`, clock) ?? {};
      return maxAge === undefined ? null : Math.min(Math.max(0, maxAge), 400 * 86_400);
    };
    expect({ chromium: read(CHROMIUM), firefox: read(FIREFOX) }).toEqual({ chromium, firefox });
    const unknown = parseSetCookie(`a=1; Max-Age=${text}`, null);
    expect(unknown?.isEndUnsure).toBe(chromium !== firefox);
  });

  it("wins over the date", () => {
    const sent = parseSetCookie(`a=1; Max-Age=600; Expires=${GMT}`, CHROMIUM);
    expect(sent && endOfSetCookie(sent, AT)).toBe(AT + 600_000);
  });

  it("is ignored in favour of the date if it is invalid", () => {
    const sent = parseSetCookie(`a=1; Max-Age=600s; Expires=${GMT}`, CHROMIUM);
    expect(sent && endOfSetCookie(sent, AT)).toBe(DAY.getTime());
  });

  it("expires no later than the last possible date", () => {
    const sent = parseSetCookie("a=1; Max-Age=99999999999999999999", CHROMIUM);
    expect(new Date((sent && endOfSetCookie(sent, AT)) ?? Number.NaN).getTime()).not.toBeNaN();
  });
});

describe("a Set-Cookie line", () => {
  const read = (line: string) => parseSetCookie(line, CHROMIUM);

  it("has a name, a value and attributes, in any case and with any blanks", () => {
    expect(read("a = b=c ; PATH = /x ; secure; HttpOnly;SameSite=lax; Domain=.app.test")).toMatchObject({
      name: "a",
      value: "b=c",
      path: "/x",
      secure: true,
      httpOnly: true,
      sameSite: "lax",
      domain: ".app.test",
    });
  });

  it("may have no name, or the name of a property of every object", () => {
    expect(read("alone")).toMatchObject({ name: "", value: "alone" });
    expect(read("constructor=1; toString=2")).toMatchObject({ name: "constructor", value: "1" });
    expect(read(" = ; Path=/")).toBeNull();
  });

  it("uses the last attribute of a name, even an invalid one", () => {
    expect(read("a=1; Max-Age=600; Max-Age=700")?.maxAge).toBe(700);
    expect(read("a=1; Max-Age=600; Max-Age=abc")?.maxAge).toBeUndefined();
    expect(read(`a=1; Expires=${GMT}; Expires=rubbish`)?.expires).toBeUndefined();
    expect(read(`a=1; Expires=rubbish; Expires=${GMT}`)?.expires).toEqual(DAY);
  });

  it("says when its expiry is not sure, unless an age decides it", () => {
    const date = "Wed, 23 Dec 2026 24:00:00 GMT";
    const unsure = (line: string, clock: CookieClock | null) => parseSetCookie(line, clock)?.isEndUnsure;
    expect(unsure(`a=1; Expires=${date}`, FIREFOX)).toBe(true);
    expect(unsure(`a=1; Expires=${date}`, CHROMIUM)).toBe(false);
    expect(unsure(`a=1; Expires=${date}`, null)).toBe(true);
    expect(unsure(`a=1; Expires=${date}; Max-Age=60`, FIREFOX)).toBe(false);
  });
});
