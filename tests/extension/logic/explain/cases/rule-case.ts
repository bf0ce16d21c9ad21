/** How each rule of "Why?" is tested: one case on made facts, the nearest case in which it is silent, and both in real browsers. */
import type { Facts } from "../../../../../extension/logic/explain/facts.ts";

/** A case of one rule, and its counter-case. */
export interface RuleCase {
  rule: string;
  given: Facts;
  /** Words in its sentence. */
  says: string;
  /** How a browser plays it, or the scenario that does, or why no browser can. */
  browser: BrowserCase | { scenario: string } | { not: string };
  counter: CounterCase;
}

/** The nearest situation in which the rule's sentence would be false. The rule is silent there. */
export interface CounterCase {
  /** Why the sentence would be false, in a sentence. */
  because: string;
  given: Facts;
  browser: PlayedCounter | { scenario: string } | { not: string };
}

/** What happens in a browser. */
interface Played {
  /**
   * `foreign`: `e2e/sites/foreign.ts`, without a bridge; `untrusted`: the same on a host that no browser trusts; `files`:
   * `e2e/sites/why.ts`, whose sessions are files; `signed cookies`: the same with signed cookies, its clock two hours ahead.
   */
  site: "foreign" | "untrusted" | "files" | "signed cookies";
  /**
   * In order; those in an inner list at the same time. `GET /path` and `POST /path` are fetched by the page, after `other` from
   * a second server on another port, after `cross` from the same server as 127.0.0.1, which is another site; `open /path`
   * goes there.
   */
  steps: readonly (string | readonly string[])[];
  /** Path of the request to select in the timeline; null: what it says about now. */
  row: string | null;
  /** Set if only one browser does it. */
  only?: "chromium" | "firefox";
}

/** One thing that happens in a browser, and what "Why?" then says about it. */
export interface BrowserCase extends Played {
  words: RegExp;
}

/** One thing that happens in a browser, about which the rule says nothing. */
export interface PlayedCounter extends Played {
  /** What the row, or "Why?", shows once everything that the rule reads is known. */
  shows: RegExp;
  /** Words of the rule's sentence, if the case itself is played elsewhere. Default: the case's `words`. */
  silent?: RegExp;
}

/** A step to a page of `foreign.ts` that sends these Set-Cookie headers. Its row is `/put/` and the name. */
export function put(name: string, ...lines: readonly string[]): string {
  return `GET /put/${name}?${encodeURIComponent(JSON.stringify(lines))}`;
}
