/**
 * Cases of the rules in `extension/logic/explain/crossed.ts`: responses that overlapped, and what the browser then holds.
 *
 * `given`: made facts. `says`: words of the sentence. `browser`: the scenario that plays it on `tests/e2e/sites/crossed.ts`.
 * `counter`: the nearest situation in which the sentence would be false.
 */
import { facts, request } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const LATE_COOKIE =
  "a cookie that was refreshed before a logout and arrived after it is reported at both rows";
const CHUNKS_MIXED = "chunks of two responses are named, with the response that set each of them";
const refresh = request({ method: "GET", url: "http://localhost:3000/session", sentCookies: ["sessionid"] });
const line = "sessionid=abc; Path=/";
const late = {
  older: { row: "11 · GET /session", isDeletion: false },
  newer: { row: "12 · POST /logout", isDeletion: true },
};
const mixed = [
  { name: "sessionid.0", row: "12 · GET /session" },
  { name: "sessionid.1", row: null },
];

export const CROSSED_CASES: readonly RuleCase[] = [
  {
    rule: "older-cookie-arrived-last",
    given: facts({ request: refresh, line, late }),
    says: "The server sent the response to 11 · GET /session before that to 12 · POST /logout, and the browser got it after that: the older sessionid is back",
    browser: { scenario: LATE_COOKIE },
    counter: {
      because: "The browser got the responses in the order in which the server had sent them.",
      given: facts({ request: refresh, line, late: null }),
      browser: { scenario: LATE_COOKIE },
    },
  },
  {
    rule: "chunks-of-two-generations",
    given: facts({ request: refresh, line, mixed }),
    says: "The chunks of sessionid are not of one response: sessionid.0 is of 12 · GET /session, sessionid.1 is of no response in this timeline.",
    browser: { scenario: CHUNKS_MIXED },
    counter: {
      because: "One response has set all chunks, and the server can open them.",
      given: facts({ request: refresh, line, mixed: null }),
      browser: { scenario: CHUNKS_MIXED },
    },
  },
];
