/** The stream of a server in memory: its first events, then what its listeners receive, until it is cut. */
import type { StreamEvent } from "session-bridge/protocol";
import type { BridgeProblem } from "../logic/bridge-problem.ts";

/** Takes the next event; null ends the stream, a problem ends it with an error. */
export type StreamListener = (event: StreamEvent | BridgeProblem | null) => void;

/** An open stream. It leaves `listeners` when it ends. */
export async function* streamOf(
  first: StreamEvent[],
  problem: BridgeProblem | null,
  listeners: Set<StreamListener>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  if (problem !== null) throw problem;
  const queue: (StreamEvent | BridgeProblem | null)[] = [...first];
  let wake = (): void => {};
  const listener: StreamListener = (event) => {
    queue.push(event);
    wake();
  };
  const stop = (): void => listener(null);
  listeners.add(listener);
  signal.addEventListener("abort", stop);
  try {
    for (;;) {
      const next = queue.shift();
      if (next === null) return;
      if (next === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if ("type" in next) yield next;
      else throw next;
    }
  } finally {
    listeners.delete(listener);
    signal.removeEventListener("abort", stop);
  }
}
