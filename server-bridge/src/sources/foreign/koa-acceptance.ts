/**
 * Which cookies koa-session itself has accepted. It queries its store for a cookie's key only after Koa has checked the
 * signature, and gives a new key to the client in a cookie that Koa signs.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { warn } from "../../core/runtime.ts";
import type { Proof } from "../source.ts";
import { readSetCookie, readSetCookies } from "./set-cookie.ts";
import type { SettingsMatch } from "./settings-match.ts";
import type { SignedCookie } from "./signed-cookie.ts";

/** Why nothing is shown for an app with unsigned cookies. */
export const UNSIGNED =
  "koa-session does not sign its cookies here (signed: false), so anyone could claim any session. To see sessions here, remove signed: false.";

/** What koa-session passes to its store with each of its own calls. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  sessionOptions?: { key?: unknown; signed?: unknown; externalKey?: unknown };
}

/** What koa-session has accepted. */
export interface Acceptance {
  proof: Proof;
  /**
   * The key of a request's session: as the library read it from the cookies, or, if the keys are known, from the signed
   * cookie. Only the second is available for koa-session before 6, which does not tell its store which request a call
   * is for.
   */
  keyOf(request: IncomingMessage): string | undefined;
  /** The store was called for this key in the context of a request. */
  asked(context: KoaContext, key: string): void;
  /** A session was stored under this key in the context of a request. */
  stored(context: KoaContext, key: string): void;
  /**
   * The response's head is settled: whatever it signs is accepted. `held` are the keys of the sessions that the request
   * had.
   */
  issued(request: IncomingMessage, response: ServerResponse, held: ReadonlySet<string>): void;
}

/** Nothing accepted yet. */
export function createAcceptance(cookie: SignedCookie, match: SettingsMatch): Acceptance {
  const listeners: ((possession: string) => void)[] = [];
  const taken = new WeakMap<IncomingMessage, string>();
  const made = new WeakMap<IncomingMessage, string>();
  /** Keys of signed cookies, so that each request's signature is checked only once. */
  const signed = new WeakMap<IncomingMessage, string>();
  let hasWarned = false;

  /** False if the library signs nothing, or takes its keys from elsewhere. */
  const isSigning = ({ sessionOptions }: KoaContext): boolean => {
    if (sessionOptions?.signed === false) {
      if (!hasWarned) warn(UNSIGNED);
      hasWarned = true;
      return false;
    }
    return sessionOptions !== undefined && sessionOptions.externalKey === undefined;
  };
  /** Compares a cookie that the library accepted or made with the bridge's settings. */
  const compare = (possession: string) => {
    if (cookie.isSigned(possession)) match.agreed();
    else if (cookie.isRefused(possession)) match.refused();
  };
  const compareName = ({ sessionOptions }: KoaContext) => {
    const name = sessionOptions?.key;
    if (typeof name === "string" && name !== cookie.name) match.named(name);
  };
  const accept = (possession: string) => {
    for (const told of listeners) told(possession);
  };

  return {
    proof: {
      by: "acceptance",
      keyOf: cookie.valueOf,
      isSigned: cookie.isSigned,
      whenAccepted(told) {
        listeners.push(told);
      },
    },
    keyOf(request) {
      const key = taken.get(request) ?? signed.get(request);
      if (key !== undefined) return key;
      const shown = cookie.shownBy(request);
      const found = cookie.isSigned(shown) ? cookie.valueOf(shown) : null;
      if (found === null) return undefined;
      signed.set(request, found);
      return found;
    },
    asked(context, key) {
      compareName(context);
      const shown = cookie.shownBy(context.req);
      if (cookie.rawOf(shown) !== key || !isSigning(context)) return;
      // Koa deletes a signature that it finds wrong, so the app made this call, not the library
      const isWrong = readSetCookie(context.res, cookie.signatureName)?.observed.action === "deleted";
      if (isWrong) return;
      compare(shown);
      if (cookie.valueOf(shown) !== key) return;
      taken.set(context.req, key);
      accept(shown);
    },
    stored(context, key) {
      compareName(context);
      if (isSigning(context)) made.set(context.req, key);
    },
    issued(request, response, held) {
      const shown = cookie.shownBy(request);
      const possession = cookie.issuedBy(response, shown);
      if (!held.has(cookie.rawOf(shown)) && possession === null) {
        const named = nameOfIssued(response, held);
        if (named !== null) match.named(named);
      }
      if (possession === null) return;
      if (held.has(cookie.rawOf(possession))) compare(possession);
      const key = cookie.valueOf(possession);
      if (key === null) return;
      if (key === taken.get(request) || key === made.get(request)) accept(possession);
    },
  };
}

/**
 * Koa's context among a store's arguments; null for a call that the library did not make, and for its versions before
 * 6.
 */
export function readContext(details: unknown): KoaContext | null {
  const context: unknown = Reflect.get(Object(details), "ctx");
  const request: unknown = Reflect.get(Object(context), "req");
  return typeof request === "object" && request !== null ? (context as KoaContext) : null; // Koa's own, according to its documentation
}

/** The name under which a response issues one of these keys with a signature; null if it issues none. */
function nameOfIssued(response: ServerResponse, held: ReadonlySet<string>): string | null {
  const set = readSetCookies(response);
  for (const [name, value] of set) if (held.has(value) && set.has(`${name}.sig`)) return name;
  return null;
}
