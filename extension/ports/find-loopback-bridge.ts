/**
 * Bridges on this machine for a site elsewhere: where the site itself has none, the ports on this machine are asked on which
 * `session-bridge django` listens, and the one that reads for the site's origin answers in its place.
 */
import { type Calls, type HelloAnswer, LOOPBACK_PORTS, PROTOCOL_VERSION } from "session-bridge/protocol";
import type { BridgePort, CallResult } from "./ports.ts";

/** The same port, which finds the bridge on this machine by itself. Models keep naming the site's own origin. */
export function withLoopbackBridge(bridge: BridgePort): BridgePort {
  const places = new Map<string, string>();
  const useToken = bridge.useToken?.bind(bridge);

  async function find(origin: string): Promise<CallResult<HelloAnswer> | null> {
    const answers = LOOPBACK_PORTS.map(async (port) => {
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
      // The answer to `hello` is what `N` says when `N` is `hello`.
      return (found ?? result) as CallResult<Calls[N]["answer"]>;
    },
    traces: (origin, request, signal) => bridge.traces(places.get(origin) ?? origin, request, signal),
    ...(useToken && { useToken: (origin, token) => useToken(places.get(origin) ?? origin, token) }),
  };
}
