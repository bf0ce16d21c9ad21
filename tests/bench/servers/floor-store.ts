/** What the floor needs from a store: load, compare-and-swap, create. */
import type { BenchData } from "../data.ts";

/** A loaded session: what was stored (for the swap) and its data, owned by this request. */
export interface Loaded {
  stored: string;
  data: BenchData;
}

/** Loads may be synchronous; saves and creations resolve when the store has them. `false`: the swap failed. */
export interface FloorStore {
  load(key: string): Loaded | undefined | Promise<Loaded | undefined>;
  save(key: string, stored: string, data: BenchData): Promise<boolean> | boolean;
  create(key: string, data: BenchData): Promise<boolean> | boolean;
}
