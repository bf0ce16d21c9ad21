/**
 * Bridges on this machine for a site: if the site itself has none, the ports on this machine are called on which `session-bridge
 * django` listens, and the one that reads for the site's origin answers in its place.
 *
 * Only for the page that is open, and only if this machine serves it over plain HTTP. What a port says about itself is a claim
 * that any program can make, so for every other site nothing is sent before the user has named the origin and the port; and a
 * token is never sent.
 */
import { type Calls, type HelloAnswer, LOOPBACK_PORTS, PROTOCOL_VERSION } from "session-bridge/protocol";
import { isLoopbackPage } from "../logic/origins.ts";
import type { BridgePort, CallResult } from "./ports.ts";

/** The same port, which finds the bridge on this machine by itself. Models still name the site's own origin. */
export function withLoopbackBridge(bridge: BridgePort): BridgePort {
  const places = new Map<string, string>();
  const allowed = new Map<string, Set<number>>();
  const useToken = bridge.useToken?.bind(bridge);
  let page: string | null = null;
  const portsFor = (origin: string): readonly number[] => {
    if (origin !== page) return [];
    return isLoopbackPage(origin) ? LOOPBACK_PORTS : [...(allowed.get(origin) ?? [])];
  };

  async function find(origin: string): Promise<CallResult<HelloAnswer> | null> {
    const answers = portsFor(origin).map(async (port) => {
      const place = `http://127.0.0.1:${port}`;
      const hello = await bridge.call(place, "hello", { protocol: PROTOCOL_VERSION });
      const serves = hello.ok && hello.answer.serves?.includes(origin) === true;
      return serves ? { place, hello } : null;
    });
    const found = (await Promise.all(answers)).find((answer) => answer !== null);
    if (!found) return null;
    places.set(origin, found.place);
    return found.hello;
  }

  return {
    async call<N extends keyof Calls>(origin: string, name: N, request: Calls[N]["request"]) {
      const place = places.get(origin);
      const result = await bridge.call(place ?? origin, name, request);
      if (name !== "hello" || result.ok || (place === undefined && result.problem.kind !== "absent"))
        return result;
      places.delete(origin);
      const found = await find(origin);
      // The answer to `hello` has type `N` if `N` is `hello`.
      return (found ?? result) as CallResult<Calls[N]["answer"]>;
    },
    traces: (origin, request, signal) => bridge.traces(places.get(origin) ?? origin, request, signal),
    pageIs(origin) {
      page = origin;
      for (const known of places.keys()) if (known !== origin) places.delete(known);
    },
    allowPort(origin, port) {
      if (LOOPBACK_PORTS.includes(port)) allowed.set(origin, (allowed.get(origin) ?? new Set()).add(port));
    },
    placeOf: (origin) => places.get(origin) ?? origin,
    ...(useToken && { useToken }),
  };
}
