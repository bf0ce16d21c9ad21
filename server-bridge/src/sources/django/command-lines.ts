/** Parses what `manage.py session_bridge` sends over the pipe: everything is `unknown` until it has passed through here. */
import {
  asObject,
  finite,
  flag,
  integer,
  knownWords,
  list,
  oneOf,
  orNull,
  ownValue,
  type Reader,
  record,
  text,
  textLike,
} from "../../protocol/fields.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { ReadResult, StoredView, WriteResult } from "../source.ts";
import type { ChannelPlace } from "./channel-place.ts";

const short = text(200);
const sentence = text(1_000);
const json = text(32 * 1024 * 1024);

/** A Django site, as the command describes it. */
export interface CommandSite {
  version: string;
  /** The engine's name as Django's own modules are called, `cached_db`; a site's own is named by its module. */
  engine: string;
  module: string;
  cookieName: string;
  serves: string[];
  /** Derived from the site's secret key, never the key itself. */
  secret: string;
  capabilities: Capability[];
  /** The session is in its cookie. */
  carried: boolean;
  /** What cannot be edited, for the terminal. */
  note: string | null;
  channel: ChannelPlace;
}

const site = record<CommandSite>({
  version: short,
  engine: short,
  module: short,
  cookieName: text(4_096),
  serves: list(textLike(/^https?:\/\/[^/\s]{1,300}$/, "an origin"), 100),
  secret: textLike(/^[A-Za-z0-9+/_=-]{22,500}$/, "at least 128 bits in base64"),
  capabilities: knownWords(50, "read", "edit", "expiry", "cycle", "flush", "restore", "conflicts", "traces"),
  carried: flag,
  note: orNull(sentence),
  channel: record<ChannelPlace>({
    folder: textLike(/^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\0]{0,4000}$/, "an absolute path"),
    name: textLike(/^[0-9a-f]{32}$/, "32 hexadecimal characters"),
  }),
});

/** The command's first line. */
export function parseCommandSite(value: unknown): CommandSite {
  return site(ownValue(asObject(value, "line"), "site"), "site");
}

/** An answer to the call `id`, or the class of the exception that Django raised. */
type CommandAnswer = { id: number } & ({ answer: unknown } | { error: string });

/** A later line. What the answer holds depends on the call. */
export function parseAnswer(value: unknown): CommandAnswer {
  const line = asObject(value, "line");
  const id = integer(0)(ownValue(line, "id"), "id");
  const error = ownValue(line, "error");
  if (error === undefined) return { id, answer: ownValue(line, "answer") };
  return { id, error: exception(error, "error") };
}
const exception = textLike(/^[A-Za-z_][\w.]{0,200}$/, "the name of an exception's class");

interface SentView extends Omit<StoredView, "expiresAtMs" | "deadlines" | "endings"> {
  expiresAt: number | null;
}
const sentView = record<SentView>({
  key: json,
  json,
  stored: json,
  expiresAt: orNull(finite),
  atBrowserClose: flag,
  ageSeconds: finite,
});
const view: Reader<StoredView> = (value, place) => {
  const { expiresAt, ...rest } = sentView(value, place);
  return { ...rest, expiresAtMs: expiresAt };
};

/** A session as the command takes it. */
export function toSentView({ expiresAtMs, ...rest }: StoredView): SentView {
  const { key, json: data, stored, atBrowserClose, ageSeconds } = rest;
  return { key, json: data, stored, expiresAt: expiresAtMs, atBrowserClose, ageSeconds };
}

/** The answer of `prove`. */
export const parseProved = record<{ key: string | null }>({ key: orNull(json) });

/** The answer of `stored`. */
export const parseStored = record<{ stored: boolean }>({ stored: flag });

/** The answer of `read`. */
export const parseRead: Reader<ReadResult> = (value, place) =>
  flag(ownValue(asObject(value, place), "found"), `${place}.found`)
    ? { found: true, view: found(value, place).view }
    : { found: false, reason: missing(value, place).reason };
const found = record<{ view: StoredView }>({ view });
const missing = record<{ reason: "unknown" | "tampered" }>({ reason: oneOf("unknown", "tampered") });

interface SentWrite {
  before: StoredView;
  after: StoredView | null;
  cookie: string | null;
  cookieExpiresAt: number | null;
}
const written = record<SentWrite>({
  before: view,
  after: orNull(view),
  cookie: orNull(json),
  cookieExpiresAt: orNull(finite),
});
const unwritten = record<{ reason: "conflict" | "gone" | "unfit" }>({
  reason: oneOf("conflict", "gone", "unfit"),
});
const conflict = record<{ now: StoredView }>({ now: view });
const unfit = record<{ why: string }>({ why: sentence });

/** The answer of every call that writes. */
export const parseWritten: Reader<WriteResult> = (value, place) => {
  if (flag(ownValue(asObject(value, place), "ok"), `${place}.ok`)) {
    const { cookieExpiresAt, ...result } = written(value, place);
    return { ok: true, ...result, cookieExpiresAtMs: cookieExpiresAt };
  }
  const { reason } = unwritten(value, place);
  if (reason === "conflict") return { ok: false, reason, now: conflict(value, place).now };
  if (reason === "unfit") return { ok: false, reason, why: unfit(value, place).why };
  return { ok: false, reason };
};
