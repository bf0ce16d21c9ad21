/**
 * Which readings can already be used, and which are void.
 *
 * A browser reports things out of order: a redirect's Set-Cookie after the page that follows it, the jar's new cookie before the
 * response that set it. What is shown about a request must not be taken back shortly afterwards, so a reading waits until those
 * are reported.
 */
import type { EpochMs } from "session-bridge/protocol";
import {
  type Answer,
  hasSet,
  JAR_LAG_MS,
  type JarState,
  type Known,
  type SessionReading,
  unexplained,
} from "./known.ts";

/** Chrome reports a redirect's cookies within 100 ms, and a busy machine later. */
const BARE_REDIRECT_MS = 1000;
/** How long a change of the jar waits for the response that made it, before it counts as another tab's. */
const UNEXPLAINED_MS = 1000;
/** A request that takes longer is not waited for: if its response sets the cookie, the result is corrected. */
const SLOW_REQUEST_MS = 3000;

/** How long a Set-Cookie that the list has not shown may still appear there; a browser that refused it never shows it. */
const UNSHOWN_MS = 2000;

/** Readings that can be used, oldest first. */
interface Settled {
  readings: readonly SessionReading[];
  /** Something waits for time to pass: call again soon. */
  isWaiting: boolean;
  /** The newest reading is void: another one is needed. */
  isVoid: boolean;
}

/** What can be used now. */
export function settle(known: Known, now: EpochMs): Settled {
  const strange = unexplained(known);
  const firstOpen = Math.min(
    ...strange.filter(({ seenAt }) => now - seenAt < UNEXPLAINED_MS).map(({ seenAt }) => seenAt - JAR_LAG_MS),
    ...known.answers
      .filter(({ startedAt, toldAt, isBareRedirect }) =>
        toldAt === null
          ? now - startedAt < SLOW_REQUEST_MS
          : isBareRedirect && now - toldAt < BARE_REDIRECT_MS,
      )
      .map(({ startedAt }) => startedAt),
  );
  const ripe = known.readings.filter(
    ({ answeredAt }) => answeredAt < firstOpen && now - answeredAt >= JAR_LAG_MS,
  );
  const readings = ripe.filter((reading) => isOfBrowser(reading, known));
  const newest = known.readings.at(-1);
  return {
    readings,
    isWaiting: ripe.length < known.readings.length,
    isVoid: newest !== undefined && newest === ripe.at(-1) && newest !== readings.at(-1),
  };
}

/**
 * True when the cookie that was read is the one that the browser's list shows for that time: the last that it showed until
 * shortly after, except one that only the response of a later request can have set. False if a response reported just before had
 * set another one: the order in which the browser stored them is not known before its list shows it.
 */
function isOfBrowser(
  { cookie, askedAt, answeredAt, isEdit }: SessionReading,
  { jar, answers }: Known,
): boolean {
  if (isEdit) return true; // the edit's result; a cookie that it made follows
  const last = jar.findLast((state) => {
    if (state.seenAt > answeredAt + JAR_LAG_MS) return false;
    const makers = answers.filter((answer) => hasSet(answer, state));
    return makers.length === 0 || makers.some(({ startedAt }) => startedAt < answeredAt);
  });
  const isUnsure = answers.some((answer) => {
    const set = answer.sets.at(-1);
    if (set === undefined || set.value === cookie || answer.toldAt === null) return false;
    const isRecent = answer.toldAt <= askedAt && answer.toldAt > askedAt - UNSHOWN_MS;
    return isRecent && !isShownBefore(answer, last, { jar, answers });
  });
  return !isUnsure && (last?.value ?? "") === cookie;
}

/**
 * True when the list's state certainly dates from after what this response set: the list had shown that before, or a request that
 * began after this response produced the state, or nothing of this tab did. A state shown after the response may date from before
 * it: a logout's deletion reaches the list later than the next login's response.
 */
function isShownBefore(
  answer: Answer,
  state: JarState | undefined,
  { jar, answers }: Pick<Known, "jar" | "answers">,
): boolean {
  if (state === undefined) return false;
  const told = answer.toldAt ?? Number.POSITIVE_INFINITY;
  if (jar.some((each) => each.seenAt <= state.seenAt && hasSet(answer, each))) return true;
  const makers = answers.filter((each) => hasSet(each, state));
  if (makers.length === 0) return state.seenAt > told;
  return makers.some(({ startedAt }) => startedAt >= (answer.endedAt ?? told));
}
