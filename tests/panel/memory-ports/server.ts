/**
 * A simulated server with a bridge, all in memory: keeps sessions, answers calls and streams traces as the real one
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
import type { DevicesMood, JsonTools, Stored } from "../../../extension/demo/calls.ts";
import { DEMO_HELLO } from "../../../extension/demo/demo-server.ts";
import { answerAnyCall } from "../../../extension/demo/devices-calls.ts";
import { type StreamListener, streamOf } from "../../../extension/demo/stream.ts";
import { createTraceLog } from "../../../extension/demo/trace-log.ts";
import type { BridgeProblem, FailedPlace } from "../../../extension/logic/bridge-problem.ts";
import type { BridgePort, CallResult } from "../../../extension/ports/ports.ts";
import { applyEdit } from "../../../server-bridge/src/bridge/calls/edit-json.ts";
import { changesBetween, readEntries } from "../../../server-bridge/src/bridge/traces/changes.ts";
import { readContents } from "../../../server-bridge/src/core/data/json.ts";

export type ServerMood = "up" | "down" | "absent" | "refused" | "version" | "no-access";

/** What tests and the harness do to the server. */
export interface MemoryServer extends BridgePort {
  hello: HelloAnswer;
  setMood(mood: ServerMood): void;
  /** In the mood `absent`: the port that the page's responses named was called, too. */
  failedAt: FailedPlace | null;
  /** Until then the library still accepts a cookie for which nothing is stored, from a copy; null: it keeps no copies. */
  acceptedUntil: number | null;
  /** What it says about the sessions of a user. */
  devices: DevicesMood;
  /** Stores a session under the cookie value `key`. */
  put(key: string, data: Json | string, expiresAt?: number | null): void;
  read(key: string): Stored | undefined;
  /** Adds to a stored session what only some servers know of it. */
  know(key: string, more: Partial<Stored>): void;
  drop(key: string): void;
  /** Adds a trace to the log and sends it to every open stream. Missing fields are filled in. */
  trace(trace: Partial<Trace>): Trace;
  /** Ends every open stream, as a server that dies does. */
  cut(): void;
  /** Drops the log's traces without notice, as a full ring does. */
  forget(): void;
  /** Forgets the log and takes another process name, as a restart does. */
  restart(): void;
  /** Sends an event to every open stream. */
  send(event: StreamEvent): void;
  /** The calls received, oldest first. */
  readonly asked: { origin: string; name: string; request: unknown }[];
  readonly streams: number;
}

/** How a server introduces itself before a test changes it. */
const HELLO: HelloAnswer = {
  ...DEMO_HELLO,
  library: { name: "session-bridge", version: "0.1.0" },
  // as with a server without the setting users
  capabilities: DEMO_HELLO.capabilities.filter((each) => each !== "devices" && each !== "end-others"),
  process: "p1",
};

/** As the library itself reads and writes a session's JSON. */
const JSON_TOOLS: JsonTools = {
  edit(dataJson, operations) {
    const edited = applyEdit(dataJson, operations);
    return readContents(edited)?.json ?? edited; // the string that this library's stores write
  },
  changes: (before, after) => changesBetween(readEntries(before), readEntries(after)),
};

/** The token that a server in the mood `refused` requires. */
export const MEMORY_TOKEN = "right-token";

/** A server with no session yet. `now` is its clock. */
export function createMemoryServer(now: () => number): MemoryServer {
  const sessions = new Map<string, Stored>();
  const listeners = new Set<StreamListener>();
  const asked: MemoryServer["asked"] = [];
  const log = createTraceLog(now);
  let mood: ServerMood = "up";
  let restarts = 0;
  const server: MemoryServer = {
    asked,
    failedAt: null,
    acceptedUntil: null,
    devices: {},
    hello: structuredClone(HELLO),
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
      sessions.set(key, { ...sessions.get(key), dataJson, version, expiresAt });
    },
    read: (key) => sessions.get(key),
    know(key, more) {
      const stored = sessions.get(key);
      if (stored !== undefined) sessions.set(key, { ...stored, ...more });
    },
    drop: (key) => void sessions.delete(key),
    trace(partial) {
      const trace = log.add(server.hello.process, partial);
      server.send({ type: "trace", trace });
      return trace;
    },
    cut() {
      for (const listener of [...listeners]) listener(null);
    },
    forget: log.forget,
    restart() {
      restarts += 1;
      server.hello = { ...server.hello, process: `p${restarts + 1}` };
      log.restart();
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
      const at = problem?.kind === "absent" ? server.failedAt : null;
      if (problem !== null) return { ok: false, problem: { ...problem, ...(at && { at }) } };
      if (name === "session" && isForged(request as Calls["session"]["request"])) {
        const tampered = { serverTime: now(), found: false, reason: "tampered" } as const;
        return { ok: true, answer: tampered } as CallResult<Calls[typeof name]["answer"]>; // that of `session`
      }
      const answer = answerAnyCall(
        { sessions, hello: server.hello, log: server.trace, now, json: JSON_TOOLS, devices: server.devices },
        name,
        request as Calls["edit"]["request"],
      );
      const told = name === "session" ? withCopy(answer, server.acceptedUntil) : answer;
      return told as CallResult<Calls[typeof name]["answer"]>; // each case handles its own call
    },
    traces(origin, request, signal) {
      asked.push({ origin, name: "traces", request });
      const first = log.openingFor(server.hello.process, request);
      return streamOf(first, problemOf(mood, origin), listeners, signal);
    },
  };
  return server;
}

/** The answer to `session`, with the time until which a copy is accepted if nothing is stored. */
function withCopy(result: CallResult<unknown>, acceptedUntil: number | null): CallResult<unknown> {
  if (!result.ok || acceptedUntil === null || Object(result.answer).reason !== "unknown") return result;
  return { ok: true, answer: { ...Object(result.answer), acceptedUntil } };
}

/** The server signs no cookie. It takes one for tampered with if a test calls it forged. */
function isForged({ cookie }: Calls["session"]["request"]): boolean {
  return cookie.startsWith("forged");
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
