/** Which deadline ended a session that its server no longer knows, or that this could not be told, and why. */
import { endedBy } from "../sooner-expiry.ts";
import { formatPeriod } from "../time-text.ts";
import { hasOperation } from "../timeline/store-operations.ts";
import type { Facts, Rule } from "./facts.ts";
import type { LastSeen } from "./last-seen.ts";
import { sayName, sayServerMoment } from "./words.ts";

const START = "The session began empty";
const START_NOW = "The session is over";
/** What the library itself says of a stored session that is past `absoluteAge`. */
const PAST_DEADLINE = /^past its deadline$/;

export const ENDED: readonly Rule[] = [
  {
    name: "deadline-reached",
    about: "session",
    claims: ["it began empty"],
    explain(facts) {
      const gone = findGone(facts);
      if (gone === null) return null;
      const { lead, at, isPast } = gone;
      const side = facts.lastSeen?.side ?? null;
      const end = side?.expiresAt ?? null;
      const by = isPast ? "absoluteAge" : end === null || end > at ? null : endedBy(end, side?.deadlines);
      if (by === null) return null;
      const when = isPast ? (side?.deadlines?.absolute ?? null) : end;
      const moment = when === null ? "" : ` at ${sayServerMoment(when, facts.skewMs)}`;
      return {
        sentence: `${lead}: it had ended${moment}, ${sayBecause(by, when, facts.lastSeen ?? null)} (${by}).`,
        remedy: `Log in again. If that was too early, raise ${by}.`,
      };
    },
  },
  {
    name: "ended-early",
    about: "session",
    claims: ["it began empty"],
    explain(facts) {
      const gone = findGone(facts);
      const last = facts.lastSeen ?? null;
      if (gone === null || last === null || gone.isPast) return null;
      const { lead, at } = gone;
      if (last.side === null) {
        return {
          sentence: `${lead}: the store has no session for the key (the session id) in the cookie, because ${sayName(last.row)} ended it or gave it another key.`,
        };
      }
      const end = last.side.expiresAt;
      if (end === null || end <= at) return null;
      return {
        sentence: `${lead}: the store has no session for the key (the session id) in the cookie. It would have lasted until ${sayServerMoment(end, facts.skewMs)}, so it was ended before, for example by “log out everywhere” (endAll) in another browser, or the store lost it. Which of them could not be told, because none of the requests reported here did it.`,
        remedy:
          "Log in again. If that happens after every restart, the engine keeps sessions in memory only.",
      };
    },
  },
];

/** A session that is gone, by the row's trace or by the last reading: when, and how the sentence begins. Null: it is not. */
function findGone({ trace, request, session, now, skewMs }: Facts) {
  if (trace === null) {
    const isNow = request === null && session?.found === false && session.reason === "unknown";
    return isNow ? { lead: START_NOW, at: now + (skewMs ?? 0), isPast: false } : null;
  }
  if (trace.incomplete !== undefined || (trace.before !== null && trace.before.dataJson !== "{}"))
    return null;
  const isPast = hasOperation(trace, "load", PAST_DEADLINE);
  const isUnknown =
    hasOperation(trace, "load", /unknown key|no such session|^expired/) || hasOperation(trace, "expire");
  return isPast || isUnknown ? { lead: START, at: trace.at, isPast } : null;
}

/** `8 hours after POST /login, 3`. Settings are whole seconds; a response takes a little longer. */
function sayBecause(by: "absoluteAge" | "idleAge", end: number | null, last: LastSeen | null): string {
  const cause = by === "idleAge" ? last?.prolonged : last?.began;
  if (cause == null || end === null)
    return by === "idleAge" ? "because no request prolonged it in time" : "at its deadline";
  const period = formatPeriod(roundPeriod((end - cause.at) / 1000));
  const after = `${period} after ${sayName(cause.row)}`;
  return by === "idleAge" ? `${after} last prolonged it` : after;
}

/** Longer periods are rounded to what someone would have set. */
function roundPeriod(seconds: number): number {
  const step = seconds >= 600 ? 60 : seconds >= 60 ? 5 : 1;
  return Math.max(1, Math.round(seconds / step) * step);
}
