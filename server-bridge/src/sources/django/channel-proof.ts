/**
 * How both ends of a loopback channel show that they have read its secret, which is in a file of this user alone. Each
 * answers a number that the other has just drawn, so nothing that was overheard can be sent again.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { integer, record, textLike } from "../../protocol/fields.ts";

/** Bytes of a line before the proof. */
export const MAX_PROOF_LINE = 1_024;

const nonce = textLike(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");
const hello = record<{ hello: number; nonce: string }>({ hello: integer(1, 1), nonce });
const answer = record<{ nonce: string; proof: string }>({ nonce, proof: nonce });
const proof = record<{ proof: string }>({ proof: nonce });

/** Whose proof it is: one side's is never good for the other. */
type ProvingSide = "server" | "site";

/** What the site draws. */
export function parseHello(value: unknown): string {
  return hello(value, "hello").nonce;
}

/** The server's answer to it. */
export function parseServerProof(value: unknown): { nonce: string; proof: string } {
  return answer(value, "answer");
}

/** The site's answer to the server. */
export function parseSiteProof(value: unknown): string {
  return proof(value, "proof").proof;
}

/** @param secret 32 bytes in base64url */
export function proveChannel(
  secret: string,
  side: ProvingSide,
  siteNonce: string,
  serverNonce: string,
): string {
  return createHmac("sha256", Buffer.from(secret, "base64url"))
    .update(`session-bridge channel ${side} 1\0${siteNonce}\0${serverNonce}`)
    .digest("base64url");
}

/** Compares two proofs in constant time. */
export function isSameProof(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
