/**
 * How express-session, @fastify/session and others sign a session's id: `id.signature`.
 *
 * @source npm's cookie-signature: base64 HMAC-SHA-256 without padding
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** What signs an id. */
export type IdSecret = string | Uint8Array;

/** The id with its signature. */
export function signId(id: string, secret: IdSecret): string {
  return `${id}.${signature(id, secret)}`;
}

/** The id if its signature is right for one of the secrets, otherwise null. */
export function unsignId(text: string, secrets: readonly IdSecret[]): string | null {
  const id = splitId(text);
  if (id === null) return null;
  const given = Buffer.from(text.slice(id.length + 1));
  const right = secrets.some((secret) => {
    const wanted = Buffer.from(signature(id, secret));
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });
  return right ? id : null;
}

/** The id in `id.signature`, its signature unchecked; null if there is none. */
export function splitId(text: string): string | null {
  const at = text.lastIndexOf(".");
  return at < 1 ? null : text.slice(0, at); // an empty id is not an id
}

function signature(id: string, secret: IdSecret): string {
  return createHmac("sha256", secret).update(id).digest("base64").replaceAll("=", "");
}
