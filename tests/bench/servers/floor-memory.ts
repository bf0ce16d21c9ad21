/** The floor in memory: JSON strings in a Map, with their expiry. */
import { AGE_SECONDS } from "../data.ts";
import type { FloorStore } from "./floor-store.ts";

export function openMemory(): FloorStore {
  const rows = new Map<string, { text: string; endsAt: number }>();
  return {
    load: (key) => {
      const row = rows.get(key);
      return row === undefined || row.endsAt <= Date.now()
        ? undefined
        : { stored: row.text, data: JSON.parse(row.text) };
    },
    save: (key, stored, data) => {
      const row = rows.get(key);
      if (row?.text !== stored) return false;
      row.text = JSON.stringify(data);
      row.endsAt = Date.now() + AGE_SECONDS * 1000;
      return true;
    },
    create: (key, data) => {
      rows.set(key, { text: JSON.stringify(data), endsAt: Date.now() + AGE_SECONDS * 1000 });
      return true;
    },
  };
}
