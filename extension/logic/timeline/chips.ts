/** What a request did to the session, as short chips: `+user_id`, `~cart 1→2`, `new key`, `flushed 6 keys`. */
import {
  type Finding,
  type FindingCode,
  parseJson,
  type Trace,
  type TraceOperation,
} from "session-bridge/protocol";
import { differences, pathText } from "../json/difference.ts";
import { cutText } from "../json/tree-rows.ts";
import { type Entry, pageOf, type Reading, serverOf, traceOf } from "./entry.ts";

type ChipKind = "added" | "changed" | "removed" | "key" | "bad" | "dim";

export interface Chip {
  kind: ChipKind;
  text: string;
  /** The same in a full sentence, for the title. */
  title: string;
}

/** Longer values are left out of their chip; the row's detail shows them. */
const MAX_VALUE = 18;

const FINDINGS: Record<FindingCode, string> = {
  "lost-update": "lost update",
  "unsaved-change": "unsaved change",
  "needless-save": "needless save",
  "login-without-new-key": "login kept its key",
  resurrected: "resurrected",
  "near-4-kib": "near 4 KiB",
  "key-conflict": "written twice",
  "late-change": "changed too late",
};

/**
 * An entry's chips, most telling first. Where another server than that of its page tells of a session, that server comes before
 * what it says: it may be a stranger's.
 *
 * @param now the own origin of the page that is shown now, for entries whose page is not known; null: those name no server
 */
export function chipsOf(entry: Entry, now: string | null = null): Chip[] {
  const chips = chipsOfSession(entry);
  const server = serverOf(entry);
  const page = pageOf(entry) ?? now;
  if (page === null || server === null || server === page || chips.length === 0) return chips;
  if (traceOf(entry) === null && entry.type === "request" && entry.reading === null) return chips;
  const title = `This is told by ${server}, not by the server of the page, ${page}`;
  return [chip("key", shortServer(server, page), title), ...chips];
}

/** Without the scheme where the page has the same one: `localhost:3000`. */
function shortServer(server: string, page: string): string {
  const scheme = page.slice(0, page.indexOf("//") + 2);
  return server.startsWith(scheme) ? server.slice(scheme.length) : server;
}

function chipsOfSession(entry: Entry): Chip[] {
  if (entry.type === "note") return [];
  if (entry.type === "request" && entry.reading !== null) return readingChips(entry.reading);
  const trace = traceOf(entry);
  if (trace !== null) return traceChips(trace);
  return entry.type === "request" ? cookieChips(entry.request.setCookies) : [];
}

/** Chips of one trace. */
export function traceChips(trace: Trace): Chip[] {
  const chips: Chip[] = [];
  const told = byKind(changeChips(trace));
  if (trace.flushedKeys === null) chips.push(...told);
  else {
    // A session that began in the same request, as by express-session's regenerate: what it holds is new.
    if (trace.after !== null) chips.push(...told.filter(({ kind }) => kind !== "removed"));
    chips.push(flushed(trace.flushedKeys));
  }
  if (trace.newKey) chips.push(chip("key", "new key", "The session got a new key"));
  for (const operation of trace.operations) chips.push(...operationChips(operation));
  for (const finding of trace.findings) chips.push(findingChip(finding));
  if (chips.length > 0) return chips;
  if (!trace.touched) return [];
  if (trace.before === null && trace.after === null)
    return [chip("dim", "no session", "There was no session")];
  const saved = trace.operations.some((operation) => operation.name === "save");
  if (saved) return [chip("dim", "saved", "Saved without a change, which renews its expiry")];
  return [chip("dim", "read only", "The session was read and not changed")];
}

/** A number of keys in words. */
function countKeys(count: number): string {
  return count === 1 ? "1 key" : `${count} keys`;
}

function changeChips(trace: Trace): Chip[] {
  const before = scalars(trace.before?.dataJson ?? null);
  const after = scalars(trace.after?.dataJson ?? null);
  return trace.changes.map(({ key, kind, writer }) => {
    const by = writer === undefined ? "" : ` by ${writer}`;
    if (kind === "added") return chip("added", `+${key}`, `${key} was added${by}`);
    if (kind === "removed") return chip("removed", `−${key}`, `${key} was removed${by}`);
    const [old, now] = [before.get(key), after.get(key)];
    const short = old !== undefined && now !== undefined && old !== now;
    return chip("changed", short ? `~${key} ${old}→${now}` : `~${key}`, `${key} was changed${by}`);
  });
}

/** What is new or gone says more than what changed. */
function byKind(chips: Chip[]): Chip[] {
  return [
    ...chips.filter((each) => each.kind !== "changed"),
    ...chips.filter((each) => each.kind === "changed"),
  ];
}

function readingChips(reading: Reading): Chip[] {
  const gone = reading.before !== null && reading.after === null;
  const told = gone
    ? [chip("removed", "session gone", "There is no session any more")]
    : readChanges(reading);
  return [
    ...told,
    chip("dim", "reading", "Read by the panel after this request; one that overlaps it may be the cause"),
  ];
}

function readChanges(reading: Reading): Chip[] {
  const chips = differences(reading.before, reading.after).map(({ path, kind }) => {
    const key = pathText(path.slice(0, 1));
    const whole = path.length === 1;
    if (whole && kind === "added") return chip("added", `+${key}`, `${key} was added`);
    if (whole && kind === "removed") return chip("removed", `−${key}`, `${key} was removed`);
    return chip("changed", `~${key}`, `${key} was changed`);
  });
  const once = new Map(chips.map((each) => [each.text, each]));
  return [...once.values()];
}

function operationChips({ name, reason }: TraceOperation): Chip[] {
  const because = reason === undefined ? "" : `: ${reason}`;
  if (name === "not-saved" && reason === "unchanged") return [];
  if (name === "not-saved")
    return [chip("bad", `not saved${because}`, `What was changed was not saved${because}`)];
  if (name === "reject") return [chip("bad", `rejected${because}`, `The cookie was not accepted${because}`)];
  if (name === "expire") return [chip("removed", "expired", `The stored session had expired${because}`)];
  if (name === "merge")
    return [chip("key", "merged", `Changed by another request meanwhile; both kept${because}`)];
  return [];
}

function findingChip(finding: Finding): Chip {
  const keys = finding.keys?.length ? ` (${finding.keys.join(", ")})` : "";
  const text = FINDINGS[finding.code] ?? finding.code;
  return chip("bad", text, `Finding: ${text}${keys}`);
}

function flushed(count: number): Chip {
  return chip("removed", `flushed ${countKeys(count)}`, `The session was flushed with ${countKeys(count)}`);
}

/** Without a bridge: which cookies the response set. */
function cookieChips(lines: readonly string[]): Chip[] {
  return lines.map((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf("=")));
    return chip("dim", `set ${cutText(name, 40)}`, "The response set this cookie");
  });
}

/** Top-level scalars whose text is short enough for a chip. */
function scalars(json: string | null): Map<string, string> {
  const found = new Map<string, string>();
  const parsed = json === null ? null : parseJson(json);
  if (json === null || parsed === null || !parsed.ok || parsed.root.kind !== "object") return found;
  parsed.root.items.forEach((item, index) => {
    const size = item.end - item.start;
    const scalar = item.kind !== "object" && item.kind !== "array";
    if (scalar && size <= MAX_VALUE)
      found.set(parsed.root.keys[index] ?? "", json.slice(item.start, item.end));
  });
  return found;
}

function chip(kind: ChipKind, text: string, title: string): Chip {
  return { kind, text, title };
}
