/**
 * One run of a cached database in a world without luck: some processes read, save, move and delete a few sessions, while
 * a seed decides which store answers next, what fails and who is killed. Says what a read returned that it must not.
 */
import { vi } from "vitest";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createRandom, passTime, settle, type Tally, World } from "./cached-database-world.ts";

/** What one run showed. */
interface Outcome {
  /** Reads that returned something older than what was acknowledged when they began. */
  readonly stale: string[];
  readonly tally: Tally;
}

interface Process {
  process: number;
  engine: Engine;
  isAlive: boolean;
}

/** A run consists of acts: trouble, and then perhaps a time in which the cache may be trusted again. */
const ACTS = 4;
const STEPS = 80;
const PROCESSES = 3;
/** Tasks that are under way at the same time. */
const MOST_TASKS = 5;
/** Longer than any mark, shorter than the copies. */
const AFTER_MARKS_MS = 700_000;
const END = { ageSeconds: 3600, expiresAtMs: Date.UTC(2027, 0, 1) };
const FIRST = "sessionone";

/** Plays one run, while time stands still (`holdTime`). The same seed gives the same run. */
export async function play(seed: number): Promise<Outcome> {
  vi.clearAllTimers(); // of an earlier run's processes
  const run = new Run(seed);
  await run.play();
  return { stale: run.stale, tally: run.world.tally };
}

