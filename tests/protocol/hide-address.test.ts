/** An address without its secrets: its user, and every part that looks like a secret. */
import { describe, expect, it } from "vitest";
import { hideAddress } from "../../server-bridge/src/protocol/secrets/index.ts";

const marks = { part: () => "P", value: () => "V" };

describe("a shown address", () => {
  it.each([
    ["with an @ in the password", "http://ann:hun@ter2@shop.test/", "http://shop.test/"],
    ["with a secret as a name in its query", "/a?ghp_0123456789abcdef=1", "/a?V=V"],
  ])("keeps nothing of it %s", (_, address, shown) => {
    expect(hideAddress(address, marks)).toBe(shown);
  });
});
