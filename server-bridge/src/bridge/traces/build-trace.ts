/**
 * Makes a trace from what was gathered about a request: sides redacted and limited in size, changes, cookie, findings.
 */
import type { ObservedCookie, ObservedSession } from "../../core/observers/observer.ts";
import { shortenKey } from "../../core/session/key.ts";
import { cutMark } from "../../protocol/marks.ts";
import type { Finding, KeyChange, OperationName, TraceCookie, TraceSide } from "../../protocol/messages.ts";
import type { Digests } from "../redaction/digests.ts";
import { createLookBudget, redactJson, redactPath, safeKeyPath, safeName } from "../redaction/redact.ts";
import { type Capture, ownOperations } from "./capture.ts";
import { changesBetween, MAX_READ, readEntries } from "./changes.ts";
import { type Ending, findingsOf, type Recent, toRecent } from "./findings.ts";
import type { NewEntry } from "./trace-log.ts";

/** Time that capturing may take from one request, in milliseconds. What is not copied by then is cut. */
const BUDGET_MS = 5;

/** Keys that one finding names; the protocol accepts a thousand. */
const MAX_NAMED = 200;
/** Characters of a line of code in a finding; the protocol accepts more. */
const MAX_LINE = 400;

/** Operations after which the session is no longer stored under its previous key. */
const REMOVALS: readonly OperationName[] = ["cycle", "flush", "delete", "expire"];

/** What is known about the request itself. */
export interface RequestPart {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  method: string;
  path: string;
  status: number;
  durationMs: number;
  /** By the monotonic clock. */
  endedAtMs: number;
}

interface BuildContext {
  process: string;
  digests: Digests;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  recent: readonly Recent[];
  /** True when several clients can hold one cookie: the requests that a finding names may then be another client's. */
  cookiesRepeat?: boolean;
}

/** A trace for the log, and what to remember for later findings. */
interface Built extends NewEntry {
  recent: Recent | null;
}

/** The trace of a request that did not use a session. */
export function bareTrace(
  part: RequestPart,
  origin: "request" | "panel",
  { process, digests }: Pick<BuildContext, "process" | "digests">,
): NewEntry["trace"] {
  const path = redactPath(part.path, digests.redaction);
  const request = {
    method: part.method.slice(0, 32),
    path,
    status: part.status,
    durationMs: Math.round(part.durationMs * 1_000) / 1_000,
  };
  return {
    id: part.id,
    process,
    at: part.at,
    origin,
    request,
    touched: false,
    before: null,
    after: null,
    changes: [],
    newKey: false,
    flushedKeys: null,
    operations: [],
    cookie: null,
    findings: [],
  };
}

/** The trace of a request with a session. */
export function buildTrace(
  part: RequestPart,
  origin: "request" | "panel",
  capture: Capture,
  context: BuildContext,
): Built {
  const { digests } = context;
  const trace = bareTrace(part, origin, context);
  const before = capture.loaded ?? null;
  const after = afterOf(capture);
  const owners = [before, after].flatMap((side) => (side === null ? [] : [digests.keyId(side.key)]));
  const entries = readBoth(before, after);
  const ending = endingOf(part, capture, { ...entries, session: after }, context);
  const touched = isTouched(capture);
  const missing = incompleteOf(capture);
  // a part that was not seen may still have existed
  const isCompared = missing === undefined || (before !== null && after !== null);
  const changes = isCompared ? ending.changes : [];
  const isNew = after !== null && after.key !== before?.key && !(before !== null && isCarried(after));
  return {
    trace: {
      ...trace,
      ...(capture.seen === undefined ? {} : { seen: capture.seen }),
      ...(missing === undefined ? {} : { incomplete: missing }),
      touched,
      ...(touched ? sides(before, after, context) : {}),
      changes: changes.map((change) => withWriter(change, capture, digests)),
      newKey: isNew && isCompared,
      flushedKeys: ownOperations(capture).some(({ name }) => name === "flush") ? entries.before.size : null,
      // anyone who has the id of a trace without a session can read it
      operations: owners.length === 0 ? [...ownOperations(capture)] : capture.operations,
      cookie: toCookie(capture.end?.cookie ?? null),
      // each of them claims that something did not happen
      findings:
        origin === "panel" || missing !== undefined
          ? []
          : findings(ending, capture, owners.length > 0, context),
    },
    owners: [...new Set(owners)],
    recent: missing === undefined || ending.gone ? toRecent(ending, digests.redaction) : null,
  };
}

/** Why more may have happened than is known; undefined if everything is known. */
function incompleteOf({ end, seen }: Capture): NewEntry["trace"]["incomplete"] {
  return end === null && seen !== undefined ? "unfinished" : end?.incomplete;
}

function findings(
  ending: Ending,
  { lateKeys }: Capture,
  hasOwner: boolean,
  { recent, digests, cookiesRepeat }: BuildContext,
): Finding[] {
  const late: Finding[] = lateKeys.size === 0 ? [] : [{ code: "late-change", keys: [...lateKeys] }];
  return [...findingsOf(ending, recent, digests.redaction), ...late].map(
    ({ keys, lines, traces, ...finding }) => {
      const isOthers = traces !== undefined && cookiesRepeat === true;
      const isNamed = hasOwner && !isOthers;
      const toName = finding.code === "key-conflict" ? safeKeyPath : safeName;
      return {
        ...finding,
        ...(keys && { keys: isNamed ? nameKeys(keys, digests, toName) : [countKeys(keys)] }),
        ...(lines && isNamed && { lines: lines.slice(0, MAX_NAMED).map((line) => line.slice(0, MAX_LINE)) }),
        ...(traces && !isOthers && { traces }),
      };
    },
  );
}

