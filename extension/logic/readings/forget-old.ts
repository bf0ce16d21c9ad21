/** Bounds what is known of an origin: what is long past is dropped. */
import type { Known } from "./known.ts";

/** Readings that are only compared with later ones: far more than are ever open at the same time. */
const MAX_READINGS = 60;
/** How many are dropped together, so that this happens rarely. */
const DROPPED = 20;
const MAX_ANSWERS = 500;
const MAX_STATES = 200;
/** A response may be reported this long before the browser's list shows its cookie. */
const MARGIN_MS = 10_000;

/** The same without anything that a later reading can depend on. */
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
