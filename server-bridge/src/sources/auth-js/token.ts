/**
 * Opens the encrypted tokens in which both majors of Auth.js keep sessions without a database.
 *
 * @source @auth/core 0.41, jwt.js; next-auth 4.24, jwt/index.js
 */
import { hkdf } from "node:crypto";
import { promisify } from "node:util";
import {
  type CompactJWEHeaderParameters,
  calculateJwkThumbprint,
  type JWTDecryptOptions,
  type JWTPayload,
  jwtDecrypt,
} from "jose";
import type { OpenedCookie } from "../foreign/cookie-source.ts";
import type { Major } from "./names.ts";

const derive = promisify(hkdf);

/** What makes the keys of an app's tokens. */
interface TokenSettings {
  major: Major;
  /** The first encrypts; all decrypt. */
  secrets: readonly string[];
  /** Version 5 derives another key for each name. */
  cookieName: string;
}

/** Seconds by which a clock may be wrong: the library's own. */
const TOLERANCE = 15;
/** The encryption of version 4, which version 5 still reads. */
const GCM = "A256GCM";
/** Claims that the library renews each time it writes the token. They are no part of what an app keeps. */
const RENEWED = ["exp", "iat", "jti"];

/** A function that opens a token. It throws if the library would not accept the token. */
export function createTokenOpener(settings: TokenSettings): (token: string) => Promise<OpenedCookie | null> {
  const keys = createKeys(settings);
  return async (token) => {
    const findKey = async ({ kid, enc }: CompactJWEHeaderParameters) => {
      const fitting = (await keys(enc === GCM ? 32 : 64)).find(
        ({ thumbprint }) => kid === undefined || kid === thumbprint,
      );
      if (fitting === undefined) throw new Error("the token was made with another secret");
      return fitting.key;
    };
    const { payload } = await jwtDecrypt(token, findKey, optionsFor(settings.major));
    return toOpened(payload);
  };
}

function optionsFor(major: Major): JWTDecryptOptions {
  return {
    clockTolerance: TOLERANCE,
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: major === 5 ? ["A256CBC-HS512", GCM] : [GCM],
  };
}

function toOpened(payload: JWTPayload): OpenedCookie {
  const data = Object.entries(payload).filter(([name]) => !RENEWED.includes(name));
  const { exp } = payload;
  return {
    json: JSON.stringify(Object.fromEntries(data)),
    expiresAtMs: exp === undefined ? null : exp * 1000,
  };
}

interface Key {
  key: Uint8Array;
  /** The name of the key in a token of version 5. */
  thumbprint: string;
}

/** The keys of a length, one for each secret, derived once. */
function createKeys(settings: TokenSettings): (bytes: 32 | 64) => Promise<Key[]> {
  const known = new Map<number, Promise<Key[]>>();
  return (bytes) => {
    const keys =
      known.get(bytes) ?? Promise.all(settings.secrets.map((one) => makeKey(one, bytes, settings)));
    known.set(bytes, keys);
    return keys;
  };
}

async function makeKey(secret: string, bytes: number, { major, cookieName }: TokenSettings): Promise<Key> {
  const salt = major === 5 ? cookieName : "";
  const info =
    major === 5 ? `Auth.js Generated Encryption Key (${salt})` : "NextAuth.js Generated Encryption Key";
  const key = new Uint8Array(await derive("sha256", secret, salt, info, bytes));
  const jwk = { kty: "oct", k: Buffer.from(key).toString("base64url") };
  return { key, thumbprint: await calculateJwkThumbprint(jwk, bytes === 64 ? "sha512" : "sha256") };
}
