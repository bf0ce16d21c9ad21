/**
 * `session-bridge/signing`: Django's `signing.dumps` and `signing.loads`, for strings that a Django with the same
 * SECRET_KEY can read and write.
 */

import "../runtime.ts";
import { readContents, writeValue } from "../data/json.ts";
import { parseExact } from "../data/python-json.ts";
import { PREFIX } from "../errors.ts";
import { openText, sealText } from "./signed-text.ts";
import { createSigner } from "./signer.ts";

export { SESSION_SALT, SIGNED_COOKIES_SALT } from "./salts.ts";

/** How a string is signed, and how long it is valid. */
export interface SigningOptions {
  /** SECRET_KEY, or `[new, …old]`: the first signs, all are accepted. */
  secretKey: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Default: Django's own, `django.core.signing`. For sessions: `SESSION_SALT` or `SIGNED_COOKIES_SALT`. */
  salt?: string;
  /** Milliseconds since 1970. Default: `Date.now`. */
  clock?: () => number;
}

/**
 * Signs a value that JSON can hold.
 *
 * @param options.compress deflates if that is shorter. Default: false, as in Django
 */
export function dumps(value: unknown, options: SigningOptions & { compress?: boolean }): string {
  const written = writeValue(value);
  if (written === undefined)
    throw new TypeError(`${PREFIX}dumps: a ${typeof value} cannot be stored as JSON.`);
  return sealText(signerOf(options), written.text, nowSeconds(options), options.compress ?? false);
}

/**
 * The value in a signed string, or undefined if it is damaged, signed with another secret or salt, or too old.
 *
 * @param options.maxAge seconds; absent: any age is accepted
 */
export function loads(text: string, options: SigningOptions & { maxAge?: number }): unknown {
  const json = loadsJson(text, options);
  if (json === undefined) return undefined;
  try {
    return parseExact(json).value;
  } catch {
    return undefined;
  }
}

/** Like `loads`, but returns the JSON itself, numbers and order as Python wrote them. */
export function loadsJson(text: string, options: SigningOptions & { maxAge?: number }): string | undefined {
  const opened = openText(signerOf(options), text);
  if (opened === null) return undefined;
  const age = (options.clock ?? Date.now)() / 1000 - opened.atSeconds;
  if (options.maxAge !== undefined && age > options.maxAge) return undefined;
  return readContents(opened.json)?.json ?? opened.json;
}

function signerOf({ secretKey, salt = "django.core.signing" }: SigningOptions) {
  const keys = typeof secretKey === "string" || secretKey instanceof Uint8Array ? [secretKey] : secretKey;
  return createSigner(keys.map(toBytes), salt);
}

function toBytes(key: string | Uint8Array): Uint8Array {
  return typeof key === "string" ? new TextEncoder().encode(key) : key;
}

function nowSeconds({ clock = Date.now }: SigningOptions): number {
  return Math.floor(clock() / 1000);
}
