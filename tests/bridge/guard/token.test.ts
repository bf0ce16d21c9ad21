/** Which strings are strong enough as a token (T9, T39): by their content, not their length. */
import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createToken, makeToken } from "../../../server-bridge/src/bridge/guard/token.ts";
import { bitsEach, estimateBits } from "../../../server-bridge/src/bridge/guard/token-strength.ts";

/** Each would be long enough for 128 bits if it were random. */
const WEAK = [
  "0123456789abcdef0123456789abcdef",
  "fedcba9876543210fedcba9876543210",
  "0123456789ABCDEFfedcba9876543210",
  "00112233445566778899aabbccddeeff",
  "13579bdf02468ace13579bdf02468ace",
  "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6",
  "a1b2c3d4e5f6g7h8i9j0k1l2m3",
  "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  "1234567890123456789012345678901234567890",
  "aaaaaaaabbbbbbbbccccccccdddddddd",
  "abcabcabcabcabcabcabcabcabcabcabcabcabc",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  "qwertyuiopasdfghjklzxcvbnm123456",
  "QwErTyUiOpAsDfGhJkLzXcVbNm",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
  "azertyuiopqsdfghjklmwxcvbn789",
  "deadbeefdeadbeefdeadbeefdeadbeef",
  "cafebabedeadbeef0123456789abcdef",
  "passwordpasswordpasswordpassword",
  "adminadminadminadminadminadmin",
  "ChangeMe!ChangeMe!ChangeMe!",
  "changeme-before-production-please",
  "session-bridge-token-session-bridge",
  "development-token-for-local-testing",
  "MyVerySecretTokenForDevelopment2026",
  "my-very-secret-token-for-dev-only",
  "s3cr3t-t0k3n-f0r-th3-br1dg3-1234",
  "Summer2024!Winter2025!Spring2026!",
  "correct-horse-battery-staple",
  "the_quick_brown_fox_jumps_over",
  "01234567-89ab-cdef-0123-456789abcdef",
  "00000000-0000-0000-0000-000000000001",
  "a0kb1lc2md3ne4of5pg6qh7ri8sj9tk0ul1vm2wn3xo4yp5z",
  "Zk3v9x0q2LZk3v9x0q2LZk3v9x0q2L",
  "Zk3v9x0q2LmL2q0x9v3kZZk3v9x0q2LmL2q0x9v3kZ",
];

describe("a token", () => {
  it.each(WEAK)("is refused when it has a short description, without being printed: %s", (text) => {
    expect(bitsEach(text) * text.length).toBeGreaterThanOrEqual(128);
    expect(() => createToken(text)).toThrow(/weaker than 128 bits.*Make one with: npx session-bridge token$/);
    expect(() => createToken(text)).not.toThrow(text);
  });

  it("of 127 bits or less is refused, however it was made", () => {
    for (const [bytes, encoding] of [
      [15, "hex"],
      [15, "base64url"],
      [10, "base64"],
    ] as const) {
      expect(() => createToken(randomBytes(bytes).toString(encoding))).toThrow("weaker than 128 bits");
    }
    expect(() => createToken("31415926535897932384626433832795")).toThrow("weaker than 128 bits");
  });

  it("of 16 random bytes is never refused, in hex or base64url: 20,000 draws", { timeout: 120_000 }, () => {
    const refused: string[] = [];
    for (let count = 0; count < 10_000; count += 1) {
      const bytes = randomBytes(16);
      for (const text of [bytes.toString("hex"), bytes.toString("base64url")]) {
        // random draws stay far from the limit
        if (estimateBits(text) < 94) refused.push(text);
      }
    }
    expect(refused).toEqual([]);
  });

  it("that usual generators make is accepted", () => {
    for (let count = 0; count < 300; count += 1) {
      const bytes = randomBytes(32);
      for (const encoding of ["hex", "base64", "base64url"] as const) createToken(bytes.toString(encoding));
      createToken(bytes.toString("hex").toUpperCase());
      createToken(randomUUID() + randomUUID());
      createToken(`dev-${bytes.toString("base64url")}`);
    }
  });

  it("of any length is checked in a bounded number of steps, and a long weak one is refused", () => {
    for (const piece of ["a", "ab", "0123456789", "password-"]) {
      expect(() => createToken(piece.repeat(100_000))).toThrow("weaker than 128 bits");
    }
    expect(createToken(randomBytes(50_000).toString("hex"))).not.toBeNull();
  });
});

describe("makeToken", () => {
  it("generates a different token each time, which is accepted and does not begin with a dash", () => {
    const made = Array.from({ length: 300 }, makeToken);
    expect(new Set(made).size).toBe(300);
    for (const text of made) {
      expect(text).toMatch(/^[A-Za-z0-9][\w-]{42}$/);
      expect(createToken(text)?.matches(text)).toBe(true);
    }
  });
});
