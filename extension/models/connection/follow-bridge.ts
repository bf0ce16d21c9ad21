/**
 * Follows one origin's bridge for as long as it is wanted: says hello, keeps the stream of traces open, waits longer after each
 * failure, and resumes where it was. Knows no signals; the link model shows what it reports.
 */
import { type HelloAnswer, PROTOCOL_VERSION, type StreamEvent } from "session-bridge/protocol";
import type { BridgeProblem } from "../../logic/bridge-problem.ts";
import type { LossCause } from "../../logic/notices/bridge-notices.ts";
import type { CallResult, Ports } from "../../ports/ports.ts";
import { wait } from "./wait.ts";

/** What a follower needs and reports. */
interface FollowOptions {
  ports: Pick<Ports, "bridge" | "clock">;
  origin: string;
  /** Raw cookie values proven so far, newest last. */
  proofs: () => readonly string[];
  /** Trace ids for which no trace has arrived. */
  missing: () => readonly string[];
  /** The bridge answered and speaks our version. */
  ready: (hello: HelloAnswer) => void;
  heard: (event: StreamEvent) => void;
  /** Following starts over at `retryAt`, or when it is woken. */
  lost: (since: number, retryAt: number, cause: LossCause) => void;
  /** The stream is up again; `sameLog` is false if the server now has another log. */
  back: (from: number, to: number, sameLog: boolean) => void;
  /** Trying again is pointless; following ends. */
  ended: (problem: BridgeProblem) => void;
}

export interface Following {
  /** Ends a wait immediately. */
  wake(): void;
  /** Opens the stream again and requests everything in the log. */
  reopen(): void;
  stop(): void;
}

/** First wait after a loss; doubles up to `MAX_RETRY_MS`. */
const RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;
/** The bridge sends a heartbeat every 15 s; after two missing ones the stream counts as dead. */
const SILENCE_MS = 40_000;
const ABSENT_TRIES = 5;
const FOREVER_MS = 2 ** 31 - 1;

interface State {
  options: FollowOptions;
  whole: AbortController;
  /** Ends the present stream. */
  pass: AbortController;
  /** Ends the present wait. */
  nap: AbortController;
  /** True: request everything that is kept; false: resume. */
  fresh: boolean;
  log: { process: string; newest: number } | null;
  lostAt: number | null;
  /** When the bridge last sent something. */
  heardAt: number | null;
  failures: number;
}

type Ending = { kind: "reopen" } | { kind: "silent" } | { kind: "ended" } | BridgeProblem;

/** Starts following. */
export function followBridge(options: FollowOptions): Following {
  const state: State = {
    options,
    whole: new AbortController(),
    pass: new AbortController(),
    nap: new AbortController(),
    fresh: true,
    log: null,
    lostAt: null,
    heardAt: null,
    failures: 0,
  };
  run(state).catch((error: unknown) => options.ended({ kind: "malformed", detail: String(error) }));
  return {
    wake: () => state.nap.abort(),
    reopen: () => {
      state.fresh = true;
      state.pass.abort();
    },
    stop: () => state.whole.abort(),
  };
}

async function run(state: State): Promise<void> {
  const { options, whole } = state;
  /** What the bridge said last; null: it has to be greeted first. */
  let known: HelloAnswer | null = null;
  while (!whole.signal.aborted) {
    const hello: CallResult<HelloAnswer> =
      known === null
        ? await options.ports.bridge.call(options.origin, "hello", { protocol: PROTOCOL_VERSION })
        : { ok: true, answer: known };
    if (whole.signal.aborted) return;
    const ending: Ending = hello.ok ? await met(state, hello.answer) : hello.problem;
    if (whole.signal.aborted) return;
    known = hello.ok && ending.kind === "reopen" ? hello.answer : null;
    if (ending.kind === "reopen") continue;
    if (isLoss(state, ending)) await rest(state, ending);
    else if (ending.kind !== "silent" && ending.kind !== "ended") return options.ended(ending);
  }
}

/** What happens after a successful hello, until the stream ends. */
async function met(state: State, hello: HelloAnswer): Promise<Ending> {
  if (hello.protocol !== PROTOCOL_VERSION) {
    const refusal = { code: "version" as const, message: "", protocol: hello.protocol };
    return { kind: "refused", status: 200, refusal };
  }
  state.heardAt = state.options.ports.clock.now();
  state.options.ready(hello);
  const ending = await stream(state);
  // A bridge without traces reports the panels' own edits; one without any stream is not called again.
  const silent = ending.kind === "refused" || ending.kind === "absent";
  if (hello.capabilities.includes("traces") || !silent) return ending;
  found(state, true);
  state.pass = new AbortController();
  await wait(state.options.ports.clock, FOREVER_MS, AbortSignal.any([state.pass.signal, state.whole.signal]));
  return { kind: "reopen" };
}

