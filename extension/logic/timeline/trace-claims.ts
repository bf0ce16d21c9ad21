/** Which row a trace belongs to: that of the request whose response named it first, by origin. Any server can name any trace. */
import type { NetworkRequest } from "../../messages/network-request.ts";
import { originOf } from "./entry.ts";

/** The claims of one tab's rows. */
export interface TraceClaims {
  /**
   * Notes that a request's response named this trace. False if another request named it before: something on the way put the
   * header there.
   */
  claim(request: NetworkRequest): boolean;
  /** Assigns a trace of this origin to a row, whatever was named. */
  give(traceId: string, origin: string | null, id: string): void;
  /** The row that the trace belongs to; without an origin, any row whose response named it. */
  holder(traceId: string, origin: string | undefined): string | undefined;
  forget(traceId: string, origin: string | null): void;
}

/** None yet. */
export function createTraceClaims(): TraceClaims {
  const claims = new Map<string, Map<string, string>>();

  function give(traceId: string, origin: string | null, id: string): void {
    const known = claims.get(traceId) ?? new Map<string, string>();
    claims.set(traceId, known.set(origin ?? "", id));
  }

  return {
    give,
    claim({ id, url, traceId }) {
      if (traceId === null) return true;
      const origin = originOf(url);
      const holder = claims.get(traceId)?.get(origin ?? "") ?? id;
      give(traceId, origin, holder);
      return holder === id;
    },
    holder(traceId, origin) {
      const known = claims.get(traceId);
      return origin === undefined ? known?.values().next().value : known?.get(origin);
    },
    forget(traceId, origin) {
      const known = claims.get(traceId);
      known?.delete(origin ?? "");
      if (known?.size === 0) claims.delete(traceId);
    },
  };
}
