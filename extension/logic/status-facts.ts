/** The short facts of the status line, and the connection's state in words. */
import { filterName, type HiddenBy } from "./timeline/filter.ts";

/** What the facts are about. */
interface Standing {
  /** The words of the filter field, and whether only changes are shown. */
  filter: { text: string; changesOnly: boolean };
  /** Rows of the timeline. */
  counts: { total: number; shown: number; changed: number; hidden: Readonly<Record<HiddenBy, number>> };
  cookies: number;
  /** Rows that were dropped because there were too many. */
  dropped: number;
  /** How the bridge introduced itself; null without one. */
  bridge: { engine: string; library: { name: string; version: string }; protocol: number } | null;
  /** False: no server reports which requests changed the session, so that none was reported says nothing. */
  isTold: boolean;
  /** Server's clock minus the browser's in milliseconds, if it matters; otherwise 0. */
  aheadMs: number;
}

/** Facts of the status line, the most wanted first. */
export function statusFacts(standing: Standing): string[] {
  const { counts, cookies, dropped, bridge, isTold, aheadMs } = standing;
  const { total, shown, changed } = counts;
  const facts = [
    shown === total ? count(total, "request") : `${shown} of ${total} requests`,
    ...hiddenFacts(standing),
    ...(isTold || changed > 0 ? [`${changed} changed the session`] : []),
    count(cookies, "cookie"),
  ];
  if (dropped > 0) facts.push(`${dropped} older dropped`);
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

/** By what requests are hidden; nothing when none are. What the filter hides is counted there, whatever its kind. */
function hiddenFacts({ counts, filter }: Standing): string[] {
  const { kind } = counts.hidden;
  const byFilter = counts.hidden.filter + counts.hidden.both;
  const name = filterName(filter.text.trim(), filter.changesOnly);
  if (kind === 0) return byFilter === 0 ? [] : [`${byFilter} hidden by ${name}`];
  return [`${kind} hidden by kind${byFilter === 0 ? "" : `, ${byFilter} by ${name}`}`];
}

const LINK_TEXTS: Readonly<Record<string, string>> = {
  asking: "Looking for a bridge",
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
