/** What screen readers announce by themselves: few sentences, each once. Nothing ticks. */
import { effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { CookieRow } from "../logic/cookie-rows.ts";
import type { Entry } from "../logic/timeline/entry.ts";
import type { Link } from "./connection/bridge-link.ts";

interface AnnouncingOptions {
  announcer: { say(sentence: string): void };
  clock: { now: ReadonlySignal<number> };
  cookies: { rows: ReadonlySignal<readonly CookieRow[]> };
  connection: { current: ReadonlySignal<Link | null> };
  timeline: { entries: ReadonlySignal<readonly Entry[]> };
  view: { filterText: ReadonlySignal<string>; counts: ReadonlySignal<{ shown: number }> };
}

/** The last minute of a cookie is announced once. */
const WARN_MS = 60_000;
const FEW = 8;

/** Starts listening; returns how to stop. */
export function announceChanges(options: AnnouncingOptions): () => void {
  const stops = [tellFilter(options), tellEnds(options), tellConnection(options), tellFlushes(options)];
  return () => {
    for (const stop of stops) stop();
  };
}

function tellFilter({ announcer, view }: AnnouncingOptions): () => void {
  let first = true;
  return effect(() => {
    view.filterText.value;
    if (first) first = false;
    else untracked(() => announcer.say(countOf(view.counts.value.shown)));
  });
}

function tellEnds({ announcer, clock, cookies }: AnnouncingOptions): () => void {
  const warned = new Map<string, number>();
  return effect(() => {
    const now = clock.now.value;
    for (const { cookie, expired } of cookies.rows.value) {
      const { expiresAt, id, name } = cookie;
      if (expiresAt === null || expired || warned.get(id) === expiresAt) continue;
      const left = expiresAt - now;
      if (left > WARN_MS) continue;
      warned.set(id, expiresAt);
      // A cookie that had less time when it was found does not expire "in 1 minute".
      if (left > WARN_MS - 2000) announcer.say(`${name} expires in 1 minute`);
    }
  });
}

function tellConnection({ announcer, connection }: AnnouncingOptions): () => void {
  let before: string | null = null;
  return effect(() => {
    const link = connection.current.value;
    const state = link?.state.value.state ?? null;
    // a site may still run when the bridge next to it is gone
    const isSeparate = link !== null && link.place.value !== link.origin.value;
    if (before === "ready" && state === "lost")
      announcer.say(isSeparate ? "Lost the bridge" : "Lost the server");
    if (before === "lost" && state === "ready")
      announcer.say(isSeparate ? "The bridge is back" : "The server is back");
    before = state;
  });
}

function tellFlushes({ announcer, clock, timeline }: AnnouncingOptions): () => void {
  const told = new Set<string>();
  // The server's log also contains what happened before the panel was opened.
  const since = clock.now.peek();
  return effect(() => {
    // A trace arrives shortly after its request, rarely more than a few rows later.
    for (const entry of timeline.entries.value.slice(-FEW)) {
      if (entry.type === "note" || entry.trace === null || entry.trace.flushedKeys === null) continue;
      const { id } = entry.trace; // the row's own changes if its request comes late
      if (entry.at < since || told.has(id)) continue;
      told.add(id);
      announcer.say(entry.trace.after === null ? "Session flushed" : "Session replaced by a new one");
    }
  });
}

function countOf(shown: number): string {
  return shown === 1 ? "1 request shown" : `${shown} requests shown`;
}
