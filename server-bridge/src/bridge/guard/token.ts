/** `SESSION_BRIDGE_TOKEN`: checked for strength when the bridge opens, compared in constant time when it is used. */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { PREFIX } from "../../core/errors.ts";
import { bitsEach, estimateBits } from "./token-strength.ts";

const MIN_BITS = 128;
/** A random string has a repetition now and then, too: this many bits are not held against it. */
const BITS_OF_CHANCE = 38;

const REMEDY = "Make one with: npx session-bridge token";

/** A token that can be compared with another but cannot be read. */
export interface Token {
  matches(sent: string): boolean;
}

/** The token, or null if it is absent or empty. Throws, without naming it, if it is weaker than 128 bits. */
export function createToken(text: string | undefined): Token | null {
  if (text === undefined || text === "") return null;
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new Error(`${PREFIX}the token contains characters that are not allowed in a header. ${REMEDY}`);
  }
  if (!isStrong(text)) {
    throw new Error(
      `${PREFIX}the token is weaker than ${MIN_BITS} bits: it is too short, repeats itself, or consists of common sequences and words. ${REMEDY}`,
    );
  }
  const expected = digest(text);
  return { matches: (sent) => timingSafeEqual(digest(sent), expected) };
}

/** A token of 256 bits. It begins with a letter or a digit, so that no program takes it for an option. */
export function makeToken(): string {
  let text = "";
  while (!/^[A-Za-z0-9]/.test(text) || !isStrong(text)) text = randomBytes(32).toString("base64url");
  return text;
}

/** 128 bits by the estimate, or by the length of a string that is as good as random. */
function isStrong(text: string): boolean {
  const most = bitsEach(text) * text.length;
  return most >= MIN_BITS && estimateBits(text) >= Math.min(MIN_BITS, most - BITS_OF_CHANCE);
}

/** Both sides of the comparison have the same length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
