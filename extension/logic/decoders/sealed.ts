/** Forms that can be named but not opened: encrypted values, and keys to sessions on the server. */
import { decodeText } from "session-bridge/protocol";
import { isBase64Url } from "./bytes.ts";
import { AUTH0_LOGIN, type Decoded, ENCRYPTED, type Encoded, KEY, keptBy } from "./decoded.ts";

interface Form {
  format: string;
  matches(value: string, name: string): boolean;
  notes: readonly string[];
}

/**
 * Forms by their shape, the narrow ones first. Every library's iron seals have the same shape, so there the name
 * decides.
 */
const FORMS: readonly Form[] = [
  { format: "WorkOS AuthKit", matches: isIronOf(/^wos-session$/), notes: [ENCRYPTED, keptBy("WorkOS")] },
  { format: "Nuxt (sealed by h3)", matches: isIronOf(/^nuxt-session$/), notes: [ENCRYPTED] },
  { format: "h3", matches: isIronOf(/^h3$/), notes: [ENCRYPTED] },
  { format: "TanStack Start (sealed by h3)", matches: isIronOf(/^start$/), notes: [ENCRYPTED] },
  { format: "iron-session", matches: (value) => /^Fe26\.2\*\d+\*/.test(value), notes: [ENCRYPTED] },
  { format: "Sealed by iron (h3, hapi or others)", matches: isIronOf(/^/), notes: [ENCRYPTED] },
  { format: "Auth.js", matches: isAuthJsKey, notes: [KEY] },
  { format: "express-openid-connect", matches: isStoredAuth0, notes: [KEY, AUTH0_LOGIN] },
  { format: "express-session", matches: isConnectId, notes: [KEY] },
  { format: "@fastify/secure-session", matches: isSecureSession, notes: [ENCRYPTED] },
  { format: "Rails encrypted cookie", matches: isRailsSealed, notes: [ENCRYPTED] },
  {
    format: "Laravel encrypted cookie",
    matches: (value) => value.startsWith("eyJpdiI6"),
    notes: [ENCRYPTED],
  },
];

/** Names values that can be recognised but not read. */
export async function nameSealed({ name, value }: Encoded): Promise<Decoded | null> {
  const text = decodeText(value);
  const form = FORMS.find(({ matches }) => matches(text, bareName(name)));
  if (form === undefined) return null;
  return {
    format: form.format,
    json: null,
    issuedAt: null,
    expiresAt: ironEnd(text),
    notes: [...form.notes],
  };
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

/** What Auth.js and next-auth put there if their adapter stores the session: a UUID. */
function isAuthJsKey(value: string, name: string): boolean {
  return (
    /^(?:next-auth|authjs)\.session-token$/.test(name) &&
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
  );
}

/** Its key, signed if the app wants that, if it has a session store. */
function isStoredAuth0(value: string, name: string): boolean {
  return name === "appSession" && /^[0-9a-f]{32}(?:\.[\w-]{43})?$/.test(value);
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
