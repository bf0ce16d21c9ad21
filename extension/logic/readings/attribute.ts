/**
 * Attributes each difference between two readings to the response that made it, or to the time between two readings.
 *
 * Django sends the session's cookie exactly when it saves, so only a response that set the cookie can have changed the session.
 * Its save happens between the request's beginning and the time when the panel learned of the response: a reading in that time
 * may have come before or after the save, and is not compared. Between two readings that remain, each response falls either
 * completely or not at all. If only one of them set the cookie, it gets the credit for the difference; if none did, or several,
 * the span of time is reported.
 *
 * An app with its own table may save without setting the cookie. There a response gets the credit only for a new cookie; any
 * other difference is reported with the span of time and all its requests.
 *
 * It cannot see a change without a new cookie, for example by a job on the server, during the very time in which one response set
 * it.
 */
import type { EpochMs } from "session-bridge/protocol";
import { type Candidate, type Gone, MAX_CANDIDATES, type Reading } from "../timeline/entry.ts";
import { compareReadings } from "./compare-readings.ts";
import { type Answer, JAR_LAG_MS, type Known, type SessionReading, unexplained } from "./known.ts";

/** A reading that belongs to a request or to a span. */
interface Told {
  reading: Reading;
  /** When the earlier of its readings was requested. */
  from: EpochMs;
}

/** A difference that cannot be attributed to a single response. */
interface Span extends Told {
  to: EpochMs;
  candidates: readonly Candidate[];
}

/** What is known about requests, by their ids, and about the time between them. */
export interface Attribution {
  credits: ReadonlyMap<string, Told>;
  spans: readonly Span[];
}

/** Two consecutive readings, and what happened between them. */
interface Interval {
  before: SessionReading;
  after: SessionReading;
  /** Responses that may have changed the session, or that failed, so it is not known. */
  setters: readonly Answer[];
  /** Something other than a response of this tab changed the browser's cookie. */
  isElsewhere: boolean;
}

/** How the site keeps its sessions. */
interface Site {
  /** The whole session is in the cookie, whose value changes with each save: that is not a new key. */
  carried: boolean;
  /** The site may save without setting the cookie. */
  isSilent: boolean;
}

/** @param known everything that is known; `readings` contains only settled ones */
export function attribute(known: Known, site: Site): Attribution {
  const setters = known.answers.filter(({ sets, isFailed }) => sets.length > 0 || isFailed);
  const strange = unexplained(known).map(({ seenAt }) => ({
    startedAt: seenAt - JAR_LAG_MS,
    toldAt: seenAt,
    endedAt: seenAt,
    sets: [],
  }));
  const clear = known.readings.filter(
    (reading) => reading.isEdit || ![...setters, ...strange].some((one) => isDuring(one, reading)),
  );
  const credits = new Map<string, Told>();
  const spans: Span[] = [];
  for (const [index, after] of clear.entries()) {
    const before = clear[index - 1];
    if (before === undefined || after.isEdit) continue;
    const touches = (one: Save): boolean => isIn(one, before, after);
    const interval = {
      before,
      after,
      setters: setters.filter(touches),
      isElsewhere: strange.some(touches),
    };
    const span = judge(interval, known.answers, site, credits);
    if (span !== null) spans.push(span);
  }
  return { credits, spans };
}

type Save = Pick<Answer, "startedAt" | "toldAt" | "endedAt" | "sets">;

/** True when a save of this request may have happened before the reading, or after it. */
function isDuring(one: Save, reading: SessionReading): boolean {
  return one.startedAt <= reading.answeredAt && !isBefore(one, reading);
}

/**
 * True when a save of this request certainly happened before the reading. A reading of the cookie that the response set comes
 * after the response; a reading of another cookie does not show that, and only counts if the panel had learned of the response.
 */
function isBefore({ toldAt, endedAt, sets }: Save, { askedAt, cookie }: SessionReading): boolean {
  const end = sets.at(-1)?.value === cookie ? endedAt : toldAt;
  return end === null || end <= askedAt;
}

/** True when a save of this request may have happened between the two readings. */
function isIn(one: Save, before: SessionReading, after: SessionReading): boolean {
  return !isBefore(one, before) && one.startedAt < after.answeredAt;
}

/** Notes the credits of one interval; returns its span if no one gets the credit. */
function judge(
  interval: Interval,
  answers: readonly Answer[],
  { carried, isSilent }: Site,
  credits: Map<string, Told>,
): Span | null {
  const { before, after, setters, isElsewhere } = interval;
  const reading = compareReadings(before, after, { carried, gone: goneOf(interval) });
  const from = before.askedAt;
  if (reading.before !== reading.after || reading.newKey === true) {
    const author = isSilent && before.cookie === after.cookie ? null : authorOf(interval);
    if (author !== null) {
      credits.set(author.id, { reading, from });
      return null;
    }
    const those = isSilent
      ? answers.filter((one) => isIn(one, before, after)).slice(0, MAX_CANDIDATES)
      : setters;
    const candidates = those.map(({ method, path }) => ({ method, path }));
    return { reading, from, to: after.answeredAt, candidates };
  }
  // Several responses that saved may have undone each other's changes.
  if (setters.length > 1 || isElsewhere) return null;
  for (const answer of answers) {
    const { id, toldAt, sets, isFailed } = answer;
    if (isFailed || toldAt === null || toldAt < before.askedAt || toldAt > after.askedAt) continue;
    const cannotSave = sets.length === 0 && !isSilent;
    if (cannotSave || isBetween(answer, before, after)) credits.set(id, { reading, from });
  }
  return null;
}

/** The only response that can have made the difference, and after which the browser has the cookie that was read. */
function authorOf({ before, after, setters, isElsewhere }: Interval): Answer | null {
  const [only] = setters;
  if (only === undefined || setters.length > 1 || isElsewhere || only.isFailed) return null;
  return isBetween(only, before, after) && only.sets.at(-1)?.value === after.cookie ? only : null;
}

/** False for one that overlaps an edit by the panel: its change may be part of the edit's result. */
function isBetween(answer: Answer, before: SessionReading, after: SessionReading): boolean {
  return answer.startedAt >= before.answeredAt && isBefore(answer, after);
}

function goneOf({ before, after, setters }: Interval): Gone | null {
  if (before.found === null || after.found !== null) return null;
  if (after.cookie === "") return setters.some(deletes) ? "deleted" : "no-cookie";
  return after.cookie === before.cookie ? "ended" : "other-cookie";
}

function deletes({ sets }: Answer): boolean {
  return sets.at(-1)?.value === "";
}
