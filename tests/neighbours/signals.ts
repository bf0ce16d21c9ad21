/**
 * Signals between a client and the page that answers it, in one process: that a part has arrived, that the response
 * was closed. Pages wait for such signals, so that no test has to sleep.
 */
import type { IncomingHttpHeaders } from "node:http";

/** Waiting for longer than this counts as "did not arrive". */
const PATIENCE_MS = 1500;

/** The header that identifies a request's signals. */
export const SIGNALS_HEADER = "x-signals";

const open = new Map<string, Signals>();
let count = 0;

/** One request's signals. */
export class Signals {
  readonly id = String(++count);
  /** What the page waited for in vain, and in which order the rest arrived. */
  readonly heard: string[] = [];
  readonly #signals = new Map<string, PromiseWithResolvers<void>>();

  constructor() {
    open.set(this.id, this);
  }

  /** Says that something has happened. */
  tell(what: string): void {
    this.#signal(what).resolve();
  }

  /** Resolves when it has happened, or when the wait times out; `heard` says which. */
  async wait(what: string): Promise<void> {
    const { promise } = this.#signal(what);
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, "late");
    });
    const outcome = await Promise.race([promise, end]);
    clearTimeout(timer);
    this.heard.push(outcome === "late" ? `${what} did not come` : what);
  }

  /** Removes it: no one needs it any longer. */
  forget(): void {
    open.delete(this.id);
  }

  #signal(what: string): PromiseWithResolvers<void> {
    const known = this.#signals.get(what) ?? Promise.withResolvers<void>();
    this.#signals.set(what, known);
    return known;
  }
}

/** The signals that a request belongs to; a separate one if it names none. */
export function signalsOf(headers: IncomingHttpHeaders): Signals {
  const known = open.get(String(headers[SIGNALS_HEADER]));
  if (known !== undefined) return known;
  const own = new Signals();
  own.forget();
  for (const what of ["head", "part 1", "part 2", "part 3"]) own.tell(what); // no one will
  return own;
}
