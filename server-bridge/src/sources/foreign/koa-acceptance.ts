/**
 * Which cookies koa-session has taken itself. It asks its store for a cookie's key only after Koa has checked the signature,
 * and gives a new key to the client by a cookie that Koa signs.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { warn } from "../../core/runtime.ts";
import type { Proof } from "../source.ts";
import { readSetCookie } from "./set-cookie.ts";
import type { SignedCookie } from "./signed-cookie.ts";

/** Why nothing of an app with unsigned cookies is shown. */
export const UNSIGNED =
  "koa-session does not sign its cookies here (signed: false), so anyone could name any session: none is shown. Leave out signed: false.";

/** What koa-session passes to its store with each call of its own. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  sessionOptions?: { signed?: unknown; externalKey?: unknown };
}

/** What koa-session has accepted. */
export interface Acceptance {
  proof: Proof;
  /**
   * The key of a request's session: as the library took it from the cookies, or, where the keys are known, as the signed cookie
   * has it. The second is all there is for koa-session before 6, which does not tell its store which request it asks for.
   */
  keyOf(request: IncomingMessage): string | undefined;
  /** A store was asked for this key in the course of a request. */
  asked(context: KoaContext, key: string): void;
  /** A session was stored under this key in the course of a request. */
  stored(context: KoaContext, key: string): void;
  /** The response's head is settled: what it signs is good. */
  issued(request: IncomingMessage, response: ServerResponse): void;
}

/** Nothing accepted yet. */
export function createAcceptance(cookie: SignedCookie): Acceptance {
  const listeners: ((possession: string) => void)[] = [];
  const taken = new WeakMap<IncomingMessage, string>();
  const made = new WeakMap<IncomingMessage, string>();
  /** Keys of signed cookies, so that one request's signature is checked once. */
  const signed = new WeakMap<IncomingMessage, string>();
  let hasWarned = false;

  /** False where the library signs nothing, or takes its keys from elsewhere. */
  const isSigning = ({ sessionOptions }: KoaContext): boolean => {
    if (sessionOptions?.signed === false) {
      if (!hasWarned) warn(`[session-bridge] ${UNSIGNED}`);
      hasWarned = true;
      return false;
    }
    return sessionOptions !== undefined && sessionOptions.externalKey === undefined;
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
      const shown = cookie.shownBy(context.req);
      if (cookie.valueOf(shown) !== key || !isSigning(context)) return;
      // Koa deletes a signature that it finds wrong: then it was the app that asked, not the library
      const isWrong = readSetCookie(context.res, cookie.signatureName)?.observed.action === "deleted";
      if (isWrong) return;
      taken.set(context.req, key);
      accept(shown);
    },
    stored(context, key) {
      if (isSigning(context)) made.set(context.req, key);
    },
    issued(request, response) {
      const possession = cookie.issuedBy(response, cookie.shownBy(request));
      const key = possession === null ? null : cookie.valueOf(possession);
      if (possession === null || key === null) return;
      if (key === taken.get(request) || key === made.get(request)) accept(possession);
    },
  };
}

/** Koa's context among what a store is passed; null for a call that the library did not make, and for its versions before 6. */
export function readContext(details: unknown): KoaContext | null {
  const context: unknown = Reflect.get(Object(details), "ctx");
  const request: unknown = Reflect.get(Object(context), "req");
  return typeof request === "object" && request !== null ? (context as KoaContext) : null; // Koa's own, by its documentation
}
