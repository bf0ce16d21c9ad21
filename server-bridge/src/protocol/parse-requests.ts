/** Parsers for the panel's requests to the bridge. Used by the bridge, on bodies that are hostile until parsed. */
import { MAX_IDS, MAX_PROOFS, MAX_RESTORE_BYTES } from "./address.ts";
import {
  asObject,
  either,
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
} from "./fields.ts";
import type {
  CallName,
  Calls,
  EditOperation,
  ExpiryChange,
  KeptCopy,
  RestoreRequest,
  TracesRequest,
} from "./messages.ts";

/** The longest raw cookie value that is accepted: four times what browsers store. */
export const MAX_COOKIE = 16 * 1024;
/** The most steps in one edit. */
export const MAX_OPERATIONS = 200;
/** The most levels in a path. */
export const MAX_PATH = 64;

const MAX_VALUE = 256 * 1024;
/** A hundred years, in seconds: keeps every resulting date within what stores can hold. */
const MAX_SECONDS = 100 * 366 * 86_400;
const MAX_MOMENT = 253_402_300_799_999; // the last millisecond of the year 9999, where SQL dates and Python's end
const MIN_MOMENT = -30_610_224_000_000; // the year 1000, where MySQL's dates begin

const protocol = integer(0, 1_000_000);
const cookie = text(MAX_COOKIE);
const version = text(100);
const traceId = textLike(/^[A-Za-z0-9_-]{22}$/, "a trace's id of 22 characters");

const path = list(either(integer(0, 1_000_000), text(10_000)), MAX_PATH);
const setOperation = record<Extract<EditOperation, { op: "set" }>>({
  op: oneOf("set"),
  path,
  valueJson: text(MAX_VALUE),
});
const deleteOperation = record<Extract<EditOperation, { op: "delete" }>>({ op: oneOf("delete"), path });

const operation: Reader<EditOperation> = (value, place) => {
  const kind = oneOf("set", "delete")(ownValue(asObject(value, place), "op"), `${place}.op`);
  const parsed = kind === "set" ? setOperation(value, place) : deleteOperation(value, place);
  if (parsed.path.length === 0) throw new ProtocolError(`${place}.path`, "at least one step");
  return parsed;
};

const expiryKinds: { [K in ExpiryChange["kind"]]: Reader<Extract<ExpiryChange, { kind: K }>> } = {
  seconds: record({ kind: oneOf("seconds"), seconds: integer(-MAX_SECONDS, MAX_SECONDS) }),
  at: record({ kind: oneOf("at"), at: integer(MIN_MOMENT, MAX_MOMENT) }),
  "browser-close": record({ kind: oneOf("browser-close") }),
  default: record({ kind: oneOf("default") }),
  shift: record({ kind: oneOf("shift"), shiftSeconds: boundedSeconds }),
};

const expiryChange: Reader<ExpiryChange> = (value, place) => {
  const word = oneOf("seconds", "at", "browser-close", "default", "shift");
  const kind = word(ownValue(asObject(value, place), "kind"), `${place}.kind`);
  return expiryKinds[kind](value, place);
};

const kept = record<KeptCopy>({ cookie, sealed: text(MAX_RESTORE_BYTES) });

const requests: { [N in keyof Calls]: Reader<Calls[N]["request"]> } & { traces: Reader<TracesRequest> } = {
  hello: record({ protocol }),
  session: record<Calls["session"]["request"]>({ protocol, cookie }, { keep: flag }),
  traces: record({
    protocol,
    cookies: list(cookie, MAX_PROOFS),
    ids: list(traceId, MAX_IDS),
    since: orNull(integer(0)),
    process: orNull(text(64)),
  }),
  edit: record({ protocol, cookie, operations: list(operation, MAX_OPERATIONS), ifVersion: version }),
  expiry: record({ protocol, cookie, change: expiryChange, ifVersion: version }),
  cycle: record({ protocol, cookie, ifVersion: version }),
  flush: record({ protocol, cookie, ifVersion: version }),
  restore: record<RestoreRequest>(
    { protocol, cookie, kept, replaces: orNull(cookie) },
    { ifVersion: orNull(version) },
  ),
  devices: record({ protocol, cookie }),
  "end-others": record({ protocol, cookie, ifVersion: version, keep: flag }),
  "restore-others": record({ protocol, cookie, kept }),
};

/** What the panel sends with each call. */
export type RequestOf<N extends CallName> = N extends keyof Calls ? Calls[N]["request"] : TracesRequest;

/**
 * The request of the call `name`, checked and copied.
 *
 * @throws ProtocolError naming the place; the message never contains the values
 */
export function parseRequest<N extends CallName>(name: N, body: unknown): RequestOf<N> {
  return requests[name](body, name) as RequestOf<N>; // the table's type ties each name to its request
}

/** The protocol version that a body states, whatever else it contains; null if it states none. */
export function readProtocol(body: unknown): number | null {
  if (typeof body !== "object" || body === null) return null;
  const stated = ownValue(body, "protocol");
  return typeof stated === "number" && Number.isSafeInteger(stated) ? stated : null;
}

function boundedSeconds(value: unknown, place: string): number {
  const seconds = finite(value, place);
  if (Math.abs(seconds) > MAX_SECONDS) throw new ProtocolError(place, `at most ${MAX_SECONDS} seconds`);
  return seconds;
}
