/**
 * The bridge of a server, over HTTP: each call is one POST; the stream of traces is read line by line.
 *
 * No request sends or stores the site's cookies (`credentials: "omit"`): otherwise each reading of the session would count as a
 * visit and could change it. Without access to the host nothing is sent at all.
 */
import {
  BRIDGE_PATH,
  type CallName,
  type Calls,
  CHALLENGE_HEADER,
  PROOF_HEADER,
  ProtocolError,
  parseAnswer,
  parseRefusal,
  parseStreamEvent,
  type StreamEvent,
  TOKEN_HEADER,
  type TracesRequest,
} from "session-bridge/protocol";
import type { BridgeProblem } from "../logic/bridge-problem.ts";
import type { CallResult } from "./ports.ts";
import { createTest, type ProofTest } from "./proof-test.ts";
import { BodyError, readJson } from "./read-json.ts";
import { LineError, readLines } from "./read-lines.ts";

interface BridgeOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Whether the extension may read this origin. */
  hasAccess: (origin: string) => Promise<boolean>;
  tokens: TokenStore;
  /** A signal that fires after so many milliseconds; `AbortSignal.timeout`. */
  timeout: (ms: number) => AbortSignal;
}

/** Where tokens are kept: only in memory, gone when the browser closes. Each is for one page's origin and one address. */
export interface TokenStore {
  read(holder: string): Promise<string | null>;
  write(holder: string, token: string | null): Promise<void>;
}

/** A call to a port that a page's response named, not to the page's own origin. */
export interface Via {
  /** The page's origin: a token for it and this port is sent to no other, and for no other page. */
  page: string;
  /** The trace that named the port: `hello` goes without a token, until the port has proven that it made it. Null: no proof. */
  traceId: string | null;
}

/** Calls to any address. The caller decides which. */
export interface BridgeCaller {
  call<N extends keyof Calls>(
    url: string,
    name: N,
    request: Calls[N]["request"],
    via?: Via,
  ): Promise<CallResult<Calls[N]["answer"]>>;
  traces(url: string, request: TracesRequest, signal: AbortSignal, via?: Via): AsyncIterable<StreamEvent>;
  useToken(url: string, token: string | null, via?: Via): Promise<void>;
}

/** A local server that has not answered by then is not there. */
const CALL_MS = 10_000;
/** Longest answer to `hello`, bytes: it is sent to any server that the page reached. A bridge's own answer has a few hundred. */
const MAX_HELLO = 64 * 1024;
/** Longest answer to any other call: a session of 20 MB comes as data and as the stored string, both as JSON in JSON. */
const MAX_ANSWER = 128 * 1024 * 1024;

/** A `BridgeProblem` on its way: what `traces` throws. It has the problem's own fields in addition to those of an error. */
class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly kind: BridgeProblem["kind"];
  readonly problem: BridgeProblem;

  constructor(problem: BridgeProblem) {
    super(`[bridge] ${problem.kind}`);
    this.kind = problem.kind;
    this.problem = problem;
    Object.assign(this, problem);
  }

  /** True for the refusals that a token can resolve. */
  asksForToken(): boolean {
    const { problem } = this;
    return problem.kind === "refused" && problem.refusal.code === "token-missing";
  }
}

/** Talks to any origin. The caller decides what silence on an open stream means. */
export function createBridge(options: BridgeOptions): BridgeCaller {
  return {
    async call(url, name, request, via) {
      try {
        const sent = { name, body: request, signal: options.timeout(CALL_MS) };
        const response = await (name === "hello" && via?.traceId
          ? greet(options, url, sent, { ...via, traceId: via.traceId })
          : post(options, url, sent, { via }));
        const { status } = response;
        if (!isJson(response)) throw new BridgeError({ kind: "absent", status });
        return { ok: true, answer: parseAnswer(name, await readJson(response, maxAnswer(name))) };
      } catch (error) {
        return { ok: false, problem: toProblem(error) };
      }
    },

    async *traces(url, request, signal, via) {
      try {
        const response = await post(options, url, { name: "traces", body: request, signal }, { via });
        const { status } = response;
        if (!isJson(response) || response.body === null) throw new BridgeError({ kind: "absent", status });
        for await (const line of readLines(response.body)) {
          const event = parseStreamEvent(JSON.parse(line));
          if (event !== null) yield event;
        }
      } catch (error) {
        if (!signal.aborted) throw new BridgeError(toProblem(error));
      }
    },

    useToken: (url, token, via) => options.tokens.write(holderOf(url, via), token),
  };
}

