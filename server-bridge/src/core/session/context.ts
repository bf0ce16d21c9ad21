/**
 * What all sessions of one `createSessions` share: the settings, the store and its encoding, and what they need from
 * the environment.
 */

import type { Settings } from "../django/settings.ts";
import type { Engine } from "../engines/engine.ts";
import type { Observer } from "../observers/observer.ts";
import type { Clock, Log } from "../runtime.ts";
import type { Codec } from "../signing/codec.ts";
import { withColons } from "../signing/signed-text.ts";
import type { Session } from "./api.ts";
import type { StoreWaits } from "./store-waits.ts";
import type { Turns } from "./turns.ts";

/** The parts that a session works with. `Sessions` has them all. */
export interface SessionParts {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly log: Log;
  /** Every observer that is attached now. If there are none, requests have no extra cost. */
  readonly observers: readonly Observer[];
  /** What waits for the store now: `storeTimeout`. */
  readonly storeWaits: StoreWaits;
  /** Who writes which session now. */
  readonly turns: Turns;
  /** A new key, made from the option `random`: 32 characters of `a-z0-9`. */
  newKey(): string;
}

/** The part of `Sessions` that a request needs; the return type of `open` carries the shape of the data. */
export interface ShapedParts<Shape> extends SessionParts {
  /** A session outside any request: `load()`, change, `save()`. Without a key: a new one. */
  open(key?: string | null): Session<Shape>;
}

/** True if the store can hold keys of this form. */
export function canBeStored({ engine, settings }: SessionParts, key: string): boolean {
  if (engine.keeping === "carried") return true;
  return settings.keyPattern.test(key) && engine.accepts?.(key) !== false;
}

/** The key in a cookie's value, or the signed session; null for a value that cannot be from these sessions. */
export function keyIn({ engine }: Pick<SessionParts, "engine">, value: string): string | null {
  if (engine.keeping === "carried") return withColons(value);
  return engine.cookie === undefined ? value : engine.cookie.read(value);
}
