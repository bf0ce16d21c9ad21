/** Sessions that are base64 JSON (cookie-session, koa-session), and forms that can be named but not opened. */
import { readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import type { Decoded, Encoded } from "./decoded.ts";

/** cookie-session and koa-session keep base64 JSON in one cookie and its signature in `<name>.sig`. */
export async function decodeBase64Json({ name, value, siblings }: Encoded): Promise<Decoded | null> {
  const bytes = readBase64(decodePercent(value));
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
  matches: RegExp;
  note: string;
}

const ENCRYPTED = "It is encrypted: only the server can read it.";
const KEY = "It is a key: the session itself is on the server.";

/** Forms by their looks alone, the narrow ones first. */
const FORMS: readonly Form[] = [
  { format: "iron-session", matches: /^Fe26\.2\*/, note: ENCRYPTED },
  { format: "express-session", matches: /^s:[\w-]+\.[A-Za-z0-9+/]{43}$/, note: KEY },
  {
    format: "Rails encrypted cookie",
    matches: /^[A-Za-z0-9+/=]+--[A-Za-z0-9+/=]{16}--[A-Za-z0-9+/=]{24}$/,
    note: ENCRYPTED,
  },
  { format: "Laravel encrypted cookie", matches: /^eyJpdiI6/, note: ENCRYPTED },
];

/** Names what can be recognised but not read. */
export async function nameSealed({ value }: Encoded): Promise<Decoded | null> {
  const text = decodePercent(value);
  const form = FORMS.find(({ matches }) => matches.test(text));
  return form
    ? { format: form.format, json: null, issuedAt: null, expiresAt: null, notes: [form.note] }
    : null;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign: the value was never encoded
  }
}
