/** Time a cookie or session has left. The title gives the exact moment; screen readers get no ticking. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { formatLeft, formatMoment } from "../../extension/logic/time-text.ts";

interface CountdownProps {
  /** Milliseconds since 1970; null ends with the browser. */
  expiresAt: number | null;
  now: ReadonlySignal<number>;
  /** Where the moment comes from, for the title. */
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

/** True when the last ten seconds may show running tenths. Asked each time, because the system's setting can change. */
function wantsTenths(): boolean {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** ISO text of a moment; empty for moments that no date can hold. */
function isoOf(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : "";
}
