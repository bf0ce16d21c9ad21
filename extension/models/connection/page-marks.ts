/** What the responses of the open page's own origin say about its bridge, and when that is worth another call. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type BridgeMark, type EpochMs, readMarkEnd } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { Ports } from "../../ports/ports.ts";

/** What is known from responses. */
interface PageMarks {
  /** What the last response of the page's own origin with a `Session-Trace` said; null: none came yet. */
  last: ReadonlySignal<BridgeMark | null>;
  /** Origins whose document was seen to load, as pages of this tab. */
  loaded: ReadonlySignal<ReadonlySet<string>>;
  /** Notes a page that loads. True if the request is a document that was answered. */
  load(origin: string, request: NetworkRequest): boolean;
  /** Learns from the last response of the page's own origin that named a trace; null: none did. */
  see(origin: string, latest: NetworkRequest | null): void;
  /** Another page is open. */
  forget(): void;
  /** True if this response is a reason to call its origin's bridge again, which did not answer before. */
  isReason(origin: string, request: NetworkRequest): boolean;
}

/** After a failed call, the same news are a reason only after this time, which doubles. */
const FIRST_WAIT_MS = 2_000;
const MAX_WAIT_MS = 60_000;

/** What responses said that were a reason for a call, and when the last one was made. */
interface Tried {
  marks: Set<string>;
  at: EpochMs;
  waitMs: number;
}

/** More origins than one tab visits. */
const MAX_LOADED = 200;
/** A page has few backends; more marks than these are no news. */
const MAX_MARKS = 10;

/** Nothing known yet. */
export function createPageMarks({ bridge: port, clock }: Pick<Ports, "bridge" | "clock">): PageMarks {
  const { now } = clock;
  const last = signal<BridgeMark | null>(null);
  const loaded = signal<ReadonlySet<string>>(new Set());
  const tried = new Map<string, Tried>();
  let lastText: string | null = null;

  return {
    last,
    loaded,
    load(origin, { type, status, fromCache }) {
      if (type !== "document" || status === null) return false;
      const all = loaded.peek();
      if (!fromCache && !all.has(origin)) loaded.value = new Set([...all, origin].slice(-MAX_LOADED));
      return true;
    },
    see(origin, latest) {
      const { traceId = null, bridge } = latest ?? {};
      if (traceId === null || bridge === undefined) return;
      port.marked?.(origin, traceId, bridge);
      if (bridge === lastText) return;
      lastText = bridge;
      last.value = readMarkEnd(bridge);
    },
    forget() {
      last.value = null;
      lastText = null;
      tried.clear();
    },
    isReason(origin, { bridge = "" }) {
      const { marks, at, waitMs } = tried.get(origin) ?? { marks: new Set(), at: 0, waitMs: 0 };
      const isNews = !marks.has(bridge) && marks.size < MAX_MARKS;
      if (!isNews && now() - at < waitMs) return false;
      const next = isNews ? FIRST_WAIT_MS : Math.min(MAX_WAIT_MS, waitMs * 2);
      tried.set(origin, { marks: marks.add(bridge), at: now(), waitMs: Math.max(next, waitMs) });
      return true;
    },
  };
}
