/** JSON Web Tokens (RFC 7519): read but never verified; encrypted ones (JWE) are only named. */
import { decodeJwt, decodeProtectedHeader } from "jose";
import { readBase64, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, UNVERIFIED } from "./decoded.ts";

/** Decodes a JWT; a value with five parts whose header names an encryption is a JWE. */
export async function decodeJwtCookie({ value }: Encoded): Promise<Decoded | null> {
  const parts = value.split(".").length;
  if (parts !== 3 && parts !== 5) return null;
  try {
    const header = decodeProtectedHeader(value);
    if (parts === 5) return header.enc ? sealed(`JWE (${header.alg}, ${header.enc})`) : null;
    const claims = decodeJwt(value);
    return {
      format: `JWT (${header.alg ?? "no algorithm"})`,
      json: readClaims(value) ?? JSON.stringify(claims),
      issuedAt: typeof claims.iat === "number" ? claims.iat * 1000 : null,
      expiresAt: typeof claims.exp === "number" ? claims.exp * 1000 : null,
      notes: [header.alg === "none" ? "It is not signed at all (alg: none)." : UNVERIFIED],
    };
  } catch {
    return null; // jose reports that this is not a token
  }
}

/** The claims as they are spelled: parsing would round an id beyond 2^53. */
function readClaims(token: string): string | null {
  const bytes = readBase64(token.split(".")[1] ?? "");
  return bytes && readUtf8(bytes);
}

function sealed(format: string): Decoded {
  return {
    format,
    json: null,
    issuedAt: null,
    expiresAt: null,
    notes: ["It is encrypted: only the server can read it."],
  };
}
