/** A bridge whose writes take turns with the readings of the session. */
import type { Calls } from "session-bridge/protocol";
import type { BridgePort } from "../../ports/ports.ts";

/** Does one write of an origin when its turn has come. */
export type WriteInTurn = <Result extends { ok: boolean }>(
  origin: string,
  run: () => Promise<Result>,
) => Promise<Result>;

const WRITES: readonly string[] = ["edit", "expiry", "cycle", "flush", "restore"];

/** The same port, whose writes are done by `write`. */
export function serialiseWrites(bridge: BridgePort, write: WriteInTurn): BridgePort {
  return {
    call<N extends keyof Calls>(origin: string, name: N, request: Calls[N]["request"]) {
      const run = () => bridge.call(origin, name, request);
      return WRITES.includes(name) ? write(origin, run) : run();
    },
    traces: bridge.traces.bind(bridge),
    ...(bridge.useToken ? { useToken: bridge.useToken.bind(bridge) } : {}),
  };
}
