/**
 * The index of users of the sessions in Redis: a hash for each user, next to the sessions, with one field for each
 * session (`redis-user-scripts.ts`). A hash never ends before the last of its sessions, and ends by itself after it.
 *
 * In a Cluster a hash and its sessions are on different masters, so whether a session is there is asked separately.
 * Entries whose sessions have ended are removed as others are added, a few with each login.
 */
import { isObjectText } from "../../data/json-parts.ts";
import { SessionError } from "../../errors.ts";
import type { Clock } from "../../runtime.ts";
import type { EntryTimes } from "../indexed-writes.ts";
import { type IndexedSession, lastWrittenMs, type ScannedSession } from "../user-index.ts";
import type { CacheUsers, Entry } from "./cache.ts";
import { LONGEST_MS, PUT, type Script } from "./redis-scripts.ts";
import {
  ADD,
  ENTER,
  GENERATION,
  NAMES,
  PAGE,
  RAISE,
  REMOVE,
  REMOVE_UNCHANGED,
  RUN,
  SLOTS,
  TOUCH,
} from "./redis-user-scripts.ts";

/** One master, by a function that runs a script without keys on it. */
export type Master = (script: Script, ...values: string[]) => Promise<unknown>;

/** What the index needs of the cache. */
export interface RedisAccess {
  readonly clock: Clock;
  touchAfterMs(): number;
  isShared(): boolean;
  /** A session's entry, with its expiry. */
  inspect(name: string): Promise<Entry | null>;
  /** Runs a script on the server that has `name`. */
  run(script: Script, name: string, ...values: string[]): Promise<unknown>;
  /** All servers that have sessions. */
  masters(): Promise<{ readonly masters: readonly Master[]; readonly isCluster: boolean }>;
}

interface HashEntry {
  readonly key: string;
  readonly value: string;
  readonly generation: number;
  readonly createdMs: number | null;
  readonly seenMs: number | null;
}

/** About how many entries are read in one step: Redis serves no one else meanwhile. */
const PAGE_SIZE = 200;
/** A Cluster that moves slots is looked through this often. */
const MAX_ROUNDS = 3;

/** The index of the sessions whose names `nameOf` makes. */
export class RedisUsers implements CacheUsers {
  readonly #redis: RedisAccess;
  readonly #nameOf: (key: string) => string;
  readonly #hashes: string;
  readonly #marker: string;
  /** As the servers were when all sessions were last looked through. */
  #looked: string | null = null;

  constructor(redis: RedisAccess, nameOf: (key: string) => string) {
    this.#redis = redis;
    this.#nameOf = nameOf;
    const start = indexPrefix(nameOf);
    this.#hashes = `${start}user:`;
    this.#marker = `${start}whole`;
  }

  get isShared(): boolean {
    return this.#redis.isShared();
  }

  async enter(
    user: string,
    key: string,
    from: string | null,
    { nowMs, lifeMs }: EntryTimes,
  ): Promise<number | null> {
    const answer = await this.#run(ENTER, user, key, from ?? "", toWhole(nowMs), toLife(lifeMs));
    const [generation, ...some] = toStrings(answer);
    if (generation === undefined) return null;
    // not waited for: another master may be silent, and this login does not need it
    if (some.length > 0) this.#removeDead(user, toPairs(some)).catch(() => {});
    return Number(generation);
  }

  async touch(user: string, key: string, { nowMs, lifeMs }: EntryTimes): Promise<void> {
    await this.#run(TOUCH, user, key, toWhole(nowMs), toLife(lifeMs), String(this.#redis.touchAfterMs()));
  }

