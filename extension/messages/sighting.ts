/**
 * What `webRequest` saw of one step of one request: the background writes it, the recorder reads it.
 *
 * It waits in `storage.session` between the two, so it is plain data. Set-Cookie lines are in it whole; that
 * storage lives in memory and ends with the browser.
 */
import type { EpochMs } from "session-bridge/protocol";
import {
  readChoice,
  readFields,
  readFlag,
  readNumber,
  readOptional,
  readText,
  readTexts,
  ShapeError,
} from "./read-fields.ts";

export const PHASES = ["started", "sent", "received", "redirected", "completed", "failed"] as const;
export type Phase = (typeof PHASES)[number];

export interface Sighting {
  /** The browser's id: one for a whole chain of redirects. */
  requestId: string;
  phase: Phase;
  at: EpochMs;
  method: string;
  url: string;
  /** The browser's word: `main_frame`, `sub_frame`, `xmlhttprequest`, … */
  type: string;
  status: number | null;
  /** Names in the Cookie header; null when this step does not tell. */
  sentCookies: string[] | null;
  /** Set-Cookie lines, one each; null when this step does not tell. */
  setCookies: string[] | null;
  traceId: string | null;
  fromCache: boolean;
  error: string | null;
}

/** Checks one sighting that came through storage. Throws `ShapeError`. */
export function parseSighting(value: unknown): Sighting {
  const fields = readFields(value, "sighting");
  return {
    requestId: readText(fields, "requestId"),
    phase: readChoice(fields, "phase", PHASES),
    at: readNumber(fields, "at"),
    method: readText(fields, "method"),
    url: readText(fields, "url"),
    type: readText(fields, "type"),
    status: readOptional(fields, "status", readNumber),
    sentCookies: readOptional(fields, "sentCookies", readTexts),
    setCookies: readOptional(fields, "setCookies", readTexts),
    traceId: readOptional(fields, "traceId", readText),
    fromCache: readFlag(fields, "fromCache"),
    error: readOptional(fields, "error", readText),
  };
}

/** A batch as it lies in storage. Throws `ShapeError`. */
export function parseBatch(value: unknown): Sighting[] {
  if (!Array.isArray(value)) throw new ShapeError("[extension] A batch of sightings must be a list.");
  return value.map(parseSighting);
}

const WATCHED = "watched:";
const WAITING = "waiting:";

/** The key under which a recorder says that it watches this tab. */
export function toWatchedKey(tabId: number): string {
  return `${WATCHED}${tabId}`;
}

/** The key of one waiting batch. Keys of one tab sort in the order of writing. */
export function toBatchKey(tabId: number, atMs: EpochMs, count: number): string {
  return `${WAITING}${tabId}:${String(atMs).padStart(15, "0")}:${String(count).padStart(6, "0")}`;
}

export type StorageKey = { kind: "watched"; tabId: number } | { kind: "batch"; tabId: number; atMs: EpochMs };

/** The tab that a key of `storage.session` speaks of, and in which of the two senses; null for other keys. */
export function readStorageKey(key: string): StorageKey | null {
  const watched = /^watched:(\d+)$/.exec(key);
  if (watched) return { kind: "watched", tabId: Number(watched[1]) };
  const batch = /^waiting:(\d+):(\d+):\d+$/.exec(key);
  return batch ? { kind: "batch", tabId: Number(batch[1]), atMs: Number(batch[2]) } : null;
}
