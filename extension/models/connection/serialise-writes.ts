/** A bridge whose writes take turns with the readings of the session. */
import type { Calls, WriteAnswer } from "session-bridge/protocol";
import type { BridgePort } from "../../ports/ports.ts";

/** Does one write of an origin when it is its turn. */
export type WriteInTurn = <Result extends { ok: boolean }>(
  origin: string,
  run: () => Promise<Result>,
) => Promise<Result>;

/** They change no session that is read here, and leave a trace. */
const OTHERS: readonly string[] = ["end-others", "restore-others"];
const WRITES: readonly string[] = ["edit", "expiry", "cycle", "flush", "restore"];

/** The same port, whose writes are done by `write`. `wrote` receives the trace of each write that succeeded. */
export function serialiseWrites(
  bridge: BridgePort,
  write: WriteInTurn,
  wrote: (origin: string, traceId: string) => void,
): BridgePort {
  return {
    call<N extends keyof Calls>(origin: string, name: N, request: Calls[N]["request"]) {
      const run = () => bridge.call(origin, name, request);
      const runTraced = async () => {
        const result = await run();
        // the answer of each of these calls has it
        if (result.ok) wrote(origin, (result.answer as Pick<WriteAnswer, "traceId">).traceId);
        return result;
      };
      if (OTHERS.includes(name)) return runTraced();
      return WRITES.includes(name) ? write(origin, runTraced) : run();
    },
    traces: bridge.traces.bind(bridge),
    ...(bridge.useToken ? { useToken: bridge.useToken.bind(bridge) } : {}),
  };
}
