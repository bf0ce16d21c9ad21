/**
 * Calls the observers of a request, and keeps them from doing harm: if one throws, that becomes one line in the log,
 * once per request, and the request continues.
 */

import { describeError } from "../errors.ts";
import type { Log } from "../runtime.ts";
import type {
  Deadlines,
  Observation,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  Observer,
  RequestFacts,
} from "./observer.ts";

/** One observation for all observers of this request; undefined if there are none, or none is interested. */
export function observeRequest(
  { observers, log }: { readonly observers: readonly Observer[]; readonly log: Log },
  facts: RequestFacts,
): Observation | undefined {
  if (observers.length === 0) return undefined;
  const guarded = new Guarded(log);
  for (const observer of observers) guarded.open(observer, facts);
  return guarded.isEmpty ? undefined : guarded;
}

/** Reports when a session expires; computing that may be expensive. */
export type HasEnd = {
  readonly expiresAtMs: number | null;
  readonly deadlines?: Deadlines | undefined;
} | null;

/** A session as observers see it. Its expiry is computed only when one of them reads it. */
export class ObservedText implements ObservedSession {
  readonly key: string;
  readonly json: string;
  readonly stored: string;
  readonly #end: HasEnd;

  constructor(key: string, json: string, stored: string, end: HasEnd) {
    this.key = key;
    this.json = json;
    this.stored = stored;
    this.#end = end;
  }

  get expiresAtMs(): number | null {
    return this.#end === null ? null : this.#end.expiresAtMs;
  }

  get deadlines(): Deadlines | undefined {
    return this.#end?.deadlines;
  }
}

/** The observations of one request, each kept from doing harm. */
class Guarded implements Observation {
  readonly #log: Log;
  readonly #observations: Observation[] = [];
  #told = false;

  constructor(log: Log) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#observations.length === 0;
  }

  open(observer: Observer, facts: RequestFacts): void {
    try {
      const observation = observer.opened(facts);
      if (observation !== undefined) this.#observations.push(observation);
    } catch (error) {
      this.#tell(error);
    }
  }

  loaded(session: ObservedSession | null): void {
    this.#each((one) => one.loaded(session));
  }

  operation(name: ObservedOperation, durationMs: number, reason?: string): void {
    this.#each((one) => one.operation(name, durationMs, reason));
  }

  other(name: ObservedOperation, durationMs: number, key: string): void {
    this.#each((one) => one.other?.(name, durationMs, key));
  }

  wrote(key: string): void {
    this.#each((one) => one.wrote(key));
  }

  ended(end: ObservedEnd): void {
    this.#each((one) => one.ended(end));
  }

  late(key: string): void {
    this.#each((one) => one.late(key));
  }

  #each(call: (observation: Observation) => void): void {
    for (const observation of this.#observations) {
      try {
        call(observation);
      } catch (error) {
        this.#tell(error);
      }
    }
  }

  #tell(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#log(
      `An observer of sessions failed (${describeError(error)}). The request continues. Fix the observer.`,
    );
  }
}