/**
 * Replaces the names of keys when anyone with the trace's id can read it, or when the keys may belong to another
 * client's session.
 */
function countKeys({ length }: readonly string[]): string {
  return cutMark(length === 1 ? "1 key" : `${length} keys`);
}

function nameKeys(keys: readonly string[], digests: Digests, toName: typeof safeName): string[] {
  const named = keys.slice(0, MAX_NAMED).map((key) => toName(key, digests.redaction));
  return keys.length > MAX_NAMED ? [...named, cutMark(`${keys.length - MAX_NAMED} more keys`)] : named;
}

/** Entries of both sides; empty for both if one is too long to read, because then they cannot be compared. */
function readBoth(before: ObservedSession | null, after: ObservedSession | null) {
  const texts = [before?.json ?? "", after?.json ?? ""];
  const isSame = before !== null && before.json === after?.json;
  if (texts.some((text) => text.length > MAX_READ))
    return { before: readEntries(null), after: readEntries(null), isSame };
  const first = readEntries(before?.json ?? null);
  return { before: first, after: isSame ? first : readEntries(after?.json ?? null), isSame };
}

/**
 * What is stored after the request. If the core reports nothing and nothing was removed, it is what was there before.
 */
function afterOf(capture: Capture): ObservedSession | null {
  const { loaded, end } = capture;
  if (end?.after) return end.after;
  if (capture.isAfterKnown && end !== null) return null;
  if (end?.incomplete === "unopened" && end.cookie !== null) return null; // the new value could not be opened
  const isGone = ownOperations(capture).some(({ name }) => REMOVALS.includes(name) || name === "reject");
  return isGone || end?.cookie?.action === "deleted" ? null : (loaded ?? null);
}

/**
 * True for a session that is carried whole in its cookie: its key is its stored string, so it is new with every change.
 */
function isCarried({ key, stored }: ObservedSession): boolean {
  return key === stored;
}

function isTouched(capture: Capture): boolean {
  const { loaded, end } = capture;
  if (ownOperations(capture).some(({ name }) => name !== "load")) return true;
  return end === null ? loaded !== undefined : end.accessed || end.modified;
}

function sides(before: ObservedSession | null, after: ObservedSession | null, context: BuildContext) {
  const deadline = context.now() + BUDGET_MS;
  const late = () => context.now() > deadline;
  const options = { digest: context.digests.redaction, late, budget: createLookBudget() };
  const side = (session: ObservedSession): TraceSide => {
    const readable = session.json.length <= MAX_READ;
    const { json, truncated } = readable
      ? redactJson(session.json, options)
      : { json: "{}", truncated: true };
    return {
      key: shortenKey(session.key),
      keyId: context.digests.keyId(session.key),
      dataJson: json,
      version: context.digests.version(session.key, session.stored),
      ...endsOf(session),
      truncated,
    };
  };
  const first = before === null ? null : side(before);
  const sameData = first !== null && after !== null && after.json === before?.json;
  if (!sameData) return { before: first, after: after === null ? null : side(after) };
  return {
    before: first,
    after: {
      ...first,
      key: shortenKey(after.key),
      keyId: context.digests.keyId(after.key),
      version: context.digests.version(after.key, after.stored),
      ...endsOf(after),
    },
  };
}

function endsOf({ expiresAtMs, deadlines }: ObservedSession): Pick<TraceSide, "expiresAt" | "deadlines"> {
  return { expiresAt: expiresAtMs, ...(deadlines && { deadlines }) };
}

function endingOf(
  { id: traceId, endedAtMs }: RequestPart,
  capture: Capture,
  { before, after, isSame, session }: ReturnType<typeof readBoth> & { session: ObservedSession | null },
  { digests }: BuildContext,
): Ending {
  const { loaded, loadedAtMs, end } = capture;
  const operations = ownOperations(capture);
  const saves = operations.filter(({ name }) => ["create", "save", "merge", "cycle"].includes(name));
  return {
    traceId,
    loadedAtMs,
    endedAtMs,
    beforeKey: loaded ? digests.keyId(loaded.key) : null,
    afterKey: session === null ? null : digests.keyId(session.key),
    before,
    after,
    unsaved: end?.unsaved == null ? null : readEntries(end.unsaved),
    ...(end?.unsavedWhy === undefined ? {} : { unsavedWhy: end.unsavedWhy }),
    ...(end?.readers === undefined ? {} : { readers: end.readers }),
    changes: changesBetween(before, after),
    isSame,
    gone: operations.some(({ name }) => REMOVALS.includes(name)),
    saved: saves.length > 0,
    savedByPolicy: end !== null && !end.modified,
    merged: operations.some(({ name }) => name === "merge"),
    conflictKeys: end?.conflictKeys ?? [],
    carriedBytes:
      session !== null && isCarried(session) ? session.key.length + (end?.cookie?.name.length ?? 0) : null,
    splits: end?.splits === true,
    otherSessions: end?.otherSessions ?? 0,
  };
}

function withWriter(
  change: Pick<KeyChange, "key" | "kind">,
  { writers }: Capture,
  digests: Digests,
): KeyChange {
  const writer = writers.get(change.key);
  const named = { ...change, key: safeName(change.key, digests.redaction) };
  return writer === undefined ? named : { ...named, writer };
}

function toCookie(cookie: ObservedCookie | null): TraceCookie | null {
  if (cookie === null) return null;
  const { expiresAtMs, ...rest } = cookie;
  return { ...rest, expiresAt: expiresAtMs };
}
