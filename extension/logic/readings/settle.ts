/**
 * Which readings may be used already, and which are void.
 *
 * A browser tells of things out of order: a redirect's Set-Cookie after the page that follows it, the jar's new cookie before the
 * response that set it. What is said of a request must not be taken back a moment later, so a reading waits until that is told.
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
/** So long a change of the jar waits for the response that made it, before it counts as another tab's. */
const UNEXPLAINED_MS = 1000;
/** A request that takes longer is not waited for: should its response set the cookie, what was said is said again. */
const SLOW_REQUEST_MS = 3000;

/** So long a Set-Cookie that the list has not shown may still come to it; a browser that refused it never shows it. */
const UNSHOWN_MS = 2000;

/** Readings that can be used, oldest first. */
interface Settled {
  readings: readonly SessionReading[];
  /** Something waits for time to pass: ask again soon. */
  isWaiting: boolean;
  /** The newest reading is void: another one is wanted. */
  isVoid: boolean;
}

/** What can be used at this moment. */
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
 * True when the cookie that was asked about is the one that the browser's list shows for that moment: the last that it showed until
 * shortly after, but for what only the response of a later request can have set. Not where a response just told had set another:
 * in which order the browser took them is not known before its list shows it.
 */
function isOfBrowser(
  { cookie, askedAt, answeredAt, isEdit }: SessionReading,
  { jar, answers }: Known,
): boolean {
  if (isEdit) return true; // what the edit left; a cookie that it made follows
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
 * True when the list's state is surely from after what this response set: the list had shown that before, or a request that began
 * after this response made the state, or nothing of this tab did. A state that is shown after the response may be from before it:
 * a logout's deletion comes to the list later than the next login's response.
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
