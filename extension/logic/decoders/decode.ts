/** Tries the decoders in turn: the panel's answer to "what is in this cookie?" without any server. */
import type { Decoded, Decoder, Encoded } from "./decoded.ts";
import { decodeDjango } from "./django.ts";
import { decodeFlask } from "./flask.ts";
import { decodeJwtCookie } from "./jwt.ts";
import { decodeBase64Json, nameSealed } from "./plain.ts";

/** Narrow forms first, so that a value is given to the one that knows it best. */
const DECODERS: readonly Decoder[] = [
  nameSealed,
  decodeDjango,
  decodeJwtCookie,
  decodeFlask,
  decodeBase64Json,
];

/** What the value holds, or null when no decoder knows its form. Never throws. */
export async function decodeCookie(cookie: Encoded): Promise<Decoded | null> {
  for (const decode of DECODERS) {
    const decoded = await decode(cookie);
    if (decoded) return decoded;
  }
  return null;
}
