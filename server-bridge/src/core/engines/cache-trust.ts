/**
 * Whether the copies in the cache of a cached database can be believed: a fact that all processes share, so it is a row
 * of the session table. Its key is shorter than any session key, and its string is `cache:trusted:<epoch>` or
 * `cache:distrusted:<id>`; each id is drawn once and never returns.
 *
 * - A process believes copies of an epoch only for LEASE_MS after it asked for the row. (On both clocks: one may stop
 *   while the machine sleeps, the other may be set.)
 * - A process that cannot mark an entry replaces the row by a distrusted one, and waits until every lease is over. From
 *   then on no process believes any copy that exists now: their epoch has ended for good.
 * - A distrusted row becomes trusted again, with a new epoch, once a process has seen the same row for TRUST_AFTER_MS and
 *   can write to the cache. So a process that goes on changing rows without the cache replaces the row again and again.
 *
 * A row that is missing counts as distrusted, and is created like that.
 */
import { SessionError } from "../errors.ts";
import type { Clock, Random } from "../runtime.ts";
import type { Database } from "./databases/database.ts";

/** How long an answer about the row counts for reads, milliseconds; the first write of an outage waits a little longer. */
const LEASE_MS = 500;
/** How old an answer is when it is renewed in the background, milliseconds. */
const RENEW_MS = 400;
/** How long a distrusted row must stay the same before it may become trusted. */
const TRUST_AFTER_MS = 3000;
/** How old its own distrusted row is when a process that still needs it replaces it. */
const REFRESH_MS = 1000;
/** What two clocks may differ in a few seconds. */
const MARGIN_MS = 50;
const MAX_TRIES = 20;

/** The key of the row. Sessions have longer ones. */
export const TRUST_KEY = "epoch";
const TRUSTED = "cache:trusted:";
const DISTRUSTED = "cache:distrusted:";
const FAR_AWAY_MS = Date.UTC(9999, 0, 1);

/** A time on both clocks. */
interface Instant {
  readonly steadyMs: number;
  readonly wallMs: number;
}

/** The row as it was last seen. */
interface Seen {
  readonly text: string;
  /** When it was asked for, or replaced. */
  asked: Instant;
  /** The row has been this one since then at least, on the steady clock. */
  readonly sinceMs: number;
  /** It has been distrusted since then at least, on the steady clock; null while it is trusted. */
  readonly distrustedSinceMs: number | null;
}

/** What the trust needs. */
interface TrustOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** True if the cache can be written to now. Never rejects. */
  readonly canWrite: () => Promise<boolean>;
}

/** A promise that no process believes a copy, for the next seconds. */
export interface Distrust {
  readonly from: Instant;
}

/** One process's view of the row. */
export class CacheTrust {
  readonly #options: TrustOptions;
  #seen: Seen | null = null;
  #own: Distrust | null = null;
  #asking: Promise<void> | null = null;
  #replacing: Promise<Distrust> | null = null;
  #trusting: Promise<void> | null = null;

  constructor(options: TrustOptions) {
    this.#options = options;
  }

  /** The epoch whose copies a read that begins now may believe; null: none, so that it uses the database. */
  epoch(): string | null | Promise<string | null> {
    const seen = this.#seen;
    const age = seen === null ? Number.POSITIVE_INFINITY : since(seen.asked);
    if (age >= RENEW_MS) void this.#ask().catch(() => {}); // the database's own failure appears where it is used
    if (seen !== null && (seen.distrustedSinceMs !== null || age < LEASE_MS)) return epochOf(seen);
    return this.#askFor(instant());
  }

