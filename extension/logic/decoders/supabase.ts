/**
 * Supabase's `sb-…-auth-token` as @supabase/ssr writes it: `base64-` followed by base64url JSON, nearly always in
 * chunks.
 *
 * @source @supabase/ssr, src/cookies.ts
 */
import { readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, keptBy } from "./decoded.ts";

const PREFIX = "base64-";

/** Decodes the session of a Supabase client. */
export async function decodeSupabase({ value }: Encoded): Promise<Decoded | null> {
  if (!value.startsWith(PREFIX)) return null;
  const bytes = readBase64(value.slice(PREFIX.length));
  const json = bytes && readJsonText(readUtf8(bytes));
  if (json === null) return null;
  const { expires_at: seconds } = Object(JSON.parse(json));
  return {
    format: "Supabase",
    json,
    issuedAt: null,
    expiresAt: typeof seconds === "number" ? seconds * 1000 : null,
    notes: [keptBy("Supabase"), "It is not signed as a whole, but the tokens in it are."],
  };
}
