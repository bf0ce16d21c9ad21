/**
 * The common part of following a foreign session library: one request's session from load to late write.
 *
 * Nothing here throws into the app: an error in following ends the following of that request, with one log line.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { describeError } from "../../core/errors.ts";
import type {
  Observation,
  ObservedCookie,
  ObservedEnd,
  ObservedOperation,
  ObservedSession,
  Observer,
  RequestFacts,
} from "../../core/observers/observer.ts";
import { warn } from "../../core/runtime.ts";

/** A session of a foreign library: everything it keeps, its own bookkeeping included. */
export type ForeignData = Record<string, unknown>;

/** Follows one request; the library's hooks report to it what was done to which session in the store. */
export interface FollowedRequest {
  readonly observation: Observation;
  /** The keys under which it found or stored a session. */
  readonly held: ReadonlySet<string>;
  /** The store answered: `data` is null if it has no such session. */
  loaded(key: string, data: ForeignData | null, durationMs: number): void;
  /** @param isNew true if the library says that this session did not exist before. Default: it is concluded from the calls */
  saved(key: string, data: ForeignData, durationMs: number, isNew?: boolean): void;
  destroyed(key: string, durationMs: number): void;
  /**
   * The library used a copy that came in a cookie. It counts only if the store was not called for this session, or only to
   * change it.
   *
   * @param written what the request has stored of it by then, without having loaded it
   */
  cached(key: string, data: ForeignData, written?: ForeignData): void;
  /** The session that was loaded or stored is like this now, with what the library keeps elsewhere. */
  known(key: string, data: ForeignData): void;
  /**
   * The store was called for this key. `contexts`: whether by this request is not known; `other`: it could not be read.
   */
  missed(key: string, why: "contexts" | "other"): void;
  /** The library was called before the following began. */
  cameLate(): void;
  /** The response's head is settled. `issued` is the key that it gives to the client, if any. */
  ended(status: number, cookie: ObservedCookie | null, issued: string | null): void;
  /**
   * The response has ended. Whatever `current`, the session that the handler left, contains beyond what was saved is
   * lost.
   */
  closed(current: ForeignData | null): void;
}

/**
 * Which of a store's sessions belongs to the request. What an app does to other sessions is private to those: no trace
 * of this request includes it.
 */
export interface Ownership {
  /**
   * True for a key that is known to be the request's own: from its cookie, as the library checks it, or from its new
   * session.
   */
  owns(key: string): boolean;
  /** The key in the incoming session cookie, as the library checks it; null if there is none. */
  shown(): string | null;
  /** True if only the response reveals the key of a new session: until then it is not known who owns a key. */
  waitsForResponse: boolean;
}

/** Separates what the developer keeps in a session from what the library keeps about it. */
export interface Shape {
  /** The developer's data as JSON. */
  toJson(data: ForeignData): string;
  /** All of it as one string for comparison; equal as long as nothing but the expiry has moved. */
  toStored(data: ForeignData): string;
  /** When the stored session expires; null if it does not say. */
  readEnd(data: ForeignData): number | null;
}

/** Why the operation `load` took no time. */
const FROM_COPY = "from the copy in a cookie";

/** Starts following a request; undefined if no one observes it. */
export function followRequest(
  observer: Observer,
  request: IncomingMessage,
  shape: Shape,
  ownership: Ownership,
): FollowedRequest | undefined {
  const observation = observer.opened(factsOf(request, "store"));
  return observation && createFollowedRequest(observation, shape, ownership);
}

/** What an observer receives first about a request. */
export function factsOf(request: IncomingMessage, seen: "store" | "cookie"): RequestFacts {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  return { method: request.method ?? "GET", path, identity: request, seen };
}

