/**
 * Values that were too long for one cookie: Auth.js, Better Auth, Supabase, iron-session and express-openid-connect cut them
 * into `name.0`, `name.1`, …; Auth0 for Next.js into `name__0`, `name__1`, … They are joined here.
 */
import { showUnseen } from "../show-unseen.ts";
import type { Decoded, Encoded, Sibling } from "./decoded.ts";

/** A joined value, or the numbers of the missing chunks. */
type Joined =
  | { state: "whole"; name: string; value: string; parts: readonly string[] }
  /** `isSure`: its first chunk is known not to be whole. Otherwise the numbered cookies may also be independent values. */
  | { state: "torn"; name: string; missing: readonly string[]; isSure: boolean };

/** Names under which libraries store chunks: with these, a `.1` without a `.0` is a chunk too. */
const CHUNKED = /(?:session[_-](?:token|data)\.|appSession\.|-auth-token\.|^__session__)$/;

/** A cookie that may be a chunk: its name up to the number, and that number. */
interface Chunk {
  /** The name of the whole. */
  base: string;
  /** What is between that name and the number: `.` or `__`. */
  mark: string;
  at: number;
  value: string;
}

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
    if (chunk?.base === own.base && chunk.mark === own.mark && !found.has(chunk.at))
      found.set(chunk.at, chunk.value);
  }
  const isSure = isCutSeal(found.get(0));
  const known = isSure || CHUNKED.test(own.base + own.mark);
  const numbers = Array.from({ length: Math.max(...found.keys()) + 1 }, (_, at) => at);
  const missing = numbers.filter((at) => !found.has(at));
  if (!known && (missing.length > 0 || found.size < 2)) return null;
  const named = (at: number): string => `${own.base}${own.mark}${at}`;
  if (missing.length > 0) return { state: "torn", name: own.base, missing: missing.map(named), isSure };
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

/** True for the beginning of a value that iron sealed: a whole one has eight parts. */
function isCutSeal(first: string | undefined): boolean {
  return first?.startsWith("Fe26.2*") === true && first.split("*").length < 8;
}

/** Better Auth stops at 100; higher numbers are not chunks of a session. */
function toChunk({ name, value }: Sibling): Chunk | null {
  const [, base, mark, digits] = /^(.+?)(\.|__)(0|[1-9]\d?)$/s.exec(name) ?? [];
  if (base === undefined || mark === undefined) return null;
  return { base, mark, at: Number(digits), value };
}
