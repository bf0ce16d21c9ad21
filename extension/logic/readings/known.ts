/** What the panel knows of one origin's session if the bridge has no traces, ordered by the panel's own clock. */
import type { EpochMs } from "session-bridge/protocol";
import type { Candidate } from "../timeline/entry.ts";

/** The session as it was read, once. */
export interface SessionReading {
  /** When it was requested and when it was answered: the session was like this at some time in between. */
  askedAt: EpochMs;
  answeredAt: EpochMs;
  /** The cookie's value that was read; "" for none. */
  cookie: string;
  found: { dataJson: string; keyId: string } | null;
  /** The result of an edit by the panel: what differs from the reading before is the panel's own change. */
  isEdit: boolean;
}

/** A request of this tab to that origin, or to another one that set its cookie, if it shows anything about that. */
export interface Answer extends Candidate {
  id: string;
  startedAt: EpochMs;
  /**
   * When the panel learned of the response and its cookies, which is later than the server's save; null while it is under way.
   */
  toldAt: EpochMs | null;
  /** When its last byte had arrived at the latest, as the browser measured it: at most `toldAt`. Null while it is under way. */
  endedAt: EpochMs | null;
  /** What the response did to the session's cookie, in order. */
  sets: readonly CookieSet[];
  /** The browser may still report cookies that this response set: it is a redirect without any. */
  isBareRedirect: boolean;
  /** It failed: it is not known whether the server saved, and which cookie its response set. */
  isFailed: boolean;
}

/** One Set-Cookie of the session's cookie. */
export interface CookieSet {
  /** "" for a deletion. */
  value: string;
  /** Null if the line has no Max-Age. */
  maxAgeMs: number | null;
}

/** The session's cookie as the browser's list showed it from this time on. */
export interface JarState {
  seenAt: EpochMs;
  /** "" while there is none. */
  value: string;
  endsAt: EpochMs | null;
}

/** Everything, each list oldest first. */
export interface Known {
  readings: readonly SessionReading[];
  answers: readonly Answer[];
  jar: readonly JarState[];
}

/** The browser's list is at most this far behind a response, and a listing behind the jar: measured under 100 ms. */
export const JAR_LAG_MS = 500;

/** The cookie's value at this time: a response or an edit sets it shortly before the browser's list shows it. */
export function cookieNow({ jar, answers, readings }: Known, now: EpochMs): string {
  const listed = jar.at(-1) ?? { seenAt: Number.NEGATIVE_INFINITY, value: "" };
  const set = answers.flatMap(({ toldAt, sets }) => {
    const last = sets.at(-1);
    return toldAt === null || last === undefined ? [] : [{ at: toldAt, value: last.value }];
  });
  const edits = readings.filter(({ isEdit }) => isEdit);
  const newest = [...set, ...edits.map(({ answeredAt, cookie }) => ({ at: answeredAt, value: cookie }))]
    .filter(({ at }) => at >= listed.seenAt && now - at < JAR_LAG_MS)
    .reduce((last, one) => (one.at >= last.at ? one : last), { at: listed.seenAt, value: listed.value });
  return newest.value;
}

/** How far two calculations of a cookie's expiry may differ. */
const END_SLACK_MS = 5;
/** One browser keeps whole seconds. */
const SECOND_MS = 1000;
/** Browsers keep no cookie longer (RFC 6265bis §5.5): the expiry shows nothing then. */
const LONGEST_MS = 400 * 24 * 3600 * SECOND_MS;

/**
 * The states of the jar that neither a response of this tab nor an edit by the panel explains: they come from another tab's
 * response, or from one that the panel has not learned of yet. What was there at first needs no cause.
 */
export function unexplained({ jar, answers, readings }: Known): JarState[] {
  return jar.slice(1).filter((state) => {
    const edited = readings.some(
      ({ isEdit, cookie, askedAt }) => isEdit && cookie === state.value && askedAt <= state.seenAt,
    );
    return !edited && !answers.some((answer) => hasSet(answer, state));
  });
}

/** True when this response may have produced this state of the jar. */
export function hasSet({ startedAt, toldAt, sets }: Answer, { seenAt, value, endsAt }: JarState): boolean {
  const last = sets.at(-1);
  if (last === undefined || toldAt === null || last.value !== value || startedAt > seenAt) return false;
  const { maxAgeMs } = last;
  if (endsAt === null || maxAgeMs === null || maxAgeMs >= LONGEST_MS) return true;
  const slack = endsAt % SECOND_MS === 0 ? SECOND_MS + END_SLACK_MS : END_SLACK_MS;
  // An extension learns of a response before the browser stores its cookies: by 63 ms on a busy machine.
  return endsAt >= startedAt + maxAgeMs - slack && endsAt <= toldAt + maxAgeMs + JAR_LAG_MS + slack;
}
