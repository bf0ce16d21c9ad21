/** Readings in a history file: those of requests, and the changes that belong to none. */
import {
  type Finding,
  finite,
  flag,
  type Json,
  list,
  oneOf,
  orNull,
  type Reader,
  record,
  text,
} from "session-bridge/protocol";
import { webOrigin } from "../origins.ts";
import {
  type Candidate,
  type Entry,
  type Gone,
  MAX_CANDIDATES,
  type Reading,
  type SpanEntry,
} from "../timeline/entry.ts";

/** A reading, and the entry that it belongs to. */
export type ToldReading = { request: string; reading: Reading } | SpanEntry;

/** The part of a visitor that is needed here (`HistoryVisitor`). */
interface Visitor {
  text(text: string): string;
  address(text: string): string;
  json(text: string): string;
}

/** Long enough for any session that a bridge sends. */
const MAX_JSON = 4 * 1024 * 1024;
const short = text(4_096);

/** A reading as the file has it: a request's id, or a span's time and place. */
interface Written {
  request: string | null;
  at: number | null;
  from: number | null;
  origin: string | null;
  candidates: Candidate[];
  before: string | null;
  after: string | null;
  newKey: boolean;
  gone: Gone | null;
  loginKeys: string[];
}

const read: Reader<Written> = record<Written>({
  request: orNull(short),
  at: orNull(finite),
  from: orNull(finite),
  origin: orNull(short),
  candidates: list(record<Candidate>({ method: short, path: short }), MAX_CANDIDATES),
  before: orNull(text(MAX_JSON)),
  after: orNull(text(MAX_JSON)),
  newKey: flag,
  gone: orNull(oneOf("deleted", "ended", "no-cookie", "other-cookie")),
  loginKeys: list(short, 1000),
});

/** The readings that these entries show. */
export function readingsOf(entries: readonly Entry[]): ToldReading[] {
  return entries.flatMap((entry): ToldReading[] => {
    if (entry.type === "span") return [entry];
    if (entry.type !== "request" || entry.reading === null) return [];
    return [{ request: entry.id, reading: entry.reading }];
  });
}

/** One reading as it is written, with every string passed to the visitor. */
export function visitReading(told: ToldReading, visit: Visitor): Json {
  const { reading } = told;
  const span = "type" in told ? told : null;
  const candidates = span?.candidates ?? [];
  return {
    request: "request" in told ? told.request : null,
    at: span?.at ?? null,
    from: span?.from ?? null,
    origin: span === null ? null : visit.address(span.origin),
    candidates: candidates.map(({ method, path }) => ({
      method: visit.text(method),
      path: visit.address(path),
    })),
    before: reading.before === null ? null : visit.json(reading.before),
    after: reading.after === null ? null : visit.json(reading.after),
    newKey: reading.newKey === true,
    gone: reading.gone ?? null,
    loginKeys: (reading.findings ?? []).flatMap(({ keys = [] }) => keys.map(visit.text)),
  } satisfies Record<keyof Written, Json>;
}

/** Reads one reading of the file; null if it is invalid. `index` tells spans apart. */
export function parseReading(value: unknown, index: number): ToldReading | null {
  try {
    const written = read(value, "reading"); // throws on any other shape
    const reading = toReading(written);
    if (written.request !== null) return { request: written.request, reading };
    const { at, from, candidates } = written;
    const origin = webOrigin(written.origin ?? "");
    if (at === null || from === null || origin === null) return null;
    return { type: "span", id: `span ${index}`, at, from, origin, reading, candidates, trace: null };
  } catch {
    return null; // counted by the caller
  }
}

function toReading({ before, after, newKey, gone, loginKeys }: Written): Reading {
  const finding: Finding = { code: "login-without-new-key", keys: loginKeys };
  return {
    before,
    after,
    ...(newKey ? { newKey } : {}),
    ...(gone === null ? {} : { gone }),
    ...(loginKeys.length === 0 ? {} : { findings: [finding] }),
  };
}
