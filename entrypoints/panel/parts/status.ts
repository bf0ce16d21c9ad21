/** The short facts at the bottom and the connection's state in words. */

import type { Models } from "../../../extension/models/index.ts";
import { MAX_SKEW_MS } from "../../../extension/models/showing/clock.ts";

/** Facts of the status line, most wanted first. */
export function statusFacts(models: Models): string[] {
  const { total, shown, changed } = models.view.counts.value;
  const hello = models.connection.current.value?.hello.value ?? null;
  const cookies = models.cookies.rows.value.length;
  const facts = [
    shown === total ? count(total, "request") : `${shown} of ${total} requests`,
    `${changed} changed the session`,
    count(cookies, "cookie"),
  ];
  if (models.timeline.dropped.value > 0) facts.push(`${models.timeline.dropped.value} older let go`);
  if (hello !== null) {
    facts.push(
      `engine ${hello.engine}`,
      `${hello.library.name} ${hello.library.version} · protocol ${hello.protocol}`,
    );
  }
  const skew = models.clock.skewMs.value;
  if (skew !== null && Math.abs(skew) > MAX_SKEW_MS) {
    const seconds = Math.round(Math.abs(skew) / 1000);
    facts.push(`server clock ${seconds} s ${skew > 0 ? "ahead" : "behind"}`);
  }
  return facts;
}

/** How the connection is called in the toolbar. */
export function linkWords(models: Models): { state: string; text: string } {
  const state = models.connection.current.value?.state.value.state ?? "none";
  const words: Record<string, string> = {
    asking: "Asking for a bridge",
    absent: "No bridge",
    "no-access": "No access",
    refused: "Refused",
    version: "Other version",
    ready: "Bridge connected",
    lost: "Reconnecting",
    none: "No bridge",
  };
  return { state, text: words[state] ?? "" };
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
