/**
 * A world for a cached database, in memory: a database, a cache that can stop, lose its contents, come back with old ones
 * or be cut off from one process, and processes that can be killed. Nothing happens by itself: each question to a store
 * waits until the test lets the store do it, and then until the test lets the answer arrive.
 */
import { vi } from "vitest";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import type { Cache, Entry } from "../../../server-bridge/src/core/engines/caches/cache.ts";
import {
  fillEntry,
  markEntry,
  type Place,
  readEntry,
  type Step,
  settleEntry,
} from "../../../server-bridge/src/core/engines/caches/copy-entry.ts";
import type { Database, Row } from "../../../server-bridge/src/core/engines/databases/database.ts";
import type {
  Engine,
  EngineContext,
  RenameResult,
  UpdateResult,
} from "../../../server-bridge/src/core/engines/engine.ts";

/** A question that a process has sent to a store. */
interface Question {
  readonly process: number;
  readonly store: "cache" | "database";
  /** The store's method and its first argument: `swap sessionone`. */
  readonly what: string;
  isAnswered: boolean;
  /** The store does it. */
  run(): void;
  /** The answer arrives. */
  deliver(): void;
  /** An error arrives instead. */
  fail(): void;
}

/** Everything that the cache holds, and which life of its server that is. */
interface Contents {
  entries: Map<string, { text: string; endsMs: number }>;
  run: string;
}

/** What happened in a run, so that a test can see that it was no idle one. */
export interface Tally {
  copiesRead: number;
  copiesStored: number;
  distrusts: number;
  trusts: number;
}

