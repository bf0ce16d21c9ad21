/** What a session cookie lacks is reported in a sentence with the remedy; a good cookie gets none. */
import { describe, expect, it } from "vitest";
import { cookieFindings } from "../../../../extension/logic/explain/cookie-findings.ts";
import { fillCookie } from "../../../panel/memory-ports/world.ts";

const good = { httpOnly: true, secure: true, sameSite: "lax" as const, value: "abc" };

describe("findings on a cookie", () => {
  it("are empty for a correct one", () => {
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

  it("do not call a cookie in chunks too long: each chunk is just below the limit", () => {
    const value = "x".repeat(3800);
    const chunks = [0, 1].map((at) => fillCookie({ ...good, id: `${at}`, name: `app.${at}`, value }));
    const whole = { ...fillCookie({ ...good, name: "app", value: value + value }), chunks };
    expect(cookieFindings(whole, "https://app.test/")).toEqual([]);
  });

  it("do not demand Secure on a site over plain http", () => {
    expect(cookieFindings(fillCookie({ ...good, secure: false }), "http://localhost/")).toEqual([]);
  });
});
