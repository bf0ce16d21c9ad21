/** The options page's address: the background writes it, and the page reads it. */
import { describe, expect, it } from "vitest";
import { readOptionsHash, toOptionsPath } from "../../../extension/messages/options-address.ts";

describe("the options page's address", () => {
  it.each(["http://app.test:8000", "http://[::1]:3000", "https://xn--mnchen-3ya.example"])(
    "carries %s and the tab to return to",
    (origin) => {
      const { pathname, hash } = new URL(toOptionsPath(origin, 7), "moz-extension://abc");
      expect(pathname).toBe("/options.html");
      expect(readOptionsHash(hash)).toEqual({ origin, tabId: 7 });
    },
  );

  it.each(["", "#", "#tab=", "#tab=x", "#tab=1.5"])("%j carries nothing", (hash) => {
    expect(readOptionsHash(hash).origin).toBeNull();
  });

  it("has a tab only if a whole number is given", () => {
    expect(["#tab=7", "#tab=x", "#tab=1.5", ""].map((hash) => readOptionsHash(hash).tabId)).toEqual([
      7,
      null,
      null,
      null,
    ]);
  });
});
