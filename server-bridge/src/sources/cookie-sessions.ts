/**
 * Sources for libraries that keep the whole session in its cookie: cookie-session, iron-session,
 * @fastify/secure-session.
 */
import { loadDriver } from "../core/engines/driver.ts";
import { SessionError } from "../core/errors.ts";
import { compareSignedCookies } from "./foreign/cookie-session-settings.ts";
import { cookieSource, type OpenedCookie } from "./foreign/cookie-source.ts";
import { createSettingsMatch, type Steps } from "./foreign/settings-match.ts";
import { type KeysOption, signedCookie } from "./foreign/signed-cookie.ts";
import type { Source } from "./source.ts";

/** The options that the app passes to cookie-session, or to koa-session without a store. */
export interface CookieSessionOptions {
  /** The library's `name` (koa-session's `key`). Default: `session`. */
  name?: string;
  /**
   * What the app signs its cookies with: cookie-session's `keys` or `[secret]`, Koa's `app.keys`, or a function that
   * returns them. Without it the bridge cannot tell who owns a cookie, and shows no session.
   */
  keys?: KeysOption;
  /** The library's `signed`. Anyone can make cookies without a signature. Default: true. */
  signed?: boolean;
}

/**
 * cookie-session, and koa-session without a store: base64 JSON, signed in a second cookie.
 *
 * `cookieSession({ keys })` takes the same keys as the library.
 */
export function cookieSession({ name = "session", keys, signed = true }: CookieSessionOptions = {}): Source {
  const why = signed ? WITHOUT_KEYS : UNSIGNED;
  const signature = signed && keys !== undefined ? signedCookie(name, keys) : { why };
  const match = createSettingsMatch(name, STEPS);
  return cookieSource({
    library: "cookie-session",
    cookieName: name,
    signature,
    mismatches: match,
    compare(exchange) {
      if ("isSigned" in signature) compareSignedCookies(signature, match, exchange);
    },
    open: async (value) => readUnexpired(Buffer.from(value, "base64").toString("utf8")),
  });
}

const STEPS: Steps = {
  secret: "Pass cookieSession({ keys }) what the app signs with: its keys, [secret], or Koa's app.keys.",
  name: "Pass cookieSession({ name }) the name of the app's session cookie.",
};
const WITHOUT_KEYS =
  "The bridge has no keys to check the signatures of this app's session cookies. Pass the app's keys to it: cookieSession({ keys }).";
const UNSIGNED =
  "The app does not sign its session cookies (signed: false), so anyone could make one. Remove signed: false.";

/** koa-session writes the expiry into the session, and refuses an expired one. */
function readUnexpired(text: string): OpenedCookie | null {
  const opened = readObject(text, null);
  if (opened === null) return null;
  const { _expire: end, _maxAge: age }: Record<string, unknown> = JSON.parse(text);
  if (typeof end !== "number" || typeof age !== "number") return opened;
  return end < Date.now() ? null : { ...opened, expiresAtMs: end };
}

/**
 * iron-session, opened with the library itself, which the app has installed.
 *
 * @param options.password the app's; `undefined`, as an environment variable may be, is refused with a sentence
 * @throws SessionError `settings` when the password or the package is missing
 */
export function ironSession({
  password,
  cookieName,
}: {
  password: string | Record<string, string> | undefined;
  cookieName: string;
}): Source {
  if (!password || !cookieName) {
    throw new SessionError(
      "settings",
      "ironSession() needs the options of getIronSession(). Pass { password, cookieName }.",
    );
  }
  // Its documentation describes its shape.
  const { unsealData } = loadDriver("iron-session", "ironSession()") as {
    unsealData(seal: string, options: object): Promise<unknown>;
  };
  return cookieSource({
    library: "iron-session",
    cookieName,
    chunks: "whole", // it reads both forms, whatever its own option `chunk` says
    async open(value) {
      const data = await unsealData(value, { password });
      // The library returns an empty object for a seal that is broken, too old, or made with another password.
      return data && Object.keys(data).length > 0 ? readObject(JSON.stringify(data), null) : null;
    },
  });
}

/** The part of sodium-native that is used; @fastify/secure-session installs it. */
interface Sodium {
  crypto_secretbox_MACBYTES: number;
  crypto_secretbox_NONCEBYTES: number;
  crypto_secretbox_open_easy(message: Buffer, cipher: Buffer, nonce: Buffer, key: Buffer): boolean;
}

/**
 * @fastify/secure-session with a key. An app with a `secret` and `salt` derives its key from them once: pass that key.
 *
 * @param options.key 32 bytes, or a list of them, the newest first; a string is read as base64, as by the plugin
 * @param options.cookieName the plugin's `cookieName`, otherwise its `sessionName`. Default: `session`
 * @param options.expirySeconds the plugin's `expiry`. Default: 86401
 * @throws SessionError `settings` when the key or the package is missing
 */
export function secureSession(options: {
  key: Buffer | string | readonly Buffer[];
  cookieName?: string;
  expirySeconds?: number;
}): Source {
  const keys =
    typeof options.key === "string" ? [Buffer.from(options.key, "base64")] : [options.key ?? []].flat();
  if (keys.length === 0 || keys.some((key) => key.length !== 32)) {
    throw new SessionError(
      "settings",
      "secureSession() needs the key of @fastify/secure-session: 32 bytes. Pass { key }.",
    );
  }
  const sodium = loadDriver("sodium-native", "secureSession()") as Sodium; // its documentation describes its shape
  const expiry = options.expirySeconds ?? 86_401;
  return cookieSource({
    library: "@fastify/secure-session",
    cookieName: options.cookieName ?? "session",
    async open(value) {
      const [cipher = Buffer.alloc(0), nonce = Buffer.alloc(0)] = value
        .split(";")
        .map((part) => Buffer.from(part, "base64"));
      if (
        cipher.length < sodium.crypto_secretbox_MACBYTES ||
        nonce.length !== sodium.crypto_secretbox_NONCEBYTES
      )
        return null;
      const plain = Buffer.alloc(cipher.length - sodium.crypto_secretbox_MACBYTES);
      if (!keys.some((key) => sodium.crypto_secretbox_open_easy(plain, cipher, nonce, key))) return null;
      return readSecure(plain.toString("utf8"), expiry);
    },
  });
}

/** The plugin's own `__ts`: when the session began, in seconds. */
function readSecure(text: string, expirySeconds: number): OpenedCookie | null {
  const { __ts: begun, ...data }: Record<string, unknown> = JSON.parse(text);
  const expiresAtMs = typeof begun === "number" ? (begun + expirySeconds) * 1000 : null;
  if (expiresAtMs !== null && expiresAtMs <= Date.now()) return null; // as in the plugin
  return readObject(JSON.stringify(data), expiresAtMs);
}

function readObject(text: string, expiresAtMs: number | null): OpenedCookie | null {
  const data: unknown = JSON.parse(text);
  return typeof data === "object" && data !== null && !Array.isArray(data)
    ? { json: text, expiresAtMs }
    : null;
}
