/**
 * Cookies of AdonisJS: signed ones are `s:` and base64url of `{"message":…,"purpose":<the cookie's name>}`, encrypted ones
 * begin with `e:`.
 *
 * The session cookie is signed and holds a key, a UUID. With the cookie store, the session is encrypted in another cookie,
 * whose name is that key.
 *
 * @source @boringnode/encryption, src/message_verifier.ts; @adonisjs/session, src/stores/cookie.ts
 */
import { decodeText } from "session-bridge/protocol";
import { showUnseen } from "../show-unseen.ts";
import { isBase64Url, readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, ENCRYPTED, type Encoded, KEY, UNVERIFIED } from "./decoded.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Decodes a cookie that AdonisJS signed, and names one that it encrypted. */
export async function decodeAdonis({ name, value, siblings }: Encoded): Promise<Decoded | null> {
  const text = decodeText(value);
  if (UUID.test(name) && /^e:[\w-]+\.[\w-][\w.:-]+$/.test(text)) return named(null, ENCRYPTED);
  const [payload = "", signature, ...more] = text.slice(2).split(".");
  if (!text.startsWith("s:") || more.length > 0 || !isBase64Url(payload) || !isBase64Url(signature))
    return null;
  const bytes = readBase64(payload);
  const json = bytes && readJsonText(readUtf8(bytes));
  if (json === null) return null;
  const { message, purpose } = Object(JSON.parse(json));
  if (purpose !== name) return null;
  if (typeof message !== "string" || !UUID.test(message)) return named(json, UNVERIFIED);
  const isBeside = siblings.some((sibling) => sibling.name === message);
  return named(
    null,
    isBeside ? `It is a key: the session itself is in the cookie ${showUnseen(message)}.` : KEY,
  );
}

function named(json: string | null, note: string): Decoded {
  return { format: "AdonisJS", json, issuedAt: null, expiresAt: null, notes: [note] };
}
