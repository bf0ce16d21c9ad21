/**
 * Where the bridge of a site is, if the site's own address has none. The responses of the page name its port on this machine
 * (`at` in `Session-Trace`): a development server or a proxy is in front of the app, and the panel calls the app directly. If no
 * response named one, the ports are called on which `session-bridge django` listens.
 *
 * A named port is called only for the page that is open, only if this machine serves that page, and under its host name. Before it
 * receives a cookie or a token, it has to prove that it made the trace that named it (T43). What one of the other ports says about
 * itself is a claim that any program can make, so for every page that this machine does not serve over plain HTTP, nothing is sent
 * there before the user has named the origin and the port; and a token is never sent (T30).
 */
import {
  type Calls,
  type HelloAnswer,
  isLoopbackHost,
  LOOPBACK_PORTS,
  PROTOCOL_VERSION,
  readMarkEnd,
  type StreamEvent,
  type TracesRequest,
} from "session-bridge/protocol";
import type { BridgeProblem, FailedPlace } from "../logic/bridge-problem.ts";
import { isLoopbackPage } from "../logic/origins.ts";
import type { BridgeCaller, Via } from "./bridge.ts";
import type { BridgePort, CallResult } from "./ports.ts";
import { makeToken } from "./tokens.ts";

/** Where calls for an origin go instead, and how. */
interface Place {
  url: string;
  /** Null: a bridge next to a site, which needs no proof and gets no token. */
  via: Via | null;
  /**
   * When it last proved itself; null: not since the last failure. Some seconds later, and if no stream from it is open, it is greeted
   * again before it receives anything: another program may have taken the port.
   */
  provenAt: number | null;
  /** Streams that are open. */
  streams: number;
}

/** What the page's own responses said last. */
interface Named {
  traceId: string;
  /** The address of the port that they named; null if they named none, or the panel must not call it. */
  url: string | null;
}

type Hello = CallResult<HelloAnswer>;

/** What is known of where bridges are. */
interface Known {
  now: () => number;
  /** The page's own origin. */
  page: string | null;
  places: Map<string, Place>;
  named: Map<string, Named>;
  /** Ports that the user named, by origin. */
  allowed: Map<string, Set<number>>;
  /** Origins that were called and are no bridge: the next call goes straight to the port that they name since. */
  vain: Set<string>;
}

/** How long a proof counts without an open stream, milliseconds. */
const PROOF_MS = 3_000;

/**
 * The same port, which finds the bridge by itself. Models still name the site's own origin.
 *
 * @param now milliseconds by any clock
 */
export function withFoundBridge(bridge: BridgeCaller, now: () => number = Date.now): BridgePort {
  const known: Known = {
    now,
    page: null,
    places: new Map(),
    named: new Map(),
    allowed: new Map(),
    vain: new Set(),
  };
  const tokens = new Map<string, string>();

  return {
    async call<N extends keyof Calls>(origin: string, name: N, request: Calls[N]["request"]) {
      // The answer to `hello` has type `N` if `N` is `hello`.
      if (name === "hello") return (await find(known, bridge, origin)) as CallResult<Calls[N]["answer"]>;
      const place = known.places.get(origin);
      if (place === undefined) return bridge.call(origin, name, request);
      const problem = await proveAgain(known, bridge, origin, place);
      if (problem !== null) return { ok: false, problem };
      return bridge.call(place.url, name, request, place.via ?? undefined);
    },
    traces: (origin, request, signal) => openStream(known, bridge, { origin, request, signal }),
    newToken(origin) {
      const token = tokens.get(origin) ?? makeToken();
      tokens.set(origin, token);
      return token;
    },
    pageIs(origin) {
      known.page = origin;
      known.vain.clear();
      for (const each of known.places.keys()) if (each !== origin) known.places.delete(each);
      for (const each of known.named.keys()) if (each !== origin) known.named.delete(each);
    },
    marked(origin, traceId, mark) {
      if (origin === known.page) known.named.set(origin, { traceId, url: addressNamed(origin, mark) });
    },
    allowPort(origin, port) {
      const { allowed } = known;
      if (LOOPBACK_PORTS.includes(port)) allowed.set(origin, (allowed.get(origin) ?? new Set()).add(port));
    },
    placeOf: (origin) => known.places.get(origin)?.url ?? origin,
    useToken(origin, token) {
      const place = known.places.get(origin);
      return place?.via ? bridge.useToken(place.url, token, place.via) : bridge.useToken(origin, token);
    },
  };
}

function sayHello(bridge: BridgeCaller, url: string, via?: Via): Promise<Hello> {
  return bridge.call(url, "hello", { protocol: PROTOCOL_VERSION }, via);
}

