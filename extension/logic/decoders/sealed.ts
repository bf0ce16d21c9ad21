/** Forms that can be named but not opened: encrypted values, and keys to sessions on the server. */
import { decodeText } from "session-bridge/protocol";
import { isBase64Url } from "./bytes.ts";
import { type Decoded, ENCRYPTED, type Encoded, KEY } from "./decoded.ts";

interface Form {
  format: string;
  matches(value: string, name: string): boolean;
  note: string;
}

/**
 * Forms by their shape, the narrow ones first. Every library's iron seals have the same shape, so there the name
 * decides.
 */
const FORMS: readonly Form[] = [
  { format: "WorkOS AuthKit", matches: isIronOf(/^wos-session$/), note: ENCRYPTED },
  { format: "Nuxt (sealed by h3)", matches: isIronOf(/^nuxt-session$/), note: ENCRYPTED },
  { format: "h3", matches: isIronOf(/^h3$/), note: ENCRYPTED },
  { format: "iron-session", matches: (value) => /^Fe26\.2\*\d+\*/.test(value), note: ENCRYPTED },
  { format: "Sealed by iron (h3, hapi or others)", matches: isIronOf(/^/), note: ENCRYPTED },
  { format: "express-session", matches: isConnectId, note: KEY },
  { format: "@fastify/secure-session", matches: isSecureSession, note: ENCRYPTED },
  { format: "Rails encrypted cookie", matches: isRailsSealed, note: ENCRYPTED },
  { format: "Laravel encrypted cookie", matches: (value) => value.startsWith("eyJpdiI6"), note: ENCRYPTED },
];

/** Names values that can be recognised but not read. */
export async function nameSealed({ name, value }: Encoded): Promise<Decoded | null> {
  const text = decodeText(value);
  const form = FORMS.find(({ matches }) => matches(text, bareName(name)));
  if (form === undefined) return null;
  return { format: form.format, json: null, issuedAt: null, expiresAt: ironEnd(text), notes: [form.note] };
}

/** A value that iron sealed (`Fe26.2*…`), in a cookie with such a name. */
function isIronOf(name: RegExp): Form["matches"] {
  return (value, under) => value.startsWith("Fe26.2*") && name.test(under);
}

/**
 * When a seal expires: its sixth part, in milliseconds since 1970, empty if it never does. It is not encrypted.
 *
 * @source @hapi/iron, lib/index.js, seal
 */
function ironEnd(value: string): number | null {
  if (!value.startsWith("Fe26.2*")) return null;
  const end = value.split("*")[5] ?? "";
  return /^\d{12,14}$/.test(end) ? Number(end) : null;
}

/** `s:id.signature` */
function isConnectId(value: string): boolean {
  const [id, signature, ...more] = value.slice(2).split(".");
  if (!value.startsWith("s:") || more.length > 0 || !isBase64Url(id)) return false;
  return signature?.length === 43 && /^[A-Za-z0-9+/]+$/.test(signature);
}

/** Ciphertext, `;`, a nonce of 24 bytes. */
function isSecureSession(value: string): boolean {
  const [sealed = "", nonce = "", ...more] = value.split(";");
  if (more.length > 0 || nonce.length !== 32) return false;
  return [sealed, nonce].every((part) => /^[A-Za-z0-9+/]+={0,2}$/.test(part));
}

/** `data--nonce--tag`, each in base64: the nonce has 12 bytes, the tag 16. */
function isRailsSealed(value: string): boolean {
  const [data = "", nonce = "", tag = "", ...more] = value.split("--");
  if (more.length > 0 || nonce.length !== 16 || tag.length !== 24) return false;
  return [data, nonce, tag].every((part) => /^[A-Za-z0-9+/=]+$/.test(part));
}

function bareName(name: string): string {
  return name.replace(/^__(?:Host|Secure)-/i, "");
}
