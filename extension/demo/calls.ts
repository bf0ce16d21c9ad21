/**
 * How a bridge in memory answers its calls: sessions read and written in a map, compared by version.
 *
 * For the demo, and for tests, which pass the library's own functions for JSON. It redacts nothing and guards nothing.
 */
import {
  type Calls,
  type Deadlines,
  type EditOperation,
  type HelloAnswer,
  type KeyChange,
  PROTOCOL_VERSION,
  type Refusal,
  type SessionState,
  type Trace,
  type TraceSide,
  type WriteAnswer,
} from "session-bridge/protocol";
import type { CallResult } from "../ports/ports.ts";

/** One stored session. */
export interface Stored {
  dataJson: string;
  version: number;
  expiresAt: number | null;
  /** Absent: the server has neither setting. */
  deadlines?: Deadlines;
  /** When its user logged in, and was last there. Absent: not known. */
  createdAt?: number;
  seenAt?: number;
}

/** What a server does with the JSON of its sessions. */
export interface JsonTools {
  /** The data after the operations, as it is stored. */
  edit(dataJson: string, operations: readonly EditOperation[]): string;
  /** The top-level keys that differ; null: no session. */
  changes(before: string | null, after: string | null): KeyChange[];
}

/** What a bridge in memory says about the sessions of a user, beyond what it stores. */
export interface DevicesMood {
  /** Present: the list is incomplete for this reason. */
  why?: string;
  canUndo?: boolean;
}

/** What the calls need from the server. */
export interface Room {
  json: JsonTools;
  sessions: Map<string, Stored>;
  hello: HelloAnswer;
  log(trace: Partial<Trace>): Trace;
  now: () => number;
  /** What a test has it say about the sessions of a user. */
  devices?: DevicesMood;
}

/** The answer of any call. */
export type Answer = CallResult<unknown>;

/** Answers a call about one session as a bridge would. */
export function answerCall(room: Room, name: keyof Calls, request: Calls["edit"]["request"]): Answer {
  const serverTime = room.now();
  if (name === "hello") return { ok: true, answer: { ...room.hello, serverTime } };
  const stored = room.sessions.get(request.cookie);
  if (name === "session") {
    if (request.cookie === "") return { ok: true, answer: { serverTime, found: false, reason: "no-cookie" } };
    if (stored === undefined || (stored.expiresAt ?? serverTime + 1) <= serverTime) {
      return { ok: true, answer: { serverTime, found: false, reason: "unknown" } };
    }
    const kept = { cookie: request.cookie, sealed: JSON.stringify(stored) };
    return { ok: true, answer: { serverTime, found: true, session: toState(request.cookie, stored), kept } };
  }
  if (name === "restore") return restore(room, request as unknown as Calls["restore"]["request"]);
  if (stored === undefined) return refuse(404, { code: "gone", message: "There is no such session now." });
  if (request.ifVersion !== String(stored.version)) {
    const session = toState(request.cookie, stored);
    return refuse(409, { code: "conflict", message: "The session has changed in the meantime.", session });
  }
  return write(room, name, request, stored);
}

function write(room: Room, name: keyof Calls, request: Calls["edit"]["request"], stored: Stored): Answer {
  const kept = { cookie: request.cookie, sealed: JSON.stringify(stored) };
  let cookie: string | null = request.cookie;
  const next: Stored = { ...stored, version: stored.version + 1 };
  if (name === "edit") next.dataJson = room.json.edit(stored.dataJson, request.operations);
  if (name === "expiry")
    next.expiresAt = changeExpiry(room, request as unknown as Calls["expiry"]["request"], stored);
  if (name === "cycle") cookie = `${request.cookie}-next`;
  if (cookie !== request.cookie || name === "flush") room.sessions.delete(request.cookie);
  if (name === "flush") cookie = null;
  else if (cookie !== null) room.sessions.set(cookie, next);
  const trace = room.log(
    editTrace(room, name, request.cookie, { before: stored, after: cookie === null ? null : next }),
  );
  return written(room, { cookie, stored: cookie === null ? null : next, kept, traceId: trace.id });
}

