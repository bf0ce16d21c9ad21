/**
 * What `webRequest` saw of one step of one request: the background writes it, the recorder reads it.
 *
 * It waits in `storage.session` between the two, so it is plain data. It contains complete Set-Cookie lines; that storage is in
 * memory only and is gone when the browser closes.
 */
import { type EpochMs, finite, flag, list, oneOf, record } from "session-bridge/protocol";
import { anyText, listOf, orAbsent, toParser } from "./message-parser.ts";

/** The steps of a request that `webRequest` reports. */
const PHASES = ["started", "sent", "received", "redirected", "completed", "failed"] as const;
/** One of the steps. */
export type Phase = (typeof PHASES)[number];

/** One step of one request. */
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
  /** Names in the Cookie header; null if this step does not show them. */
  sentCookies: string[] | null;
  /** Set-Cookie lines, one each; null if this step does not show them. */
  setCookies: string[] | null;
  /** The response's `Date` minus the browser's clock; null if this step does not show it, or there is none. */
  aheadMs?: number | null;
  /** Its `Clear-Site-Data` names cookies; absent: no, or this step does not show it. */
  clearsCookies?: boolean;
  /** What the headers say about the server, as `readServer` lists it; absent: nothing, or this step does not show it. */
  server?: string[];
  traceId: string | null;
  /** What the same header says about the bridge; absent: this step does not show it, or there is none. */
  bridge?: string;
  fromCache: boolean;
  error: string | null;
}

const sighting = record<Sighting>(
  {
    requestId: anyText,
    phase: oneOf(...PHASES),
    at: finite,
    method: anyText,
    url: anyText,
    type: anyText,
    status: orAbsent(finite),
    sentCookies: orAbsent(listOf(anyText)),
    setCookies: orAbsent(listOf(anyText)),
    traceId: orAbsent(anyText),
    fromCache: flag,
    error: orAbsent(anyText),
  },
  { aheadMs: orAbsent(finite), clearsCookies: flag, bridge: anyText, server: listOf(anyText) },
);

/** Checks a batch as it is stored. Throws `MessageError`. */
export const parseBatch = toParser("batch", list(sighting, Number.POSITIVE_INFINITY));

const WATCHED = "watched:";
const WAITING = "waiting:";

/** The key under which a recorder registers that it watches this tab. */
export function toWatchedKey(tabId: number): string {
  return `${WATCHED}${tabId}`;
}

/** The key of one waiting batch. Keys of one tab sort in the order of writing. */
export function toBatchKey(tabId: number, atMs: EpochMs, count: number): string {
  return `${WAITING}${tabId}:${String(atMs).padStart(15, "0")}:${String(count).padStart(6, "0")}`;
}

/** What a key of `storage.session` stands for. */
type StorageKey = { kind: "watched"; tabId: number } | { kind: "batch"; tabId: number; atMs: EpochMs };

/** The tab that a key of `storage.session` belongs to, and which of the two kinds it is; null for other keys. */
export function readStorageKey(key: string): StorageKey | null {
  const watched = /^watched:(\d+)$/.exec(key);
  if (watched) return { kind: "watched", tabId: Number(watched[1]) };
  const batch = /^waiting:(\d+):(\d+):\d+$/.exec(key);
  return batch ? { kind: "batch", tabId: Number(batch[1]), atMs: Number(batch[2]) } : null;
}
