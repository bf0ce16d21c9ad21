/**
 * Entries in this process's memory, bounded by number and by bytes. When there is no room, expired entries are dropped
 * first, then sessions of guests, the least recently used first, and only then sessions of people who are logged in.
 *
 * Who is logged in is looked up only when it matters: an entry's string is read when the store is more than half full,
 * the longest unused first, a few with each write.
 */
import { isObjectText, splitMembers } from "../../data/json-parts.ts";
import { namesSomebody } from "../../data/login-keys.ts";
import type { Entry } from "./cache.ts";
import { DueSlot, DueSlots } from "./due-slots.ts";

/** An entry with a known expiry. */
interface KeptEntry extends Entry {
  readonly expiresAtMs: number;
}

/**
 * What an entry takes in V8's heap in addition to the characters of its name and its string, which are one byte each:
 * 240 to 270 were measured for 100,000 to 550,000 entries.
 */
const ENTRY_BYTES = 300;
/** Expired entries that are removed with each write, so that they go sooner than new ones come. */
const SWEPT_PER_WRITE = 2;
/** Entries that are read with each write, while the store is more than half full. */
const SORTED_PER_WRITE = 2;
/** Entries that a write reads at most to find a guest's. */
const MAX_SORTED = 1_000;
/** A longer string counts as a guest's: reading it would take too long, and guests could crowd out everyone with such strings. */
const LONGEST_READ = 64 * 1024;

/** An entry, its place by last use, and its place by expiry. */
class Slot extends DueSlot<KeptEntry> {
  readonly name: string;
  bytes: number;
  /** Null until the string was read. */
  isLogin: boolean | null = null;
  before: Slot = this;
  after: Slot = this;

  constructor(name: string, entry: KeptEntry, bytes: number) {
    super(entry);
    this.name = name;
    this.bytes = bytes;
  }
}

/** Slots in the order of their last use: a ring, whose end is a slot without an entry. */
class Ring {
  readonly #end = new Slot("", { text: "", expiresAtMs: 0 }, 0);

  get oldest(): Slot | null {
    return this.#end.after === this.#end ? null : this.#end.after;
  }

  get newest(): Slot {
    return this.#end.before;
  }

  /** Adds a slot that is in no ring, as the newest. */
  add(slot: Slot): void {
    const end = this.#end;
    slot.before = end.before;
    slot.after = end;
    end.before.after = slot;
    end.before = slot;
  }
}

export class BoundedEntries {
  readonly #slots = new Map<string, Slot>();
  readonly #byExpiry = new DueSlots<Slot>();
  /** All entries, until the oldest are sorted into the other two. One that is used comes back here. */
  readonly #unsorted = new Ring();
  readonly #guests = new Ring();
  readonly #logins = new Ring();
  readonly #max: number;
  readonly #maxBytes: number;
  readonly #onLostLogin: () => void;
  #bytes = 0;

  /** @param onLostLogin called each time a session of someone who is logged in is dropped to make room */
  constructor(max: number, maxBytes: number, onLostLogin: () => void) {
    this.#max = max;
    this.#maxBytes = maxBytes;
    this.#onLostLogin = onLostLogin;
  }

  /** The entry, expired or not, which counts as used now; undefined if there is none. */
  get(name: string): KeptEntry | undefined {
    const slot = this.#slots.get(name);
    if (slot === undefined) return undefined;
    this.#use(slot);
    return slot.entry;
  }

  /** The same, without counting as a use. */
  peek(name: string): KeptEntry | undefined {
    return this.#slots.get(name)?.entry;
  }

  /** The names of all entries, expired or not. */
  names(): Iterable<string> {
    return this.#slots.keys();
  }

  /** Whether an entry of this size could be kept if it were alone. */
  fits(name: string, text: string): boolean {
    return bytesOf(name, text) <= this.#maxBytes;
  }

  /** Keeps an entry that fits, and drops others if there is no room for it. */
  set(name: string, entry: KeptEntry, nowMs: number): void {
    const bytes = bytesOf(name, entry.text);
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = new Slot(name, entry, bytes);
      this.#slots.set(name, slot);
      this.#byExpiry.add(slot);
      this.#unsorted.add(slot);
    } else {
      this.#bytes -= slot.bytes;
      this.#renew(slot, entry, bytes);
      this.#use(slot);
    }
    this.#bytes += bytes;
    this.#makeRoom(slot, nowMs);
  }

  delete(name: string): void {
    const slot = this.#slots.get(name);
    if (slot !== undefined) this.#drop(slot);
  }

  #use(slot: Slot): void {
    if (slot === this.#unsorted.newest) return;
    leave(slot);
    this.#unsorted.add(slot);
  }

  #renew(slot: Slot, entry: KeptEntry, bytes: number): void {
    const isSooner = entry.expiresAtMs < slot.entry.expiresAtMs;
    if (isSooner) this.#byExpiry.remove(slot);
    slot.entry = entry;
    slot.bytes = bytes;
    slot.isLogin = null;
    if (isSooner) this.#byExpiry.add(slot);
  }

  #drop(slot: Slot): void {
    this.#slots.delete(slot.name);
    this.#byExpiry.remove(slot);
    leave(slot);
    this.#bytes -= slot.bytes;
  }

  #makeRoom(written: Slot, nowMs: number): void {
    for (let swept = 0; swept < SWEPT_PER_WRITE; swept++) {
      const expired = this.#byExpiry.find(nowMs);
      if (expired === null) break;
      this.#drop(expired);
    }
    if (!this.#isOver(0.5)) return;
    for (let sorted = 0; sorted < SORTED_PER_WRITE; sorted++) this.#sortOldest(written);
    while (this.#isOver(1)) this.#dropOne(written, nowMs);
  }

  /** @param part 0.5: half full counts */
  #isOver(part: number): boolean {
    return this.#bytes > this.#maxBytes * part || this.#slots.size > this.#max * part;
  }

  #dropOne(written: Slot, nowMs: number): void {
    const free = this.#byExpiry.find(nowMs) ?? this.#guests.oldest ?? this.#findGuest(written);
    const dropped = free ?? this.#logins.oldest ?? this.#unsorted.oldest;
    if (dropped === null) return;
    this.#drop(dropped);
    if (free === null) this.#onLostLogin();
  }

  #findGuest(written: Slot): Slot | null {
    for (let read = 0; read < MAX_SORTED; read++) {
      const slot = this.#sortOldest(written);
      if (slot === null || slot.isLogin === false) return slot;
    }
    return null;
  }

  /** Sorts the longest unused entry; null if there is none, except the one that is being written. */
  #sortOldest(written: Slot): Slot | null {
    const slot = this.#unsorted.oldest;
    if (slot === null || slot === written) return null;
    leave(slot);
    slot.isLogin ??= isLogin(slot.entry.text);
    (slot.isLogin ? this.#logins : this.#guests).add(slot);
    return slot;
  }
}

function leave(slot: Slot): void {
  slot.before.after = slot.after;
  slot.after.before = slot.before;
}

function bytesOf(name: string, text: string): number {
  return name.length + text.length + ENTRY_BYTES;
}

/** False for a guest, and for a copy of what a database has, which is not JSON and may be dropped at any time. */
function isLogin(text: string): boolean {
  if (!isObjectText(text)) return false;
  if (text.length > LONGEST_READ) return false;
  for (const [key, value] of splitMembers(text)) if (namesSomebody(key, value)) return true;
  return false;
}
