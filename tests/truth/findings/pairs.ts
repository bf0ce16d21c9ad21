/** Pairs of the findings, as requests to real servers. */
import type { FindingCode } from "session-bridge/protocol";
import type { SiteName } from "../sites.ts";

/** Requests of one visitor, one after the other; those of an inner list at the same time. The last path is the one in question. */
export interface FindingPlay {
  site: SiteName;
  steps: readonly (string | readonly string[])[];
  /** Path of the request that has the finding, or does not. */
  row: string;
}

/** Findings that none of these sites has, and where they are played. */
export const FINDINGS_ELSEWHERE = {
  "unmarked-change":
    "a library of Node sees a change inside a value or stores the whole session; tests/django-package/findings.test.ts plays it on real Django",
} satisfies Partial<Record<FindingCode, string>>;

export const FINDING_PAIRS: Record<
  Exclude<FindingCode, keyof typeof FINDINGS_ELSEWHERE>,
  { case: FindingPlay; counter: FindingPlay; because: string }
> = {
  "lost-update": {
    case: {
      site: "express-session",
      steps: ["GET /set/cart", ["GET /held/tea", "GET /meanwhile/cake"]],
      row: "/held/tea",
    },
    counter: {
      site: "files",
      steps: ["GET /set/cart", ["GET /held/tea", "GET /meanwhile/cake"]],
      row: "/held/tea",
    },
    because: "this library applies what a request wrote to the newest session, so both are kept",
  },
  "unsaved-change": {
    case: { site: "files", steps: ["GET /set/tea", "GET /fail/cart"], row: "/fail/cart" },
    counter: { site: "files", steps: ["GET /set/tea", "GET /fail"], row: "/fail" },
    because: "the handler failed too, and had changed nothing",
  },
  "needless-save": {
    case: { site: "files", steps: ["GET /set/cart", "GET /needless"], row: "/needless" },
    counter: { site: "files", steps: ["GET /set/cart", "GET /set/tea"], row: "/set/tea" },
    because: "what was stored had changed",
  },
  "login-without-new-key": {
    case: { site: "files", steps: ["GET /set/cart", "GET /set/user_id"], row: "/set/user_id" },
    counter: { site: "files", steps: ["GET /set/cart", "POST /login"], row: "/login" },
    because: "the login gave the session a new key",
  },
  resurrected: {
    case: {
      site: "express-session",
      steps: ["GET /set/cart", ["GET /held/tea", "GET /meanwhile-logout"]],
      row: "/held/tea",
    },
    counter: {
      site: "files",
      steps: ["GET /set/cart", ["GET /held/tea", "GET /meanwhile-logout"]],
      row: "/held/tea",
    },
    because: "this library does not store a session again that was deleted meanwhile",
  },
  "near-4-kib": {
    case: { site: "signed cookies", steps: ["GET /fill/2800"], row: "/fill/2800" },
    counter: { site: "files", steps: ["GET /fill/2800"], row: "/fill/2800" },
    because: "the cookie contains only the session's key",
  },
  "key-conflict": {
    case: {
      site: "files",
      steps: ["GET /set/cart", ["GET /held/milk", "GET /meanwhile/milk"]],
      row: "/held/milk",
    },
    counter: {
      site: "files",
      steps: ["GET /set/cart", ["GET /held/tea", "GET /meanwhile/cake"]],
      row: "/held/tea",
    },
    because: "the two requests wrote different keys",
  },
  "late-change": {
    case: { site: "files", steps: ["GET /set/cart", "GET /late"], row: "/late" },
    counter: { site: "files", steps: ["GET /set/cart", "GET /set/late"], row: "/set/late" },
    because: "the same key was written before the response began",
  },
  "two-sessions": {
    case: { site: "files", steps: ["GET /set/tea", "GET /plant", "GET /planted"], row: "/planted" },
    counter: {
      site: "files",
      steps: ["GET /set/tea", "GET /plant", "GET /forget", "GET /set/tea", "GET /planted"],
      row: "/planted",
    },
    because: "the request carried two cookies, and the store knows one of them",
  },
};
