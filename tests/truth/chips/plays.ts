/** Pairs of the chips, played by a page in a real browser. */
import { FINDING_PAIRS, FINDINGS_ELSEWHERE, type FindingPlay } from "../findings/pairs.ts";
import type { SiteName } from "../sites.ts";

/** Requests from a page, and a row of the timeline. */
export interface ChipPlay {
  /** `foreign` has no bridge. */
  site: SiteName | "foreign";
  /** As in `FindingPlay`; `other GET /path` goes to a second server of the same kind, on another port. */
  steps: readonly (string | readonly string[])[];
  /** Path of the row. */
  row: string;
}

/** One chip: its title in the case, and the title that the row has instead in the counter-case. */
export interface ChipPair {
  title: RegExp;
  case: ChipPlay;
  counter: ChipPlay;
  instead: RegExp;
}

const files = (row: string, ...steps: ChipPlay["steps"]): ChipPlay => ({ site: "files", steps, row });
const always = (row: string, ...steps: ChipPlay["steps"]): ChipPlay => ({
  site: "saved always",
  steps,
  row,
});
const foreign = (row: string, ...steps: ChipPlay["steps"]): ChipPlay => ({ site: "foreign", steps, row });

const found = (
  code: keyof typeof FINDING_PAIRS,
  title: RegExp,
  instead: RegExp,
): Record<string, ChipPair> => {
  const { case: played, counter }: { case: FindingPlay; counter: FindingPlay } = FINDING_PAIRS[code];
  return { [`finding-${code}`]: { title, case: played, counter, instead } };
};

const LOGINS_IN_DJANGO =
  "logins of django.contrib.auth are shown in the rows of the responses that made them, as the site recorded them";

const OTHERS_ENDED = "the tab lists both sessions of a user, ends the other one, and undo brings it back";

/** The reasons why findings are not played on the sites here. */
const findingsElsewhere = Object.fromEntries(
  Object.entries(FINDINGS_ELSEWHERE).map(([code, not]) => [`finding-${code}`, { not }]),
);

/** Chips that a scenario of `npm test` plays, or no browser, and why. */
export const CHIPS_ELSEWHERE: Readonly<Record<string, { scenario: string } | { not: string }>> = {
  load: {
    not: "a store that stops takes its server with it here; tests/adapters stops one under each adapter",
  },
  expire: { not: "a store of this library forgets what has expired, and says that it has none" },
  incomplete: {
    not: "a bridge in the wrong place, or a pool that mixes requests: tests/sources has them all",
  },
  loaded: { not: "of the libraries that are only seen at their store, tests/sources has each" },
  "as-it-came": { not: "of the libraries that are only seen at their cookie, tests/sources has each" },
  "saved-unread": { not: "a session of a megabyte, which a trace does not hold, takes a browser minutes" },
  "others-ended": { scenario: OTHERS_ENDED },
  "others-restored": { scenario: OTHERS_ENDED },
  "reading-changes": { scenario: LOGINS_IN_DJANGO },
  "reading-new-key": { scenario: LOGINS_IN_DJANGO },
  "reading-gone": { scenario: LOGINS_IN_DJANGO },
  "reading-login-kept-key": {
    not: "Django gives each login a new key; tests/extension/logic/readings plays a site that does not",
  },
  "from-cache": {
    scenario:
      "a cached response changes nothing and says so, and one that the server revalidates counts as the server's",
  },
  "overwrote-cookie": {
    scenario:
      "two apps with one cookie name: Why? says which one overwrote whose session, and at which request",
  },
  "older-cookie-arrived-last": {
    scenario: "a cookie that was refreshed before a logout and arrived after it is reported at both rows",
  },
  "by-likeness": {
    scenario: "a request that the page cancels still shows what its handler did",
  },
  ...findingsElsewhere,
};

