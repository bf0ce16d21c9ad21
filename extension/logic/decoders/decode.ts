/** Tries the decoders in turn to tell what a cookie contains, without any server. */
import { decodeAdonis } from "./adonis.ts";
import { decodeBetterAuth } from "./better-auth.ts";
import { joinChunks, joinedNote, toTorn, toUnread } from "./chunks.ts";
import { decodeCompanion } from "./companions.ts";
import type { Decoded, Decoder, Encoded } from "./decoded.ts";
import { decodeDjango } from "./django.ts";
import { decodeFlask } from "./flask.ts";
import { decodeJwtCookie } from "./jwt.ts";
import { decodeBase64Json } from "./plain.ts";
import { decodeRemix } from "./remix.ts";
import { nameSealed } from "./sealed.ts";
import { decodeStarlette } from "./starlette.ts";
import { decodeSupabase } from "./supabase.ts";

/** Narrow forms first, so that the most specific decoder gets the value. */
const DECODERS: readonly Decoder[] = [
  decodeAdonis,
  nameSealed,
  decodeDjango,
  decodeJwtCookie,
  decodeStarlette,
  decodeFlask,
  decodeRemix,
  decodeBetterAuth,
  decodeSupabase,
  decodeCompanion,
  decodeBase64Json,
];

/** What the value contains, or null if no decoder knows its form. A chunk is joined with its siblings. Never throws. */
export async function decodeCookie(cookie: Encoded): Promise<Decoded | null> {
  const joined = joinChunks(cookie);
  if (joined === null) return decodeWhole(cookie);
  if (joined.state === "torn")
    return (joined.isSure ? null : await decodeWhole(cookie)) ?? toTorn(joined.missing);
  const { name, value, parts } = joined;
  const decoded = await decodeWhole({ name, value, siblings: cookie.siblings });
  // Numbered cookies may be independent values.
  if (decoded === null) return (await decodeWhole(cookie)) ?? toUnread(parts);
  return { ...decoded, notes: [joinedNote(parts), ...decoded.notes] };
}

async function decodeWhole(cookie: Encoded): Promise<Decoded | null> {
  for (const decode of DECODERS) {
    const decoded = await decode(cookie);
    if (decoded) return decoded;
  }
  return null;
}
