/** Sessions that are base64 JSON (cookie-session, koa-session), and forms that can be named but not opened. */
import { decodeText } from "session-bridge/protocol";
import { isBase64Url, readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import type { Decoded, Encoded } from "./decoded.ts";

/** cookie-session and koa-session keep base64 JSON in one cookie and its signature in `<name>.sig`. */
export async function decodeBase64Json({ name, value, siblings }: Encoded): Promise<Decoded | null> {
  const bytes = readBase64(decodeText(value));
  const json = bytes ? readJsonText(readUtf8(bytes)) : null;
  if (json === null) return null;
  const signed = siblings.includes(`${name}.sig`);
  const notes = signed
    ? [`Its signature is in the cookie ${name}.sig, and was not checked.`]
    : ["No signature was found beside it: whoever holds the cookie can change it."];
  return { format: signed ? "cookie-session" : "Base64 JSON", json, issuedAt: null, expiresAt: null, notes };
}

interface Form {
  format: string;
  matches(value: string): boolean;
  note: string;
}

const ENCRYPTED = "It is encrypted: only the server can read it.";
const KEY = "It is a key: the session itself is on the server.";

/** Forms by their looks alone, the narrow ones first. */
const FORMS: readonly Form[] = [
  { format: "iron-session", matches: (value) => value.startsWith("Fe26.2*"), note: ENCRYPTED },
  { format: "express-session", matches: isConnectId, note: KEY },
  { format: "Rails encrypted cookie", matches: isRailsSealed, note: ENCRYPTED },
  { format: "Laravel encrypted cookie", matches: (value) => value.startsWith("eyJpdiI6"), note: ENCRYPTED },
];

/** `s:id.signature` */
function isConnectId(value: string): boolean {
  const [id, signature, ...more] = value.slice(2).split(".");
  if (!value.startsWith("s:") || more.length > 0 || !isBase64Url(id)) return false;
  return signature?.length === 43 && /^[A-Za-z0-9+/]+$/.test(signature);
}

/** `data--nonce--tag`, each in base64: the nonce has 12 bytes, the tag 16. */
function isRailsSealed(value: string): boolean {
  const [data = "", nonce = "", tag = "", ...more] = value.split("--");
  if (more.length > 0 || nonce.length !== 16 || tag.length !== 24) return false;
  return [data, nonce, tag].every((part) => /^[A-Za-z0-9+/=]+$/.test(part));
}

/** Names what can be recognised but not read. */
export async function nameSealed({ value }: Encoded): Promise<Decoded | null> {
  const text = decodeText(value);
  const form = FORMS.find(({ matches }) => matches(text));
  return form
    ? { format: form.format, json: null, issuedAt: null, expiresAt: null, notes: [form.note] }
    : null;
}
