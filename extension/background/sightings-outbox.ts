/**
 * Sightings on their way to a tab's recorder: they wait in `storage.session` until the recorder takes them.
 *
 * The background may be stopped at any time and keeps nothing itself. The recorder, in the devtools page, watches that storage
 * and deletes what it has taken: that is its acknowledgement. A tab whose recorder no longer answers is not watched, and nothing
 * is kept for it.
 */
import type { EpochMs } from "session-bridge/protocol";
import { readStorageKey, type Sighting, toBatchKey, toWatchedKey } from "../messages/sighting.ts";

/** The calls of `storage.session` that this needs. */
interface SessionStorageApi {
  get(keys: null): Promise<Record<string, unknown>>;
  set(items: Record<string, unknown>): Promise<void>;
  remove(keys: string[]): Promise<void>;
}

export interface SightingsOutbox {
  push(tabId: number, sighting: Sighting): void;
  /** Forgets a tab: its recorder is gone. */
  forget(tabId: number): Promise<void>;
  /** True while any tab has a recorder, as far as is known. */
  isWatching(): Promise<boolean>;
  /** Resolves when everything pushed before is in storage, or dropped. */
  settled(): Promise<void>;
}

interface OutboxOptions {
  storage: SessionStorageApi;
  now: () => EpochMs;
  /** Asks a tab's recorder whether it is still there. */
  isThere: (tabId: number) => Promise<boolean>;
  /** Called when a tab was forgotten. */
  forgot: () => void;
}

/** How long a recorder that answered counts as present. DevTools may be closed while we sleep, and no one is notified. */
const TRUST_MS = 5_000;
/** Kept for one tab while storage refuses: more than a page's burst, but bounded. */
const MAX_HELD = 2_000;

export function createSightingsOutbox({ storage, now, isThere, forgot }: OutboxOptions): SightingsOutbox {
  const held = new Map<number, Sighting[]>();
  const trusted = new Map<number, EpochMs>();
  let count = 0;
  let work: Promise<void> | null = null;

  /** Writes what is held, round by round; events that arrive during one make the next round. */
  async function drain(): Promise<void> {
    while (held.size > 0) {
      const stored = await storage.get(null);
      for (const [tabId, sightings] of [...held]) {
        held.delete(tabId);
        if (!(toWatchedKey(tabId) in stored)) continue;
        if (!(await keep(tabId, sightings))) return hold(tabId, sightings);
        await checkRecorder(tabId);
      }
    }
  }

  /** Storage first, then the question: what is stored survives if we are stopped. */
  async function keep(tabId: number, sightings: Sighting[]): Promise<boolean> {
    count += 1;
    return storage.set({ [toBatchKey(tabId, now(), count)]: sightings }).then(
      () => true,
      () => false, // full: the recorder is behind; the next event tries again
    );
  }

  function hold(tabId: number, sightings: Sighting[]): void {
    held.set(tabId, [...sightings, ...(held.get(tabId) ?? [])].slice(-MAX_HELD));
  }

  async function checkRecorder(tabId: number): Promise<void> {
    if (now() - (trusted.get(tabId) ?? 0) < TRUST_MS) return;
    if (await isThere(tabId)) trusted.set(tabId, now());
    else await forget(tabId);
  }

  async function forget(tabId: number): Promise<void> {
    held.delete(tabId);
    trusted.delete(tabId);
    const keys = Object.keys(await storage.get(null)).filter((key) => readStorageKey(key)?.tabId === tabId);
    await storage.remove(keys);
    if (keys.length > 0) forgot();
  }

  return {
    push(tabId, sighting) {
      const sightings = held.get(tabId);
      if (sightings) sightings.push(sighting);
      else held.set(tabId, [sighting]);
      work ??= drain().finally(() => {
        work = null;
      });
    },
    forget,
    async isWatching() {
      return Object.keys(await storage.get(null)).some((key) => readStorageKey(key)?.kind === "watched");
    },
    async settled() {
      await work;
    },
  };
}
