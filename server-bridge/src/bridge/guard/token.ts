/** `SESSION_BRIDGE_TOKEN`: checked for strength when the bridge opens, compared in constant time when it is used. */
import { createHash, timingSafeEqual } from "node:crypto";

const MIN_BITS = 128;
/** Fewer different characters than this in a text of the needed length were not drawn at random. */
const MIN_DISTINCT = 8;

const REMEDY = `Make one with: node -p "crypto.randomBytes(32).toString('base64url')"`;

/** A token that can be asked whether another is the same, and cannot be read. */
export interface Token {
  matches(sent: string): boolean;
}

/** The token, or null for an absent or empty one. Throws when it is weaker than 128 bits, never naming it. */
export function createToken(text: string | undefined): Token | null {
  if (text === undefined || text === "") return null;
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new Error(`[session-bridge] the token has characters that a header cannot carry. ${REMEDY}`);
  }
  if (bitsOf(text) < MIN_BITS || new Set(text).size < MIN_DISTINCT) {
    throw new Error(`[session-bridge] the token is weaker than ${MIN_BITS} bits. ${REMEDY}`);
  }
  const expected = digest(text);
  return { matches: (sent) => timingSafeEqual(digest(sent), expected) };
}

/** Bits of a random text of this length over the smallest usual alphabet that holds it. */
function bitsOf(text: string): number {
  const bitsEach = /^[0-9a-f]+$/i.test(text) ? 4 : /^[a-z0-9]+$/.test(text) ? 5 : 6;
  return text.length * bitsEach;
}

/** Both sides of a comparison have the same length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
