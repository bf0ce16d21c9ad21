/**
 * Parser for a trace, the largest message of the protocol. Used by the panel and by logs that several processes share.
 */
import {
  finite,
  flag,
  integer,
  knownWords,
  list,
  oneOf,
  orNull,
  type Reader,
  record,
  text,
  textLike,
} from "./fields.ts";
import type {
  Deadlines,
  Finding,
  FindingCode,
  KeyChange,
  Trace,
  TraceCookie,
  TraceOperation,
  TraceSide,
} from "./messages.ts";

const short = text(200);
const key = text(100_000);
const line = text(4_096);
const moment = finite;
const duration = finite;

/** Reads the id of a trace. */
export const traceId = textLike(/^[A-Za-z0-9_-]{22}$/, "a trace's id of 22 characters");

/** Reads when a session ends at the latest. */
export const deadlines = record<Deadlines>({ absolute: orNull(moment), idle: orNull(moment) });

const side = record<TraceSide>(
  {
    key: short,
    keyId: short,
    dataJson: text(4 * 1024 * 1024),
    version: short,
    expiresAt: orNull(moment),
    truncated: flag,
  },
  { deadlines },
);

const change = record<KeyChange>({ key, kind: oneOf("added", "changed", "removed") }, { writer: line });

const operation = record<TraceOperation>(
  {
    name: oneOf(
      "load",
      "create",
      "save",
      "merge",
      "cycle",
      "flush",
      "delete",
      "expire",
      "reject",
      "not-saved",
    ),
    durationMs: duration,
  },
  { reason: text(1_000) },
);

const cookie = record<TraceCookie>({
  name: text(4_096),
  action: oneOf("set", "deleted"),
  maxAge: orNull(finite),
  expiresAt: orNull(moment),
  path: text(4_096),
  domain: orNull(text(4_096)),
  secure: flag,
  httpOnly: flag,
  sameSite: orNull(short),
});

const FINDINGS: FindingCode[] = [
  "lost-update",
  "unsaved-change",
  "unmarked-change",
  "needless-save",
  "login-without-new-key",
  "resurrected",
  "near-4-kib",
  "key-conflict",
  "late-change",
  "two-sessions",
];
const knownFindings = knownWords(1, ...FINDINGS);
const anyFinding = record<{ code: string; keys?: string[]; lines?: string[]; traces?: string[] }>(
  { code: short },
  { keys: list(key, 1_000), lines: list(line, 1_000), traces: list(traceId, 1_000) },
);

/** Findings with a code that this version does not know are left out. */
const findings: Reader<Finding[]> = (value, place) =>
  list(anyFinding, 100)(value, place).flatMap((found) =>
    knownFindings([found.code], place).map((code) => ({ ...found, code })),
  );

const request = record<Trace["request"]>({
  method: text(100),
  path: text(100_000),
  status: integer(0, 999),
  durationMs: duration,
});

/** A trace, checked and copied. Throws a `ProtocolError` that names the place. */
export const readTrace: Reader<Trace> = record<Trace>(
  {
    id: traceId,
    sequence: integer(0),
    process: text(64),
    at: moment,
    origin: oneOf("request", "panel"),
    request,
    touched: flag,
    before: orNull(side),
    after: orNull(side),
    changes: list(change, 100_000),
    newKey: flag,
    flushedKeys: orNull(integer(0)),
    operations: list(operation, 10_000),
    cookie: orNull(cookie),
    findings,
  },
  {
    seen: wordOr("store", "cookie"),
    incomplete: wordOr("other", "late", "contexts", "unopened", "unfinished"),
  },
);

/** One of these words, or `least`, which claims the least, for a word that only a newer sender knows. */
function wordOr<const T extends string>(least: T, ...words: T[]): Reader<T> {
  return (value, place) => {
    const sent = short(value, place);
    return words.find((word) => word === sent) ?? least;
  };
}
