/**
 * Signatures of session cookies that are stored in a second cookie: such a bridge requires both, joined. The panel's models still
 * use the cookie's value alone.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import { type Calls, type HelloAnswer, joinPossession, type TracesRequest } from "session-bridge/protocol";
import { valuesSet } from "../../logic/cookie-rows.ts";
import { originOf } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { BridgePort } from "../../ports/ports.ts";
import type { Link } from "./bridge-link.ts";

/** The most values whose signatures are remembered; the oldest are dropped first. */
const MAX_SIGNED = 500;

/** The signatures seen. */
interface Possessions {
  /** The proof that shows a session: the value, with its signature if one is known. */
  of(origin: string, value: string): string;
  /** Notes that a value was seen with this signature. True if that is new. */
  learn(origin: string, value: string, signatureName: string, signature: string): boolean;
}

/** No signature yet. */
export function createPossessions(): Possessions {
  const joined = new Map<string, string>();
  return {
    of: (origin, value) => joined.get(`${origin} ${value}`) ?? value,
    learn(origin, value, signatureName, signature) {
      const id = `${origin} ${value}`;
      const possession = joinPossession(value, signatureName, signature);
      if (joined.get(id) === possession) return false;
      joined.delete(id);
      joined.set(id, possession);
      for (const oldest of joined.keys()) if (joined.size > MAX_SIGNED) joined.delete(oldest);
      return true;
    },
  };
}

/** The same port, which sends a cookie's signature with its value. */
export function withPossessions(bridge: BridgePort, { of }: Possessions): BridgePort {
  return {
    ...bridge,
    call<N extends keyof Calls>(origin: string, name: N, request: Calls[N]["request"]) {
      if (!("cookie" in request)) return bridge.call(origin, name, request);
      const replaced =
        "replaces" in request && request.replaces !== null ? of(origin, request.replaces) : null;
      return bridge.call(origin, name, {
        ...request,
        cookie: of(origin, request.cookie),
        ...("replaces" in request ? { replaces: replaced } : {}),
      });
    },
    traces: (origin: string, request: TracesRequest, signal: AbortSignal) =>
      bridge.traces(origin, { ...request, cookies: request.cookies.map((one) => of(origin, one)) }, signal),
  };
}

/** Learns from the cookies that each bridge would receive, and has it called again. Returns the undoing. */
export function followSignatures(
  possessions: Possessions,
  links: ReadonlySignal<ReadonlyMap<string, Link>>,
): () => void {
  return effect(() => {
    for (const [origin, link] of links.value) {
      const cookies = link.cookies.value;
      const read = (name: string) => cookies.find((cookie) => cookie.name === name)?.value;
      if (learnPairs(possessions, origin, link.hello.value, read)) link.reopen();
    }
  });
}

/** Learns from a response that sets both cookies; they may be replaced shortly afterwards. */
export function seeSignatures(
  possessions: Possessions,
  links: ReadonlySignal<ReadonlyMap<string, Link>>,
  request: NetworkRequest,
): void {
  const origin = originOf(request.url);
  if (origin === null || request.setCookies.length === 0) return;
  const hello = links.peek().get(origin)?.hello.peek() ?? null;
  learnPairs(possessions, origin, hello, (name) => valuesSet(request, [name]).at(-1));
}

/** Learns each value next to its signature, by the names of both. True if one of them is new. */
function learnPairs(
  possessions: Possessions,
  origin: string,
  hello: HelloAnswer | null,
  read: (name: string) => string | undefined,
): boolean {
  let isNew = false;
  for (const [at, signatureName] of (hello?.signatureNames ?? []).entries()) {
    const value = read(hello?.cookieNames[at] ?? "");
    const signature = read(signatureName);
    if (value && signature && possessions.learn(origin, value, signatureName, signature)) isNew = true;
  }
  return isNew;
}
