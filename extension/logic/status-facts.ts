/** The short facts of the status line, and the connection's state in words. */

/** What the facts are about. */
interface Standing {
  /** Rows of the timeline. */
  counts: { total: number; shown: number; changed: number };
  cookies: number;
  /** Rows that were let go because there were too many. */
  dropped: number;
  /** How the bridge introduced itself; null without one. */
  bridge: { engine: string; library: { name: string; version: string }; protocol: number } | null;
  /** False: none that changed the session is told, and that says nothing. */
  isTold: boolean;
  /** Server's clock minus the browser's where it counts, milliseconds; else 0. */
  aheadMs: number;
}

/** Facts of the status line, the most wanted first. */
export function statusFacts({ counts, cookies, dropped, bridge, isTold, aheadMs }: Standing): string[] {
  const { total, shown, changed } = counts;
  const facts = [
    shown === total ? count(total, "request") : `${shown} of ${total} requests`,
    ...(isTold || changed > 0 ? [`${changed} changed the session`] : []),
    count(cookies, "cookie"),
  ];
  if (dropped > 0) facts.push(`${dropped} older let go`);
  if (bridge !== null) {
    const { engine, library, protocol } = bridge;
    facts.push(`engine ${engine}`, `${library.name} ${library.version} · protocol ${protocol}`);
  }
  if (aheadMs !== 0) {
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    facts.push(`server clock ${seconds} s ${aheadMs > 0 ? "ahead" : "behind"}`);
  }
  return facts;
}

const LINK_TEXTS: Readonly<Record<string, string>> = {
  asking: "Asking for a bridge",
  absent: "No bridge",
  "no-access": "No access",
  refused: "Refused",
  version: "Other version",
  ready: "Bridge connected",
  lost: "Reconnecting",
  none: "No bridge",
};

/** What the toolbar calls a state of the connection. */
export function linkText(state: string): string {
  return LINK_TEXTS[state] ?? "";
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
