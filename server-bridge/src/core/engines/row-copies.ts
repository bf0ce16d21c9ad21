/**
 * The copies that a cached database keeps of its rows: when one may be believed, and what happens around each write so
 * that none is left that is older than the row. `docs/cached-database.md` has the whole protocol.
 *
 * Around a write: first its mark is in the cache, or the cache is distrusted. Then the row is written. Then the mark is
 * replaced by the new copy, or the cache is distrusted. Only then is the write acknowledged. A process that is killed in
 * between leaves its mark, which ends by itself.
 */

import type { Clock } from "../runtime.ts";
import { CacheTrust, type Distrust, TRUST_KEY } from "./cache-trust.ts";
import type { Cache, CopyStore } from "./caches/cache.ts";
import { type Copy, isBareCopy } from "./caches/copy-entry.ts";
import { createPlainCopies } from "./caches/plain-copies.ts";
import type { Database, Row } from "./databases/database.ts";
import type { EngineContext, Stored, StoreHealth } from "./engine.ts";
import { StoreGuard } from "./store-guard.ts";

/** How long a reader may take from its claim to its copy. */
const CLAIM_MS = 10_000;
/** How long a mark lasts at least if its writer is killed. */
const MARK_MS = 60_000;
/** How long a mark lasts if it is not known whether the row was written: the database may still do it. */
const DOUBT_MS = 600_000;
/** The cache answers much faster than the database, or it is of no use. */
const LIMIT_MS = 1000;
const PROBE_MS = 1000;

/** What a read may do: use the copy, or store one under its claim (null: it has none). */
type Reading = { readonly copy: Stored } | { readonly claim: Claim | null };

/** A reader's claim on a name. */
interface Claim {
  readonly name: string;
  readonly id: string;
  readonly epoch: string;
}

/** A string that is to be copied, under its session key. */
export interface NewCopy {
  readonly key: string;
  readonly text: string;
  readonly lifeMs: number;
}

/** How a write is protected: by marks with this id under these names; otherwise, or in addition, by distrust. */
interface Protection {
  readonly id: string;
  readonly names: readonly string[];
  /** For the copy that it leaves. It may end before: then the copy is never believed. Null: it leaves none. */
  readonly epoch: string | null;
  readonly distrust: Distrust | null;
}

/** Engines of this process so far: two may use the same Redis. */
let engines = 0;

/** The copies of one engine. */
export class RowCopies {
  readonly #cache: Cache;
  readonly #database: Database;
  readonly #nameOf: (key: string) => string;
  /** True if the cache is in this process, so that it cannot fail by itself. */
  readonly isLocal: boolean;
  #store: CopyStore;
  #guard: StoreGuard | null = null;
  #trust: CacheTrust | null = null;
  #markMs = MARK_MS;
  #clock: Clock = Date.now;
  #owner = `engine${++engines}`;
  #count = 0;
  #probed: string;

  constructor(cache: Cache, database: Database, nameOf: (key: string) => string) {
    this.#cache = cache;
    this.#database = database;
    this.#nameOf = nameOf;
    this.isLocal = cache.getSync !== undefined;
    this.#store = createPlainCopies(cache, Date.now, null);
    this.#probed = nameOf(TRUST_KEY);
  }

  start(context: EngineContext): void {
    const { clock, log, random, settings } = context;
    this.#clock = clock;
    if (this.isLocal) {
      this.#cache.start(context, true);
      this.#store = createPlainCopies(this.#cache, clock, null);
      return;
    }
    const limitMs = Math.min(LIMIT_MS, (settings.storeTimeout * 1000) / 4);
    // the guard below reports for the cache, in words about both stores
    const quiet = { ...context, settings: withTimeout(settings, limitMs / 1000), log: () => {} };
    this.#cache.start(quiet, true);
    this.#store = this.#cache.copies ?? createPlainCopies(this.#cache, Date.now, "");
    this.#owner += Buffer.from(random(9)).toString("hex");
    this.#markMs = Math.max(MARK_MS, settings.storeTimeout * 2000);
    const guard = new StoreGuard({
      name: "cached_db: the cache",
      limitMs,
      log: (line) => log(guard.isDown ? `${line} Meanwhile only the database is used.` : line),
      ping: () => this.#store.mark(this.#probed, this.#draw(), PROBE_MS),
      waitsForPing: false,
      isOutage: () => true, // a cache that refuses a mark is as useless as one that is down
    });
    this.#guard = guard;
    const canWrite = async () => (await guard.check()).ok;
    this.#trust = new CacheTrust({ database: this.#database, clock, random, canWrite });
  }

