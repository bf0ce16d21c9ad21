/** Redaction of any JSON: the result is JSON, small, and without values under a secret's name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createLookBudget,
  redactJson as redact,
} from "../../../server-bridge/src/bridge/redaction/redact.ts";

type Options = Omit<Parameters<typeof redact>[1], "budget">;
const redactJson = (json: string, options: Options) =>
  redact(json, { ...options, budget: createLookBudget() });

describe("redacting", () => {
  it("returns JSON of the same shape for any small JSON without secrets", () => {
    const options = { digest: () => "00000000", late: () => false };
    const plain = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,6}$/),
      fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.constant("word")),
      {
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(plain, (value) => {
        const { json, truncated } = redactJson(JSON.stringify(value), options);
        const kept = Object.entries(value).filter(
          ([key]) =>
            !/^(pass|pwd?|pw|pem|pfx|dsn|saml|seed|cred|creds|csc|cvn|hotp|totp|jw[es]|senha|netrc|pass|pwd|sid|pin|otp|mfa|cvv|cvc|ssn|iban|jwt|card|cards|nonce|token|secret|csrf|xsrf|bearer|cookie)$/.test(
              key,
            ),
        );
        expect(JSON.parse(json)).toMatchObject(Object.fromEntries(kept));
        expect(truncated).toBe(false);
      }),
    );
  });

  it("returns JSON of bounded length for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
        const { json } = redactJson(JSON.stringify(value), { digest: () => "00000000", late: () => false });
        expect(() => JSON.parse(json)).not.toThrow();
      }),
    );
    const wide = `[${Array.from({ length: 199 }, () => `[${Array.from({ length: 199 }, () => "[[]]").join(",")}]`).join(",")}]`;
    expect(redactJson(wide, { digest: () => "00000000", late: () => false }).json.length).toBeLessThan(
      100_000,
    );
  });

  it("stops when its time is up, and says so", () => {
    const many = JSON.stringify(Array.from({ length: 190 }, () => Array.from({ length: 190 }, (_, n) => n)));
    let asked = 0;
    const late = () => {
      asked += 1;
      return asked > 2;
    };
    const { json, truncated } = redactJson(many, { digest: () => "00000000", late });
    expect(truncated).toBe(true);
    expect(
      JSON.parse(json)
        .flat()
        .filter((item: unknown) => typeof item === "number").length,
    ).toBeLessThan(1_000);
  });

  it("finds secrets in a string that begins with white space, as a cookie's can", () => {
    const options = { digest: () => "00000000", late: () => false };
    expect(redactJson(' \n{"password":"open sesame","n":NaN}', options).json).toBe(
      '{"password":"‹redacted 00000000›","n":NaN}',
    );
  });

  it("shows who is logged in, whatever the ids of users look like, and no token in their place", () => {
    const shown = (session: object) =>
      JSON.parse(redactJson(JSON.stringify(session), { digest: () => "00000000", late: () => false }).json);
    for (const id of [
      "H5afTDDaFxb2lgout6a0ZhqSSJFGVtwt", // Better Auth's
      "clx2k9f3v0000qw8h1d5e7z4b", // a cuid
      "507f1f77bcf86cd799439011", // an ObjectId
      "auth0|507f1f77bcf86cd799439011",
      4_111_111_111_111_111,
    ]) {
      const keys = { userId: id, user_id: id, uid: id, _auth_user_id: id, sub: id };
      const session = { ...keys, user: { id, _id: id }, passport: { user: id } };
      expect(shown(session)).toEqual(session);
      const mark = "‹redacted 00000000›";
      expect(shown({ id, cart: { id }, users: [id] })).toEqual({
        id: mark,
        cart: { id: mark },
        users: [mark],
      });
    }
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
    for (const token of [jwt, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", `ghp_${"a1B2".repeat(9)}`, "a1".repeat(40)])
      expect(Object.values(shown({ userId: token, user: token }))).not.toContain(token);
    const opaque = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"; // Django REST framework's
    expect(Object.values(shown({ user: opaque, userId: "a1".repeat(32) }))).toEqual(
      Array(2).fill("‹redacted 00000000›"),
    );
  });
});
