/** Time a cookie or session has left. The title gives the exact time; screen readers get no ticking. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { formatLeft, formatMoment } from "../../extension/logic/time-text.ts";

interface CountdownProps {
  /** Milliseconds since 1970; null: ends when the browser closes. */
  expiresAt: number | null;
  now: ReadonlySignal<number>;
  /** Where the expiry comes from, for the title. */
  source?: string | undefined;
}

/** The time left, which runs. */
export function Countdown({ expiresAt, now, source }: CountdownProps) {
  const tenths = wantsTenths();
  const left = useComputed(() => (expiresAt === null ? "" : formatLeft(expiresAt - now.value, tenths)));
  if (expiresAt === null) return <span class="dim">at browser close</span>;
  const title = source === undefined ? formatMoment(expiresAt) : `${formatMoment(expiresAt)} (${source})`;
  return (
    <time class="countdown" dateTime={isoOf(expiresAt)} title={title} aria-live="off">
      {left}
    </time>
  );
}

/** True when the last ten seconds may show running tenths. Read each time, because the system's setting can change. */
function wantsTenths(): boolean {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** The date as an ISO string; empty for times that no date can hold. */
function isoOf(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : "";
}
