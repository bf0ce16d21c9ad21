/** Sessions that are base64 JSON: from cookie-session, from koa-session, and from Remix if no secret is set. */
import { decodeText } from "session-bridge/protocol";
import { showUnseen } from "../show-unseen.ts";
import { readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import type { Decoded, Encoded } from "./decoded.ts";

/** cookie-session and koa-session store base64 JSON in one cookie and its signature in `<name>.sig`. */
export async function decodeBase64Json({ name, value, siblings }: Encoded): Promise<Decoded | null> {
  const bytes = readBase64(decodeText(value));
  const json = bytes ? readJsonText(readUtf8(bytes)) : null;
  if (json === null) return null;
  const companion = `${name}.sig`;
  const signed = siblings.some((sibling) => sibling.name === companion);
  const notes = signed
    ? [`Its signature is in the cookie ${showUnseen(companion)}, and was not checked.`]
    : ["No signature was found next to it."];
  const expiresAt = koaEnd(json);
  if (expiresAt !== null) return { format: "koa-session", json, issuedAt: null, expiresAt, notes };
  return { format: signed ? "cookie-session" : "Base64 JSON", json, issuedAt: null, expiresAt: null, notes };
}

/**
 * koa-session writes its expiry and its age into the session.
 *
 * @source koa-session, lib/context.js, save
 */
function koaEnd(json: string): number | null {
  const { _expire: end, _maxAge: age } = Object(JSON.parse(json));
  return typeof end === "number" && typeof age === "number" ? end : null;
}
