/**
 * A pretended server with a bridge, all in memory: keeps sessions, answers calls and streams traces as the real one
 * does. For tests and the harness page only; it redacts nothing and guards nothing.
 */
import {
  type Calls,
  type HelloAnswer,
  type Json,
  PROTOCOL_VERSION,
  type Refusal,
  type StreamEvent,
  type Trace,
} from "session-bridge/protocol";
import type { BridgePort, BridgeProblem, CallResult } from "../../../extension/ports/ports.ts";
import { answerCall, type Stored } from "./calls.ts";
import { type StreamListener, streamOf } from "./stream.ts";

export type ServerMood = "up" | "down" | "absent" | "refused" | "version" | "no-access";

/** What tests and the harness do to the server. */
export interface MemoryServer extends BridgePort {
  hello: HelloAnswer;
  setMood(mood: ServerMood): void;
  /** Stores a session under the cookie value `key`. */
  put(key: string, data: Json | string, expiresAt?: number | null): void;
  read(key: string): Stored | undefined;
  drop(key: string): void;
  /** Adds a trace to the log and sends it to every open stream. Missing fields are filled in. */
  trace(trace: Partial<Trace>): Trace;
  /** Ends every open stream, as a dying server does. */
  cut(): void;
  /** Lets go of the log's traces, as a full ring does, without a word. */
  forget(): void;
  /** Forgets the log and takes another process name, as a restart does. */
  restart(): void;
  /** Sends an event to every open stream. */
  send(event: StreamEvent): void;
  /** What was asked, oldest first. */
  readonly asked: { origin: string; name: string; request: unknown }[];
  readonly streams: number;
}

/** The token that a server in the mood `refused` asks for. */
export const MEMORY_TOKEN = "right-token";

/** A server with no session yet. `now` is its clock. */
export function createMemoryServer(now: () => number): MemoryServer {
  const sessions = new Map<string, Stored>();
  const listeners = new Set<StreamListener>();
  const asked: MemoryServer["asked"] = [];
  let mood: ServerMood = "up";
  let log: Trace[] = [];
  let sequence = 0;
  let restarts = 0;
  const server: MemoryServer = {
    asked,
    hello: {
      protocol: PROTOCOL_VERSION,
      library: { name: "session-bridge", version: "1.0.0" },
      engine: "cached_db",
      cookieNames: ["sessionid"],
      capabilities: ["read", "traces", "edit", "expiry", "cycle", "flush", "restore", "conflicts"],
      serverTime: 0,
      process: "p1",
    },
    get streams() {
      return listeners.size;
    },
    setMood(next) {
      mood = next;
      if (next !== "up") server.cut();
    },
    put(key, data, expiresAt = now() + 3600_000) {
      const dataJson = typeof data === "string" ? data : JSON.stringify(data);
      const version = (sessions.get(key)?.version ?? 0) + 1;
      sessions.set(key, { dataJson, version, expiresAt });
    },
    read: (key) => sessions.get(key),
    drop: (key) => void sessions.delete(key),
    trace(partial) {
      sequence += 1;
      const trace = fillTrace({ sequence, process: server.hello.process, at: now(), ...partial });
      log.push(trace);
      server.send({ type: "trace", trace });
      return trace;
    },
    cut() {
      for (const listener of [...listeners]) listener(null);
    },
    forget() {
      log = [];
    },
    restart() {
      restarts += 1;
      server.hello = { ...server.hello, process: `p${restarts + 1}` };
      log = [];
      sequence = 0;
      server.cut();
    },
    send(event) {
      for (const listener of [...listeners]) listener(event);
    },
    async useToken(origin, token) {
      asked.push({ origin, name: "token", request: token });
      if (mood === "refused" && token === MEMORY_TOKEN) mood = "up";
    },
    async call(origin, name, request) {
      asked.push({ origin, name, request });
      const problem = problemOf(mood, origin);
      if (problem !== null) return { ok: false, problem };
      const answer = answerCall(
        { sessions, hello: server.hello, log: server.trace, now },
        name,
        request as Calls["edit"]["request"],
      );
      return answer as CallResult<Calls[typeof name]["answer"]>; // each case answers its own call
    },
    traces(origin, request, signal) {
      asked.push({ origin, name: "traces", request });
      const problem = problemOf(mood, origin);
      const backlog =
        request.since === null ? log : log.filter((each) => each.sequence > (request.since ?? 0));
      const first: StreamEvent[] = [
        { type: "open", process: server.hello.process, serverTime: now(), newest: sequence },
      ];
      if (request.since !== null && request.process !== server.hello.process) {
        first.push({ type: "gap", reason: "restarted", from: request.since, to: 0 });
      }
      for (const trace of backlog) first.push({ type: "trace", trace });
      return streamOf(first, problem, listeners, signal);
    },
  };
  return server;
}

function fillTrace(partial: Partial<Trace> & Pick<Trace, "sequence" | "process" | "at">): Trace {
  return {
    id: `trace-${partial.process}-${partial.sequence}`.padEnd(22, "_"),
    origin: "request",
    request: { method: "GET", path: "/", status: 200, durationMs: 3 },
    touched: true,
    before: null,
    after: null,
    changes: [],
    newKey: false,
    flushedKeys: null,
    operations: [],
    cookie: null,
    findings: [],
    ...partial,
  };
}

function problemOf(mood: ServerMood, origin: string): BridgeProblem | null {
  if (mood === "down") return { kind: "unreachable", detail: "Failed to fetch" };
  if (mood === "absent") return { kind: "absent", status: 404 };
  if (mood === "no-access") return { kind: "no-access", origin };
  const refusal = (code: Refusal["code"], message: string): BridgeProblem => {
    const protocol = code === "version" ? PROTOCOL_VERSION + 1 : PROTOCOL_VERSION;
    return { kind: "refused", status: 403, refusal: { code, message, protocol } };
  };
  if (mood === "refused") return refusal("token-missing", "This bridge asks for a token.");
  if (mood === "version") return refusal("version", "This bridge speaks another version.");
  return null;
}
