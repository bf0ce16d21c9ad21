/**
 * Which cookie of a request carries its session. A browser sends several of one name if they differ in path or domain: a
 * leftover at `/` next to the one at `/app`, or one that another host of the domain has set.
 */
import { readAlone, visitCookies } from "../django/cookie.ts";
import { canBeStored, keyIn, type SessionParts } from "../session/context.ts";
import { isTooShort } from "../session/key.ts";

/** At most this many sessions are looked for, whatever a browser sends. */
const MAX_CANDIDATES = 4;
/** At most this many cookies are looked at: for some engines that means to check a signature. */
const MAX_COOKIES = 16;

/**
 * The value of the session's cookie. Several, in the header's order, if several different ones have the form of a key;
 * then the store knows which of them is a session. If none has that form, the last one, as in Django. Undefined: there is
 * no such cookie.
 */
export function readSessionCookie(
  parts: SessionParts,
  header: string | undefined,
): string | readonly string[] | undefined {
  const { cookieName } = parts.settings;
  const alone = readAlone(header, cookieName);
  if (alone === undefined || header === undefined) return undefined;
  if (alone !== null) return keyIn(parts, alone) ?? undefined;
  const keys: string[] = [];
  let last: string | undefined;
  let seen = 0;
  visitCookies(header, (name, sent) => {
    if (name !== cookieName || seen === MAX_COOKIES) return;
    seen += 1;
    const value = keyIn(parts, sent);
    if (value === null) return;
    last = value;
    if (keys.length === MAX_CANDIDATES || isTooShort(value) || keys.includes(value)) return;
    if (canBeStored(parts, value)) keys.push(value);
  });
  return keys.length > 1 ? keys : (keys[0] ?? last);
}
