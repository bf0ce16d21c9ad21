/** What the timeline holds: requests of this tab, changes made elsewhere, and notes on what may be missing. */
import type { EpochMs, Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";

/** A request of this tab, with its trace once that came. */
export interface RequestEntry {
  type: "request";
  id: string;
  at: EpochMs;
  /** Counts the tab's requests from 1. */
  number: number;
  request: NetworkRequest;
  trace: Trace | null;
  /** Its response named a trace that the bridge's log does not hold. */
  traceGone: boolean;
  /** For servers without traces: the session read after this request, against the reading before. */
  reading: Reading | null;
  /** As a trace's. */
  page?: string | undefined;
}

/** What a session was found to hold, read by the panel itself. */
export interface Reading {
  before: string | null;
  after: string | null;
}

/** A trace that no request of this tab stands for. */
export interface TraceEntry {
  type: "outside" | "edit";
  id: string;
  at: EpochMs;
  trace: Trace;
  /** Origin of the bridge that told it; absent in a saved history. */
  origin?: string | undefined;
  /** Origin of the page that the tab showed at that moment; absent where that is not known, and in a saved history. */
  page?: string | undefined;
  /** True when it came before this DevTools saw its first request: then it may well be of this tab. */
  early: boolean;
}

export type Note =
  | { kind: "navigation"; url: string }
  /** The stream to the bridge was down; `whole` when nothing was missed. */
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

export type Entry = RequestEntry | TraceEntry | NoteEntry;

/** The trace behind an entry, if it has one. */
export function traceOf(entry: Entry): Trace | null {
  return entry.type === "note" ? null : entry.trace;
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
  if (entry.type === "request" && entry.reading !== null) return entry.reading.before !== entry.reading.after;
  const trace = traceOf(entry);
  return trace !== null && hasEffect(trace);
}

/** The session's data before and after an entry, as JSON texts; null sides stand for no session. */
export function sidesOf(entry: Entry): { before: string | null; after: string | null } | null {
  if (entry.type === "note") return null;
  if (entry.type === "request" && entry.reading !== null) return entry.reading;
  const trace = traceOf(entry);
  if (trace === null || (trace.before === null && trace.after === null)) return null;
  return { before: trace.before?.dataJson ?? null, after: trace.after?.dataJson ?? null };
}

/** The server that the entry is about; null for notes, and where that is not known. */
export function serverOf(entry: Entry): string | null {
  if (entry.type === "note") return null;
  return entry.type === "request" ? originOf(entry.request.url) : (entry.origin ?? null);
}

/** The origin of the page that the tab showed then; null where that is not known. */
export function pageOf(entry: Entry): string | null {
  return entry.type === "note" ? null : (entry.page ?? null);
}

/** Path and query of an absolute URL as the grid shows it; the whole text where it is none. Asked for every row drawn. */
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