function createFollowedRequest(
  observation: Observation,
  shape: Shape,
  ownership: Ownership,
): FollowedRequest {
  const held = new Set<string>();
  const missing = createMissing(ownership);
  const sort = createSorter(ownership, observation);
  const own = createOwnSession({ observation, shape, ownership, missing });
  const takeQuietly = (key: string, tell: () => void) =>
    sort.take({ key, durationMs: 0, name: "load", finds: false, isCall: false, tell });
  return {
    observation,
    held,
    loaded(key, data, durationMs) {
      if (data !== null) held.add(key);
      const tell = () => own.load(key, data, durationMs);
      sort.take({ key, durationMs, name: "load", finds: data !== null, tell });
    },
    saved(key, data, durationMs, isNew = false) {
      held.add(key);
      const tell = () => own.save(key, data, durationMs, isNew);
      sort.take({ key, durationMs, name: "save", finds: false, tell });
    },
    destroyed(key, durationMs) {
      sort.take({ key, durationMs, name: "flush", finds: false, tell: () => own.flush(durationMs) });
    },
    cached: (key, data, written) => takeQuietly(key, () => own.cache(key, data, written)),
    known: (key, data) => takeQuietly(key, () => own.know(key, data)),
    missed: missing.add,
    cameLate: missing.late,
    ended(status, cookie, issued) {
      const incomplete = missing.why(issued);
      sort.settle(issued);
      const end = { status, ...own.end(), unsaved: null, cookie, conflictKeys: [] };
      observation.ended(incomplete === undefined ? end : { ...end, incomplete });
    },
    closed(current) {
      const { after } = own.end();
      if (current === null || after === null || missing.why() !== undefined) return;
      for (const key of differingKeys(after.json, shape.toJson(current))) observation.late(key);
    },
  };
}

interface OwnParts {
  observation: Observation;
  shape: Shape;
  ownership: Ownership;
  missing: ReturnType<typeof createMissing>;
}

/** The request's own session, from call to call. */
function createOwnSession({ observation, shape, ownership, missing }: OwnParts) {
  let after: ObservedSession | null = null;
  let seen = false;
  let stored = false;
  let modified = false;
  const view = (key: string, data: ForeignData): ObservedSession => ({
    key,
    json: shape.toJson(data),
    stored: shape.toStored(data),
    expiresAtMs: shape.readEnd(data),
  });
  return {
    load(key: string, data: ForeignData | null, durationMs: number) {
      seen = true;
      after = data && view(key, data);
      observation.operation("load", durationMs, data ? undefined : "unknown key");
      // what the request itself has stored or deleted is not what it began with
      if (!stored) observation.loaded(after);
    },
    save(key: string, data: ForeignData, durationMs: number, isCreated: boolean) {
      stored = true;
      const now = view(key, data);
      // the load of its incoming session was not seen: what is stored may not be new
      if (!seen && !isCreated && ownership.shown() !== null) missing.unloaded();
      seen = true;
      const isNew = isCreated || (after === null && missing.why() === undefined);
      const name = isNew ? "create" : after === null || after.key === key ? "save" : "cycle";
      modified ||= now.json !== after?.json || name !== "save";
      after = now;
      observation.operation(name, durationMs, modified ? undefined : "unchanged");
    },
    flush(durationMs: number) {
      seen = true;
      stored = true;
      modified = true;
      after = null;
      observation.operation("flush", durationMs);
    },
    cache(key: string, data: ForeignData, written: ForeignData | undefined) {
      if (!seen) {
        seen = true;
        after = view(key, data);
        observation.operation("load", 0, FROM_COPY);
        observation.loaded(after);
        return;
      }
      if (written === undefined || after?.key !== key) return;
      missing.found();
      after = view(key, { ...data, ...written });
      observation.operation("load", 0, FROM_COPY);
      observation.loaded(view(key, data));
    },
    know(key: string, data: ForeignData) {
      if (after?.key !== key) return;
      const now = view(key, data);
      modified ||= now.json !== after.json;
      after = now;
    },
    end: () => ({ accessed: seen, modified, after }),
  };
}

