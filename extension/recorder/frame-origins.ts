/**
 * Addresses of the inspected tab's page, its frames and the servers whose responses named a session's trace.
 *
 * Frames are taken from the requests that load them, because the extension has no permission to list frames; what was on the page
 * before DevTools opened, the panel finds by looking into the page.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Sighting } from "../messages/sighting.ts";

interface FrameOrigins {
  see(sighting: Sighting): void;
  /** The page went elsewhere: what was seen before its request no longer counts. May be called before that is seen. */
  navigated(): void;
  urls(): string[];
  /** True when the page's load was seen, and so the loads of its frames. */
  isWhole(): boolean;
}

/** Origins kept for one page; far more than any page has frames with sessions. */
const MOST = 100;

/** @param changed called when `urls` or `isWhole` has changed */
export function createFrameOrigins(changed: () => void): FrameOrigins {
  let seen: { origin: string; at: EpochMs }[] = [];
  let pageAt: EpochMs = 0;
  let whole = false;
  /** A load whose beginning was seen, until it ends. */
  let isLoading = false;
  /** The beginning of a load and its navigation are reported in either order: one of them is still to come. */
  let untold: "navigation" | "load" | null = null;

  function forgetOlder(): void {
    const before = seen.length;
    seen = seen.filter(({ at }) => at >= pageAt);
    if (seen.length !== before) changed();
  }

  function setWhole(next: boolean): void {
    if (next === whole) return;
    whole = next;
    changed();
  }

  return {
    see({ type, url, at, phase, traceId }) {
      if (type === "main_frame" && phase === "started") {
        pageAt = at;
        isLoading = true;
        untold = untold === "load" ? null : "navigation";
      }
      if (type === "main_frame" && phase === "completed") {
        forgetOlder();
        setWhole(isLoading);
        isLoading = false;
      }
      const frame = type === "main_frame" || type === "sub_frame";
      if ((!frame && traceId === null) || !URL.canParse(url) || seen.length >= MOST) return;
      const { origin } = new URL(url);
      const known = seen.find((site) => site.origin === origin);
      if (known) known.at = Math.max(known.at, at);
      else seen.push({ origin, at });
      if (!known) changed();
    },

    navigated() {
      // A page from the back/forward cache comes without a load, and so do its frames.
      if (untold !== "navigation") setWhole(false);
      untold = untold === "navigation" ? null : "load";
      forgetOlder();
    },
    isWhole: () => whole,
    urls: () => seen.map(({ origin }) => `${origin}/`),
  };
}
