/**
 * Signed payloads with characters that base64 does not have: what Python's `urlsafe_b64decode` reads from them, after
 * Django has added the padding. Found by the mutation run: no other test noticed a wrong count of the padding.
 */
import { describe, expect, it } from "vitest";
import { dumps, loads } from "../../../server-bridge/src/core/signing/index.ts";
import { createSigner } from "../../../server-bridge/src/core/signing/signer.ts";

const SECRET = "a secret";
const SALT = "stray";

/** Signed as it is, as only someone with the secret can. */
function sign(payload: string): string {
  const value = `${payload}:1xVHTU`;
  return `${value}:${createSigner([new TextEncoder().encode(SECRET)], SALT).sign(value)}`;
}

/** For each payload, with no to eight characters after it: whether Python 3.11 reads it. */
const CASES: readonly [payload: string, data: object, isRead: readonly boolean[]][] = [
  ["eyJuIjoxfQ", { n: 1 }, [true, false, false, true, true, false, false, true, true]],
  ["eyJuIjoxMn0", { n: 12 }, [true, false, true, true, true, false, true, true, true]],
  ["eyJuIjoxMjN9", { n: 123 }, [true, true, true, true, true, true, true, true, true]],
];

describe("a signed payload with stray characters", () => {
  for (const [payload, data, isRead] of CASES) {
    it.each(isRead.map((read, count) => ({ count, read })))(
      `${payload} and $count of them is read: $read`,
      ({ count, read }) => {
        const text = sign(payload + "!".repeat(count));
        expect(loads(text, { secretKey: SECRET, salt: SALT })).toEqual(read ? data : undefined);
      },
    );
  }

  it.each(["=", "==", "===", "!=="])("padding that is already there is no harm: %s", (padding) => {
    expect(loads(sign(`eyJuIjoxfQ${padding}`), { secretKey: SECRET, salt: SALT })).toEqual({ n: 1 });
    expect(loads(sign("eyJuIjoxfQ!="), { secretKey: SECRET, salt: SALT })).toBeUndefined();
  });
});

it("a secret may be given as bytes, alone or in a list", () => {
  const bytes = new TextEncoder().encode(SECRET);
  const text = dumps({ n: 1 }, { secretKey: bytes });
  expect(loads(text, { secretKey: SECRET })).toEqual({ n: 1 });
  expect(loads(text, { secretKey: ["another", bytes] })).toEqual({ n: 1 });
});
