/**
 * What "Why?" says if no rule applies: only what was seen. It says that a request did nothing only if the server
 * reported so and the response set no cookie.
 */
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { isCookieOf } from "../cookie-fits.ts";
import { DJANGO_TRACES, djangoLines } from "../notices/django-traces.ts";
import type { CopyLine } from "../notices/notice.ts";
import { isDjango, ofLibrary } from "../of-library.ts";
import { type Entry, hasEffect, originOf, type RequestEntry, serverOf } from "../timeline/entry.ts";
import { sayIncomplete } from "../timeline/incomplete.ts";
import { labelOf } from "../timeline/pins.ts";
import { type Facts, readSentCookie } from "./facts.ts";
import { sayName } from "./words.ts";

/** A title and a sentence. */
interface NoReasons {
  title: string;
  sentence: string;
  /** What to copy so that more is known of the next requests. */
  lines?: readonly CopyLine[];
}

/**
 * How much the request's server can report: `traces`, each request; `readings`, only the session as it is; `none`: no
 * bridge of it was found; `file`: the row is from a file; `unknown`: its bridge does not answer, or not yet.
 */
export type Teller = "traces" | "readings" | "none" | "file" | "unknown";

/** The most cookies named in one sentence. */
const MOST_NAMES = 3;

const WHY_NOT_KNOWN: Record<Teller, string> = {
  traces: "the server reported nothing about this request",
  readings: "its server does not report single requests",
  none: "its server has no known bridge",
  file: "the file has no report from the server about it",
  unknown: "the bridge of its server does not answer",
};

const WHY_GONE =
  "the server's log no longer holds its report, or the report belongs to a session whose cookie this tab cannot show";

/**
 * The text about a row.
 *
 * @param facts of the cookies that the row is about
 */
export function sayOfRow(entry: Entry, facts: readonly Facts[], teller: Teller): NoReasons {
  const said = sayWhatIsKnown(entry, facts, teller);
  const isRead = teller === "readings" && (entry.type === "request" || entry.type === "span");
  if (!isRead || !isDjango(facts[0]?.library)) return said;
  const lines = djangoLines(serverOf(entry) ?? "");
  return { ...said, sentence: `${said.sentence} ${DJANGO_TRACES}`, lines };
}

function sayWhatIsKnown(entry: Entry, facts: readonly Facts[], teller: Teller): NoReasons {
  if (entry.type === "request") return sayOfRequest(entry, facts, teller);
  if (entry.type === "note")
    return { title: "Nothing to explain", sentence: "This row is a note, not a request." };
  if (entry.type === "span")
    return { title: "Nothing more is known", sentence: "The session changed between two readings." };
  const told = sayIncomplete(entry.trace);
  if (told !== null) return { title: "Nothing more is known", sentence: told.sentence };
  return hasEffect(entry.trace)
    ? { title: "Nothing needs explaining", sentence: "The row's chips say what it changed." }
    : { title: "Nothing needs explaining", sentence: "This row changed nothing in the session." };
}

function sayOfRequest(entry: RequestEntry, facts: readonly Facts[], teller: Teller): NoReasons {
  const { request, trace, reading } = entry;
  if (request.fromCache) {
    const sentence =
      "This response came from the browser's cache: the server got no request, and no cookie was set.";
    return { title: "Nothing needs explaining", sentence };
  }
  const isAnswered = request.status !== null && request.error === null;
  const isTold = trace !== null || reading !== null;
  const cookies = isAnswered || request.setCookies.length > 0 ? sayOfCookies(facts) : sayUnanswered(entry);
  const library = facts[0]?.library;
  const asksNothing = request.setCookies.length === 0 && !request.clearsCookies;
  const isIdle = trace?.touched === false && trace.incomplete === undefined && !hasEffect(trace);
  if (isAnswered && asksNothing && isIdle)
    return {
      title: "Nothing needs explaining",
      sentence: `This request did nothing to the session${ofLibrary(library)} or its cookie.`,
    };
  const session = sayOfSession(entry, teller, library);
  return {
    title: isAnswered && isTold ? "Nothing needs explaining" : "Nothing more is known",
    sentence: `${cookies} ${session}`,
  };
}

function sayUnanswered({ request }: RequestEntry): string {
  if (request.error === null) return "This request has no response yet.";
  return `This request failed (${sayName(request.error)}).`;
}

/** What the response set. */
function sayOfCookies(facts: readonly Facts[]): string {
  const sent = facts.flatMap(({ name, sent, before }) =>
    sent === null ? [] : [{ name, isSame: isValueOf(before, sent.parsed.value) }],
  );
  if (sent.length === 0) return "This request set no cookie.";
  const [same, other] = [sent.filter(({ isSame }) => isSame), sent.filter(({ isSame }) => !isSame)];
  return [
    same.length > 0 ? `The server sent ${sayNames(same)} as before.` : "",
    other.length > 0 ? `The server sent ${sayNames(other)}; what the browser had before is not known.` : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function isValueOf(before: Facts["before"], value: string): boolean {
  return typeof before === "object" && before !== null && before.value === value;
}

function sayNames(sent: readonly { name: string }[]): string {
  const shown = sent.slice(0, MOST_NAMES).map(({ name }) => sayName(name));
  const more = sent.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** What the server did to the session, as far as it is known. */
function sayOfSession(
  { trace, reading, traceGone }: RequestEntry,
  teller: Teller,
  library: string | undefined,
): string {
  if (trace !== null) {
    const told = sayIncomplete(trace);
    if (told !== null) return told.sentence;
    if (hasEffect(trace)) return "The row's chips say what the server did to the session.";
    if (trace.seen !== undefined)
      return trace.touched
        ? "The server had a session for it and changed nothing in it."
        : `The server neither loaded nor stored a session${ofLibrary(library)}.`;
    return trace.touched
      ? "The server read the session and changed nothing in it."
      : `The server did not touch the session${ofLibrary(library)}.`;
  }
  if (reading !== null) {
    return reading.before === reading.after
      ? "The session had the same contents before and after it."
      : "The session differs between the readings before it and after it.";
  }
  const why = traceGone ? WHY_GONE : WHY_NOT_KNOWN[teller];
  return `It is not known whether it touched the session: ${why}.`;
}

/**
 * The text about now, when no row is selected.
 *
 * @param cookies those of the tab
 */
export function sayOfNow(name: string, cookies: readonly TabCookie[], entries: readonly Entry[]): NoReasons {
  const held = cookies.filter((cookie) => cookie.name === name);
  const title = "Nothing needs explaining";
  if (held.length === 0) return { title, sentence: `There is no cookie ${sayName(name)} in this tab.` };
  for (const entry of entries.toReversed()) {
    if (entry.type !== "request" || entry.request.setCookies.length === 0) continue;
    const sent = readSentCookie(entry.request, name);
    const origin = originOf(entry.request.url);
    const mine = held.filter((cookie) => origin !== null && isCookieOf(cookie, origin));
    if (sent === null || mine.length === 0) continue;
    if (!mine.some(({ value }) => value === sent.parsed.value)) break;
    return { title, sentence: `${sayName(name)} is there, as ${labelOf(entry)} sent it.` };
  }
  return { title, sentence: `${sayName(name)} is there. No response seen here set it as it is now.` };
}
