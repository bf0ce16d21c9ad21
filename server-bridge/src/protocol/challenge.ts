/**
 * How a bridge proves that it made a trace: only the process that made it, and the browser that received it, know its id.
 *
 * The challenge is `DIGEST.NONCE`: SHA-256 of the id, and 16 random bytes. The proof is HMAC-SHA256 of the nonce with the id
 * as key. All in base64url without padding. Neither reveals the id.
 */

/** A challenge, read. */
export interface Challenge {
  digest: string;
  nonce: string;
}

/** What is signed: the nonce, under the name of its purpose. */
export function proofText(nonce: string): string {
  return `session-bridge proof 1\0${nonce}`;
}

/** The header's value. */
export function writeChallenge({ digest, nonce }: Challenge): string {
  return `${digest}.${nonce}`;
}

/** Reads the header; null if it does not have this form. */
export function readChallenge(value: string): Challenge | null {
  const match = /^([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})$/.exec(value);
  return match?.[1] === undefined || match[2] === undefined ? null : { digest: match[1], nonce: match[2] };
}
