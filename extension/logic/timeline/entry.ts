/** What the timeline holds: requests of this tab, changes made elsewhere or at an unknown time, and notes on gaps. */
import type { EpochMs, Finding, Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";

/** A request of this tab, with its trace once that has arrived. */
export interface RequestEntry {
  type: "request";
  id: string;
  at: EpochMs;
  /** Counts the tab's requests from 1, in the order in which they are first shown; null before that. */
  number: number | null;
  request: NetworkRequest;
  trace: Trace | null;
  /** No response arrived to name the trace: of this tab's requests it is the one that fits. */
  traceByLikeness?: true;
  /** Its response named a trace that the bridge's log does not contain. */
  traceGone: boolean;
  /** For servers without traces: the readings of the session around this request, if they show what it did. */
  reading: Reading | null;
  /** As a trace's. */
  page?: string | undefined;
}

/** Two readings of a session by the panel itself, and what differs between them besides the data. */
export interface Reading {
  /** The data as JSON; null for no session. */
  before: string | null;
  after: string | null;
  /** The browser's cookie is a different one, and both belong to a session. */
  newKey?: true;
  /** Why there is no session afterwards; absent if there is one, or if there was none before. */
  gone?: Gone;
  /** Found in the same way as the bridge finds it in a trace. */
  findings?: readonly Finding[];
}

/**
 * Why a session is gone. `deleted`: a response deleted its cookie. `ended`: the browser still has the cookie, but the server has
 * no session for it. `no-cookie`: the browser no longer has a cookie, and no response deleted it. `other-cookie`: the browser has
 * another cookie, and the server has no session for that one.
 */
export type Gone = "deleted" | "ended" | "no-cookie" | "other-cookie";

/** A change between two readings that belongs to no single response: only the time in which it happened is known. */
export interface SpanEntry {
  type: "span";
  id: string;
  /** When the later reading was answered. */
  at: EpochMs;
  /** When the earlier reading was requested. */
  from: EpochMs;
  /** Origin of the server whose session was read. */
  origin: string;
  reading: Reading;
  /** Responses of this tab in that time that set the session's cookie: one of them may have made the change. */
  candidates: readonly Candidate[];
  /** There are readings instead of traces. */
  trace: null;
  /** As a trace's. */
  page?: string | undefined;
}

/** Candidates that one span has at most, also in a saved history. */
export const MAX_CANDIDATES = 500;

/** A response, as a span names it. */
export interface Candidate {
  method: string;
  /** Without its query. */
  path: string;
}

/** A trace that belongs to no request of this tab. */
export interface TraceEntry {
  type: "outside" | "edit";
  id: string;
  at: EpochMs;
  trace: Trace;
  /** Origin of the bridge that reported it; absent in a saved history. */
  origin?: string | undefined;
  /** Origin of the page that the tab showed at that time; absent if that is not known, and in a saved history. */
  page?: string | undefined;
  /** True when it came before this DevTools saw its first request: then it may well be from this tab. */
  early: boolean;
  /** A request of this tab that got no response may have made it. */
  unanswered?: true;
  /** A request of this tab that has no row may have made it: it was not recorded, or its row was removed. */
  unrecorded?: true;
  /** An edit that this panel made: the bridge answered it with this trace. Others come from some panel, this one or another. */
  own?: true;
}

export type Note =
  | { kind: "navigation"; url: string }
  /** The stream to the bridge was down; `whole` if its log is the same one as before. */
  | { kind: "lost"; from: EpochMs; to: EpochMs; whole: boolean }
  | { kind: "restarted"; from: number; to: number }
  | { kind: "evicted"; from: number; to: number }
  | { kind: "slow"; from: number; to: number }
  | { kind: "other-process" }
  | { kind: "dropped"; count: number };

interface NoteEntry {
  type: "note";
  id: string;
  at: EpochMs;
  note: Note;
}

export type Entry = RequestEntry | TraceEntry | SpanEntry | NoteEntry;

/** The trace behind an entry, if it has one. */
export function traceOf(entry: Entry): Trace | null {
  return entry.type === "note" ? null : entry.trace;
}

/** The readings that an entry shows, if it has some. */
export function readingOf(entry: Entry): Reading | null {
  return entry.type === "request" || entry.type === "span" ? entry.reading : null;
}

/** True when the session after the two readings is a different one. */
function differs({ before, after, newKey }: Reading): boolean {
  return before !== after || newKey === true;
}

/** True when the trace changed something in the store or in the browser's cookie. */
export function hasEffect(trace: Trace): boolean {
  return (
    trace.changes.length > 0 ||
    trace.newKey ||
    trace.flushedKeys !== null ||
    trace.operations.some((operation) => EFFECTS.has(operation.name))
  );
}

const EFFECTS: ReadonlySet<string> = new Set([
  "create",
  "cycle",
  "flush",
  "delete",
  "expire",
  "reject",
  "not-saved",
]);

/** True when an entry is worth a row under *Changes only*. */
export function isChange(entry: Entry): boolean {
  if (entry.type === "note") return entry.note.kind !== "navigation";
  const reading = readingOf(entry);
  if (reading !== null) return differs(reading);
  const trace = traceOf(entry);
  return trace !== null && hasEffect(trace);
}

/** The session's data before and after an entry, as JSON; a null side means no session. Null: not all of it is known. */
export function sidesOf(entry: Entry): { before: string | null; after: string | null } | null {
  const reading = readingOf(entry);
  if (reading !== null) return reading;
  const trace = traceOf(entry);
  if (trace === null || trace.incomplete !== undefined) return null;
  if (trace.before === null && trace.after === null) return null;
  return { before: trace.before?.dataJson ?? null, after: trace.after?.dataJson ?? null };
}

/** The server that the entry is about; null for notes, and if it is not known. */
export function serverOf(entry: Entry): string | null {
  if (entry.type === "note") return null;
  return entry.type === "request" ? originOf(entry.request.url) : (entry.origin ?? null);
}

/** The origin of the page that the tab showed then; null if it is not known. */
export function pageOf(entry: Entry): string | null {
  return entry.type === "note" ? null : (entry.page ?? null);
}

/** Path and query of an absolute URL as the grid shows it; the whole string if it is not a URL. Called for every row drawn. */
export function pathOf(url: string): string {
  const scheme = url.indexOf("://");
  if (scheme === -1) return url;
  const start = url.indexOf("/", scheme + 3);
  if (start === -1) return "/";
  const hash = url.indexOf("#", start);
  return hash === -1 ? url.slice(start) : url.slice(start, hash);
}

/** Origin of a URL, or null. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin } = new URL(url);
  return origin === "null" ? null : origin;
}
