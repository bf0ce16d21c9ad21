/**
 * What the sources for sessions in an app's own table have in common: the app's code publishes what it does to them, and
 * each call is sorted into the request in whose async context it was made.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../../core/observers/observer.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { Mismatches, Proof, ProvenKey, ReadResult, Source } from "../source.ts";
import { type AppCall, type AppWrite, watchCalls } from "./app-calls.ts";
import { type FollowedRequest, type ForeignData, quietly, type Shape } from "./follow-request.ts";
import { createFollowedRequests } from "./followed-requests.ts";
import { readFirstCookie } from "./request-cookie.ts";

type Writes = Pick<Source, "replace" | "changeExpiry" | "cycle" | "flush" | "restore">;

/** What differs between libraries. */
interface RowSourceOptions {
  /** The library's name, under which its calls are published. */
  library: string;
  /** Where sessions are kept. Default: the library's name. */
  engine?: string;
  cookieName: string;
  proof: Proof;
  /** The secret that signs the cookie, if there is one. */
  secret?: string;
  /** The key in a cookie's raw value, as the library checks it; null if it would not accept it. */
  keyOf(cookie: string): string | null | Promise<string | null>;
  shape: Shape;
  read(key: ProvenKey): Promise<ReadResult>;
  /** The writes that there are; the capabilities follow from them. */
  writes?: Partial<Writes>;
  /** False: nothing is published, so there are no traces. Default: true. */
  traces?: boolean;
  mismatches?: Mismatches;
  /** Called when a response's head is settled, to compare the settings. It must not throw. */
  compare?(exchange: { request: IncomingMessage; response: ServerResponse }): void;
}

const CAPABILITIES = [
  ["replace", "edit"],
  ["changeExpiry", "expiry"],
  ["cycle", "cycle"],
  ["flush", "flush"],
  ["restore", "restore"],
] as const satisfies [keyof Writes, Capability][];

/** A source for sessions that the app's own code loads and stores. */
export function rowSource(options: RowSourceOptions): Source {
  const { library, engine = library, cookieName, proof, secret, mismatches, writes = {} } = options;
  const editing = CAPABILITIES.flatMap(([method, name]) => (writes[method] === undefined ? [] : [name]));
  return {
    library: { name: library, version: "" },
    engine,
    cookieNames: [cookieName],
    proof,
    ...(secret === undefined ? {} : { secret }),
    ...(mismatches === undefined ? {} : { mismatches }),
    capabilities: ["read", ...(options.traces === false ? [] : (["traces"] as const)), ...editing],
    read: options.read,
    ...writes,
    ...(options.traces === false ? {} : followCalls(options)),
  };
}

/** A session as a request last saw it. */
interface Seen {
  data: ForeignData;
  /** True: only what the request has written of it. */
  isPart: boolean;
}

/** Follows requests, and what the app publishes in each. */
function followCalls(options: RowSourceOptions): Required<Pick<Source, "observe" | "follow">> {
  let observer: Observer | null = null;
  /** False: perhaps nothing publishes, because the app's line for it is missing or was loaded too early. */
  let isHeard = false;
  const requests = createFollowedRequests();
  const last = new WeakMap<FollowedRequest, Map<string, Seen>>();
  /** Requests whose cookie is being checked: which calls are for their own session is known only then. */
  const checking = new WeakMap<FollowedRequest, Promise<unknown>>();

  const hear = (call: AppCall | AppWrite) => {
    if (call.name === "write") {
      requests.running()?.observation.wrote(call.key);
      return;
    }
    isHeard = true;
    if (call.ofUser !== undefined) {
      const { ofUser, ...deletion } = call;
      const followed = requests.running();
      const seen = [...((followed && last.get(followed)) ?? [])];
      for (const [key, { data }] of seen) if (data["userId"] === ofUser) hear({ ...deletion, key });
      return;
    }
    const { key, name, durationMs } = call;
    const followed =
      name === "cached" || name === "known"
        ? requests.running() // the store was not called
        : requests.find({ key }); // without a context it may be a job's: no middleware loads the session of each request
    if (followed === undefined) return;
    const known = last.get(followed) ?? new Map<string, Seen>();
    last.set(followed, known);
    const before = known.get(key);
    const data = call.partial && call.data ? { ...before?.data, ...call.data } : call.data;
    const written = name === "cached" && before?.isPart ? before.data : undefined;
    const isPart = call.partial === true && before?.isPart !== false;
    if (data !== null) known.set(key, { data: { ...data, ...written }, isPart });
    if (name === "delete") known.delete(key);
    const take = () => {
      if (name === "load") followed.loaded(key, data, durationMs);
      else if (name === "delete") followed.destroyed(key, durationMs);
      else if (data !== null && name === "cached") followed.cached(key, data, written);
      else if (data !== null && name === "known") followed.known(key, data);
      else if (data !== null) followed.saved(key, data, durationMs, name === "create");
    };
    const ready = checking.get(followed);
    if (ready === undefined) take();
    else void ready.then(() => quietly(take));
  };
  return {
    observe(given) {
      observer = given;
      const stop = watchCalls(options.library, hear);
      return () => {
        if (observer === given) observer = null; // another bridge may observe the same source by now
        stop();
      };
    },
    follow(request, response) {
      if (observer === null) return;
      const begin = { ...options, observer, request, response, requests, checking, isHeard: () => isHeard };
      quietly(() => beginRequest(begin));
    },
  };
}

interface Begin extends RowSourceOptions {
  observer: Observer;
  request: IncomingMessage;
  response: ServerResponse;
  requests: ReturnType<typeof createFollowedRequests>;
  checking: WeakMap<FollowedRequest, Promise<unknown>>;
  /** True once the app has published a call. */
  isHeard(): boolean;
}

/** Starts following; checking the cookie may take longer than the app takes to load its session. */
function beginRequest(options: Begin): void {
  const { observer, request, response, requests, checking, cookieName, shape, keyOf, isHeard, compare } =
    options;
  const cookie = readFirstCookie(request.headers.cookie, cookieName);
  let shown: string | null = null;
  const learn = (key: string | null) => {
    shown = key;
  };
  const checked = cookie === "" ? null : keyOf(cookie);
  const ready = checked instanceof Promise ? checked.then(learn, () => {}) : undefined;
  if (!(checked instanceof Promise)) learn(checked);
  const followed = requests.begin({
    observer,
    request,
    response,
    name: cookieName,
    shape,
    owns: (key) => key === shown,
    shown: () => shown,
    waitsForResponse: true, // only the response's cookie reveals the key of a new session
    current: () => null,
    keyOf: (issued) => (issued === "" ? null : keyOf(issued)),
    ending(unheard, issued) {
      if (isHeard()) return;
      for (const key of [shown, issued]) if (key !== null) unheard.missed(key, "other");
    },
    settled: () => compare?.({ request, response }),
    ...(ready === undefined ? {} : { ready }),
  });
  if (followed !== undefined && ready !== undefined) checking.set(followed, ready);
}
