/** Parses what a Django site sends over the channel: everything is `unknown` until it has passed through here. */
import {
  asObject,
  finite,
  flag,
  integer,
  list,
  oneOf,
  orNull,
  ownValue,
  ProtocolError,
  type Reader,
  record,
  text,
  textLike,
} from "../../protocol/fields.ts";
import { traceId } from "../../protocol/parse-trace.ts";
import type { ReportedRequest } from "../source.ts";

/** Bytes of one line. */
export const MAX_LINE = 8 * 1024 * 1024;

/** One line after the first. */
export interface ChannelReport {
  request?: Omit<ReportedRequest, "process">;
  /** Keys that were changed after the response of this request was handed over. */
  late?: { id: string; keys: string[] };
  /** Requests that were given up since the last line. */
  dropped: number;
}

const json = text(MAX_LINE);
const name = text(100_000);
const place = text(4_096);
const short = text(200);

interface Side {
  key: string;
  json: string;
  expiresAt: number | null;
}
const side = orNull(record<Side>({ key: json, json, expiresAt: orNull(finite) }));

const operation = record<ReportedRequest["operations"][number]>(
  {
    name: oneOf("load", "create", "save", "cycle", "flush", "delete", "expire", "reject", "not-saved"),
    durationMs: finite,
  },
  { reason: text(1_000), key: json },
);

const cookie = record<NonNullable<ReportedRequest["end"]["cookie"]>>({
  name: place,
  action: oneOf("set", "deleted"),
  maxAge: orNull(finite),
  expiresAtMs: orNull(finite),
  path: place,
  domain: orNull(place),
  secure: flag,
  httpOnly: flag,
  sameSite: orNull(short),
});

/** Lines of the site's code by session keys. */
const lines: Reader<Map<string, string>> = (value, at) => {
  const entries = Object.entries(asObject(value, at));
  if (entries.length > MAX_LINES) throw new ProtocolError(at, `at most ${MAX_LINES} keys`);
  return new Map(entries.map(([key, line]) => [name(key, at), place(line, at)]));
};
const MAX_LINES = 200;
/** Requests that one line may count as given up. */
const MAX_DROPPED = 1_000_000_000;

interface SentTrace {
  id: string;
  at: number;
  method: string;
  path: string;
  status: number;
  durationMs: number;
  loadedAtMs: number | null;
  endedAtMs: number;
  loaded?: Side | null;
  operations: ReportedRequest["operations"][number][];
  writers: Map<string, string>;
  accessed: boolean;
  modified: boolean;
  after: Side | null;
  unsaved: string | null;
  unsavedWhy: "status" | "unmarked" | null;
  readers?: Map<string, string>;
  cookie: ReportedRequest["end"]["cookie"];
  incomplete?: "other";
}

const trace = record<SentTrace>(
  {
    id: traceId,
    at: finite,
    method: text(1_000),
    path: text(100_000),
    status: integer(0, 999),
    durationMs: finite,
    loadedAtMs: orNull(finite),
    endedAtMs: finite,
    operations: list(operation, 1_000),
    writers: lines,
    accessed: flag,
    modified: flag,
    after: side,
    unsaved: orNull(json),
    unsavedWhy: orNull(oneOf("status", "unmarked")),
    cookie: orNull(cookie),
  },
  { loaded: side, readers: lines, incomplete: oneOf("other") },
);

const late = record<{ id: string; keys: string[] }>({ id: traceId, keys: list(name, 10_000) });
const site = record<{ site: number; process: string; pid: number }>({
  site: integer(1, 1),
  process: textLike(/^[A-Za-z0-9_-]{22}$/, "a process's name of 22 characters"),
  pid: integer(0),
});

/** The first line: the name of the site's process. */
export function parseSite(value: unknown): string {
  return site(value, "site").process;
}

/**
 * Any later line.
 *
 * @param isCarried   the session is in its cookie: then its key is also what is stored
 * @param toOwnClock  the time in milliseconds of this process's `performance.now()`, given it by the site's clock
 */
export function parseReport(
  value: unknown,
  isCarried: boolean,
  toOwnClock: (siteMs: number) => number,
): ChannelReport {
  const line = asObject(value, "line");
  const sent = {
    trace: ownValue(line, "trace"),
    late: ownValue(line, "late"),
    dropped: ownValue(line, "dropped"),
  };
  if (Object.values(sent).every((one) => one === undefined))
    throw new ProtocolError("line", "trace, late or dropped");
  return {
    ...(sent.trace === undefined
      ? {}
      : { request: toRequest(trace(sent.trace, "trace"), isCarried, toOwnClock) }),
    ...(sent.late === undefined ? {} : { late: late(sent.late, "late") }),
    dropped: integer(0, MAX_DROPPED)(sent.dropped ?? 0, "dropped"),
  };
}

function toRequest(sent: SentTrace, isCarried: boolean, toOwnClock: (siteMs: number) => number) {
  const { accessed, modified, unsaved, readers, cookie: sentCookie, incomplete } = sent;
  const toSession = (one: Side | null) =>
    one && {
      key: one.key,
      json: one.json,
      stored: isCarried ? one.key : one.json,
      expiresAtMs: one.expiresAt,
    };
  const endedAtMs = toOwnClock(sent.endedAtMs);
  const { id, at, method, path, status, durationMs, operations, writers } = sent;
  return {
    ...{ id, at, method, path, status, durationMs, operations, writers, endedAtMs },
    loadedAtMs: sent.loadedAtMs === null ? null : endedAtMs - (sent.endedAtMs - sent.loadedAtMs),
    ...(sent.loaded === undefined ? {} : { loaded: toSession(sent.loaded) }),
    end: {
      ...{ status, accessed, modified, unsaved, cookie: sentCookie },
      after: toSession(sent.after),
      conflictKeys: [],
      ...(sent.unsavedWhy === "unmarked" ? { unsavedWhy: sent.unsavedWhy } : {}),
      ...(readers === undefined ? {} : { readers }),
      ...(incomplete === undefined ? {} : { incomplete }),
    },
  };
}
