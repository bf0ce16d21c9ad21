/**
 * Cookies with their signature in a second one, `NAME.sig`: those of cookie-session and of Koa.
 *
 * @source npm's keygrip and cookies: base64url of HMAC-SHA-1 over `NAME=VALUE`
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { joinPossession, splitPossession } from "../../protocol/possession.ts";
import { readKoaCookie, withoutQuotes } from "./request-cookie.ts";
import { readSetCookie } from "./set-cookie.ts";

/** What an app signs its cookies with: secrets, the first of which signs, or a Keygrip. */
export type CookieKeys = readonly (string | Buffer)[] | { verify(data: string, digest: string): boolean };

/** Keys, or a function that returns them once the app has them. */
export type KeysOption = CookieKeys | (() => CookieKeys | undefined);

/** One cookie's two names, and how its signature is checked. */
export interface SignedCookie {
  readonly name: string;
  readonly signatureName: string;
  /** The cookie's value; null if the possession has no signature, or one that is known to be wrong. */
  valueOf(possession: string): string | null;
  /** The cookie's value, its signature unchecked; empty if there is none. */
  rawOf(possession: string): string;
  /** True if there is a signature that is known to be wrong. */
  isRefused(possession: string): boolean;
  /** True if the signature is right for these keys. */
  isSignedBy(possession: string, keys: CookieKeys): boolean;
  /** True if the keys are known and the signature is right. */
  isSigned(possession: string): boolean;
  /** What a request shows: empty without a cookie. */
  shownBy(request: IncomingMessage): string;
  /** What the client shows after this response, if that set or signed the cookie again; null if it did not. */
  issuedBy(response: ServerResponse, shown: string): string | null;
}

/** A signed cookie of this name. `keys` undefined: the app's keys are not known here. */
export function signedCookie(name: string, keys: KeysOption | undefined): SignedCookie {
  const signatureName = `${name}.sig`;
  const split = (possession: string) => {
    const { value, signature } = splitPossession(possession, signatureName);
    return { value: withoutQuotes(value), signature: withoutQuotes(signature ?? "") };
  };
  /** Null: cannot be known here. */
  const check = (possession: string): boolean | null => {
    const known = typeof keys === "function" ? keys() : keys;
    const { value, signature } = split(possession);
    if (value === "" || signature === "") return false;
    return known === undefined ? null : isSignedWith(known, `${name}=${value}`, signature);
  };
  return {
    name,
    signatureName,
    valueOf: (possession) => (check(possession) === false ? null : split(possession).value),
    rawOf: (possession) => split(possession).value,
    isRefused: (possession) => split(possession).signature !== "" && check(possession) === false,
    isSignedBy(possession, given) {
      const { value, signature } = split(possession);
      return isSignedWith(given, `${name}=${value}`, signature);
    },
    isSigned: (possession) => check(possession) === true,
    shownBy({ headers }) {
      const value = readKoaCookie(headers.cookie, name);
      const signature = readKoaCookie(headers.cookie, signatureName);
      return value === "" ? "" : signature === "" ? value : joinPossession(value, signatureName, signature);
    },
    issuedBy(response, shown) {
      const set = readSetCookie(response, name);
      const signature = readSetCookie(response, signatureName)?.value ?? "";
      const value = set === null ? splitPossession(shown, signatureName).value : set.value;
      return value === "" || signature === "" ? null : joinPossession(value, signatureName, signature);
    },
  };
}

function isSignedWith(keys: CookieKeys, data: string, signature: string): boolean {
  if (!isList(keys)) return keys.verify(data, signature);
  const given = Buffer.from(signature);
  return keys.some((key) => {
    const wanted = Buffer.from(createHmac("sha1", key).update(data).digest("base64url"));
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });
}

function isList(keys: CookieKeys): keys is readonly (string | Buffer)[] {
  return Array.isArray(keys);
}
