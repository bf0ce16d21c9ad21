/**
 * Ids of 128 bits that no one can guess, 22 characters of base64url each, made from random bytes that are fetched in
 * bulk.
 */
import { randomFillSync } from "node:crypto";

const BYTES = 16;

/**
 * Returns a function that makes ids. Asking the system for each one separately would cost more than many a request.
 *
 * @param made called with each id
 */
export function createIdMaker(made: (id: string) => void): () => string {
  const pool = Buffer.allocUnsafeSlow(256 * BYTES);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    const id = pool.toString("base64url", at, at + BYTES);
    at += BYTES;
    made(id);
    return id;
  };
}
