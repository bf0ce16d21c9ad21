/**
 * The other end of the background's outbox: takes the batches that wait for this tab in `storage.session`, in order, each once,
 * and deletes what it took.
 */

import { MessageError } from "../messages/message-parser.ts";
import { parseBatch, readStorageKey, type Sighting, toWatchedKey } from "../messages/sighting.ts";

/** The part of `browser.storage` that this needs. */
export interface StorageApi {
  session: {
    get(keys: null): Promise<Record<string, unknown>>;
    set(items: Record<string, unknown>): Promise<void>;
    remove(keys: string[]): Promise<void>;
  };
  onChanged: {
    addListener(listener: (changes: Record<string, { newValue?: unknown }>, area: string) => void): void;
  };
}

interface InboxParts {
  storage: StorageApi;
  tabId: number;
  see: (sighting: Sighting) => void;
  /** Tells the background to observe; it may not be doing so while no tab is watched. */
  bid: () => Promise<unknown>;
}

/**
 * Makes the background watch the tab from now on, and passes on what is seen of it. What waited from before is discarded.
 *
 * @returns resolves, once the tab is watched, to the undoing
 */
export async function openSightingsInbox({
  storage,
  tabId,
  see,
  bid,
}: InboxParts): Promise<() => Promise<void>> {
  const watched = toWatchedKey(tabId);
  const isBatch = (key: string) => {
    const read = readStorageKey(key);
    return read?.kind === "batch" && read.tabId === tabId;
  };
  let open = true;

  async function watch(): Promise<void> {
    await storage.session.set({ [watched]: true });
    await bid();
  }

  function take(items: Record<string, unknown>): void {
    const keys = Object.keys(items).filter(isBatch).sort();
    for (const key of keys) for (const sighting of readBatch(items[key])) see(sighting);
    if (keys.length > 0) void storage.session.remove(keys);
  }

  const old = Object.keys(await storage.session.get(null)).filter(isBatch);
  await storage.session.remove(old);
  storage.onChanged.addListener((changes, area) => {
    if (area !== "session" || !open) return;
    const added = Object.entries(changes).flatMap(([key, { newValue }]) =>
      newValue === undefined ? [] : [[key, newValue] as const],
    );
    take(Object.fromEntries(added));
    const dropped = watched in changes && changes[watched]?.newValue === undefined;
    if (dropped) void watch(); // the background assumed that we were gone
  });
  await watch();

  return async () => {
    open = false;
    await storage.session.remove([watched]);
  };
}

/** A batch of another version of the extension is dropped: an update may happen while DevTools is open. */
function readBatch(value: unknown): Sighting[] {
  try {
    return parseBatch(value);
  } catch (error) {
    if (error instanceof MessageError) return [];
    throw error;
  }
}
