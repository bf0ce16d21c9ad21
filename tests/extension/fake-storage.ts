/** `storage.session` in memory, with its change events; it survives any background that uses it. */
import type { StorageApi } from "../../extension/recorder/sightings-inbox.ts";

type Changes = Record<string, { newValue?: unknown }>;

export function createFakeStorage() {
  const items = new Map<string, unknown>();
  const listeners = new Set<(changes: Changes, area: string) => void>();
  let full = false;

  function tell(changes: Changes): void {
    for (const listener of listeners) listener(changes, "session");
  }

  const storage: StorageApi = {
    session: {
      get: async () => structuredClone(Object.fromEntries(items)),
      async set(added) {
        if (full) throw new Error("QUOTA_BYTES quota exceeded");
        for (const [key, value] of Object.entries(structuredClone(added))) items.set(key, value);
        tell(Object.fromEntries(Object.entries(added).map(([key, newValue]) => [key, { newValue }])));
      },
      async remove(keys) {
        const gone = keys.filter((key) => items.delete(key));
        if (gone.length > 0) tell(Object.fromEntries(gone.map((key) => [key, {}])));
      },
    },
    onChanged: { addListener: (listener) => void listeners.add(listener) },
  };
  return {
    storage,
    keys: () => [...items.keys()],
    json: () => JSON.stringify([...items]),
    /** True: every write fails, as when the quota is used up. */
    setFull(value: boolean) {
      full = value;
    },
  };
}