  /**
   * Resolves when no process believes a copy that exists by then. `stands` says until when that can be relied on. Waits
   * for the leases at the beginning of an outage, and otherwise only for the database, about once a second.
   */
  distrust(): Promise<Distrust> {
    if (this.#own !== null && since(this.#own.from) < REFRESH_MS) return Promise.resolve(this.#own);
    this.#replacing ??= this.#replace().finally(() => {
      this.#replacing = null;
    });
    return this.#replacing;
  }

  /** True if no process can have trusted the cache again since `distrust` returned this. */
  stands(distrust: Distrust): boolean {
    return since(distrust.from) < TRUST_AFTER_MS - MARGIN_MS;
  }

  /** The epoch as the row says it after `begun`, or less than a lease before. */
  async #askFor(begun: Instant): Promise<string | null> {
    for (let tries = 0; tries < 3; tries++) {
      try {
        await this.#ask();
      } catch {
        return null;
      }
      const asked = this.#seen?.asked;
      if (this.#seen === null || asked === undefined) continue;
      const age = Math.max(begun.steadyMs - asked.steadyMs, begun.wallMs - asked.wallMs);
      if (age < LEASE_MS) return epochOf(this.#seen);
    }
    return null;
  }

  /** One query at a time. */
  #ask(): Promise<void> {
    this.#asking ??= this.#read().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #read(): Promise<void> {
    const asked = instant();
    const { database, clock } = this.#options;
    const row = await database.select(TRUST_KEY, clock());
    if (row !== null) this.#learn(row.text, asked);
    else await this.#begin();
    this.#trusting ??= this.#tryTrust().finally(() => {
      this.#trusting = null;
    });
  }

  /** The row is missing. If another process creates it first, its row is read next time. */
  async #begin(): Promise<boolean> {
    const asked = instant();
    const text = DISTRUSTED + this.#draw();
    if (!(await this.#options.database.insert(TRUST_KEY, toRow(text)))) return false;
    this.#learn(text, asked);
    return true;
  }

  async #tryTrust(): Promise<void> {
    const seen = this.#seen;
    if (seen === null || seen.distrustedSinceMs === null) return;
    if (performance.now() - seen.sinceMs < TRUST_AFTER_MS) return;
    try {
      if (await this.#options.canWrite()) await this.#swap(seen, TRUSTED + this.#draw());
    } catch {
      // the next query about the row tries again
    }
  }

  async #replace(): Promise<Distrust> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (this.#seen === null) await this.#ask();
      const seen = this.#seen;
      const asked = instant();
      const isDone = seen === null ? await this.#begin() : await this.#swap(seen, DISTRUSTED + this.#draw());
      const distrustedSinceMs = this.#seen?.distrustedSinceMs ?? null;
      if (isDone && distrustedSinceMs !== null) {
        const leftMs = distrustedSinceMs + LEASE_MS + MARGIN_MS - performance.now();
        if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
        this.#own = { from: asked };
        return this.#own;
      }
      this.#seen = null;
      await this.#asking?.catch(() => {});
    }
    throw new SessionError(
      "engine",
      `The row "${TRUST_KEY}" changed ${MAX_TRIES} times while it was being replaced.`,
    );
  }

  /** Replaces exactly the row that was seen. */
  async #swap(seen: Seen, text: string): Promise<boolean> {
    const asked = instant();
    if ((await this.#options.database.swap(TRUST_KEY, toRow(text), seen.text)) !== "saved") return false;
    this.#learn(text, asked, seen);
    return true;
  }

  /** @param replaced the row that this process replaced by this one; absent: it was read */
  #learn(text: string, asked: Instant, replaced?: Seen): void {
    const known = this.#seen;
    const isNewer = known === null || known.text === replaced?.text || known.asked.steadyMs <= asked.steadyMs;
    if (!isNewer) return;
    if (known?.text === text) {
      known.asked = asked;
      return;
    }
    const nowMs = performance.now();
    const distrustedSinceMs = text.startsWith(TRUSTED) ? null : (replaced?.distrustedSinceMs ?? nowMs);
    this.#seen = { text, asked, sinceMs: nowMs, distrustedSinceMs };
  }

  #draw(): string {
    return Buffer.from(this.#options.random(12)).toString("hex");
  }
}

function epochOf({ text, distrustedSinceMs }: Seen): string | null {
  return distrustedSinceMs === null ? text.slice(TRUSTED.length) : null;
}

function toRow(text: string) {
  return { text, expiresAtMs: FAR_AWAY_MS };
}

function instant(): Instant {
  return { steadyMs: performance.now(), wallMs: Date.now() };
}

/** Milliseconds since then, on the clock that has gone further; endless if the wall clock was set back. */
function since({ steadyMs, wallMs }: Instant): number {
  const wall = Date.now() - wallMs;
  return wall < 0 ? Number.POSITIVE_INFINITY : Math.max(performance.now() - steadyMs, wall);
}
