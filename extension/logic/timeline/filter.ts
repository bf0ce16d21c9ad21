/**
 * Which rows are shown: by the filter field, by *Changes only* and by their kind.
 *
 * In the field, words look everywhere, `key:cart`, `status:5xx`, `method:POST`, `cookie:sessionid` and `kind:image` in one place; a
 * minus in front turns a term around. All terms must hold.
 */
import { differences } from "../json/difference.ts";
import {
  type Entry,
  isChange,
  pathOf,
  type Reading,
  type RequestEntry,
  readingOf,
  traceOf,
} from "./entry.ts";
import { ALL_KINDS, KINDS, type Kind, kindOf } from "./kinds.ts";
import { hasOperation } from "./store-operations.ts";

type Field = "any" | "key" | "status" | "method" | "cookie" | "path" | "kind";

type TracedEntry = Exclude<Entry, { type: "note" }>;

interface Term {
  field: Field;
  text: string;
  negated: boolean;
}

interface Filter {
  terms: readonly Term[];
  changesOnly: boolean;
  kinds: ReadonlySet<Kind>;
}

/** What hides an entry: its kind alone, the field or *Changes only*, or both. */
export type HiddenBy = "kind" | "filter" | "both";

/** What hides rows besides their kinds, in words: the filter field, *Changes only* or both. */
export function filterName(text: string, changesOnly: boolean): string {
  if (text === "") return "“Changes only”";
  return changesOnly ? "the filter and “Changes only”" : "the filter";
}

const FIELDS: readonly Field[] = ["key", "status", "method", "cookie", "path", "kind"];

/**
 * Reads the field's text. Never fails: what is no term is a word.
 *
 * @param kinds those that are shown, where the text names none. Default: all.
 */
export function parseFilter(text: string, changesOnly: boolean, kinds: readonly Kind[] = ALL_KINDS): Filter {
  const words = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const terms = words.map(toTerm).filter((term) => term.text !== "");
  const isNamed = terms.some((term) => term.field === "kind" && !term.negated);
  return { terms, changesOnly, kinds: new Set(isNamed ? ALL_KINDS : kinds) };
}

/** True when the entry is shown. */
export function matches(entry: Entry, filter: Filter): boolean {
  return hiddenBy(entry, filter) === null;
}

/** What hides the entry; null when it is shown. */
export function hiddenBy(entry: Entry, filter: Filter): HiddenBy | null {
  const passes = passesFilter(entry, filter);
  if (entry.type !== "request" || filter.kinds.has(kindOf(entry.request)) || isTelling(entry))
    return passes ? null : "filter";
  return passes ? "kind" : "both";
}

/**
 * True of a request that did something to a session or to a cookie, about which there is a finding, or of which it is not known what
 * it did: no kind hides it.
 */
function isTelling(entry: RequestEntry): boolean {
  const { setCookies, clearsCookies } = entry.request;
  const findings = [...(entry.trace?.findings ?? []), ...(entry.reading?.findings ?? [])];
  if (isChange(entry) || setCookies.length > 0 || clearsCookies === true || findings.length > 0) return true;
  return isUncertain(entry);
}

/** True if the request may have changed a session without anything saying that it did. */
function isUncertain({ request, trace }: RequestEntry): boolean {
  const { traceId, error } = request;
  if (trace === null) return traceId !== null || (error !== null && hasNoStatus(request.status));
  // Data that is too large to be compared, or that was merged into another request's, is stored without a change being named.
  return trace.incomplete !== undefined || hasOperation(trace, "save") || hasOperation(trace, "merge");
}

/** Notes on what may be missing pass always, or a filter would hide the holes. */
function passesFilter(entry: Entry, filter: Filter): boolean {
  if (filter.changesOnly && !isChange(entry)) return false;
  if (entry.type === "note") return filter.terms.length === 0 || entry.note.kind !== "navigation";
  return filter.terms.every((term) => holds(entry, term) !== term.negated);
}

