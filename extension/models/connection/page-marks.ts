/** What the responses of the open page's own origin say about its bridge, and when that is worth another call. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type BridgeMark, type EpochMs, readMarkEnd } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { Ports } from "../../ports/ports.ts";

/** What is known from responses. */
interface PageMarks {
  /** What the last response of the page's own origin with a `Session-Trace` said; null: none came yet. */
  last: ReadonlySignal<BridgeMark | null>;
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

/** The last call that a response was the reason for. */
interface Tried {
  mark: string;
  at: EpochMs;
  waitMs: number;
}

/** Nothing known yet. */
export function createPageMarks({ bridge: port, clock }: Pick<Ports, "bridge" | "clock">): PageMarks {
  const { now } = clock;
  const last = signal<BridgeMark | null>(null);
  const tried = new Map<string, Tried>();
  let lastText: string | null = null;

  return {
    last,
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
      const before = tried.get(origin);
      const isNews = before === undefined || before.mark !== bridge;
      if (!isNews && now() - before.at < before.waitMs) return false;
      const waitMs = isNews ? FIRST_WAIT_MS : Math.min(MAX_WAIT_MS, before.waitMs * 2);
      tried.set(origin, { mark: bridge, at: now(), waitMs });
      return true;
    },
  };
}
