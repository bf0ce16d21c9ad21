/** What the sources over a foreign library's store have in common: a `Source` out of a store access and a way to follow. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../../core/observers/observer.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { Mismatches, Proof, Source } from "../source.ts";
import type { StoreAccess } from "./foreign-store.ts";

interface StoredSourceOptions {
  /** The library's name on npm. */
  library: string;
  cookieName: string;
  /** Name of the second cookie with the signature, where there is one. */
  signatureName?: string;
  proof: Proof;
  /** The secret that signs the cookie, where there is one. */
  secret?: string;
  access: StoreAccess;
  mismatches: Mismatches;
  /** Without `cycle` where a new key needs a second, signed cookie. */
  canCycle: boolean;
  follow(observer: Observer, request: IncomingMessage, response: ServerResponse): void;
}

/** A source whose sessions are in a store. */
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
        observer = null;
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
