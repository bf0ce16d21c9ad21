/**
 * Django's `Signer`: HMAC-SHA-256 with a key made from salt and secret, and the rotation of secrets.
 *
 * @source django/core/signing.py Signer, django/utils/crypto.py salted_hmac
 */

import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { PREFIX } from "../errors.ts";

/** Signs with the first secret, accepts all of them. */
export interface Signer {
  /** The signature of `value`: 43 characters of URL-safe base64, without padding. */
  sign(value: string): string;
  /** True if any of the secrets made `signature`. Takes the same time wherever they differ. */
  verify(value: string, signature: string): boolean;
}

/** A signer whose keys are derived once. @param secretKeys newest first */
export function createSigner(secretKeys: readonly Uint8Array[], salt: string): Signer {
  const keys = secretKeys.map((secret) => deriveKey(secret, salt));
  const [newest] = keys;
  if (newest === undefined) throw new RangeError(`${PREFIX}a signer needs at least one secret.`);
  return {
    sign: (value) => toSignature(newest, value),
    verify: (value, signature) => keys.some((key) => isEqual(toSignature(key, value), signature)),
  };
}

/** Django's derived key: SHA-256 of salt, the word `signer`, and the secret. */
export function deriveKey(secret: Uint8Array, salt: string): KeyObject {
  return createSecretKey(createHash("sha256").update(`${salt}signer`).update(secret).digest());
}

function toSignature(key: KeyObject, value: string): string {
  return createHmac("sha256", key).update(value).digest("base64url");
}

function isEqual(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
