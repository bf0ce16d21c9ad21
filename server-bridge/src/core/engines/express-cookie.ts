/** The cookie of express-session: `s:` + id + `.` + signature, percent-encoded. */
import { SessionError } from "../errors.ts";
import { type IdSecret, signId, unsignId } from "../signing/signed-id.ts";
import type { KeyCookie } from "./engine.ts";

/** What `genid` may return: at least as long as Django's keys, and short enough for a cookie. */
const ID = /^[\x20-\x7e]{8,512}$/;
const MARK = "s:";

/**
 * Reads and writes the key as express-session does.
 *
 * @param secrets the first signs, all are accepted
 * @param refused called when a signature is right for none of them
 */
export function createExpressCookie(secrets: readonly IdSecret[], refused: () => void): KeyCookie {
  const [signing = ""] = secrets;
  return {
    keyPattern: ID,
    read(value) {
      const text = decode(value);
      if (!text.startsWith(MARK)) return null;
      const id = unsignId(text.slice(MARK.length), secrets);
      if (id === null) refused();
      return id !== null && ID.test(id) ? id : null;
    },
    // brackets would need quotes, which express-session does not write
    write: (key) => encodeURIComponent(MARK + signId(key, signing)).replace(/[()]/g, toPercent),
  };
}

/** express-session's `secret` as a list. Throws `SessionError("settings")` if one of them is missing or empty. */
export function parseSecrets(secret: unknown): IdSecret[] {
  const secrets: unknown[] = Array.isArray(secret) ? secret : [secret];
  if (secrets.length > 0 && secrets.every(isSecret)) return secrets;
  const remedy = "Pass { secret } as in session({ secret }): a string, or a list with the newest first.";
  throw new SessionError("settings", `fromExpressStore(): the secret is missing or empty. ${remedy}`);
}

function isSecret(secret: unknown): secret is IdSecret {
  return (typeof secret === "string" || secret instanceof Uint8Array) && secret.length > 0;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // as in npm's cookie
  }
}

function toPercent(bracket: string): string {
  return `%${bracket.charCodeAt(0).toString(16)}`;
}
