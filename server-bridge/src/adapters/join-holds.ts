/** Several sessions on one response: the head waits until each of them is stored. */
import { statusOf } from "../core/errors.ts";
import type { OutgoingFacts, ResponseChanges } from "../core/request/facts.ts";
import type { Hold } from "./held-response.ts";
import { cookiesOf, type NamedSession, nameFailure, requireApart } from "./session-name.ts";

type Settled = ResponseChanges | Promise<ResponseChanges>;

/** One hold for both. Throws `SessionError("settings")` if they have the same name or cookie. */
export function joinHolds(first: Hold, second: Hold): Hold {
  for (const added of second.named) requireApart(first.named, added);
  return new JoinedHold(first, second);
}

/**
 * The session that was attached later is stored first, as in nested middleware. If that fails, the other one is not
 * stored, because the answer is an error; if the other one then fails, the first stays stored.
 */
class JoinedHold implements Hold {
  readonly named: readonly NamedSession[];
  readonly #outer: Hold;
  readonly #inner: Hold;
  #failed: Hold;
  #stored: readonly string[] = [];

  constructor(outer: Hold, inner: Hold) {
    this.named = [...outer.named, ...inner.named];
    this.#outer = outer;
    this.#inner = inner;
    this.#failed = outer;
  }

  settle(facts: OutgoingFacts): Settled {
    return this.#settleOne(this.#inner, facts, (inner) => {
      const kept = cookiesOf(this.#inner.named, inner.setCookie ?? facts.setCookie);
      if (inner.instead === null) this.#stored = kept;
      return this.#settleOne(this.#outer, factsAfter(facts, inner), (outer) => combine(inner, outer, kept));
    });
  }

  get stored(): readonly string[] {
    return [...this.#stored, ...(this.#failed.stored ?? [])];
  }

  fail(error: unknown): void {
    this.#failed.fail(error);
  }

  report(error: unknown): void {
    this.#failed.report(error);
  }

  #settleOne(hold: Hold, facts: OutgoingFacts, next: (changes: ResponseChanges) => Settled): Settled {
    const onError = (error: unknown): never => {
      this.#failed = hold;
      if (hold === this.#inner) abandon(this.#outer, error);
      throw hold instanceof JoinedHold ? error : nameFailure(hold.named[0]?.shown ?? "", error);
    };
    let settled: Settled;
    try {
      settled = hold.settle(facts);
    } catch (error) {
      return onError(error);
    }
    return settled instanceof Promise ? settled.then(next, onError) : next(settled);
  }
}

/** Ends a session whose response is replaced by an error: nothing is stored. */
function abandon(hold: Hold, error: unknown): void {
  const report = (failure: unknown) => hold.report(failure);
  try {
    const settled = hold.settle({ status: statusOf(error), vary: null, setCookie: [] });
    if (settled instanceof Promise) settled.catch(report);
  } catch (failure) {
    report(failure);
  }
}

/** What the next session finds in the head. */
function factsAfter(facts: OutgoingFacts, { instead, vary, setCookie }: ResponseChanges): OutgoingFacts {
  if (instead !== null) return { status: instead.status, vary: null, setCookie: setCookie ?? [] };
  return { status: facts.status, vary: vary ?? facts.vary, setCookie: setCookie ?? facts.setCookie };
}

/** @param kept the cookies of the first session, which stay when the answer replaces that of the handler */
function combine(first: ResponseChanges, second: ResponseChanges, kept: readonly string[]): ResponseChanges {
  const { instead, vary, setCookie } = second;
  if (first.instead === null && instead !== null)
    return {
      instead,
      vary: first.vary === null ? vary : "Cookie",
      setCookie: [...kept, ...(setCookie ?? [])],
    };
  return { instead: first.instead, vary: vary ?? first.vary, setCookie: setCookie ?? first.setCookie };
}
