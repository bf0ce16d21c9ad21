/**
 * What the sources for a foreign library's store have in common: a `Source` made from a store access and a way to
 * follow.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../../core/observers/observer.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { Mismatches, Proof, Source } from "../source.ts";
import type { StoreAccess } from "./foreign-store.ts";

interface StoredSourceOptions {
  /** The library's name on npm. */
  library: string;
  cookieName: string;
  /** Name of the second cookie with the signature, if there is one. */
  signatureName?: string;
  proof: Proof;
  /** The secret that signs the cookie, if there is one. */
  secret?: string;
  access: StoreAccess;
  mismatches: Mismatches;
  /** Without `cycle` if a new key needs a second, signed cookie. */
  canCycle: boolean;
  follow(observer: Observer, request: IncomingMessage, response: ServerResponse): void;
}

/** A source for sessions that are in a store. */
export function storedSource(options: StoredSourceOptions): Source {
  const { library, cookieName, signatureName, proof, secret, access, mismatches, canCycle } = options;
  const capabilities: Capability[] = ["read", "traces", "edit", "expiry", "flush", "restore"];
  let observer: Observer | null = null;
  return {
    library: { name: library, version: "" },
    engine: library,
    cookieNames: [cookieName],
    ...(signatureName === undefined ? {} : { signatureNames: [signatureName] }),
    proof,
    capabilities: canCycle ? [...capabilities, "cycle"] : capabilities,
    ...(secret === undefined ? {} : { secret }),
    mismatches,
    read: access.read,
    observe(given) {
      observer = given;
      return () => {
        if (observer === given) observer = null; // another bridge may observe the same source by now
      };
    },
    follow(request, response) {
      if (observer) options.follow(observer, request, response);
    },
    replace: access.replace,
    changeExpiry: access.changeExpiry,
    ...(canCycle ? { cycle: access.cycle } : {}),
    flush: access.flush,
    restore: access.restore,
  };
}