  /** The copy of a session, or what the reader of its row may do. Never rejects. */
  async read(key: string, wantsEnd: boolean): Promise<Reading> {
    const name = this.#nameOf(key);
    const near = this.#cache.getSync?.(name) ?? null;
    if (near !== null && isBareCopy(near.text)) return { copy: near };
    const epoch = this.#trust === null ? "" : await this.#trust.epoch();
    if (epoch === null) return { claim: null };
    const id = this.#draw();
    try {
      const found = await this.#ask(name, () => this.#store.read(name, epoch, id, CLAIM_MS, wantsEnd));
      if (typeof found === "object") {
        const { text, leftMs } = found; // a copy lives as long as its row, to the second
        return { copy: { text, expiresAtMs: leftMs === undefined ? null : this.#clock() + leftMs } };
      }
      return { claim: found === "claimed" ? { name, id, epoch } : null };
    } catch {
      return { claim: null }; // the guard has logged it
    }
  }

  /** Stores a copy of the row that was read under this claim; null: there is none. Never rejects. */
  async fill({ name, id, epoch }: Claim, row: Row | null, nowMs: number): Promise<void> {
    // whole seconds, rounded down: a copy must not outlive its row
    const lifeMs = row === null ? 0 : Math.floor((row.expiresAtMs - nowMs) / 1000) * 1000;
    const copy = row === null || lifeMs <= 0 ? null : { epoch, text: row.text, lifeMs };
    const filling = this.#ask(name, () => this.#store.fill(name, id, copy)).catch(() => {});
    if (this.isLocal) await filling; // otherwise no one has to wait for it
  }

  /**
   * Runs a write to the rows of these keys. It rejects with what `work` rejects with, or if neither the cache nor the
   * database can be asked to keep old copies from being believed.
   *
   * @param toCopy the copy that the result leaves; null: none
   */
  async write<Result>(
    keys: readonly string[],
    work: () => Promise<Result>,
    toCopy: (result: Result) => NewCopy | null,
  ): Promise<Result> {
    const protection = await this.#protect(keys);
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      this.#doubt(protection);
      throw error;
    }
    await this.#finish(protection, toCopy(result));
    return result;
  }

  /** The cache's health. It counts as usable even while it is down: the database is enough to serve everyone. */
  async health(): Promise<StoreHealth> {
    const name = this.#cache.vendor === "redis" ? "Redis" : this.#cache.vendor;
    const health = await this.#guard?.check();
    if (health === undefined || health.ok) return { name, ok: true, downSinceMs: null };
    const reason = `down (${health.reason ?? "no answer"}), so only the database is used`;
    return { name, ok: true, downSinceMs: health.downSinceMs, reason };
  }

  async close(): Promise<void> {
    await this.#guard?.close();
    await this.#cache.close();
  }

  /** Marks the entries; if one cannot be marked, distrusts the cache. */
  async #protect(keys: readonly string[]): Promise<Protection> {
    const trust = this.#trust;
    const [id, names] = [this.#draw(), keys.map(this.#nameOf)];
    const marking = this.#onEach(names, (name) => this.#store.mark(name, id, this.#markMs));
    const [isMarked, epoch] = await Promise.all([marking, trust === null ? "" : trust.epoch()]);
    return { id, names, epoch, distrust: isMarked ? null : await this.#distrust() };
  }

  /** Leaves the new copy, and no other one. */
  async #finish({ id, names, epoch, distrust }: Protection, copy: NewCopy | null): Promise<void> {
    const copyName = copy === null ? null : this.#nameOf(copy.key);
    const toCopy = (name: string): Copy | null =>
      copy !== null && name === copyName && epoch !== null && distrust === null ? { epoch, ...copy } : null;
    const settled = this.#onEach(names, (name) => this.#store.settle(name, id, toCopy(name)));
    if (distrust === null) {
      if (await settled) return;
    } else if (this.#trust?.stands(distrust) === true) return;
    await this.#distrust();
  }

  /** The database may have written the row, or may do it later. */
  #doubt({ id, names }: Protection): void {
    void this.#onEach(names, (name) => this.#store.mark(name, id, DOUBT_MS));
  }

  async #distrust(): Promise<Distrust | null> {
    return this.#trust === null ? null : this.#trust.distrust();
  }

  /** True if the step succeeded for each of the names. Never rejects. */
  async #onEach(names: readonly string[], step: (name: string) => Promise<void>): Promise<boolean> {
    const done = names.map((name) =>
      this.#ask(name, () => step(name)).then(
        () => true,
        () => false,
      ),
    );
    return (await Promise.all(done)).every(Boolean);
  }

  #ask<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#guard === null) return work();
    return this.#guard.run(async () => {
      try {
        return await work();
      } catch (error) {
        this.#probed = name.includes("{") ? `${name}:probe` : `{${name}}:probe`; // on the same node of a Cluster
        throw error;
      }
    });
  }

  #draw(): string {
    return `${this.#owner}_${(this.#count++).toString(36)}`;
  }
}

/** The settings with another timeout; a copy by spreading would lose the secret keys, which are not enumerable. */
function withTimeout(settings: EngineContext["settings"], storeTimeout: number): EngineContext["settings"] {
  return Object.create(settings, { storeTimeout: { value: storeTimeout, enumerable: true } });
}
