/** Where the bridge is, and the names of the headers that both sides use. */
import type { CallName } from "./messages.ts";

/** Every call is `POST` to this path plus its name. */
export const BRIDGE_PATH = "/__sessions/v1/";

/** Names the trace of a response, and where its bridge is: see `readTraceHeader`. */
export const TRACE_HEADER = "Session-Trace";

/**
 * Asks the bridge to prove that it made a trace, before it receives anything else: the digest of the trace's id and a
 * nonce, see `writeChallenge`.
 */
export const CHALLENGE_HEADER = "Session-Bridge-Challenge";

/** The proof, on every answer to a call with a challenge. */
export const PROOF_HEADER = "Session-Bridge-Proof";

/** Carries `SESSION_BRIDGE_TOKEN`, if one is set. */
export const TOKEN_HEADER = "Session-Bridge-Token";

/**
 * Where a bridge next to a site (`session-bridge django`) listens: the first free one of these ports on loopback. The
 * panel tries them if the site itself has no bridge.
 */
export const LOOPBACK_PORTS: readonly number[] = [47_801, 47_802, 47_803, 47_804];

/** @deprecated Renamed to `LOOPBACK_PORTS`; this name will be removed in the next version. */
export const BESIDE_PORTS = LOOPBACK_PORTS;

/** Longest body of any call except `restore` and `restore-others`. */
export const MAX_BODY_BYTES = 256 * 1024;
/** Longest body of `restore` and `restore-others`: they carry whole sessions back, whatever their size. */
export const MAX_RESTORE_BYTES = 32 * 1024 * 1024;
/** The most cookie values that one `traces` call can show. */
export const MAX_PROOFS = 32;
/** The most sessions of a user that one answer to `devices` lists. */
export const MAX_DEVICES = 200;
/** The most trace ids that one `traces` call can show. */
export const MAX_IDS = 200;

const CALLS: readonly string[] = [
  "hello",
  "session",
  "traces",
  "edit",
  "expiry",
  "cycle",
  "flush",
  "restore",
  "devices",
  "end-others",
  "restore-others",
];
const TRACE_ID = /^[A-Za-z0-9_-]{22}$/;

/** The call that a request's path names, or null if the path is not the bridge's. */
export function readCall(path: string): CallName | null {
  if (!path.startsWith(BRIDGE_PATH)) return null;
  const name = path.slice(BRIDGE_PATH.length);
  return CALLS.includes(name) ? (name as CallName) : null; // checked against the list on this line
}

/** Longest body of this call, in bytes. */
export function maxBodyBytes(call: CallName): number {
  return call === "restore" || call === "restore-others" ? MAX_RESTORE_BYTES : MAX_BODY_BYTES;
}

/** True for a string in the form of a trace id: 22 characters of base64url, 128 bits. */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text);
}
