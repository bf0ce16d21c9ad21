/**
 * The filter field: words look everywhere, `key:cart`, `status:5xx`, `method:POST` and `cookie:sessionid` in one place;
 * a minus in front turns a term around. All terms must hold.
 */
import { differences } from "../json/difference.ts";
import { type Entry, isChange, pathOf, type Reading, readingOf, traceOf } from "./entry.ts";

type Field = "any" | "key" | "status" | "method" | "cookie" | "path";

type TracedEntry = Exclude<Entry, { type: "note" }>;

interface Term {
  field: Field;
  text: string;
  negated: boolean;
}

interface Filter {
  terms: readonly Term[];
  changesOnly: boolean;
}

const FIELDS: readonly Field[] = ["key", "status", "method", "cookie", "path"];

/** Reads the field's text. Never fails: what is no term is a word. */
export function parseFilter(text: string, changesOnly: boolean): Filter {
  const words = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return { terms: words.map(toTerm).filter((term) => term.text !== ""), changesOnly };
}

/** True when the entry passes. Notes on what may be missing pass always, or a filter would hide the holes. */
export function matches(entry: Entry, filter: Filter): boolean {
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
}

function factsOf(entry: TracedEntry): Facts {
  const reading = readingOf(entry);
  if (entry.type === "span") {
    const path = entry.candidates.map((each) => each.path).join(" ");
    return { path, method: "", status: null, keys: keysOf(entry.reading), cookies: [] };
  }
  const trace = traceOf(entry);
  const keys = trace?.changes.map((change) => change.key) ?? [];
  const traced = trace?.cookie ? [trace.cookie.name] : [];
  if (entry.type !== "request") {
    const { path, method, status } = entry.trace.request;
    return { path, method, status, keys, cookies: traced };
  }
  const set = entry.request.setCookies.map((line) => line.slice(0, Math.max(0, line.indexOf("="))).trim());
  return {
    path: pathOf(entry.request.url),
    method: entry.request.method,
    status: entry.request.status,
    keys: reading === null ? keys : keysOf(reading),
    cookies: [...(entry.request.sentCookies ?? []), ...set, ...traced],
  };
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
  if (text === "failed") return status === null || status === 0;
  if (status === null) return false;
  const comparison = /^(>=|<=|>|<)([0-9]+)$/.exec(text);
  if (comparison === null) return fitsPattern(String(status), text);
  const limit = Number(comparison[2]);
  if (comparison[1] === ">=") return status >= limit;
  if (comparison[1] === "<=") return status <= limit;
  return comparison[1] === ">" ? status > limit : status < limit;
}

/** `5xx` fits 503; a pattern still being typed, like `5`, fits what starts so. */
function fitsPattern(status: string, pattern: string): boolean {
  return [...pattern].every((character, at) => character === "x" || character === status[at]);
}
