/** What the panel knows of one origin's session where the bridge has no traces, in the order of the panel's own clock. */
import type { EpochMs } from "session-bridge/protocol";
import type { Candidate } from "../timeline/entry.ts";

/** The session as it was found, once. */
export interface SessionReading {
  /** When it was asked for and when it was answered: the session was so at some moment between. */
  askedAt: EpochMs;
  answeredAt: EpochMs;
  /** The cookie's value that was asked about; "" for none. */
  cookie: string;
  found: { dataJson: string; keyId: string } | null;
  /** What an edit by the panel left: what differs from the reading before is the panel's own doing. */
  isEdit: boolean;
}

/** A request of this tab to that origin, or to another that set its cookie, as far as it says anything about that. */
export interface Answer extends Candidate {
  id: string;
  startedAt: EpochMs;
  /** When the panel was told of the response and its cookies, which is later than the server's save; null while it is under way. */
  toldAt: EpochMs | null;
  /** When its last byte had come at the latest, as the browser measured it: at most `toldAt`. Null while it is under way. */
  endedAt: EpochMs | null;
  /** What the response did to the session's cookie, in order. */
  sets: readonly CookieSet[];
  /** The browser may still tell of cookies that this response set: it is a redirect without any. */
  isBareRedirect: boolean;
  /** It failed: whether the server saved, and which cookie its response set, is not known. */
  isFailed: boolean;
}

/** One Set-Cookie of the session's cookie. */
export interface CookieSet {
  /** "" for a deletion. */
  value: string;
  /** Null where the line gives no Max-Age. */
  maxAgeMs: number | null;
}

/** The session's cookie as the browser's list showed it from a moment on. */
export interface JarState {
  seenAt: EpochMs;
  /** "" while there is none. */
  value: string;
  endsAt: EpochMs | null;
}

/** All of it, each list oldest first. */
export interface Known {
  readings: readonly SessionReading[];
  answers: readonly Answer[];
  jar: readonly JarState[];
}

/** The browser's list is at most so far behind a response, and a listing behind the jar: measured under 100 ms. */
export const JAR_LAG_MS = 500;

/** The cookie's value at this moment: a response or an edit sets it a moment before the browser's list shows it. */
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

/** How far two reckonings of a cookie's end may differ. */
const END_SLACK_MS = 5;
/** One browser keeps whole seconds. */
const SECOND_MS = 1000;
/** Browsers keep no cookie longer (RFC 6265bis §5.5): the end says nothing then. */
const LONGEST_MS = 400 * 24 * 3600 * SECOND_MS;

/**
 * The states of the jar that neither a response of this tab nor an edit by the panel accounts for: another tab's response did that, or
 * a response of which the panel has not been told yet. What was there at first needs no cause.
 */
export function unexplained({ jar, answers, readings }: Known): JarState[] {
  return jar.slice(1).filter((state) => {
    const edited = readings.some(
      ({ isEdit, cookie, askedAt }) => isEdit && cookie === state.value && askedAt <= state.seenAt,
    );
    return !edited && !answers.some((answer) => hasSet(answer, state));
  });
}

/** True when this response may have made this state of the jar. */
export function hasSet({ startedAt, toldAt, sets }: Answer, { seenAt, value, endsAt }: JarState): boolean {
  const last = sets.at(-1);
  if (last === undefined || toldAt === null || last.value !== value || startedAt > seenAt) return false;
  const { maxAgeMs } = last;
  if (endsAt === null || maxAgeMs === null || maxAgeMs >= LONGEST_MS) return true;
  const slack = endsAt % SECOND_MS === 0 ? SECOND_MS + END_SLACK_MS : END_SLACK_MS;
  // An extension is told of a response before the browser takes its cookies: by 63 ms on a busy machine.
  return endsAt >= startedAt + maxAgeMs - slack && endsAt <= toldAt + maxAgeMs + JAR_LAG_MS + slack;
}