export class World {
  readonly rows = new Map<string, Row>();
  /** Each key's rows, in the order of their commits; null: none. */
  readonly history = new Map<string, (string | null)[]>();
  readonly tally: Tally = { copiesRead: 0, copiesStored: 0, distrusts: 0, trusts: 0 };
  readonly lines: string[] = [];
  readonly #random: () => number;
  #contents: Contents = { entries: new Map(), run: "run0" };
  #old: Map<string, { text: string; endsMs: number }> = new Map();
  #runs = 0;
  #processes = 0;
  isStopped = false;
  readonly cutOff = new Set<number>();
  readonly #dead = new Set<number>();
  questions: Question[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Starts a process with an engine. */
  start(): {
    process: number;
    engine: Engine;
  } {
    const process = ++this.#processes;
    const engine = cachedDatabase(this.#cacheFor(process), this.#databaseFor(process));
    const random = (count: number) =>
      Uint8Array.from({ length: count }, () => Math.floor(this.#random() * 256));
    const context = {
      clock: Date.now,
      random,
      log: (line: string) => this.lines.push(line),
      settings: { storeTimeout: 5 },
    };
    engine.start(context as unknown as EngineContext); // the part that these engines use
    return { process, engine };
  }

  /** The process is gone. What it has sent may still be done. */
  kill(process: number): void {
    this.#dead.add(process);
  }

  /** The cache works, for every process. */
  heal(): void {
    this.isStopped = false;
    this.cutOff.clear();
  }

  /** The server ends and starts again with what it had at the last `save`; a process that waits for it gets an error. */
  restart(): void {
    for (const question of this.questions) if (question.store === "cache") question.fail();
    this.questions = this.questions.filter(({ store }) => store !== "cache");
    this.#contents = { entries: new Map(this.#old), run: `run${++this.#runs}` };
    this.isStopped = false;
  }

  save(): void {
    this.#old = new Map(this.#contents.entries);
  }

  /** The questions that can go on now. */
  movable(): Question[] {
    return this.questions.filter(
      ({ store, process, isAnswered }) =>
        isAnswered || store === "database" || !(this.isStopped || this.cutOff.has(process)),
    );
  }

  /** One step of a question: the store does it, or its answer arrives. */
  move(question: Question): void {
    if (!question.isAnswered) question.run();
    else {
      this.questions = this.questions.filter((other) => other !== question);
      if (!this.#dead.has(question.process)) question.deliver();
    }
  }

  /** The answer of a question is lost: the process sees an error, and the store may still do it, even much later. */
  lose(question: Question): void {
    if (!this.#dead.has(question.process)) question.fail();
    question.deliver = () => {};
  }

  #put<Answer>(process: number, store: Question["store"], what: string, work: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let answer: Answer;
      const question: Question = {
        process,
        store,
        what,
        isAnswered: false,
        run() {
          answer = work();
          this.isAnswered = true;
        },
        deliver: () => resolve(answer),
        fail: () => reject(new Error("the connection broke")),
      };
      this.questions.push(question);
    });
  }

  #entry(name: string): string | null {
    const entry = this.#contents.entries.get(name);
    return entry !== undefined && entry.endsMs > Date.now() ? entry.text : null;
  }

  #keep(name: string, text: string | null, lifeMs: number): void {
    if (text === null || lifeMs <= 0) this.#contents.entries.delete(name);
    else this.#contents.entries.set(name, { text, endsMs: Date.now() + lifeMs });
  }

  #cacheFor(process: number): Cache {
    const put = <Answer>(what: string, work: () => Answer) => this.#put(process, "cache", what, work);
    const take = <Result>(
      what: string,
      name: string,
      step: (entry: string | null, place: Place) => Step<Result>,
    ) =>
      put(`${what} ${name.slice(-10)}`, () => {
        const { result, next } = step(this.#entry(name), { run: this.#contents.run, nowMs: Date.now() });
        if (next !== undefined) this.#keep(name, next.text, next.lifeMs);
        if (next?.text?.startsWith("c:")) this.tally.copiesStored++;
        return result;
      });
    const toEntry = (text: string | null): Entry | null =>
      text === null ? null : { text, expiresAtMs: null };
    return {
      vendor: "world",
      start: () => {},
      close: async () => {},
      get: (name) => put("plain", () => toEntry(this.#entry(name))),
      inspect: (name) => put("plain", () => toEntry(this.#entry(name))),
      add: (name, text, seconds) =>
        put("plain", () => {
          if (this.#entry(name) !== null) return false;
          this.#keep(name, text, seconds * 1000);
          return true;
        }),
      swap: (name, text, seconds, expected) =>
        put("plain", (): UpdateResult => {
          const entry = this.#entry(name);
          if (entry === null) return "gone";
          if (expected !== null && entry !== expected) return "conflict";
          this.#keep(name, text, seconds * 1000);
          return "saved";
        }),
      set: (name, text, seconds) => put("plain", () => this.#keep(name, text, seconds * 1000)),
      delete: (name) => put("plain", () => this.#keep(name, null, 0)),
      copies: {
        async read(name, epoch, id, claimMs) {
          return take("read", name, (entry, place) => readEntry(entry, place, { epoch, id, claimMs }));
        },
        mark: (name, id, lifeMs) =>
          take("mark", name, (entry, place) => markEntry(entry, place, { id, lifeMs })),
        settle: (name, id, copy) =>
          take("settle", name, (entry, place) => settleEntry(entry, place, { id, copy })),
        fill: (name, id, copy) => take("fill", name, (entry, place) => fillEntry(entry, place, { id, copy })),
      },
    };
  }

  #write(key: string, row: Row | null): void {
    if (row === null) this.rows.delete(key);
    else this.rows.set(key, row);
    const before = this.history.get(key) ?? [null];
    this.history.set(key, [...before, row === null ? null : row.text]);
    if (row?.text.startsWith("cache:distrusted")) this.tally.distrusts++;
    if (row?.text.startsWith("cache:trusted")) this.tally.trusts++;
  }

  #databaseFor(process: number): Database {
    const put = <Answer>(what: string, work: () => Answer) => this.#put(process, "database", what, work);
    const textOf = (key: string) => this.rows.get(key)?.text ?? null;
    return {
      vendor: "sqlite",
      start: () => {},
      close: async () => {},
      migrate: async () => {},
      deleteExpired: async () => 0,
      select: (key) => put(`select ${key}`, () => this.rows.get(key) ?? null),
      exists: (key) => put(`exists ${key}`, () => this.rows.has(key)),
      insert: (key, row) =>
        put(`insert ${key}`, () => {
          if (this.rows.has(key)) return false;
          this.#write(key, row);
          return true;
        }),
      swap: (key, row, expected) =>
        put(`swap ${key}`, (): UpdateResult => {
          if (!this.rows.has(key)) return "gone";
          if (expected !== null && textOf(key) !== expected) return "conflict";
          this.#write(key, row);
          return "saved";
        }),
      rename: (key, row, oldKey, expected) =>
        put(`rename ${key}`, (): RenameResult => {
          if (this.rows.has(key)) return "taken";
          if (expected !== null && !this.rows.has(oldKey)) return "gone";
          if (expected !== null && textOf(oldKey) !== expected) return "conflict";
          this.#write(key, row);
          if (this.rows.has(oldKey)) this.#write(oldKey, null);
          return "saved";
        }),
      delete: (key) =>
        put(`delete ${key}`, () => {
          if (this.rows.has(key)) this.#write(key, null);
        }),
    };
  }
}

/** Makes the clocks and timers stand still between the test's own steps; returns what sets them free again. */
export function holdTime(): () => void {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setImmediate", "Date", "performance"],
    now: Date.UTC(2026, 0, 1),
  });
  return () => vi.useRealTimers();
}

/** Lets `ms` pass, and everything happen that follows from it without a store. */
export async function passTime(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  vi.advanceTimersByTime(0); // what a timer has left to the next turn of the event loop
  await settle();
}

/** Everything happens that needs neither a store nor time: as many turns of the microtask queue as any step takes. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await null;
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
