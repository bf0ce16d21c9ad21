/** How a bridge in memory lists, ends and puts back the other sessions of a user: those with the same `user_id`. */
import type { Calls, DevicesAnswer, UserSessionRecord } from "session-bridge/protocol";
import { type Answer, answerCall, type Room, refuse, type Stored, sideOf } from "./calls.ts";

const MAX_LISTED = 200;
const UNDO_MS = 300_000;

type DevicesCall = "devices" | "end-others" | "restore-others";

/** Answers any call as a bridge would. */
export function answerAnyCall(room: Room, name: keyof Calls, request: Calls["edit"]["request"]): Answer {
  return name === "devices" || name === "end-others" || name === "restore-others"
    ? answerDevices(room, name, request)
    : answerCall(room, name, request);
}

function answerDevices(room: Room, name: DevicesCall, request: { cookie: string }): Answer {
  const serverTime = room.now();
  const own = readLive(room, request.cookie);
  if (name === "restore-others")
    return restoreOthers(room, request as Calls["restore-others"]["request"], own);
  if (own === undefined) {
    if (name === "end-others") return refuse(403, { code: "gone", message: "There is no such session now." });
    const reason = request.cookie === "" ? "no-cookie" : "unknown";
    return { ok: true, answer: { serverTime, found: false, reason } };
  }
  const user = userOf(own);
  if (user === undefined) return { ok: true, answer: { serverTime, found: false, reason: "no-user" } };
  const others = [...room.sessions].filter(
    ([key]) => key !== request.cookie && userOf(readLive(room, key)) === user,
  );
  if (name === "end-others") return endOthers(room, request as Calls["end-others"]["request"], own, others);
  const sorted = others.toSorted(([, one], [, other]) => (other.seenAt ?? 0) - (one.seenAt ?? 0));
  const answer: DevicesAnswer = {
    serverTime,
    found: true,
    version: String(own.version),
    sessions: [
      toRecord(request.cookie, own, true),
      ...sorted.slice(0, MAX_LISTED - 1).map(([key, stored]) => toRecord(key, stored, false)),
    ],
    total: others.length + 1,
    complete: room.devices?.why === undefined,
    ...(room.devices?.why !== undefined && { why: room.devices.why }),
    canUndo: room.devices?.canUndo ?? others.length <= MAX_LISTED,
  };
  return { ok: true, answer };
}

function endOthers(
  room: Room,
  request: Calls["end-others"]["request"],
  own: Stored,
  others: readonly [string, Stored][],
): Answer {
  if (request.ifVersion !== String(own.version))
    return refuse(409, { code: "conflict", message: "The session has changed in the meantime." });
  for (const [key] of others) room.sessions.delete(key);
  const serverTime = room.now();
  const isKept = request.keep && others.length > 0;
  const sealed = JSON.stringify({ user: userOf(own), until: serverTime + UNDO_MS, others });
  const answer: Calls["end-others"]["answer"] = {
    serverTime,
    ended: others.length,
    complete: room.devices?.why === undefined,
    ...(room.devices?.why !== undefined && { why: room.devices.why }),
    kept: isKept ? { cookie: request.cookie, sealed } : null,
    keptUntil: isKept ? serverTime + UNDO_MS : null,
    traceId: traceOf(room, request.cookie, own, { name: "delete", did: `ended ${others.length}` }),
  };
  return { ok: true, answer };
}

/** Sealed by `endOthers` above. */
interface Sealed {
  user: unknown;
  until: number;
  others: [string, Stored][];
}

function restoreOthers(
  room: Room,
  { cookie, kept }: Calls["restore-others"]["request"],
  own: Stored | undefined,
): Answer {
  const { user, until, others }: Sealed = JSON.parse(kept.sealed);
  if (own === undefined || userOf(own) !== user)
    return refuse(403, {
      code: "gone",
      message: "Another user, or no one, is logged in now, so the sessions stay ended.",
    });
  if (room.now() >= until)
    return refuse(403, {
      code: "gone",
      message: "More than five minutes have passed, so the sessions stay ended.",
    });
  const back = others.filter(([key]) => !room.sessions.has(key));
  for (const [key, stored] of back) room.sessions.set(key, stored);
  const answer: Calls["restore-others"]["answer"] = {
    serverTime: room.now(),
    restored: back.length,
    left: others.length - back.length,
    traceId: traceOf(room, cookie, own, { name: "create", did: `put back ${back.length}` }),
  };
  return { ok: true, answer };
}

function traceOf(
  room: Room,
  key: string,
  own: Stored,
  { name, did }: { name: "delete" | "create"; did: string },
): string {
  const call = name === "delete" ? "end-others" : "restore-others";
  const side = sideOf(key, own);
  return room.log({
    origin: "panel",
    request: { method: "POST", path: `/__sessions/v1/${call}`, status: 200, durationMs: 2 },
    touched: true,
    before: side,
    after: side,
    operations: [{ name, durationMs: 1, reason: `another session of this user: ${did}` }],
  }).id;
}

function readLive({ sessions, now }: Room, key: string): Stored | undefined {
  const stored = sessions.get(key);
  return stored !== undefined && (stored.expiresAt ?? now() + 1) > now() ? stored : undefined;
}

function userOf(stored: Stored | undefined): unknown {
  return stored === undefined ? undefined : Object(JSON.parse(stored.dataJson)).user_id;
}

function toRecord(
  key: string,
  { createdAt, seenAt, expiresAt }: Stored,
  current: boolean,
): UserSessionRecord {
  return { id: key, createdAt: createdAt ?? null, lastSeenAt: seenAt ?? null, expiresAt, current };
}