/** Whose token it is: the origin's, or the page's for one port. */
function holderOf(url: string, via: Via | undefined): string {
  return via === undefined ? url : `${via.page} ${url}`;
}

/** One call. */
interface Sent {
  name: CallName;
  body: unknown;
  signal: AbortSignal;
}

/** `hello` to a port that a response named: without the token, until it has proven itself. */
async function greet(
  options: BridgeOptions,
  url: string,
  sent: Sent,
  via: Via & { traceId: string },
): Promise<Response> {
  const test = await createTest(via.traceId);
  try {
    return await post(options, url, sent, { via, test, withoutToken: true });
  } catch (error) {
    const isAsked = error instanceof BridgeError && error.asksForToken();
    if (!isAsked || (await options.tokens.read(holderOf(url, via))) === null) throw error;
    return post(options, url, sent, { via, test: await createTest(via.traceId) });
  }
}

interface PostOptions {
  via?: Via | undefined;
  /** The answer counts only with the proof that this asks for. */
  test?: ProofTest;
  withoutToken?: boolean;
}

/** Posts one call. Throws a `BridgeError` for everything except a 2xx. */
async function post(
  { fetch, hasAccess, tokens }: BridgeOptions,
  url: string,
  { name, body, signal }: Sent,
  { via, test, withoutToken = false }: PostOptions,
): Promise<Response> {
  if (!(await hasAccess(url))) throw new BridgeError({ kind: "no-access", origin: url });
  const token = withoutToken ? null : await tokens.read(holderOf(url, via));
  const response = await fetch(`${url}${BRIDGE_PATH}${name}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      "Content-Type": "application/json",
      ...(token !== null && { [TOKEN_HEADER]: token }),
      ...(test && { [CHALLENGE_HEADER]: test.challenge }),
    },
    credentials: "omit",
    cache: "no-store",
    redirect: "manual",
    referrerPolicy: "no-referrer",
    signal,
  });
  if (test && !(await test.holds(response.headers.get(PROOF_HEADER)))) {
    void response.body?.cancel().catch(() => {}); // nothing of it is read
    throw new BridgeError({ kind: "unproven", url });
  }
  if (response.ok) return response;
  const { status } = response;
  const refusal = isJson(response)
    ? parseRefusal(await readJson(response, maxAnswer(name)).catch(() => null))
    : null;
  throw new BridgeError(refusal ? { kind: "refused", status, refusal } : { kind: "absent", status });
}

function maxAnswer(name: CallName): number {
  return name === "hello" ? MAX_HELLO : MAX_ANSWER;
}

/** An app that answers every path with its own page is no bridge. */
function isJson(response: Response): boolean {
  return /^application\/(?:x-ndjson|json)\b/i.test(response.headers.get("Content-Type") ?? "");
}

function toProblem(error: unknown): BridgeProblem {
  if (error instanceof BridgeError) return error.problem;
  const detail = detailOf(error);
  const malformed =
    error instanceof ProtocolError ||
    error instanceof SyntaxError ||
    error instanceof LineError ||
    error instanceof BodyError;
  return { kind: malformed ? "malformed" : "unreachable", detail };
}

/** What is shown, and put into reports. The browser's own message about invalid JSON quotes the text. */
function detailOf(error: unknown): string {
  if (error instanceof SyntaxError) return "It is not JSON.";
  return error instanceof Error ? error.message : String(error);
}