function restore(room: Room, request: Calls["restore"]["request"]): Answer {
  const copy: unknown = JSON.parse(request.kept.sealed);
  const stored = copy as Stored; // sealed by `write` above
  const there = room.sessions.get(request.kept.cookie);
  if (request.ifVersion !== undefined && request.ifVersion !== (there ? String(there.version) : null)) {
    const session = there && toState(request.kept.cookie, there);
    const message = "The session has changed in the meantime.";
    return refuse(409, { code: "conflict", message, ...(session ? { session } : {}) });
  }
  if (request.replaces !== null) room.sessions.delete(request.replaces);
  const before = room.sessions.get(request.cookie) ?? stored;
  room.sessions.set(request.kept.cookie, stored);
  const trace = room.log(editTrace(room, "restore", request.kept.cookie, { before, after: stored }));
  const kept = { cookie: request.cookie, sealed: JSON.stringify(before) };
  return written(room, { cookie: request.kept.cookie, stored, kept, traceId: trace.id });
}

function written(
  room: Room,
  result: { cookie: string | null; stored: Stored | null; kept: WriteAnswer["kept"]; traceId: string },
): Answer {
  const { cookie, stored } = result;
  const answer: WriteAnswer = {
    serverTime: room.now(),
    session: cookie === null || stored === null ? null : toState(cookie, stored),
    cookie,
    cookieExpiresAt: stored?.expiresAt ?? null,
    kept: result.kept,
    traceId: result.traceId,
  };
  return { ok: true, answer };
}

function changeExpiry(room: Room, request: Calls["expiry"]["request"], stored: Stored): number | null {
  const { change } = request;
  const now = room.now();
  if (change.kind === "seconds") return now + change.seconds * 1000;
  if (change.kind === "at") return change.at;
  if (change.kind === "shift") return (stored.expiresAt ?? now) - change.shiftSeconds * 1000;
  return now + 14 * 86_400_000;
}

function editTrace(
  { json }: Room,
  name: keyof Calls,
  key: string,
  { before, after }: { before: Stored; after: Stored | null },
): Partial<Trace> {
  const changes = json.changes(before.dataJson, after?.dataJson ?? null);
  return {
    origin: "panel",
    request: { method: "POST", path: `/__sessions/v1/${name}`, status: 200, durationMs: 2 },
    touched: true,
    before: sideOf(key, before),
    after: after && sideOf(key, after),
    changes: name === "flush" ? [] : changes,
    newKey: name === "cycle",
    flushedKeys: name === "flush" ? changes.length : null,
  };
}

/** One side of a trace for a stored session. */
export function sideOf(key: string, stored: Stored): TraceSide {
  const { dataJson, version, expiresAt, deadlines } = stored;
  const ends = { expiresAt, ...(deadlines && { deadlines }) };
  return { key: shorten(key), keyId: key, dataJson, version: String(version), ...ends, truncated: false };
}

function toState(key: string, stored: Stored): SessionState {
  return {
    key: shorten(key),
    keyId: key,
    dataJson: stored.dataJson,
    version: String(stored.version),
    expiresAt: stored.expiresAt,
    ...(stored.deadlines && { deadlines: stored.deadlines }),
    atBrowserClose: false,
    ageSeconds: 3600,
    encoded: `${btoa(unescape(encodeURIComponent(stored.dataJson))).replaceAll("=", "")}:1vNdYs:demo-signature`,
    bytes: stored.dataJson.length,
  };
}

function shorten(key: string): string {
  return `${key.slice(0, 4)}…${key.slice(-4)}`;
}

/** A refusal by the bridge. */
export function refuse(status: number, refusal: Omit<Refusal, "protocol">): Answer {
  return {
    ok: false,
    problem: { kind: "refused", status, refusal: { ...refusal, protocol: PROTOCOL_VERSION } },
  };
}