/** Why calls of a request may be missing. */
function createMissing({ owns, waitsForResponse }: Ownership) {
  let why: ObservedEnd["incomplete"];
  let isUnloaded = false;
  /** Keys that may or may not be the request's own. */
  const keys = new Map<string, "contexts" | "other">();
  return {
    late(): void {
      why = "late";
    },
    /** A session was stored whose load was not seen. */
    unloaded(): void {
      isUnloaded = true;
    },
    /** It is known now what was loaded. */
    found(): void {
      isUnloaded = false;
    },
    add(key: string, reason: "contexts" | "other"): void {
      if (owns(key) || keys.size >= MAX_WAITING) why ??= reason;
      else if (waitsForResponse) keys.set(key, reason);
    },
    /** @param issued the key that the response issues, once that is known */
    why(issued: string | null = null): ObservedEnd["incomplete"] {
      for (const [key, reason] of keys) if (key === issued || owns(key)) why ??= reason;
      return why ?? (isUnloaded ? "other" : undefined);
    },
  };
}

/** A call of the store, before it is known whose session it was for. */
interface StoreCall {
  key: string;
  name: ObservedOperation;
  durationMs: number;
  /** True if it found a session in the store, which is therefore not new. */
  finds: boolean;
  /** False: the store was not called, so of another session there is nothing to report. Default: true. */
  isCall?: boolean;
  /** Reports it as a call for the request's own session. */
  tell(): void;
}

/** The most calls that may wait for the response; each holds a session's data. */
const MAX_WAITING = 50;

/** Separates calls for the request's own session from those for others, in the order in which they arrived. */
function createSorter({ owns, waitsForResponse }: Ownership, observation: Observation) {
  const known = new Set<string>();
  /**
   * Sessions that already existed and were not the request's own: even if the app makes one of them so, the two are not
   * joined.
   */
  const others = new Set<string>();
  /**
   * Keys that this request stored before any load found them: a new session may be read back before the response
   * reveals its key.
   */
  const made = new Set<string>();
  const waiting: StoreCall[] = [];
  let isSettled = !waitsForResponse;
  const isOwn = ({ key }: StoreCall) => !others.has(key) && (known.has(key) || owns(key));
  const tell = (call: StoreCall) => {
    if (isOwn(call)) {
      known.add(call.key);
      call.tell();
    } else if (call.isCall !== false) observation.other?.(call.name, call.durationMs, call.key);
  };
  /** Learns from the order of the calls which sessions existed before this request. */
  const learn = (call: StoreCall) => {
    if (call.finds && !isOwn(call) && !made.has(call.key)) others.add(call.key);
    // unless calls wait for the response, a new session is already known to be the request's own when it is stored
    if (call.name === "save" && !isSettled && !others.has(call.key)) made.add(call.key);
  };
  return {
    take(call: StoreCall): void {
      learn(call);
      if (isSettled || (waiting.length === 0 && isOwn(call))) tell(call);
      else waiting.push(call);
      const first = waiting.length > MAX_WAITING ? waiting.shift() : undefined;
      if (first !== undefined) tell(first);
    },
    settle(issued: string | null): void {
      if (issued !== null) known.add(issued);
      isSettled = true;
      for (const call of waiting.splice(0)) tell(call);
    },
  };
}

/**
 * Calls `settled` once the innermost `end` has run, which is after the library's own save, and `done` when the response
 * is over. The response itself is unchanged; errors in the callbacks are logged and go no further. False for a
 * stand-in, as WebSocket servers pass, which reports nothing.
 */
export function watchResponse(response: ServerResponse, settled: () => void, done: () => void): boolean {
  const { end } = response;
  if (typeof end !== "function" || typeof response.once !== "function") return false;
  let told = false;
  const tell = () => {
    if (!told) quietly(settled);
    told = true;
  };
  response.end = function follow(this: ServerResponse, ...last: unknown[]) {
    const result = Reflect.apply(end, this, last);
    tell();
    return result;
  } as typeof end; // overloads, passed through as they are
  response.once("close", () => {
    tell();
    quietly(done);
  });
  return true;
}

/** Runs code that must never disturb the app. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch (error) {
    warn(`following a request failed, so its trace is incomplete: ${describeError(error)}`);
  }
}

function differingKeys(one: string, other: string): string[] {
  if (one === other) return [];
  const left: Record<string, unknown> = JSON.parse(one);
  const right: Record<string, unknown> = JSON.parse(other);
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]));
}
