/** The demo's server: a bridge in memory that answers only the demo's panel. */
import {
  type Calls,
  type HelloAnswer,
  type Json,
  PROTOCOL_VERSION,
  type Trace,
} from "session-bridge/protocol";
import type { BridgePort, CallResult } from "../ports/ports.ts";
import type { Stored } from "./calls.ts";
import { answerAnyCall } from "./devices-calls.ts";
import { DEMO_JSON } from "./edit-data.ts";
import { type StreamListener, streamOf } from "./stream.ts";
import { createTraceLog } from "./trace-log.ts";

/** The bridge, and what the story does on its server. */
export interface DemoServer {
  bridge: BridgePort;
  /** Stores a session under the cookie's value. `createdAt`: when its user logged in, if that was not now. */
  put(key: string, data: Json, expiresAt: number, createdAt?: number): void;
  read(key: string): Stored | undefined;
  drop(key: string): void;
  /** Adds a trace to the log and sends it to the panel. */
  trace(trace: Partial<Trace>): Trace;
}

/** How it introduces itself. */
export const DEMO_HELLO: HelloAnswer = {
  protocol: PROTOCOL_VERSION,
  library: { name: "session-bridge", version: "demo" },
  engine: "cached_db",
  cookieNames: ["sessionid"],
  capabilities: [
    "read",
    "traces",
    "edit",
    "expiry",
    "cycle",
    "flush",
    "restore",
    "conflicts",
    "devices",
    "end-others",
  ],
  serverTime: 0,
  process: "demo",
};

/** A server without sessions. `now` is its clock. */
export function createDemoServer(now: () => number): DemoServer {
  const sessions = new Map<string, Stored>();
  const listeners = new Set<StreamListener>();
  const log = createTraceLog(now);
  const trace = (partial: Partial<Trace>): Trace => {
    const added = log.add(DEMO_HELLO.process, partial);
    for (const listener of [...listeners]) listener({ type: "trace", trace: added });
    return added;
  };
  const bridge: BridgePort = {
    async call(_origin, name, request) {
      const room = { sessions, hello: DEMO_HELLO, log: trace, now, json: DEMO_JSON };
      const answer = answerAnyCall(room, name, request as Calls["edit"]["request"]);
      return answer as CallResult<Calls[typeof name]["answer"]>; // each case handles its own call
    },
    traces: (_origin, request, signal) =>
      streamOf(log.openingFor(DEMO_HELLO.process, request), null, listeners, signal),
  };
  return {
    bridge,
    trace,
    put(key, data, expiresAt, createdAt = sessions.get(key)?.createdAt ?? now()) {
      const version = (sessions.get(key)?.version ?? 0) + 1;
      const dataJson = JSON.stringify(data);
      sessions.set(key, { dataJson, version, expiresAt, createdAt, seenAt: now() });
    },
    read: (key) => sessions.get(key),
    drop: (key) => void sessions.delete(key),
  };
}
