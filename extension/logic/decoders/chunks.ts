/**
 * Values that were too long for one cookie: Auth.js, Better Auth, Auth0 and Supabase cut them into `name.0`, `name.1`,
 * … They are joined here.
 */
import { showUnseen } from "../show-unseen.ts";
import type { Decoded, Encoded, Sibling } from "./decoded.ts";

/** A joined value, or the numbers of the missing chunks. */
type Joined =
  | { state: "whole"; name: string; value: string; parts: readonly string[] }
  | { state: "torn"; name: string; missing: readonly string[] };

/** Better Auth stops at 100; higher numbers are not chunks of a session. */
const MAX_CHUNKS = 100;

/** Names under which libraries store chunks: with these, a `.1` without a `.0` is a chunk too. */
const CHUNKED = /(?:session[_-](?:token|data)|appSession|-auth-token)$/;

/**
 * Joins a chunk with its siblings; null if the cookie's name is not that of a chunk. Other names need at least two
 * chunks.
 */
export function joinChunks({ name, value, siblings }: Encoded): Joined | null {
  const own = toChunk({ name, value });
  if (own === null) return null;
  const found = new Map([[own.at, own.value]]);
  for (const sibling of siblings) {
    const chunk = toChunk(sibling);
    if (chunk?.base === own.base && !found.has(chunk.at)) found.set(chunk.at, chunk.value);
  }
  const known = CHUNKED.test(own.base);
  const numbers = Array.from({ length: Math.max(...found.keys()) + 1 }, (_, at) => at);
  const missing = numbers.filter((at) => !found.has(at));
  if (!known && (missing.length > 0 || found.size < 2)) return null;
  const named = (at: number): string => `${own.base}.${at}`;
  if (missing.length > 0) return { state: "torn", name: own.base, missing: missing.map(named) };
  const whole = numbers.map((at) => found.get(at) ?? "").join("");
  return { state: "whole", name: own.base, value: whole, parts: numbers.map(named) };
}

/** The sentence about a chunk whose siblings are not all there. */
export function toTorn(missing: readonly string[]): Decoded {
  return named([`${list(missing)} ${missing.length === 1 ? "is" : "are"} missing, so it cannot be read.`]);
}

/** The sentence about chunks whose joined value has no known form. */
export function toUnread(parts: readonly string[]): Decoded {
  return named([joinedNote(parts), "The joined value has no known form. A chunk at its end may be missing."]);
}

/** Says which chunks were joined. */
export function joinedNote(parts: readonly string[]): string {
  return parts.length === 1 ? `${list(parts)} is the only chunk present.` : `Joined from ${list(parts)}.`;
}

function named(notes: string[]): Decoded {
  return { format: "One chunk of a longer value", json: null, issuedAt: null, expiresAt: null, notes };
}

function list(names: readonly string[]): string {
  const shown = names.map(showUnseen);
  return shown.length === 1 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

function toChunk({ name, value }: Sibling): { base: string; at: number; value: string } | null {
  const dot = name.lastIndexOf(".");
  const digits = name.slice(dot + 1);
  if (dot < 1 || !/^(?:0|[1-9]\d?)$/.test(digits) || Number(digits) >= MAX_CHUNKS) return null;
  return { base: name.slice(0, dot), at: Number(digits), value };
}