async function stream(state: State): Promise<Ending> {
  const { options, whole } = state;
  const pass = new AbortController();
  state.pass = pass;
  const silence = watchSilence(state);
  const resume = state.fresh ? null : state.log;
  state.fresh = false;
  const request = {
    protocol: PROTOCOL_VERSION,
    cookies: [...options.proofs()],
    ids: [...options.missing()],
    since: resume?.newest ?? null,
    process: resume?.process ?? null,
  };
  try {
    const signal = AbortSignal.any([pass.signal, whole.signal]);
    for await (const event of options.ports.bridge.traces(options.origin, request, signal)) {
      silence.heard();
      state.heardAt = options.ports.clock.now();
      if (event.type === "bye") return { kind: "ended" };
      take(state, event);
    }
    return silence.fell() || !pass.signal.aborted ? { kind: "silent" } : { kind: "reopen" };
  } catch (error) {
    if (silence.fell()) return { kind: "silent" };
    return pass.signal.aborted ? { kind: "reopen" } : toProblem(error);
  } finally {
    silence.stop();
  }
}

function take(state: State, event: StreamEvent): void {
  if (event.type === "open") {
    const sameLog = state.log === null || state.log.process === event.process;
    state.log = { process: event.process, newest: sameLog ? (state.log?.newest ?? 0) : 0 };
    found(state, sameLog);
  }
  if (event.type === "trace" && state.log !== null) {
    state.log.newest = Math.max(state.log.newest, event.trace.sequence);
  }
  state.options.heard(event);
}

/** Following works: any earlier loss is over. */
function found(state: State, sameLog: boolean): void {
  state.failures = 0;
  if (state.lostAt !== null) state.options.back(state.lostAt, state.options.ports.clock.now(), sameLog);
  state.lostAt = null;
}

async function rest(state: State, ending: Ending): Promise<void> {
  const { clock } = state.options.ports;
  const ms = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(state.failures, 6));
  state.failures += 1;
  state.lostAt ??= state.heardAt ?? clock.now();
  state.options.lost(state.lostAt, clock.now() + ms, causeOf(ending));
  state.nap = new AbortController();
  await wait(clock, ms, AbortSignal.any([state.nap.signal, state.whole.signal]));
}

function causeOf({ kind }: Ending): LossCause {
  return kind === "reopen" || kind === "no-access" ? "silent" : kind;
}

/** Ends the stream if nothing was received for long: a dead connection causes no error. */
function watchSilence(state: State) {
  const { clock } = state.options.ports;
  const { pass } = state;
  let last = clock.now();
  let fell = false;
  const stop = clock.every(SILENCE_MS / 4, () => {
    if (clock.now() - last < SILENCE_MS) return;
    fell = true;
    pass.abort();
  });
  return {
    heard: () => {
      last = clock.now();
    },
    fell: () => fell,
    stop,
  };
}

/**
 * True for a problem that may pass by itself. A 404 right after a loss is one: a starting server responds before its routes are
 * ready.
 */
function isLoss(state: State, ending: Ending): boolean {
  if (ending.kind === "absent") return state.lostAt !== null && state.failures < ABSENT_TRIES;
  // The server has restarted: it proves itself by the next trace that it makes.
  if (ending.kind === "unproven") return true;
  if (ending.kind === "refused") return ["too-many-streams", "failed"].includes(ending.refusal.code);
  return ["unreachable", "silent", "ended", "malformed"].includes(ending.kind);
}

const PROBLEMS: readonly string[] = [
  "unreachable",
  "absent",
  "unproven",
  "refused",
  "no-access",
  "malformed",
];

function toProblem(error: unknown): BridgeProblem {
  const kind = typeof error === "object" && error !== null && "kind" in error ? error.kind : null;
  // The port promises to throw a BridgeProblem; anything else is a defect and is shown as such.
  if (typeof kind === "string" && PROBLEMS.includes(kind)) return error as BridgeProblem;
  return { kind: "malformed", detail: error instanceof Error ? error.message : String(error) };
}