/** Finds the bridge of an origin and greets it. */
async function find(known: Known, bridge: BridgeCaller, origin: string): Promise<Hello> {
  const place = known.places.get(origin);
  const again = place === undefined ? null : await greetAgain(known, bridge, origin, place);
  if (again?.ok || again?.problem.kind === "refused") return again;
  const isNamed = () => origin === known.page && (known.named.get(origin)?.url ?? null) !== null;
  if (again !== null) {
    // it may have moved, or another backend of the page answers
    const isOther = isNamed() && known.named.get(origin)?.url !== place?.url;
    const moved = isOther ? await callNamed(known, bridge, origin) : null;
    return moved?.ok ? moved : again;
  }
  if (isNamed() && known.vain.delete(origin)) return callNamed(known, bridge, origin);
  const own = await sayHello(bridge, origin);
  if (own.ok || own.problem.kind !== "absent") return own;
  if (isNamed()) return callNamed(known, bridge, origin);
  const found = origin === known.page ? await callPorts(known, bridge, origin) : null;
  if (found !== null) return found;
  if (isNamed()) return callNamed(known, bridge, origin); // a response came meanwhile
  known.vain.add(origin);
  return own;
}

/** Greets the bridge that was found before. Null: there is none any longer. */
async function greetAgain(
  known: Known,
  bridge: BridgeCaller,
  origin: string,
  place: Place,
): Promise<Hello | null> {
  const { url, via } = place;
  const named = known.named.get(origin);
  const traceId = (named?.url === url ? named.traceId : null) ?? via?.traceId ?? null;
  const result = await sayHello(bridge, url, via === null ? undefined : { page: origin, traceId });
  place.provenAt = result.ok ? known.now() : null;
  if (result.ok && via !== null) place.via = { page: origin, traceId }; // it may not know an earlier trace
  // A restarted server has not made the trace that named it: the next response names another.
  if (result.ok || (via !== null && result.problem.kind !== "absent")) return result;
  known.places.delete(origin);
  return null;
}

/** Null if the place has proven itself: now, just before, or by a stream that is open. */
async function proveAgain(
  known: Known,
  bridge: BridgeCaller,
  origin: string,
  place: Place,
): Promise<BridgeProblem | null> {
  const { via, provenAt, streams } = place;
  if (via === null || (provenAt !== null && (streams > 0 || known.now() - provenAt < PROOF_MS))) return null;
  const result = await greetAgain(known, bridge, origin, place);
  if (result?.ok) return null;
  return result?.problem ?? { kind: "unproven", url: place.url };
}

/** The stream of the bridge of an origin. While it is open, what it comes from counts as proven. */
async function* openStream(
  known: Known,
  bridge: BridgeCaller,
  { origin, request, signal }: { origin: string; request: TracesRequest; signal: AbortSignal },
): AsyncIterable<StreamEvent> {
  const place = known.places.get(origin);
  if (place === undefined) return yield* bridge.traces(origin, request, signal);
  const problem = await proveAgain(known, bridge, origin, place);
  if (problem !== null) throw problem;
  place.streams += 1;
  try {
    yield* bridge.traces(place.url, request, signal, place.via ?? undefined);
  } finally {
    place.streams -= 1;
    // if the panel itself ended the stream, it was the proven server's until now
    if (place.streams === 0) place.provenAt = signal.aborted ? known.now() : null;
  }
}

/** Calls the port that the page's responses named. */
async function callNamed(known: Known, bridge: BridgeCaller, origin: string): Promise<Hello> {
  const { url = null, traceId = "" } = known.named.get(origin) ?? {};
  if (url === null) return { ok: false, problem: { kind: "absent", status: 0 } };
  const via = { page: origin, traceId };
  const result = await sayHello(bridge, url, via);
  const isFound = result.ok || result.problem.kind === "refused";
  // another page may be open by now
  if (isFound && origin === known.page)
    known.places.set(origin, { url, via, provenAt: result.ok ? known.now() : null, streams: 0 });
  if (!result.ok && ["unreachable", "unproven", "absent"].includes(result.problem.kind))
    return { ok: false, problem: failedAt(url, result.problem) };
  return result;
}

/** Calls the ports of bridges next to a site, and those that the user named. Null: none reads for this origin. */
async function callPorts(known: Known, bridge: BridgeCaller, origin: string): Promise<Hello | null> {
  const isAutomatic = isLoopbackPage(origin) && !known.named.has(origin);
  const ports = isAutomatic ? LOOPBACK_PORTS : [...(known.allowed.get(origin) ?? [])];
  const answers = ports.map(async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const result = await sayHello(bridge, url);
    return result.ok && result.answer.serves?.includes(origin) === true ? { url, result } : null;
  });
  const found = (await Promise.all(answers)).find((answer) => answer !== null);
  if (!found || origin !== known.page) return null;
  known.places.set(origin, { url: found.url, via: null, provenAt: null, streams: 0 });
  return found.result;
}

/** The address of the port that a mark names, under the page's own host name; null if there is none to call. */
function addressNamed(origin: string, mark: string): string | null {
  const at = readMarkEnd(mark)?.at ?? null;
  if (at === null || !URL.canParse(origin)) return null;
  const { hostname } = new URL(origin);
  if (!isLoopbackHost(hostname)) return null;
  const url = new URL(`${at.isTls ? "https" : "http"}://${hostname}:${at.port}`).origin;
  return url === origin ? null : url;
}

function failedAt(url: string, { kind }: BridgeProblem): BridgeProblem {
  const why: FailedPlace["why"] = kind === "unreachable" || kind === "unproven" ? kind : "absent";
  return { kind: "absent", status: 0, at: { url, why } };
}
