/**
 * For servers without traces: reads the session after each request of the tab and shows the difference to the reading
 * before. Two requests that overlap cannot be told apart, which is why such rows are marked as readings.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import { type EpochMs, PROTOCOL_VERSION, type WriteAnswer } from "session-bridge/protocol";
import { valuesSet } from "../../logic/cookie-rows.ts";
import { originOf, type Reading } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { BridgePort, ClockPort } from "../../ports/ports.ts";
import type { Link } from "./bridge-link.ts";
import { type CookieValues, createCookieValues } from "./cookie-values.ts";
import type { WriteInTurn } from "./serialise-writes.ts";

interface SessionReadingsOptions {
  bridge: BridgePort;
  clock: ClockPort;
  links: ReadonlySignal<ReadonlyMap<string, Link>>;
  take(requestId: string, reading: Reading): void;
  /** A reading differs from the one before. */
  changed(): void;
}

interface SessionReadings {
  saw(request: NetworkRequest): void;
  /** Does a write by the panel in its turn, so that no reading overlaps it and blames a request for it. */
  write: WriteInTurn;
  stop(): void;
}

/** Requests whose reading was taken; the recorder reports the same request more than once. */
const MAX_KNOWN = 500;

/** What was read last of each origin, and the queue in which readings and writes take turns. */
interface State {
  options: SessionReadingsOptions;
  values: CookieValues;
  /** The last reading of each origin: data, or null for no session. */
  last: Map<string, string | null>;
  /** When the first reading of each origin began: what a request did before it is not known. */
  since: Map<string, EpochMs>;
  known: Set<string>;
  queue: Promise<void>;
}

/** Starts taking readings where a bridge has no traces. */
export function createSessionReadings(options: SessionReadingsOptions): SessionReadings {
  const state: State = {
    options,
    values: createCookieValues((origin) => options.links.peek().get(origin)?.cookies.value ?? []),
    last: new Map(),
    since: new Map(),
    known: new Set(),
    queue: Promise.resolve(),
  };
  const stops = [effect(() => readFirst(state)), effect(() => compareCookies(state))];

  return {
    saw: (request) => readAfter(state, request),
    write: (origin, run) => write(state, origin, run),
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Reads what is there when a bridge is found, so that the first request's reading has something to differ from. */
function readFirst(state: State): void {
  const { last, since, values, options } = state;
  // Where the page was before, requests of other tabs may have changed the session since.
  for (const origin of last.keys()) if (!options.links.value.has(origin)) last.delete(origin);
  for (const origin of options.links.value.keys()) {
    const names = namesOf(state, origin);
    if (names === null || last.has(origin)) continue;
    last.set(origin, null);
    since.set(origin, options.clock.now());
    enqueue(state, async () => {
      last.set(origin, (await read(state, origin, values.read(origin, names))) ?? null);
    });
  }
}

/** The browser's list is behind a response for a moment only; what it says later is true. */
function compareCookies(state: State): void {
  const { values, options } = state;
  for (const origin of options.links.value.keys()) {
    values.compare(origin, namesOf(state, origin) ?? []);
  }
}

function write<Result extends { ok: boolean }>(
  state: State,
  origin: string,
  run: () => Promise<Result>,
): Promise<Result> {
  if (namesOf(state, origin) === null) return run();
  const done = state.queue.then(run, run);
  enqueue(state, async () => {
    const result = await done;
    if (!result.ok || !("answer" in result)) return;
    const { session, cookie } = result.answer as WriteAnswer; // what each of these calls answers
    state.values.set(origin, cookie ?? "");
    state.last.set(origin, session?.dataJson ?? null);
  });
  return done;
}

/** Reads the session after a request, once it has its answer. */
function readAfter(state: State, request: NetworkRequest): void {
  const { values, last, since, options } = state;
  const origin = originOf(request.url);
  const names = origin === null ? null : namesOf(state, origin);
  if (origin === null || names === null || request.status === null || !remember(state, request.id)) return;
  const touches = request.setCookies.some((line) =>
    names.includes(line.slice(0, Math.max(0, line.indexOf("=")))),
  );
  if (touches) values.set(origin, valuesSet(request, names).at(-1) ?? "");
  const cookie = values.read(origin, names);
  enqueue(state, async () => {
    const after = await read(state, origin, cookie);
    if (after === undefined) return;
    const before = last.get(origin) ?? null;
    last.set(origin, after);
    if (request.at >= (since.get(origin) ?? 0)) options.take(request.id, { before, after });
    if (before !== after) options.changed();
  });
}

/** False for a request that is known already. */
function remember({ known }: State, id: string): boolean {
  if (known.has(id)) return false;
  known.add(id);
  const [oldest] = known;
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  return true;
}

/** Names of the origin's session cookie; null where there is no bridge that reads, or one with traces. */
function namesOf({ options }: State, origin: string): readonly string[] | null {
  const hello = options.links.peek().get(origin)?.hello.value ?? null;
  if (hello === null || hello.capabilities.includes("traces")) return null;
  return hello.capabilities.includes("read") ? hello.cookieNames : null;
}

async function read({ options }: State, origin: string, cookie: string): Promise<string | null | undefined> {
  const result = await options.bridge.call(origin, "session", { protocol: PROTOCOL_VERSION, cookie });
  if (!result.ok) return undefined;
  return result.answer.found ? result.answer.session.dataJson : null;
}

function enqueue(state: State, run: () => Promise<void>): void {
  state.queue = state.queue.then(run, run);
}