  async generation(user: string): Promise<number> {
    return Number(await this.#run(GENERATION, user));
  }

  async remove(user: string, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#run(REMOVE, user, ...keys);
  }

  list(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#sessions(user, (entry, generation) => entry.generation >= generation);
  }

  listEnded(user: string): AsyncIterable<readonly IndexedSession[]> {
    return this.#sessions(user, (entry, generation) => entry.generation < generation);
  }

  async raise(user: string, except: string | null): Promise<void> {
    await this.#run(RAISE, user, except ?? "");
  }

  async add(user: string, key: string, expiresAtMs: number | null): Promise<boolean> {
    const lifeMs = expiresAtMs === null ? LONGEST_MS : expiresAtMs - this.#redis.clock();
    return Number(await this.#run(ADD, user, key, toLife(lifeMs))) === 1;
  }

  async *scan(): AsyncGenerator<readonly ScannedSession[]> {
    const start = this.#nameOf("");
    this.#looked = await this.#runs();
    for await (const names of this.#names(start)) {
      const found = names.map(async (name): Promise<ScannedSession[]> => {
        const stored = await this.#redis.inspect(name);
        // the copies of a cached database have names that begin like these, and another form
        if (stored === null || !isObjectText(stored.text)) return [];
        return [{ key: name.slice(start.length), stored }];
      });
      yield (await Promise.all(found)).flat();
    }
  }

  async prune(beforeMs: number): Promise<number> {
    let removed = 0;
    for await (const names of this.#names(this.#hashes)) {
      for (const name of names) removed += await this.#pruneOne(name.slice(this.#hashes.length), beforeMs);
    }
    return removed;
  }

  /** Not after a restart, a failover or an eviction: entries may have been lost with it. */
  async isWhole(): Promise<boolean> {
    const [marker, runs] = await Promise.all([this.#redis.inspect(this.#marker), this.#runs()]);
    return marker?.text === runs;
  }

  /** Forgotten like a session's entry after a century. */
  async markWhole(): Promise<void> {
    if (this.#looked === null) return;
    await this.#redis.run(PUT, this.#marker, this.#looked, String(LONGEST_MS), "set");
  }

  /** What changes when a master is restarted, replaced, or evicts an entry. */
  async #runs(): Promise<string> {
    const { masters } = await this.#redis.masters();
    const runs = await Promise.all(masters.map((master) => master(RUN)));
    return runs.map(String).sort().join("\n");
  }

  async *#sessions(
    user: string,
    isWanted: (entry: HashEntry, generation: number) => boolean,
  ): AsyncGenerator<readonly IndexedSession[]> {
    for await (const { entries, generation } of this.#pages(user)) {
      const wanted = entries.filter((entry) => isWanted(entry, generation));
      yield await Promise.all(
        wanted.map(async ({ key, createdMs, seenMs }) => {
          const stored = await this.#redis.inspect(this.#nameOf(key));
          return { key, createdMs, seenMs, stored };
        }),
      );
    }
  }

  /** Redis may name an entry twice while a hash grows; here each comes once. */
  async *#pages(user: string): AsyncGenerator<{ entries: HashEntry[]; generation: number }> {
    const seen = new Set<string>();
    let cursor = "0";
    do {
      const answer = await this.#run(PAGE, user, cursor, String(PAGE_SIZE));
      const [next, generation, found] = Array.isArray(answer) ? answer : [];
      const entries = toPairs(toStrings(found)).flatMap(([key, value]) => {
        if (seen.has(key)) return [];
        seen.add(key);
        return toEntry(key, value);
      });
      yield { entries, generation: Number(generation) };
      cursor = String(next ?? "0");
    } while (cursor !== "0");
  }

  async #pruneOne(user: string, beforeMs: number): Promise<number> {
    let removed = 0;
    for await (const { entries } of this.#pages(user)) {
      const old = entries.filter((entry) => lastWrittenMs(entry) < beforeMs);
      const pairs = old.map(({ key, value }): [string, string] => [key, value]);
      removed += await this.#removeDead(user, pairs);
    }
    return removed;
  }

  /** An entry that was renewed since it was read stays: its session may be about to be stored. */
  async #removeDead(user: string, pairs: readonly [key: string, value: string][]): Promise<number> {
    const found = await Promise.all(pairs.map(([key]) => this.#redis.inspect(this.#nameOf(key))));
    const dead = pairs.filter((_, index) => found[index] === null);
    if (dead.length === 0) return 0;
    return Number(await this.#run(REMOVE_UNCHANGED, user, ...dead.flat()));
  }

  /**
   * The names that begin like this, on every master. Entries that move to another master meanwhile could be missed, so a
   * Cluster that was moving slots is looked through again.
   */
  async *#names(start: string): AsyncGenerator<readonly string[]> {
    const pattern = `${start.replaceAll(/[\\*?[\]^-]/g, "\\$&")}*`;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { masters, isCluster } = await this.#redis.masters();
      const before = isCluster ? await settledSlots(masters) : "";
      for (const master of masters) {
        let cursor = "0";
        do {
          const answer = await master(NAMES, cursor, pattern, String(PAGE_SIZE));
          const [next, names] = Array.isArray(answer) ? answer : [];
          yield toStrings(names);
          cursor = String(next ?? "0");
        } while (cursor !== "0");
      }
      if (!isCluster) return;
      if (before !== null && before === (await settledSlots((await this.#redis.masters()).masters))) return;
    }
    throw new SessionError(
      "unavailable",
      "The Redis Cluster is moving slots, so sessions could be missed while all are looked through. Try again when it has finished.",
    );
  }

  #run(script: Script, user: string, ...values: string[]): Promise<unknown> {
    return this.#redis.run(script, this.#hashes + user, ...values);
  }
}

/** What the names of the index begin with: like those of the sessions, up to what tells engines apart. */
export function indexPrefix(nameOf: (key: string) => string): string {
  const start = nameOf("");
  return `${start.slice(0, start.lastIndexOf(":") + 1)}session_bridge.`;
}

/** Which master has which slots; null while slots move, or if these are not all masters. */
async function settledSlots(masters: readonly Master[]): Promise<string | null> {
  const answers = await Promise.all(masters.map((master) => master(SLOTS)));
  let count = 0;
  const nodes = answers.map((answer) => {
    const [id, slots = "", served] = toStrings(answer);
    for (const range of slots.split(" ")) {
      const [first, last = first] = range.split("-");
      if (first) count += Number(last) - Number(first) + 1;
    }
    return { slots: `${id} ${slots}`, served: Number(served) };
  });
  if (nodes.some(({ slots, served }) => slots.includes("[") || served !== count)) return null;
  return nodes
    .map(({ slots }) => slots)
    .sort()
    .join("\n");
}

/** Nothing for the field that has the user's generation. */
function toEntry(key: string, value: string): HashEntry[] {
  const [, generation, created, seen] = /^(\d+):(\d*):(\d*)$/.exec(value) ?? [];
  if (key === "" || generation === undefined) return [];
  return [
    {
      key,
      value,
      generation: Number(generation),
      createdMs: created ? Number(created) : null,
      seenMs: seen ? Number(seen) : null,
    },
  ];
}

function toPairs(strings: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < strings.length; at += 2) pairs.push([strings[at] ?? "", strings[at + 1] ?? ""]);
  return pairs;
}

function toStrings(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map(String) : [];
}

function toWhole(ms: number): string {
  return String(Math.floor(ms));
}

function toLife(ms: number): string {
  return String(Math.min(Math.max(Math.ceil(ms), 0), LONGEST_MS));
}
