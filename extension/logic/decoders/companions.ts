/**
 * Cookies next to a hosted session, which the service's script reads in the page: Clerk's `__client_uat` and SuperTokens'
 * `sFrontToken`. Neither proves anything to a server.
 *
 * @source @clerk/backend, src/tokens/authenticateContext.ts; supertokens-node, lib/ts/recipe/session/cookieAndHeaders.ts
 */
import { readBase64, readJsonText, readUtf8 } from "./bytes.ts";
import { type Decoded, type Encoded, keptBy } from "./decoded.ts";

/** Decodes either of them. */
export async function decodeCompanion({ name, value }: Encoded): Promise<Decoded | null> {
  if (/^__client_uat(?:_[\w-]{8})?$/.test(name)) return readClientUpdate(value);
  return name === "sFrontToken" ? readFrontToken(value) : null;
}

/** Seconds since 1970, or 0. */
function readClientUpdate(value: string): Decoded | null {
  if (!/^\d{1,12}$/.test(value)) return null;
  const seconds = Number(value);
  const note =
    seconds === 0
      ? "It is 0: no one is signed in."
      : "It is the time of the last change to who is signed in.";
  const issuedAt = seconds === 0 ? null : seconds * 1000;
  return { format: "Clerk", json: null, issuedAt, expiresAt: null, notes: [note, keptBy("Clerk")] };
}

/** `{ uid, ate, up }`: the user, when the access token expires in milliseconds, and its claims. */
function readFrontToken(value: string): Decoded | null {
  const bytes = readBase64(value);
  const json = bytes && readJsonText(readUtf8(bytes));
  if (json === null) return null;
  const { uid, ate } = Object(JSON.parse(json));
  if (typeof uid !== "string" || typeof ate !== "number") return null;
  const notes = [
    "It is a copy for scripts of the page, and is not signed: servers read sAccessToken.",
    keptBy("SuperTokens' core"),
  ];
  return { format: "SuperTokens", json, issuedAt: null, expiresAt: ate, notes };
}
