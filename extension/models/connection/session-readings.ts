/**
 * For servers without traces: reads the session after each request of the tab and shows the difference to the reading
 * before. Two requests that overlap cannot be told apart, which is why such rows are marked as readings.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import { type Calls, type EpochMs, PROTOCOL_VERSION, type WriteAnswer } from "session-bridge/protocol";
import { valuesFor, valuesSet } from "../../logic/cookie-rows.ts";
import { originOf, type Reading } from "../../logic/timeline/entry.ts";
import type { BridgePort, ClockPort, NetworkRequest, TabCookie } from "../../ports/ports.ts";
import type { Link } from "./bridge-link.ts";

export interface ReadingsOptions {
  bridge: BridgePort;
  clock: ClockPort;
  links: ReadonlySignal<ReadonlyMap<string, Link>>;
  cookies: ReadonlySignal<readonly TabCookie[]>;
  take(requestId: string, reading: Reading): void;
  /** A reading differs from the one before. */
  changed(): void;
}

export interface Readings {
  saw(request: NetworkRequest): void;
  /** Does a write of the panel's own in its turn: no reading that overlaps it is to blame a request for it. */
  write<Result extends { ok: boolean }>(origin: string, run: () => Promise<Result>): Promise<Result>;
  stop(): void;
}

const WRITES: readonly string[] = ["edit", "expiry", "cycle", "flush", "restore"];

/** The same port, whose writes are done by `write`. */
export function writingInTurn(bridge: BridgePort, write: Readings["write"]): BridgePort {
  return {
    call<N extends keyof Calls>(origin: string, name: N, request: Calls[N]["request"]) {
      const run = () => bridge.call(origin, name, request);
      return WRITES.includes(name) ? write(origin, run) : run();
    },
    traces: bridge.traces.bind(bridge),
    ...(bridge.useToken ? { useToken: bridge.useToken.bind(bridge) } : {}),
  };
}

/** Requests whose reading was taken; the recorder tells of the same request more than once. */
const MAX_KNOWN = 500;

/** Starts taking readings where a bridge has no traces. */
export function createReadings(options: ReadingsOptions): Readings {
  /** The last reading of each origin: data, or null for no session. */
  const last = new Map<string, string | null>();
  /** When the first reading of each origin began: what a request did before it, nobody knows. */
  const since = new Map<string, EpochMs>();
  /** The cookie's value after the last response that set it, until the browser's own list has changed. */
  const set = new Map<string, string>();
  const held = new Map<string, string>();
  const known = new Set<string>();
  let queue: Promise<void> = Promise.resolve();

  const namesOf = (origin: string): readonly string[] | null => {
    const hello = options.links.peek().get(origin)?.hello.value ?? null;
    return hello === null || hello.capabilities.includes("traces") ? null : hello.cookieNames;
  };
  const cookieOf = (origin: string, names: readonly string[]): string => {
    const held = valuesFor(options.cookies.peek(), origin);
    return set.get(origin) ?? names.flatMap((name) => held.get(name) ?? [])[0] ?? "";
  };
  const read = async (origin: string, cookie: string): Promise<string | null | undefined> => {
    const result = await options.bridge.call(origin, "session", { protocol: PROTOCOL_VERSION, cookie });
    if (!result.ok) return undefined;
    return result.answer.found ? result.answer.session.dataJson : null;
  };
  const enqueue = (run: () => Promise<void>): void => {
    queue = queue.then(run, run);
  };

  /** What is there when the bridge is found, so that the first request's reading has something to differ from. */
  const stop = effect(() => {
    for (const origin of options.links.value.keys()) {
      const names = namesOf(origin);
      if (names === null || last.has(origin)) continue;
      last.set(origin, null);
      since.set(origin, options.clock.now());
      enqueue(async () => {
        last.set(origin, (await read(origin, cookieOf(origin, names))) ?? null);
      });
    }
  });

  /** The browser's list is behind a response for a moment only; what it says later is true. */
  const stopCookies = effect(() => {
    for (const origin of options.links.value.keys()) {
      const values = valuesFor(options.cookies.value, origin);
      const now = (namesOf(origin) ?? []).flatMap((name) => values.get(name) ?? []).join("\n");
      if (held.get(origin) !== now) set.delete(origin);
      held.set(origin, now);
    }
  });

  return {
    stop() {
      stop();
      stopCookies();
    },
    write(origin, run) {
      if (namesOf(origin) === null) return run();
      const done = queue.then(run, run);
      enqueue(async () => {
        const result = await done;
        if (!result.ok || !("answer" in result)) return;
        const { session, cookie } = result.answer as WriteAnswer; // what each of these calls answers
        set.set(origin, cookie ?? "");
        last.set(origin, session?.dataJson ?? null);
      });
      return done;
    },
    saw(request) {
      const origin = originOf(request.url);
      const names = origin === null ? null : namesOf(origin);
      if (origin === null || names === null || request.status === null || known.has(request.id)) return;
      known.add(request.id);
      const [oldest] = known;
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      const touches = request.setCookies.some((line) =>
        names.includes(line.slice(0, Math.max(0, line.indexOf("=")))),
      );
      if (touches) set.set(origin, valuesSet(request, names).at(-1) ?? "");
      const cookie = cookieOf(origin, names);
      enqueue(async () => {
        const after = await read(origin, cookie);
        if (after === undefined) return;
        const before = last.get(origin) ?? null;
        last.set(origin, after);
        if (request.at >= (since.get(origin) ?? 0)) options.take(request.id, { before, after });
        if (before !== after) options.changed();
      });
    },
  };
}
