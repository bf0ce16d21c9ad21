/** What a session cookie lacks is said in a sentence with the remedy, and nothing is said of a good one. */
import { describe, expect, it } from "vitest";
import { cookieFindings } from "../../../../extension/logic/explain/cookie-findings.ts";
import { fillCookie } from "../../../panel/memory-ports/world.ts";

const good = { httpOnly: true, secure: true, sameSite: "lax" as const, value: "abc" };

describe("findings on a cookie", () => {
  it("are none for one that is as it should be", () => {
    expect(cookieFindings(fillCookie(good), "https://app.test/")).toEqual([]);
  });

  it.each([
    ["HttpOnly", { httpOnly: false }],
    ["Secure", { secure: false }],
    ["SameSite=Lax", { sameSite: "unspecified" as const }],
    ["SameSite=None", { sameSite: "no_restriction" as const }],
    ["4096", { value: "x".repeat(3800) }],
  ])("name %s", (word, lack) => {
    const found = cookieFindings(fillCookie({ ...good, ...lack }), "https://app.test/");
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(word);
  });

  it("do not ask for Secure where the site is on plain http", () => {
    expect(cookieFindings(fillCookie({ ...good, secure: false }), "http://localhost/")).toEqual([]);
  });
});
