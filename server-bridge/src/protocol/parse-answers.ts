/** Parsers for the bridge's answers. Used by the panel: any server on the tab's origin may have written them. */
import { MAX_DEVICES } from "./address.ts";
import {
  asObject,
  either,
  finite,
  flag,
  integer,
  knownWords,
  list,
  oneOf,
  orNull,
  ownValue,
  ProtocolError,
  type Reader,
  record,
  text,
} from "./fields.ts";
import type {
  Calls,
  DevicesAnswer,
  EndOthersAnswer,
  HelloAnswer,
  KeptCopy,
  Mismatch,
  Refusal,
  RestoreOthersAnswer,
  SessionAnswer,
  SessionState,
  StreamEvent,
  UserSessionRecord,
  WriteAnswer,
} from "./messages.ts";
import { MAX_COOKIE } from "./parse-requests.ts";
import { deadlines, readTrace, traceId } from "./parse-trace.ts";

/** The longest session string that the panel accepts, in UTF-16 units. */
const MAX_SESSION_TEXT = 32 * 1024 * 1024;

const short = text(200);
const moment = finite;
const cookie = text(MAX_COOKIE);
const sequence = integer(0);

const session = record<SessionState>(
  {
    key: short,
    keyId: short,
    dataJson: text(MAX_SESSION_TEXT),
    version: short,
    expiresAt: orNull(moment),
    atBrowserClose: flag,
    ageSeconds: finite,
    encoded: text(MAX_SESSION_TEXT),
    bytes: integer(0),
  },
  { deadlines },
);

const hello = record<HelloAnswer>(
  {
    protocol: integer(0),
    library: record<HelloAnswer["library"]>({ name: short, version: short }),
    engine: short,
    cookieNames: list(text(4_096), 32),
    capabilities: knownWords(
      100,
      "prove",
      "read",
      "traces",
      "edit",
      "expiry",
      "cycle",
      "flush",
      "restore",
      "conflicts",
      "devices",
      "end-others",
    ),
    serverTime: moment,
    process: text(64),
  },
  {
    serves: list(text(300), 32),
    signatureNames: list(text(4_096), 32),
    chunked: oneOf("whole", "all"),
    unproven: text(1_000),
  },
);

const kept = record<KeptCopy>({ cookie, sealed: text(MAX_SESSION_TEXT) });

const found = record<Extract<SessionAnswer, { found: true }>>(
  { serverTime: moment, found: isTrue, session },
  { kept },
);
const notFound = record<Extract<SessionAnswer, { found: false }>>(
  {
    serverTime: moment,
    found: isFalse,
    reason: oneOf("no-cookie", "unknown", "tampered", "unproven"),
  },
  { acceptedUntil: moment },
);

const sessionAnswer = eitherFound<SessionAnswer>(found, notFound);

const write = record<WriteAnswer>({
  serverTime: moment,
  session: orNull(session),
  cookie: orNull(cookie),
  cookieExpiresAt: orNull(moment),
  kept,
  traceId,
});

const userSession = record<UserSessionRecord>({
  id: short,
  createdAt: orNull(moment),
  lastSeenAt: orNull(moment),
  expiresAt: orNull(moment),
  current: flag,
});
const devicesFound = record<Extract<DevicesAnswer, { found: true }>>(
  {
    serverTime: moment,
    found: isTrue,
    version: short,
    sessions: list(userSession, MAX_DEVICES),
    total: integer(0),
    complete: flag,
    canUndo: flag,
  },
  { why: text(1_000) },
);
const devicesNotFound = record<Extract<DevicesAnswer, { found: false }>>({
  serverTime: moment,
  found: isFalse,
  reason: oneOf("no-cookie", "unknown", "tampered", "unproven", "no-user"),
});

const answers: { [N in keyof Calls]: Reader<Calls[N]["answer"]> } = {
  hello,
  session: sessionAnswer,
  edit: write,
  expiry: write,
  cycle: write,
  flush: write,
  restore: write,
  devices: eitherFound<DevicesAnswer>(devicesFound, devicesNotFound),
  "end-others": record<EndOthersAnswer>(
    {
      serverTime: moment,
      ended: integer(0),
      complete: flag,
      kept: orNull(kept),
      keptUntil: orNull(moment),
      traceId,
    },
    { why: text(1_000) },
  ),
  "restore-others": record<RestoreOthersAnswer>({
    serverTime: moment,
    restored: integer(0),
    left: integer(0),
    traceId,
  }),
};

const mismatch = record<Mismatch>({
  of: either(oneOf("secret", "name", "store"), otherCode),
  why: text(1_000),
});

const refusal = record<Refusal>(
  {
    code: either(
      oneOf(
        "origin",
        "fetch-site",
        "not-json",
        "too-large",
        "token-missing",
        "token-wrong",
        "version",
        "malformed",
        "proxied",
        "extension",
        "not-possessed",
        "capability",
        "conflict",
        "gone",
        "too-many-streams",
        "failed",
      ),
      otherCode,
    ),
    message: text(10_000),
    protocol: integer(0),
  },
  { session },
);

/** A code from a newer bridge. Its message explains it. */
function otherCode(value: unknown, place: string): "other" {
  if (/^[a-z][a-z-]{0,39}$/.test(short(value, place))) return "other";
  throw new ProtocolError(place, "a code");
}

const events: { [T in StreamEvent["type"]]: Reader<Extract<StreamEvent, { type: T }>> } = {
  open: record({ type: oneOf("open"), process: text(64), serverTime: moment, newest: sequence }),
  trace: record({ type: oneOf("trace"), trace: readTrace }),
  gap: record({
    type: oneOf("gap"),
    reason: oneOf("evicted", "restarted", "slow"),
    from: sequence,
    to: sequence,
  }),
  mismatch: record({ type: oneOf("mismatch"), mismatch: orNull(mismatch) }),
  beat: record({ type: oneOf("beat"), serverTime: moment }),
  bye: record({ type: oneOf("bye"), reason: text(1_000) }),
};

/**
 * The answer to the call `name`, checked and copied.
 *
 * @throws ProtocolError naming the place
 */
export function parseAnswer<N extends keyof Calls>(name: N, body: unknown): Calls[N]["answer"] {
  return answers[name](body, `${name} answer`);
}

/** The body of an answer that is not 200, or null if the bridge did not write it. */
export function parseRefusal(body: unknown): Refusal | null {
  try {
    return refusal(body, "refusal");
  } catch {
    return null;
  }
}

/**
 * One line of the stream, already parsed as JSON. Null for a kind of event that a newer bridge may send.
 *
 * @throws ProtocolError naming the place
 */
export function parseStreamEvent(body: unknown): StreamEvent | null {
  const type = text(40)(ownValue(asObject(body, "event"), "type"), "event.type");
  return isEventType(type) ? events[type](body, `event ${type}`) : null;
}

function isEventType(type: string): type is StreamEvent["type"] {
  return Object.hasOwn(events, type);
}

/** Reads an answer that has one of two shapes, which its field `found` names. */
function eitherFound<A>(whole: Reader<A>, none: Reader<A>): Reader<A> {
  return (value, place) => {
    const kind = flag(ownValue(asObject(value, place), "found"), `${place}.found`);
    return kind ? whole(value, place) : none(value, place);
  };
}

function isTrue(value: unknown, place: string): true {
  if (value === true) return true;
  throw new ProtocolError(place, "true");
}

function isFalse(value: unknown, place: string): false {
  if (value === false) return false;
  throw new ProtocolError(place, "false");
}
