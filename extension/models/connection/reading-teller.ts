/** Reports to the timeline which requests changed a session as soon as the readings show it, and corrects its reports. */
import type { EpochMs } from "session-bridge/protocol";
import { type Attribution, attribute } from "../../logic/readings/attribute.ts";
import type { Known } from "../../logic/readings/known.ts";
import { settle } from "../../logic/readings/settle.ts";
import type { Reading, SpanEntry } from "../../logic/timeline/entry.ts";
import type { ClockPort } from "../../ports/ports.ts";

interface ReadingTellerOptions {
  clock: ClockPort;
  origin: string;
  /** The whole session is in the cookie. */
  carried: boolean;
  /** The site may save without setting the cookie. */
  isSilent: boolean;
  take(requestId: string, reading: Reading | null): void;
  takeSpan(id: string, span: SpanEntry | null): void;
  /** It is not known whether the newest reading was about the cookie that the browser holds: another one is needed. */
  isVoid(): void;
}

/** Of one origin. */
export interface ReadingTeller {
  /** More is known: reports what follows from it soon, and when it is settled. */
  review(known: Known): void;
  stop(): void;
}

/** How often it checks, while there is something to report or to wait for. */
const LOOK_MS = 100;

/** What was reported about a request or a span. */
interface Told {
  reading: Reading;
  from: EpochMs;
  /** The span as the timeline has it; null for a request. */
  span: SpanEntry | null;
}

/** Nothing has been reported yet. */
export function createReadingTeller(options: ReadingTellerOptions): ReadingTeller {
  const requests = new Map<string, Told>();
  const spans = new Map<string, Told>();
  let newest: Known = { readings: [], answers: [], jar: [] };
  let timer: (() => void) | null = null;
  let isEnded = false;

  function look(): void {
    const { readings, isWaiting, isVoid } = settle(newest, options.clock.now());
    const found = attribute({ ...newest, readings }, options);
    const since = newest.readings[0]?.askedAt ?? Number.POSITIVE_INFINITY;
    tell(requests, toCredits(found), since, (id, one) => options.take(id, one?.reading ?? null));
    tell(spans, toSpans(found, options.origin), since, (id, one) => options.takeSpan(id, one?.span ?? null));
    if (!isWaiting) rest();
    if (isVoid) options.isVoid();
  }

  function rest(): void {
    timer?.();
    timer = null;
  }

  return {
    review(known) {
      newest = known;
      if (!isEnded) timer ??= options.clock.every(LOOK_MS, look);
    },
    stop() {
      isEnded = true; // a reading may still be under way
      rest();
    },
  };
}

function toCredits({ credits }: Attribution): Map<string, Told> {
  return new Map([...credits].map(([id, { reading, from }]) => [id, { reading, from, span: null }]));
}

function toSpans({ spans }: Attribution, origin: string): Map<string, Told> {
  return new Map(
    spans.map(({ reading, from, to, candidates }) => {
      const id = `span ${origin} ${from}`;
      const place = { at: to, from, origin };
      const span: SpanEntry = { type: "span", id, ...place, reading, candidates, trace: null };
      return [id, { reading, from, span }];
    }),
  );
}

/** Reports what is new or different, and takes back what no longer holds. Reports from before `since` stay as they are. */
function tell(
  told: Map<string, Told>,
  found: ReadonlyMap<string, Told>,
  since: EpochMs,
  take: (id: string, one: Told | null) => void,
): void {
  for (const [id, { from }] of told) {
    if (found.has(id)) continue;
    told.delete(id);
    if (from >= since) take(id, null);
  }
  for (const [id, one] of found) {
    const before = told.get(id);
    if (before !== undefined && isSame(before, one)) continue;
    told.set(id, one);
    take(id, one);
  }
}

function isSame({ reading: one, span }: Told, { reading: other, span: now }: Told): boolean {
  if (one.before !== other.before || one.after !== other.after) return false;
  if (one.newKey !== other.newKey || one.gone !== other.gone) return false;
  return span?.at === now?.at && span?.candidates.length === now?.candidates.length;
}
