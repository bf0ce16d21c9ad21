/** "A new engine", as docs/develop.md describes it: sessions in a Map, tested against the law of engines. */
import type {
  End,
  Engine,
  EngineContext,
  RenameResult,
  Stored,
  UpdateResult,
} from "../../server-bridge/src/core/engines/engine.ts";
import { describeEngine } from "../core/engines/law.ts";

class MapEngine implements Engine {
  readonly name = "map";
  readonly format = "json";
  readonly keeping = "stored";
  readonly swaps = true;
  readonly #stored = new Map<string, Stored>();
  #now = Date.now;

  start({ clock }: EngineContext): void {
    this.#now = clock;
  }

  loadSync(key: string): Stored | null {
    const stored = this.#stored.get(key);
    return stored === undefined || this.#hasEnded(stored) ? null : stored;
  }

  async load(key: string): Promise<Stored | null> {
    return this.loadSync(key);
  }

  async exists(key: string): Promise<boolean> {
    return this.#stored.has(key);
  }

  async create(key: string, text: string, { expiresAtMs }: End): Promise<boolean> {
    if (this.#stored.has(key)) return false;
    this.#stored.set(key, { text, expiresAtMs });
    return true;
  }

  async update(
    key: string,
    text: string,
    { expiresAtMs }: End,
    expected: string | null,
  ): Promise<UpdateResult> {
    const stored = this.#stored.get(key);
    if (stored === undefined) return "gone";
    if (expected !== null && stored.text !== expected) return "conflict";
    this.#stored.set(key, { text, expiresAtMs });
    return "saved";
  }

  async rename(
    key: string,
    text: string,
    { expiresAtMs }: End,
    oldKey: string,
    expected: string | null,
  ): Promise<RenameResult> {
    const old = this.#stored.get(oldKey);
    if (this.#stored.has(key)) return "taken";
    if (expected !== null && old?.text !== expected) return old === undefined ? "gone" : "conflict";
    this.#stored.set(key, { text, expiresAtMs });
    this.#stored.delete(oldKey);
    return "saved";
  }

  async delete(key: string): Promise<void> {
    this.#stored.delete(key);
  }

  async clearExpired(): Promise<number> {
    const ended = [...this.#stored].filter(([, stored]) => this.#hasEnded(stored));
    for (const [key] of ended) this.#stored.delete(key);
    return ended.length;
  }

  #hasEnded({ expiresAtMs }: Stored): boolean {
    return expiresAtMs !== null && expiresAtMs <= this.#now();
  }
}

describeEngine("Map", { make: () => new MapEngine() });
