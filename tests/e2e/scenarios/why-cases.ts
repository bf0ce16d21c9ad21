/**
 * Which rule of "Why?" is triggered in real browsers, by what, and which cannot be: `why.ts` plays these,
 * `tests/extension/logic/explain/in-browsers.test.ts` sees to it that no rule is left out.
 */

/** One thing that happens, and what "Why?" then says of it. */
export interface WhyCase {
  rule: string;
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

/** On `sites/foreign.ts`, without a bridge. */
export const PAGE_CASES: readonly WhyCase[] = [
  {
    rule: "new-by-script",
    steps: ["open /deep/script"],
    row: "/deep/script",
    words: /PHPSESSID is new without a Set-Cookie/,
  },
  {
    rule: "not-sent",
    steps: ["GET /outside"],
    row: "/outside",
    words: /PHPSESSID was not sent to \/outside: its Path is \/deep/,
  },
  {
    rule: "login-kept-key",
    steps: ["POST /deep/login"],
    row: "/deep/login",
    words: /looks like a login, and PHPSESSID kept/,
  },
  { rule: "new", steps: ["GET /first"], row: "/first", words: /again is new/ },
  { rule: "replaced", steps: ["GET /second"], row: "/second", words: /again was replaced/ },
  { rule: "renewed", steps: ["GET /second", "GET /longer"], row: "/longer", words: /again was renewed/ },
  {
    rule: "port-collision",
    steps: ["GET /first", "other GET /second"],
    row: "/second",
    words: /Two servers share again: cookies do not know ports/,
  },
  {
    rule: "deleted-by-server",
    steps: ["GET /first", "GET /delete"],
    row: "/delete",
    words: /again is gone: GET \/delete deleted it/,
  },
  {
    rule: "samesite-none-without-secure",
    steps: ["GET /none"],
    row: "/none",
    words: /refused lost: SameSite=None/,
  },
  { rule: "host-prefix", steps: ["GET /prefix"], row: "/prefix", words: /refused __Host-id/ },
  { rule: "secure-prefix", steps: ["GET /prefix"], row: "/prefix", words: /refused __Secure-id/ },
  { rule: "too-large", steps: ["GET /large"], row: "/large", words: /refused large.*5005 bytes/ },
  {
    rule: "domain-of-another-host",
    steps: ["GET /domain"],
    row: "/domain",
    words: /refused foreign: its Domain is other\.localhost/,
  },
  {
    rule: "samesite-across-sites",
    steps: ["cross GET /lax"],
    row: "/lax",
    words: /refused inside: 127\.0\.0\.1 is another site than localhost/,
  },
  { rule: "shortened", steps: ["GET /years"], row: "/years", words: /no cookie lives longer than 400 days/ },
  { rule: "unreadable-expires", steps: ["GET /unreadable"], row: "/unreadable", words: /Expires=14 days/ },
  { rule: "max-age-over-expires", steps: ["GET /both"], row: "/both", words: /browsers follow Max-Age/ },
  { rule: "already-expired", steps: ["GET /past"], row: "/past", words: /dropped late at once/ },
  { rule: "namesakes", steps: ["GET /deep/set"], row: "/deep/set", words: /There are 2 cookies named same/ },
  { rule: "expired", steps: ["GET /deep/soon"], row: null, words: /PHPSESSID is gone: its time was over/ },
];

/** On `sites/foreign.ts` under a name that no browser trusts. */
export const NAMED_CASES: readonly WhyCase[] = [
  {
    rule: "secure-on-http",
    steps: ["GET /secure"],
    row: "/secure",
    words: /refused safe: it is marked Secure, and app\.test/,
  },
  {
    rule: "domain-without-a-dot",
    steps: ["GET /tld"],
    row: "/tld",
    words: /refused wide: test is a whole top-level domain/,
  },
];

/** On `sites/why.ts`, whose sessions are files. */
export const SERVER_CASES: readonly WhyCase[] = [
  { rule: "created", steps: ["GET /set/visits"], row: "/set/visits", words: /A session began here/ },
  { rule: "untouched", steps: ["GET /plain"], row: "/plain", words: /never looked at the session/ },
  {
    rule: "not-saved-unchanged",
    steps: ["GET /read"],
    row: "/read",
    words: /read the session and left it as it was/,
  },
  {
    rule: "unsaved-change",
    steps: ["GET /fail/cart"],
    row: "/fail/cart",
    words: /changed “cart”, and nothing of it was saved/,
  },
  {
    rule: "not-saved-error",
    steps: ["GET /fail"],
    row: "/fail",
    words: /Nothing was saved: the answer was 500/,
  },
  {
    rule: "needless-save",
    steps: ["GET /needless"],
    row: "/needless",
    words: /stored although nothing in it had changed/,
  },
  {
    rule: "login-without-new-key",
    steps: ["GET /set/user_id"],
    row: "/set/user_id",
    words: /it kept its key/,
  },
  { rule: "new-key", steps: ["POST /login"], row: "/login", words: /kept its data and got a new key/ },
  {
    rule: "browser-close",
    steps: ["GET /until-close"],
    row: "/until-close",
    words: /has no expiry: the browser forgets it/,
  },
  {
    rule: "merged",
    steps: [["GET /held/tea", "GET /meanwhile/cake"]],
    row: "/held/tea",
    words: /laid over the newer session, and nothing was lost/,
  },
  {
    rule: "key-conflict",
    steps: [["GET /held/milk", "GET /meanwhile/milk"]],
    row: "/held/milk",
    words: /Two requests changed “milk” at the same time/,
  },
  { rule: "late-change", steps: ["GET /late"], row: "/late", words: /came after the response had begun/ },
  {
    rule: "interrupted",
    steps: [["GET /held/bread", "GET /meanwhile-logout"]],
    row: "/held/bread",
    words: /was deleted while this request ran/,
  },
  {
    rule: "flushed",
    steps: ["GET /set/cart", "GET /logout"],
    row: "/logout",
    words: /The session was flushed: 1 key and its row/,
  },
  {
    rule: "tampered",
    steps: ["GET /set/cart", "GET /damage", "GET /read"],
    row: "/read",
    words: /the signature does not match/,
  },
  {
    rule: "unknown-key",
    steps: ["GET /set/cart", "GET /forget", "GET /read"],
    row: "/read",
    words: /the store has none for the key/,
  },
  {
    rule: "expired-session",
    steps: ["GET /set/cart", "GET /advance", "GET /read"],
    row: "/read",
    words: /the stored one had expired/,
  },
];

/** On `sites/why.ts` with signed cookies, its clock two hours ahead. */
export const SIGNED_CASES: readonly WhyCase[] = [
  { rule: "near-4-kib", steps: ["GET /fill/2800"], row: "/fill/2800", words: /is near 4096 bytes/ },
  {
    rule: "clocks-differ",
    steps: ["GET /set/cart"],
    row: "/set/cart",
    words: /The server's clock is 2 hours ahead of this browser's/,
  },
];

/** Rules that another scenario triggers, by its name, or that no browser can, with the reason. */
export const ELSEWHERE: Readonly<Record<string, { scenario: string } | { not: string }>> = {
  "lost-update": {
    scenario: "of two requests at once express-session loses one, and both rows say which and what to do",
  },
  overwritten: {
    scenario: "of two requests at once express-session loses one, and both rows say which and what to do",
  },
  "deleted-by-panel": {
    scenario: '"Why?" tells a cookie that this panel deleted from one that somebody else did',
  },
  evicted: { scenario: '"Why?" tells a cookie that this panel deleted from one that somebody else did' },
  resurrected: {
    not: "session-bridge never does it, and express-session's stores do it in a race that no page can hold open; tests/bridge/traces/findings.test.ts has it",
  },
  "control-character": { not: "browsers and Node drop such a header before anybody sees it" },
};
