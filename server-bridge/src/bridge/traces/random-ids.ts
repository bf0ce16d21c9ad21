/** Ids of 128 bits that no one can guess, 22 characters of base64url each, drawn from the system's randomness in bulk. */
import { randomFillSync } from "node:crypto";

const BYTES = 16;

/** A maker of ids: asking the system for each alone costs more than many a request. */
export function createIdMaker(): () => string {
  const pool = Buffer.allocUnsafeSlow(256 * BYTES);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    const id = pool.toString("base64url", at, at + BYTES);
    at += BYTES;
    return id;
  };
}
