/**
 * Whether the background listens: only while DevTools is open on some tab.
 *
 * Listeners are added in the first turn after each start, or the event that caused the start would be lost; then it checks
 * whether anyone is there, and if not they are removed, so that requests and cookies of a browser without DevTools do not even
 * wake us.
 */

interface WatchedTabsParts {
  start: () => void;
  renew: () => void;
  stop: () => void;
  isWatching: () => Promise<boolean>;
}

interface WatchedTabs {
  /** Listens, whatever the last check found. */
  begin(): void;
  /** Listens again: hosts were granted or withdrawn. Not while no one is there. */
  renew(): void;
  /** Checks whether anyone is still there; if not, stops. */
  check(): Promise<void>;
}

/** Begins immediately. */
export function createWatchedTabs({ start, renew, stop, isWatching }: WatchedTabsParts): WatchedTabs {
  let listening = false;
  let beginnings = 0;

  function begin(): void {
    beginnings += 1;
    if (!listening) start();
    listening = true;
  }

  begin();
  return {
    begin,
    renew() {
      if (listening) renew();
    },
    async check() {
      const before = beginnings;
      const watching = await isWatching();
      if (watching || before !== beginnings || !listening) return;
      listening = false;
      stop();
    },
  };
}
