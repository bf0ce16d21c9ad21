/** JSON Web Tokens (RFC 7519): read but never verified; encrypted ones (JWE) are only named. */
import { decodeJwt, decodeProtectedHeader } from "jose";
import { readBase64, readUtf8 } from "./bytes.ts";
import { type Decoded, ENCRYPTED, type Encoded, UNVERIFIED, UNVERIFIED_PUBLIC } from "./decoded.ts";
import { findTokenLibrary } from "./token-libraries.ts";

/** Decodes a JWT; a value with five parts whose header names an encryption is a JWE. */
export async function decodeJwtCookie({ name, value }: Encoded): Promise<Decoded | null> {
  const parts = value.split(".").length;
  if (parts !== 3 && parts !== 5) return null;
  try {
    const header = decodeProtectedHeader(value);
    if (parts === 5) return header.enc ? nameEncrypted(name, header) : null;
    const claims = decodeJwt(value);
    const library = findTokenLibrary(name, "JWT", claims);
    return {
      format: titled(library?.title, `JWT (${header.alg ?? "no algorithm"})`),
      json: readClaims(value) ?? JSON.stringify(claims),
      issuedAt: toMs(claims.iat),
      expiresAt: toMs(claims.exp),
      notes: [...(library?.notes ?? []), noteOnSignature(header.alg)],
    };
  } catch {
    return null; // jose reports that this is not a token
  }
}

/** Some libraries repeat the claims about time in the header, which is not encrypted (RFC 7519, §5.3). */
function nameEncrypted(name: string, header: Record<string, unknown>): Decoded {
  const library = findTokenLibrary(name, "JWE", {});
  return {
    format: titled(library?.title, `JWE (${header["alg"]}, ${header["enc"]})`),
    json: null,
    issuedAt: toMs(header["iat"]),
    expiresAt: toMs(header["exp"]),
    notes: [ENCRYPTED, ...(library?.notes ?? [])],
  };
}

/** The library comes first: it is what a reader looks for. */
function titled(title: string | undefined, form: string): string {
  return title === undefined ? form : `${title}, ${form}`;
}

/** HS256 and its like are checked with the secret that signed; the others with a key that is public. */
function noteOnSignature(algorithm: string | undefined): string {
  if (algorithm === "none") return "It is not signed at all (alg: none).";
  return /^(?:RS|PS|ES|Ed)/.test(algorithm ?? "") ? UNVERIFIED_PUBLIC : UNVERIFIED;
}

function toMs(seconds: unknown): number | null {
  return typeof seconds === "number" ? seconds * 1000 : null;
}

/** The claims as they are spelled: parsing would round an id beyond 2^53. */
function readClaims(token: string): string | null {
  const bytes = readBase64(token.split(".")[1] ?? "");
  return bytes && readUtf8(bytes);
}
