/** The connection to the bridge of one origin as signals: its state, and which cookies were proven to it. */
import { computed, createModel, effect, type Model, type ReadonlySignal, signal } from "@preact/signals";
import {
  type HelloAnswer,
  MAX_PROOFS,
  type Mismatch,
  type Refusal,
  type StreamEvent,
} from "session-bridge/protocol";
import type { BridgeProblem, FailedPlace } from "../../logic/bridge-problem.ts";
import { joinCookies, splitNames } from "../../logic/chunked-cookies.ts";
import type { LossCause } from "../../logic/notices/bridge-notices.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Ports } from "../../ports/ports.ts";
import { type Following, followBridge } from "./follow-bridge.ts";

/** The state of one origin's bridge. */
type LinkState =
  | { state: "asking" }
  /** `at`: the port that the page's responses named was called, too. */
  | { state: "absent"; at: FailedPlace | null }
  | { state: "no-access" }
  | { state: "refused"; refusal: Refusal }
  | { state: "version"; theirs: number }
  | { state: "ready"; hello: HelloAnswer }
  /** `hello` is null if the server never answered. */
  | { state: "lost"; since: number; retryAt: number; hello: HelloAnswer | null; cause: LossCause };

/** What a link reports in addition to its state. */
export type LinkEvent = StreamEvent | { type: "back"; from: number; to: number; sameLog: boolean };

interface LinkOptions {
  ports: Pick<Ports, "bridge" | "clock">;
  origin: string;
  /** Cookies that the browser would send to this origin: no other is sent to it. */
  cookies: ReadonlySignal<readonly TabCookie[]>;
  missing: () => readonly string[];
  heard: (event: LinkEvent) => void;
}

/** A link's signals and actions. */
interface LinkShape {
  state: ReadonlySignal<LinkState>;
  proofs: ReadonlySignal<readonly string[]>;
  /** What the bridge last said about itself. */
  hello: ReadonlySignal<HelloAnswer | null>;
  /** A setting of the bridge that differs from the app's; null while none is known. */
  mismatch: ReadonlySignal<Mismatch | null>;
  origin: ReadonlySignal<string>;
  /** What answered last: the origin itself, or a port of this machine in its place. */
  place: ReadonlySignal<string>;
  /** Cookies that the browser would send to this origin. Those that this bridge's library splits are joined. */
  cookies: ReadonlySignal<readonly TabCookie[]>;
  tryNow(): void;
  reopen(): void;
  prove(values: readonly string[]): void;
}

export type Link = Model<LinkShape>;

/** One origin's link. It starts immediately and ends with `Symbol.dispose`. */
export const BridgeLinkModel = createModel((options: LinkOptions): LinkShape => {
  const state = signal<LinkState>({ state: "asking" });
  const proofs = signal<readonly string[]>([]);
  const hello = signal<HelloAnswer | null>(null);
  const mismatch = signal<Mismatch | null>(null);
  const place = signal(options.origin);
  let following: Following | null = null;
  const joined = (answer: HelloAnswer | null, cookies: readonly TabCookie[]): readonly TabCookie[] =>
    answer?.chunked === undefined ? cookies : joinCookies(cookies, splitNames(answer));
  const cookies = computed(() => joined(hello.value, options.cookies.value));

  const prove = (values: readonly string[]): boolean => {
    const unknown = values.filter((value) => value !== "" && !proofs.peek().includes(value));
    if (unknown.length > 0) proofs.value = [...proofs.peek(), ...new Set(unknown)].slice(-MAX_PROOFS);
    return unknown.length > 0;
  };
  const proveHeld = (names: readonly string[], held: readonly TabCookie[]): boolean =>
    prove(held.filter(({ name }) => names.includes(name)).map(({ value }) => value));

  const start = (): void => {
    following?.stop();
    following = followBridge({
      ports: options.ports,
      origin: options.origin,
      proofs: () => proofs.peek(),
      missing: options.missing,
      ready: (answer) => {
        proveHeld(answer.cookieNames, joined(answer, options.cookies.peek()));
        hello.value = answer;
        place.value = options.ports.bridge.placeOf?.(options.origin) ?? options.origin;
        state.value = { state: "ready", hello: answer };
      },
      heard: (event) => {
        if (event.type === "open") mismatch.value = null; // what is already known follows
        if (event.type === "mismatch") mismatch.value = event.mismatch;
        options.heard(event);
      },
      lost: (since, retryAt, cause) => {
        state.value = { state: "lost", since, retryAt, hello: hello.peek(), cause };
      },
      back: (from, to, sameLog) => options.heard({ type: "back", from, to, sameLog }),
      ended: (problem) => {
        place.value = options.ports.bridge.placeOf?.(options.origin) ?? options.origin;
        state.value = settled(problem);
      },
    });
  };

  effect(() => {
    const held = cookies.value;
    const known = hello.value;
    if (known !== null && proveHeld(known.cookieNames, held)) following?.reopen();
  });
  effect(() => {
    start();
    return () => following?.stop();
  });

  return {
    state,
    proofs,
    hello,
    mismatch,
    origin: signal(options.origin),
    place,
    cookies,
    tryNow() {
      if (state.peek().state === "lost") following?.wake();
      else if (state.peek().state !== "ready") start();
    },
    reopen() {
      following?.reopen();
    },
    prove(values) {
      if (prove(values)) following?.reopen();
    },
  };
});

function settled(problem: BridgeProblem): LinkState {
  if (problem.kind === "no-access") return { state: "no-access" };
  if (problem.kind === "absent") return { state: "absent", at: problem.at ?? null };
  if (problem.kind !== "refused") return { state: "absent", at: null };
  if (problem.refusal.code !== "version") return { state: "refused", refusal: problem.refusal };
  return { state: "version", theirs: problem.refusal.protocol };
}
