/**
 * Until when Better Auth accepts a session from the copy in its cookie `session_data`, without asking its store. The copy is
 * checked as the library checks it, in each of its three forms.
 *
 * @source better-auth 1.7, dist/cookies/index.mjs, decodeCookieCache; dist/api/routes/session.mjs
 */
import { createHmac, hkdf, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { jwtDecrypt, jwtVerify } from "jose";
import { type AuthContext, toObject } from "./auth-context.ts";

const derive = promisify(hkdf);

/** A copy whose signature or encryption is right. */
interface OpenedCopy {
  session: Record<string, unknown>;
  user: unknown;
  version: unknown;
  untilMs: number;
}

/**
 * Milliseconds since 1970 until which the library accepts the session `token` from this copy; null if it does not now.
 *
 * Null too for a copy that the plugin `jwt` signs with a key pair, which only the plugin can check.
 */
export async function readAcceptedUntil(
  copy: string,
  token: string,
  context: AuthContext,
): Promise<number | null> {
  if (!context.copies.enabled) return null;
  const opened = await openCopy(copy, context).catch(() => null);
  if (opened === null || opened.session["token"] !== token) return null;
  if (!(await hasRightVersion(opened, context))) return null;
  const sessionEnd = Date.parse(String(opened.session["expiresAt"]));
  const untilMs = Math.min(opened.untilMs, sessionEnd);
  return untilMs > Date.now() ? untilMs : null; // NaN is no number of milliseconds either
}

async function openCopy(copy: string, context: AuthContext): Promise<OpenedCopy | null> {
  const { strategy } = context.copies;
  if (strategy === "jwt") return openSigned(copy, context);
  if (strategy === "jwe") return openEncrypted(copy, context);
  return openCompact(copy, context);
}

/** Base64url of JSON with a signature in it. */
function openCompact(copy: string, { secret }: AuthContext): OpenedCopy | null {
  const { session, expiresAt, signature } = toObject(JSON.parse(Buffer.from(copy, "base64url").toString()));
  if (typeof expiresAt !== "number" || typeof signature !== "string") return null;
  const signed = JSON.stringify({ ...toObject(session), expiresAt });
  const wanted = createHmac("sha256", secret).update(signed).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  return toOpened(toObject(session), expiresAt);
}

async function openSigned(copy: string, { secret }: AuthContext): Promise<OpenedCopy | null> {
  const { payload } = await jwtVerify(copy, Buffer.from(secret), { algorithms: ["HS256"] });
  return toOpened(payload, (payload.exp ?? 0) * 1000);
}

async function openEncrypted(copy: string, { secrets }: AuthContext): Promise<OpenedCopy | null> {
  const options = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256CBC-HS512"] };
  for (const secret of secrets) {
    const key = await derive(
      "sha256",
      secret,
      "better-auth-session",
      "BetterAuth.js Generated Encryption Key",
      64,
    );
    const opened = await jwtDecrypt(copy, new Uint8Array(key), options).catch(() => null);
    if (opened !== null) return toOpened(opened.payload, (opened.payload.exp ?? 0) * 1000);
  }
  return null;
}

function toOpened(payload: Record<string, unknown>, untilMs: number): OpenedCopy {
  return {
    session: toObject(payload["session"]),
    user: payload["user"],
    version: payload["version"],
    untilMs,
  };
}

/** An app that raises its version refuses all older copies. */
async function hasRightVersion({ session, user, version }: OpenedCopy, { copies }: AuthContext) {
  const wanted: unknown =
    typeof copies.version === "function" ? await copies.version(session, user) : copies.version;
  return (version || "1") === (wanted || "1");
}
