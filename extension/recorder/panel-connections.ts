/**
 * The recorder's side of the ports to its panels: the history on request, then every change as it comes; and values that a panel
 * wants kept.
 *
 * Changes wait one turn and are sent together, so that a burst of requests is a few messages. A panel may connect again at any
 * time: Firefox reloads it whenever its Toolbox is docked elsewhere.
 */

import type { NetworkRequest } from "../messages/network-request.ts";
import { parsePanelMessage, type RecorderMessage } from "../messages/recorder-messages.ts";
import type { Recorder } from "./recorder.ts";

/** The part of `runtime.Port` that this needs. */
export interface PanelPort {
  postMessage(message: RecorderMessage): void;
  onMessage: { addListener(listener: (message: unknown) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}

interface PanelConnections {
  /** Serves one more panel, until its port closes. */
  add(port: PanelPort): void;
  tell(message: RecorderMessage): void;
  /** A request that has become known, or better known. */
  changed(request: NetworkRequest): void;
}

interface PanelConnectionsOptions {
  recorder: () => Recorder;
  /** What a new panel receives first. */
  greet: () => RecorderMessage[];
  /** Runs a task soon, after what is happening now. */
  later: (task: () => void) => void;
}

/** Requests in one message: small enough not to block either side. */
const PIECE = 500;
/** The most values that a panel can keep: about one for each row that it can show. The oldest are dropped first. */
const MOST_KEPT = 10_000;

export function createPanelConnections({
  recorder,
  greet,
  later,
}: PanelConnectionsOptions): PanelConnections {
  const ports = new Set<PanelPort>();
  const waiting = new Map<string, NetworkRequest>();
  const kept = new Map<string, unknown>();

  function tell(message: RecorderMessage): void {
    for (const port of ports) port.postMessage(message);
  }

  function flush(): void {
    const requests = [...waiting.values()];
    waiting.clear();
    if (requests.length === 0) return;
    for (const [piece] of toPieces(requests)) tell({ say: "requests", requests: piece });
  }

  function keep(key: string, value: unknown): void {
    if (value === undefined) kept.delete(key);
    else kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) return;
      kept.delete(oldest);
    }
  }

  function listen(port: PanelPort, message: unknown): void {
    const wish = parsePanelMessage(message);
    switch (wish.say) {
      case "history":
        sendHistory(port, recorder().history());
        break;
      case "record":
        recorder().setRecording(wish.on);
        break;
      case "keep":
        keep(wish.key, wish.value);
        break;
      case "recall":
        sendKept(port, kept);
        break;
      case "clear":
        waiting.clear();
        recorder().clear();
    }
  }

  return {
    add(port) {
      ports.add(port);
      port.onMessage.addListener((message) => listen(port, message));
      port.onDisconnect.addListener(() => ports.delete(port));
      for (const message of greet()) port.postMessage(message);
    },
    tell,
    changed(request) {
      if (ports.size === 0) return;
      if (waiting.size === 0) later(flush);
      waiting.set(request.id, request);
    },
  };
}

function sendHistory(port: PanelPort, { requests, ...facts }: ReturnType<Recorder["history"]>): void {
  for (const [piece, more] of toPieces(requests)) {
    port.postMessage({ say: "history", requests: piece, ...facts, more });
  }
}

function sendKept(port: PanelPort, kept: ReadonlyMap<string, unknown>): void {
  for (const [piece, more] of toPieces([...kept])) port.postMessage({ say: "kept", items: piece, more });
}

/** The items in pieces, at least one, each with whether more follow. */
function toPieces<T>(items: readonly T[]): [piece: T[], more: boolean][] {
  const pieces: [T[], boolean][] = [];
  for (let from = 0; from === 0 || from < items.length; from += PIECE) {
    pieces.push([items.slice(from, from + PIECE), from + PIECE < items.length]);
  }
  return pieces;
}
