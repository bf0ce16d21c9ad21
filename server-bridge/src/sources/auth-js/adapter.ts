/** An app's adapter for Auth.js: the part that concerns sessions, and what it returns. */
import type { ForeignData } from "../foreign/follow-request.ts";
import { toPlain } from "../foreign/plain-json.ts";

/** The part of an adapter that concerns sessions. */
export interface AuthJsAdapter {
  getSessionAndUser?(sessionToken: string): unknown;
  createSession?(session: { sessionToken: string; userId: string; expires: Date }): unknown;
  updateSession?(session: { sessionToken: string; expires: Date }): unknown;
  deleteSession?(sessionToken: string): unknown;
}

/** Under which a watched method has the app's own. All copies of this library that a bundler makes share the symbol. */
export const UNWATCHED = Symbol.for("session-bridge.auth-js.unwatched");

/**
 * The adapter's methods as the app made them, for the bridge's own calls: they are not the app's, so nothing is published
 * about them.
 */
export function ownMethods(adapter: AuthJsAdapter): AuthJsAdapter {
  const own = (method: unknown): unknown => {
    if (typeof method !== "function") return undefined;
    const made: unknown = Reflect.get(method, UNWATCHED) ?? method;
    return typeof made === "function" ? made.bind(adapter) : undefined;
  };
  const { getSessionAndUser, createSession, updateSession, deleteSession } = adapter;
  const methods = { getSessionAndUser, createSession, updateSession, deleteSession };
  const found = Object.entries(methods).map(([name, method]) => [name, own(method)] as const);
  return Object.fromEntries(found.filter(([, method]) => method !== undefined)); // the same functions, bound
}

/** A session and its user as plain JSON; null if the adapter returned none. */
export function toSession(found: unknown): ForeignData | null {
  const { session, user }: { session?: unknown; user?: unknown } = Object(found);
  if (typeof session !== "object" || session === null) return null;
  return toPlain({ ...session, ...(user ? { user } : {}) }) as ForeignData; // a copy of an object is one
}
