/** Bounds what is known of an origin: what is long past is kept no longer. */
import type { Known } from "./known.ts";

/** A reading that is compared with later ones only: far more than are ever open at once. */
const MAX_READINGS = 60;
/** So many go at once, so that this is seldom done. */
const DROPPED = 20;
const MAX_ANSWERS = 500;
const MAX_STATES = 200;
/** A response may be told so long before the browser's list shows its cookie. */
const MARGIN_MS = 10_000;

/** The same without what no later reading can depend on. */
export function forgetOld(known: Known): Known {
  const readings = known.readings.length > MAX_READINGS ? known.readings.slice(DROPPED) : known.readings;
  const since = (readings[0]?.askedAt ?? Number.NEGATIVE_INFINITY) - MARGIN_MS;
  const isRecent = ({ toldAt }: { toldAt: number | null }): boolean => toldAt === null || toldAt >= since;
  // The last state before counts as well: it is what the jar held at the first reading.
  const older = known.jar.findLastIndex(({ seenAt }) => seenAt < since);
  return {
    readings,
    answers: known.answers.filter(isRecent).slice(-MAX_ANSWERS),
    jar: known.jar.slice(Math.max(0, older)).slice(-MAX_STATES),
  };
}
