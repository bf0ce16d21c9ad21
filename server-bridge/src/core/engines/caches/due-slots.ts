/**
 * Entries by expiry, so that those which have expired are found without looking at the others: in buckets of a few
 * seconds, each a list through the entries themselves. An entry whose expiry is moved on stays where it is, and moves
 * when its bucket is due.
 */

/** What has an expiry, milliseconds since 1970. */
interface Expiring {
  readonly expiresAtMs: number;
}

/** An entry and its place in a bucket, which only this file changes. */
export class DueSlot<Entry extends Expiring> {
  entry: Entry;
  bucket = 0;
  earlier: this | null = null;
  later: this | null = null;

  constructor(entry: Entry) {
    this.entry = entry;
  }
}

const BUCKET_MS = 4096;
/** Entries that a call moves at most, because they were prolonged. */
const MAX_MOVES = 16;
/** After a longer pause it is quicker to look at the buckets that exist. */
const MAX_STEPS = 512;

/** Slots by the expiry of their entries. Remove a slot before its entry gets an earlier one. */
export class DueSlots<Slot extends DueSlot<Expiring>> {
  readonly #first = new Map<number, Slot>();
  /** The buckets up to this one were found due. */
  #reached = Number.POSITIVE_INFINITY;
  /** Due buckets that are not yet empty. */
  #due: number[] = [];

  /** `slot` must not be in a bucket. Call `find` afterwards, with the time from which the expiry was counted. */
  add(slot: Slot): void {
    const bucket = Math.ceil(slot.entry.expiresAtMs / BUCKET_MS);
    const first = this.#first.get(bucket) ?? null;
    if (first !== null) first.earlier = slot;
    slot.bucket = bucket;
    slot.later = first;
    this.#first.set(bucket, slot);
  }

  remove(slot: Slot): void {
    const { earlier, later, bucket } = slot;
    if (later !== null) later.earlier = earlier;
    if (earlier !== null) earlier.later = later;
    else if (later !== null) this.#first.set(bucket, later);
    else this.#first.delete(bucket);
    slot.earlier = null;
    slot.later = null;
  }

  /** A slot whose entry has expired; null if none is known. It stays in its bucket until it is removed. */
  find(nowMs: number): Slot | null {
    const now = Math.floor(nowMs / BUCKET_MS);
    if (now !== this.#reached) this.#reach(now);
    for (let moves = 0; moves < MAX_MOVES; ) {
      const bucket = this.#due.at(-1);
      if (bucket === undefined) return null;
      const slot = this.#first.get(bucket);
      if (slot === undefined) this.#due.pop();
      else if (slot.entry.expiresAtMs <= nowMs) return slot;
      else {
        this.remove(slot);
        this.add(slot);
        moves++;
      }
    }
    return null;
  }

  #reach(now: number): void {
    if (now < this.#reached) {
      this.#due = this.#due.filter((bucket) => bucket <= now); // the clock was set back
    } else if (now - this.#reached <= MAX_STEPS) {
      for (let bucket = this.#reached + 1; bucket <= now; bucket++)
        if (this.#first.has(bucket)) this.#due.push(bucket);
    } else {
      for (const bucket of this.#first.keys())
        if (bucket > this.#reached && bucket <= now) this.#due.push(bucket);
    }
    this.#reached = now;
  }
}
