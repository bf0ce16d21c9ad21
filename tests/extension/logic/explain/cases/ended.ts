/** Cases of the rules in `extension/logic/explain/ended-sessions.ts`: which deadline ended a session, or that it is not known. */
import type { Deadlines } from "session-bridge/protocol";
import type { Facts } from "../../../../../extension/logic/explain/facts.ts";
import { AT, facts, side, trace } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const SCENARIO = { scenario: '"Why?" says which deadline ended a session, or that this could not be told' };
const MINUTES_15 = 900_000;

/** A session that was to end at `end`, last used a quarter of an hour before that, and is not known to its server now. */
const gone = (end: number, deadlines?: Deadlines, changes: Partial<Facts> = {}): Facts =>
  facts({
    trace: trace({ operations: [{ name: "load", durationMs: 1, reason: "unknown key" }] }),
    lastSeen: {
      side: { ...side, expiresAt: end, ...(deadlines && { deadlines }) },
      at: end - MINUTES_15,
      row: "GET /, 4",
      began: { row: "POST /login, 3", at: AT - 8 * 3_600_000 },
      prolonged: { row: "GET /, 4", at: end - MINUTES_15 },
    },
    ...changes,
  });

export const ENDED_CASES: readonly RuleCase[] = [
  {
    rule: "deadline-reached",
    given: gone(AT - 1000, { absolute: null, idle: AT - 1000 }),
    says: "15 minutes after GET /, 4 last prolonged it (idleAge)",
    browser: SCENARIO,
    counter: {
      because: "The session ended by the expiry in its data, before either deadline.",
      given: gone(AT - 1000, { absolute: AT + 60_000, idle: null }),
      browser: SCENARIO,
    },
  },
  {
    rule: "ended-early",
    given: gone(AT + 60_000, { absolute: null, idle: AT + 60_000 }),
    says: "Which of them could not be told",
    browser: SCENARIO,
    counter: {
      because: "Its time had come, so nothing else has to have ended it.",
      given: gone(AT - 1000, { absolute: null, idle: AT - 1000 }),
      browser: SCENARIO,
    },
  },
];
