/** Cookies, Vary and HTTP dates, compared with what real Django reads and writes. */
import { describe, expect, it } from "vitest";
import {
  addVaryCookie,
  formatCookie,
  formatDeletion,
  parseCookies,
  readAlone,
  toHttpDate,
} from "../../server-bridge/src/core/django/cookie.ts";
import { readVectors } from "./vectors.ts";

type Arguments = Record<string, string | number | boolean | null>;

const parse = readVectors("cookies_parse");
const format = readVectors("cookies_format");
const misc = readVectors("http_misc");

describe("a Cookie header is read as Django reads it", () => {
  it.each(parse.cases)("$header", (one) => {
    const header = String(one["header"]);
    const cookies = one["cookies"] as Record<string, string>;
    expect(Object.fromEntries(parseCookies(header))).toEqual(cookies);
    for (const [name, value] of Object.entries(cookies)) {
      if (name !== "") expect([value, null]).toContain(readAlone(header, name)); // null: it is left to `parseCookies`
    }
    expect(readAlone(header, "not-there")).toBeUndefined();
  });
});

/** Django's `set_cookie` computes the date from the age; here the caller does. */
function setCookie(one: Record<string, unknown>): string {
  const given = one["kwargs"] as Arguments;
  const maxAge = typeof given["max_age"] === "number" ? given["max_age"] : null;
  const end = Math.floor(Number(one["now"]) + (maxAge ?? 0));
  const expires = given["expires"] ?? (maxAge === null ? null : toHttpDate(end));
  return formatCookie(String(one["set"]), String(one["value"]), {
    domain: given["domain"] as string | null,
    expires: expires as string | null,
    httpOnly: given["httponly"] === true,
    maxAge: maxAge === null ? null : Math.trunc(maxAge),
    path: "path" in given ? (given["path"] as string | null) : "/",
    sameSite: given["samesite"] as string | null,
    secure: given["secure"] === true,
  });
}

describe("a Set-Cookie line is what Django writes", () => {
  it.each(format.cases.filter((one) => "set" in one))("$id", (one) => {
    if (one["raises"] === "ValueError") expect(() => setCookie(one)).toThrow(RangeError);
    else expect(setCookie(one)).toBe(one["header"]);
  });
});

describe("a deletion is what Django writes", () => {
  it.each(format.cases.filter((one) => "delete" in one))("$id", (one) => {
    const given = one["kwargs"] as Record<string, string | null>;
    const path = "path" in given ? (given["path"] ?? null) : "/";
    const line = formatDeletion(String(one["delete"]), {
      path,
      domain: given["domain"] ?? null,
      sameSite: given["samesite"] ?? null,
    });
    expect(line).toBe(one["header"]);
  });
});

describe("Vary gets Cookie as Django adds it", () => {
  it.each(misc.cases.filter((one) => "after" in one))("$before becomes $after", (one) => {
    expect(addVaryCookie(one["before"] as string | null)).toBe(one["after"]);
  });
});

describe("an HTTP date is what Django writes", () => {
  it.each(misc.cases.filter((one) => "http_date" in one))("$epoch is $http_date", (one) => {
    expect(toHttpDate(Math.floor(Number(one["epoch"])))).toBe(one["http_date"]);
  });
});