/** By the names of their rules. */
export const CHIP_PLAYS: Readonly<Record<string, ChipPair>> = {
  added: {
    title: /^tea was added/,
    case: files("/set/tea", "GET /set/tea"),
    counter: files("/held/tea", "GET /set/tea", ["GET /held/tea", "GET /meanwhile/cake"]),
    instead: /^tea was changed/,
  },
  removed: {
    title: /^tea was removed/,
    case: files("/call/delete", "GET /set/tea", "GET /set/cake", 'GET /call/delete?["tea"]'),
    counter: files("/logout", "GET /set/tea", "GET /logout"),
    instead: /^The session was flushed/,
  },
  changed: {
    title: /^tea was changed/,
    case: files("/held/tea", "GET /set/tea", ["GET /held/tea", "GET /meanwhile/cake"]),
    counter: files("/set/tea", "GET /set/tea"),
    instead: /^tea was added/,
  },
  flushed: {
    title: /^The session was flushed/,
    case: files("/logout", "GET /set/tea", "GET /logout"),
    counter: files("/call/delete", "GET /set/tea", "GET /set/cake", 'GET /call/delete?["tea"]'),
    instead: /^tea was removed/,
  },
  "new-key": {
    title: /got a new key/,
    case: files("/login", "GET /set/tea", "POST /login"),
    counter: files("/set/user_id", "GET /set/tea", "GET /set/user_id"),
    instead: /^user_id was added/,
  },
  "not-saved": {
    title: /^Nothing was saved/,
    case: files("/fail/cart", "GET /set/tea", "GET /fail/cart"),
    counter: files("/read", "GET /set/tea", "GET /read"),
    instead: /was read, and nothing was saved/,
  },
  reject: {
    title: /cookie was not accepted/,
    case: files("/read", "GET /set/tea", "GET /damage", "GET /read"),
    counter: files("/read", "GET /set/tea", "GET /forget", "GET /read"),
    instead: /There was no session/,
  },
  merge: {
    title: /by another request in the meantime/,
    case: files("/held/tea", "GET /set/cart", ["GET /held/tea", "GET /meanwhile/cake"]),
    counter: files("/meanwhile/cake", "GET /set/cart", ["GET /held/tea", "GET /meanwhile/cake"]),
    instead: /^cake was added/,
  },
  ...found("lost-update", /^Finding: lost update/, /by another request in the meantime/),
  ...found("unsaved-change", /^Finding: unsaved change/, /^Nothing was saved: status 500/),
  ...found("needless-save", /^Finding: needless save/, /^tea was added/),
  ...found("login-without-new-key", /^Finding: login kept its key/, /got a new key/),
  ...found("resurrected", /^Finding: resurrected/, /deleted while this request ran/),
  ...found("near-4-kib", /^Finding: near 4 KiB/, /^wishes was added/),
  ...found("key-conflict", /^Finding: written twice/, /both changes were kept/),
  ...found("late-change", /^Finding: changed too late/, /^late was added/),
  ...found("two-sessions", /^Finding: two sessions/, /was read, and nothing was saved/),
  "no-session": {
    title: /There was no session/,
    case: files("/read", "GET /read"),
    counter: files("/read", "GET /set/tea", "GET /read"),
    instead: /was read, and nothing was saved/,
  },
  "saved-renewed": {
    title: /Saved without a change, which moved its expiry/,
    case: always("/read", "GET /set/tea", "GET /read"),
    counter: always("/set/cake", "GET /set/tea", "GET /set/cake"),
    instead: /^cake was added/,
  },
  saved: {
    title: /^Saved without a change$/,
    case: always("/read", "GET /set/tea", "GET /until", "GET /read"),
    counter: always("/read", "GET /set/tea", "GET /read"),
    instead: /which moved its expiry/,
  },
  "read-only": {
    title: /was read, and nothing was saved/,
    case: files("/read", "GET /set/tea", "GET /read"),
    counter: files("/needless", "GET /set/tea", "GET /needless"),
    instead: /needless save/,
  },
  "cookie-set": {
    title: /response sent this cookie/,
    case: foreign("/first", "GET /first"),
    counter: foreign("/delete", "GET /first", "GET /delete"),
    instead: /told the browser to delete this cookie/,
  },
  "cookie-deleted": {
    title: /told the browser to delete this cookie/,
    case: foreign("/delete", "GET /first", "GET /delete"),
    counter: foreign("/first", "GET /first"),
    instead: /response sent this cookie/,
  },
  "other-server": {
    title: /^Reported by/,
    case: files("/set/tea", "other GET /set/tea"),
    counter: files("/set/tea", "GET /set/tea"),
    instead: /^tea was added/,
  },
};