function toTerm(word: string): Term {
  const negated = word.length > 1 && word.startsWith("-");
  const bare = negated ? word.slice(1) : word;
  const colon = bare.indexOf(":");
  const named = FIELDS.find((field) => field === bare.slice(0, colon).toLowerCase());
  const text = named === undefined ? bare : bare.slice(colon + 1);
  return { field: named ?? "any", text: text.replaceAll('"', "").toLowerCase(), negated };
}

function holds(entry: TracedEntry, term: Term): boolean {
  const facts = factsOf(entry);
  switch (term.field) {
    case "key":
      return facts.keys.some((key) => key.toLowerCase().includes(term.text));
    case "status":
      return entry.type !== "span" && statusHolds(facts.status, term.text);
    case "method":
      return facts.method.toLowerCase() === term.text;
    case "cookie":
      return facts.cookies.some((name) => name.toLowerCase().includes(term.text));
    case "path":
      return facts.path.toLowerCase().includes(term.text);
    case "kind":
      return facts.kinds.some((name) => name.startsWith(term.text));
    case "any":
      return [facts.path, facts.method, String(facts.status ?? ""), ...facts.keys, ...facts.cookies].some(
        (text) => text.toLowerCase().includes(term.text),
      );
  }
}

interface Facts {
  path: string;
  method: string;
  status: number | null;
  keys: string[];
  cookies: string[];
  /** Its kind, the word for it on screen, and the browser's for its type; none for a change from elsewhere. */
  kinds: string[];
}

function factsOf(entry: TracedEntry): Facts {
  const reading = readingOf(entry);
  if (entry.type === "span") {
    const path = entry.candidates.map((each) => each.path).join(" ");
    return { path, method: "", status: null, keys: keysOf(entry.reading), cookies: [], kinds: [] };
  }
  const trace = traceOf(entry);
  const keys = trace?.changes.map((change) => change.key) ?? [];
  const traced = trace?.cookie ? [trace.cookie.name] : [];
  if (entry.type !== "request") {
    const { path, method, status } = entry.trace.request;
    return { path, method, status, keys, cookies: traced, kinds: [] };
  }
  const set = entry.request.setCookies.map((line) => line.slice(0, Math.max(0, line.indexOf("="))).trim());
  return {
    path: pathOf(entry.request.url),
    method: entry.request.method,
    status: entry.request.status,
    keys: reading === null ? keys : keysOf(reading),
    cookies: [...(entry.request.sentCookies ?? []), ...set, ...traced],
    kinds: kindWords(entry),
  };
}

function kindWords({ request }: RequestEntry): string[] {
  const kind = kindOf(request);
  const label = KINDS.find(({ name }) => name === kind)?.label ?? "";
  return [kind, label.toLowerCase(), request.type.toLowerCase()];
}

const read = new WeakMap<Reading, string[]>();

/** Top-level keys in which a reading differs from the one before; worked out once, for a filter asks at every letter. */
function keysOf(reading: Reading): string[] {
  const known = read.get(reading);
  if (known !== undefined) return known;
  const tops = differences(reading.before, reading.after).map(({ path }) => String(path[0] ?? ""));
  const keys = [...new Set(tops)];
  read.set(reading, keys);
  return keys;
}

/** `500`, `5xx`, `>=400`, `<300`, `failed`. */
function statusHolds(status: number | null, text: string): boolean {
  if (text === "failed") return hasNoStatus(status);
  if (status === null) return false;
  const comparison = /^(>=|<=|>|<)([0-9]+)$/.exec(text);
  if (comparison === null) return fitsPattern(String(status), text);
  const limit = Number(comparison[2]);
  if (comparison[1] === ">=") return status >= limit;
  if (comparison[1] === "<=") return status <= limit;
  return comparison[1] === ">" ? status > limit : status < limit;
}

function hasNoStatus(status: number | null): boolean {
  return status === null || status === 0;
}

/** `5xx` fits 503; a pattern still being typed, like `5`, fits what starts so. */
function fitsPattern(status: string, pattern: string): boolean {
  return [...pattern].every((character, at) => character === "x" || character === status[at]);
}