class Run {
  readonly world: World;
  readonly stale: string[] = [];
  readonly #seed: number;
  readonly #random: () => number;
  readonly #processes: Process[];
  readonly #keys = [FIRST];
  /** For each key, the place in its history that every later read must have reached. */
  readonly #acknowledged = new Map<string, number>();
  readonly #log: string[] = [];
  readonly #faults: number;
  readonly #sleeps: number;
  #count = 0;
  #tasks = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = createRandom(seed);
    this.world = new World(this.#random);
    this.#faults = this.#pick([0.01, 0.03, 0.08]);
    this.#sleeps = this.#pick([0.01, 0.05]);
    const { rows, history } = this.world;
    if (this.#chance(0.8)) rows.set("epoch", { text: "cache:trusted:first", expiresAtMs: END.expiresAtMs });
    rows.set(FIRST, { text: "v0", expiresAtMs: END.expiresAtMs });
    history.set(FIRST, [null, "v0"]);
    this.#processes = Array.from({ length: PROCESSES }, () => this.#begin());
  }

  async play(): Promise<void> {
    if (this.#chance(0.3)) await this.#calm();
    for (let act = 0; act < ACTS; act++) {
      for (let count = 0; count < STEPS; count++) await this.#step();
      if (this.#chance(0.7)) await this.#calm();
    }
    await this.#calm();
    vi.setSystemTime(Date.now() + AFTER_MARKS_MS);
    // in the end every row must show
    for (const key of this.#keys) this.#acknowledged.set(key, this.#historyOf(key).length - 1);
    await this.#calm();
  }

  async #step(): Promise<void> {
    const movable = this.world.movable();
    const what = this.#random();
    if (what < this.#faults) this.#fail();
    else if (what < this.#faults + this.#sleeps) await passTime(this.#pick([1, 40, 300, 600, 1200, 3200]));
    else if (movable.length > 0 && (what < 0.75 || this.#tasks >= MOST_TASKS))
      this.world.move(this.#pick(movable));
    else if (this.#tasks < MOST_TASKS) this.#beginTask();
    else await passTime(this.#pick([1, 40, 300]));
    await settle();
  }

  /** The stores work again, and there are readers, so that the cache is trusted again. */
  async #calm(): Promise<void> {
    this.world.heal();
    await this.#drain();
    for (let turn = 0; turn < 9; turn++) {
      void this.#read(this.#pick(this.#processes), FIRST).catch(() => {});
      await this.#drain();
      await passTime(450);
    }
    for (const one of this.#processes)
      for (const key of this.#keys.slice(-2)) void this.#read(one, key).catch(() => {});
    await this.#drain();
  }

  /** All stores answer everything. */
  async #drain(): Promise<void> {
    for (let moved = true; moved; await settle()) {
      const movable = this.world.movable();
      for (const question of movable) this.world.move(question);
      moved = movable.length > 0;
    }
  }

  #fail(): void {
    const { world } = this;
    const index = Math.floor(this.#random() * PROCESSES);
    const one = this.#processes[index] as Process; // there is one at each index
    const what = this.#random();
    if (what < 0.2) world.isStopped = !world.isStopped;
    else if (what < 0.35) world.restart();
    else if (what < 0.5) world.save();
    else if (what < 0.6) world.cutOff.add(one.process);
    else if (what < 0.75) world.cutOff.clear();
    else if (what < 0.85) {
      one.isAlive = false;
      world.kill(one.process);
      this.#processes[index] = this.#begin();
    } else if (world.questions.length > 0) world.lose(this.#pick(world.questions));
  }

  #beginTask(): void {
    const one = this.#pick(this.#processes);
    const key = this.#chance(0.8) ? (this.#keys.at(-1) ?? FIRST) : this.#pick(this.#keys);
    this.#tasks++;
    this.#taskOn(one, key)
      .catch(() => {})
      .finally(() => this.#tasks--);
  }

  #taskOn(one: Process, key: string): Promise<void> {
    if (this.#chance(0.5)) return this.#read(one, key);
    if (this.#chance(0.75)) return this.#save(one, key);
    return this.#pick([() => this.#move(one, key), () => this.#remove(one, key), () => this.#create(one)])();
  }

  async #read(one: Process, key: string): Promise<void> {
    const allowedFrom = this.#acknowledged.get(key) ?? 0;
    const found = await one.engine.load(key);
    if (!one.isAlive) return;
    const text = found === null || found === "expired" ? null : found.text;
    const allowed = this.#historyOf(key).slice(allowedFrom);
    if (found !== null && found !== "expired" && found.expiresAtMs === null) this.world.tally.copiesRead++;
    this.#note(`${one.process} read ${key} = ${text}`);
    if (allowed.includes(text))
      this.#acknowledge(key, text); // what one read has returned, later ones must not forget
    else
      this.stale.push(
        `seed ${this.#seed}: ${key} = ${text}, not of ${allowed.map(String)}; before:\n${this.#log.slice(-12).join("\n")}`,
      );
  }

  async #save(one: Process, key: string): Promise<void> {
    const text = this.#newText();
    const result = await one.engine.update(key, text, END, this.#expected(key));
    if (!one.isAlive) return;
    if (result === "saved") this.#acknowledge(key, text);
    this.#note(`${one.process} save ${key} ${text} ${result}`);
  }

  async #move(one: Process, key: string): Promise<void> {
    const text = this.#newText();
    const next = `session${text}`;
    const result = await one.engine.rename?.(next, text, END, key, this.#expected(key));
    if (!one.isAlive || result !== "saved") return;
    this.#acknowledge(next, text);
    this.#acknowledge(key, null);
    this.#keys.push(next);
    this.#note(`${one.process} move ${key} to ${next} ${text}`);
  }

  async #remove(one: Process, key: string): Promise<void> {
    await one.engine.delete(key);
    if (!one.isAlive) return;
    this.#acknowledge(key, null);
    this.#note(`${one.process} delete ${key}`);
  }

  async #create(one: Process): Promise<void> {
    const text = this.#newText();
    const key = `session${text}`;
    if (!(await one.engine.create(key, text, END)) || !one.isAlive) return;
    this.#acknowledge(key, text);
    this.#keys.push(key);
  }

  #begin(): Process {
    return { ...this.world.start(), isAlive: true };
  }

  #historyOf(key: string): (string | null)[] {
    return this.world.history.get(key) ?? [null];
  }

  #acknowledge(key: string, text: string | null): void {
    const reached = this.#historyOf(key).lastIndexOf(text);
    this.#acknowledged.set(key, Math.max(this.#acknowledged.get(key) ?? 0, reached));
  }

  #expected(key: string): string | null {
    return this.#chance(0.5) ? null : (this.world.rows.get(key)?.text ?? "v0");
  }

  #newText(): string {
    return `v${++this.#count}`;
  }

  #note(line: string): void {
    this.#log.push(`  ${line}`);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item; // it is not empty
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }
}
