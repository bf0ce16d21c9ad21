/** Time left, written to be read at a glance: `13d 23:41:07`, `00:04:52`, `4.2 s`. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Below this, tenths are shown if motion is allowed. */
export const TENTHS_BELOW_MS = 10 * SECOND;

/** Below five minutes, or a tenth of its lifetime, a cookie expires soon. */
const SOON_MS = 5 * MINUTE;

// Created once: a formatter costs more than formatting a thousand values.
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

type LifePhase = "browser-close" | "fresh" | "soon" | "expired";

/**
 * Time left until `expiresAt`. Whole seconds round up, so that `00:00:01` is followed by `expired` on the second.
 *
 * @param tenths whether the last ten seconds show tenths; false if motion is not wanted
 */
export function formatLeft(leftMs: number, tenths: boolean): string {
  if (leftMs <= 0) return "expired";
  if (tenths && leftMs < TENTHS_BELOW_MS) return `${(Math.ceil(leftMs / 100) / 10).toFixed(1)} s`;
  const whole = Math.ceil(leftMs / SECOND) * SECOND;
  const days = Math.floor(whole / DAY);
  const clock = [
    Math.floor((whole % DAY) / HOUR),
    Math.floor((whole % HOUR) / MINUTE),
    (whole % MINUTE) / SECOND,
  ]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return days > 0 ? `${days}d ${clock}` : clock;
}

/**
 * Which phase a lifetime is in. `wholeMs` is its full length if known.
 *
 * Soon means under five minutes or under a tenth; if the whole is shorter than ten minutes only the tenth counts, or it would be
 * amber from the start.
 */
export function lifePhase(leftMs: number | null, wholeMs: number | null): LifePhase {
  if (leftMs === null) return "browser-close";
  if (leftMs <= 0) return "expired";
  const tenth = (wholeMs ?? 0) / 10;
  const short = wholeMs !== null && wholeMs < 2 * SOON_MS;
  return leftMs < (short ? tenth : Math.max(tenth, SOON_MS)) ? "soon" : "fresh";
}

/** Share of a lifetime that is left, 0 to 1; 1 if the whole is not known. */
export function lifeShare(leftMs: number, wholeMs: number | null): number {
  if (wholeMs === null || wholeMs <= 0) return leftMs > 0 ? 1 : 0;
  return Math.min(1, Math.max(0, leftMs / wholeMs));
}

/** `7 Dec 2026, 09:12:44` in the reader's own language and zone. */
export function formatMoment(at: number): string {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return "unknown";
  return MOMENT.format(at);
}

/** `09:12:44`, for times today. */
export function formatTime(at: number): string {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return "unknown";
  return TIME.format(at);
}

/** `41 ms`, `1.24 s`: how long a request took. */
export function formatTook(ms: number): string {
  if (ms < 1) return "<1 ms";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** `4 min 12 s`, `2 h 5 min`, `12 s`: a short time left, in the two largest units. Whole seconds round up. */
export function formatShort(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / SECOND)) * SECOND;
  const [hours, minutes, seconds] = [
    Math.floor(whole / HOUR),
    Math.floor((whole % HOUR) / MINUTE),
    (whole % MINUTE) / SECOND,
  ];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds} s` : `${seconds} s`;
}

/** `just now`, `12 s ago`, `4 min ago`, `3 h ago`, `2 d ago`: a time in the past, in its largest unit, rounded down. */
export function formatAgo(ms: number): string {
  const units: [number, string][] = [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const [size, unit] = units.find(([each]) => ms >= each) ?? [SECOND, "s"];
  return ms < 2 * SECOND ? "just now" : `${Math.floor(ms / size)} ${unit} ago`;
}

/** `2 weeks`, `1 hour`, `90 seconds`: a period in the largest unit that divides it evenly. */
export function formatPeriod(seconds: number): string {
  const units: [number, string][] = [
    [7 * 86_400, "week"],
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const [size, unit] = units.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "second"];
  const count = seconds / size;
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
