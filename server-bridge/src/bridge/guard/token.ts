/** `SESSION_BRIDGE_TOKEN`: checked for strength when the bridge opens, compared in constant time when it is used. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { bitsEach, estimateBits } from "./token-strength.ts";

const MIN_BITS = 128;
/** In a text drawn at random there is now and then a repetition, too: so many bits are not held against it. */
const BITS_OF_CHANCE = 38;

const REMEDY = "Make one with: npx session-bridge token";

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
  if (!isStrong(text)) {
    throw new Error(
      `[session-bridge] the token is weaker than ${MIN_BITS} bits: it is too short, or repeats itself, or is made of rows and words. ${REMEDY}`,
    );
  }
  const expected = digest(text);
  return { matches: (sent) => timingSafeEqual(digest(sent), expected) };
}

/** A token of 256 bits, which begins with a letter or a digit so that no program takes it for an option. */
export function makeToken(): string {
  let text = "";
  while (!/^[A-Za-z0-9]/.test(text) || !isStrong(text)) text = randomBytes(32).toString("base64url");
  return text;
}

/** 128 bits by the estimate, or by the length of a text that is as good as random. */
function isStrong(text: string): boolean {
  const most = bitsEach(text) * text.length;
  return most >= MIN_BITS && estimateBits(text) >= Math.min(MIN_BITS, most - BITS_OF_CHANCE);
}

/** Both sides of a comparison have the same length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
