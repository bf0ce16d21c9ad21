/**
 * What a client and the page that answers it tell each other within one process: that a part has arrived, that the response
 * was closed. Pages wait for such signals, so that no test has to sleep.
 */
import type { IncomingHttpHeaders } from "node:http";

/** Waiting for longer than this counts as "did not arrive". */
const PATIENCE_MS = 1500;

/** The header by which a request says which signals are its own. */
export const SIGNALS_HEADER = "x-signals";

const open = new Map<string, Signals>();
let count = 0;

/** One request's signals. */
export class Signals {
  readonly id = String(++count);
  /** What the page waited for in vain, and in which order the rest came. */
  readonly heard: string[] = [];
  readonly #signals = new Map<string, PromiseWithResolvers<void>>();

  constructor() {
    open.set(this.id, this);
  }

  /** Says that something has happened. */
  tell(what: string): void {
    this.#signal(what).resolve();
  }

  /** Resolves when it has happened, or when patience ends; `heard` says which. */
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

  /** Nobody asks for it any more. */
  forget(): void {
    open.delete(this.id);
  }

  #signal(what: string): PromiseWithResolvers<void> {
    const known = this.#signals.get(what) ?? Promise.withResolvers<void>();
    this.#signals.set(what, known);
    return known;
  }
}

/** The signals that a request belongs to; one of its own where it names none. */
export function signalsOf(headers: IncomingHttpHeaders): Signals {
  const known = open.get(String(headers[SIGNALS_HEADER]));
  if (known !== undefined) return known;
  const own = new Signals();
  own.forget();
  for (const what of ["head", "part 1", "part 2", "part 3"]) own.tell(what); // nobody will
  return own;
}
