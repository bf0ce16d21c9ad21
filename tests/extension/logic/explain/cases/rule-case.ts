/** What each rule of "Why?" is tested by: one case on made facts, and what triggers it in a real browser. */
import type { Facts } from "../../../../../extension/logic/explain/facts.ts";

/** A case of one rule. */
export interface RuleCase {
  rule: string;
  given: Facts;
  /** Words that its sentence holds. */
  says: string;
  /** How a browser plays it, or the scenario that does, or why no browser can. */
  browser: BrowserCase | { scenario: string } | { not: string };
}

/** One thing that happens in a browser, and what "Why?" then says of it. */
export interface BrowserCase {
  /**
   * `foreign`: `e2e/sites/foreign.ts`, without a bridge; `untrusted`: the same under a name that no browser trusts; `files`:
   * `e2e/sites/why.ts`, whose sessions are files; `signed cookies`: the same with signed cookies, its clock two hours ahead.
   */
  site: "foreign" | "untrusted" | "files" | "signed cookies";
  /**
   * In order; those in an inner list at once. `GET /path` and `POST /path` are fetched by the page, after `other` from
   * a second server on another port, after `cross` from the same server as 127.0.0.1, which is another site; `open /path`
   * goes there.
   */
  steps: readonly (string | readonly string[])[];
  /** Path of the request to choose in the timeline; null: what it says of now. */
  row: string | null;
  words: RegExp;
  /** Where only one browser does it. */
  only?: "chromium" | "firefox";
}
