/**
 * The bridge of a server, over HTTP: each call is one POST; the stream of traces is read line by line.
 *
 * No request sends or stores the site's cookies (`credentials: "omit"`): otherwise each reading of the session would count as a
 * visit and could change it. Without access to the host nothing is sent at all.
 */
import {
  BRIDGE_PATH,
  type CallName,
  ProtocolError,
  parseAnswer,
  parseRefusal,
  parseStreamEvent,
  TOKEN_HEADER,
} from "session-bridge/protocol";
import type { BridgeProblem } from "../logic/bridge-problem.ts";
import type { BridgePort } from "./ports.ts";
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

/** Where tokens are kept: only in memory, gone when the browser closes. */
export interface TokenStore {
  read(origin: string): Promise<string | null>;
  write(origin: string, token: string | null): Promise<void>;
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
}

/** Talks to any origin. The caller decides what silence on an open stream means. */
export function createBridge(options: BridgeOptions): BridgePort {
  return {
    async call(origin, name, request) {
      try {
        const response = await post(options, origin, name, request, options.timeout(CALL_MS));
        const { status } = response;
        if (!isJson(response)) throw new BridgeError({ kind: "absent", status });
        return { ok: true, answer: parseAnswer(name, await readJson(response, maxAnswer(name))) };
      } catch (error) {
        return { ok: false, problem: toProblem(error) };
      }
    },

    async *traces(origin, request, signal) {
      try {
        const response = await post(options, origin, "traces", request, signal);
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

    useToken: (origin, token) => options.tokens.write(origin, token),
  };
}

/** Posts one call. Throws a `BridgeError` for everything except a 2xx. */
async function post(
  { fetch, hasAccess, tokens }: BridgeOptions,
  ...[origin, name, body, signal]: [origin: string, name: CallName, body: unknown, signal: AbortSignal]
): Promise<Response> {
  if (!(await hasAccess(origin))) throw new BridgeError({ kind: "no-access", origin });
  const token = await tokens.read(origin);
  const response = await fetch(`${origin}${BRIDGE_PATH}${name}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(token !== null && { [TOKEN_HEADER]: token }) },
    credentials: "omit",
    cache: "no-store",
    redirect: "manual",
    referrerPolicy: "no-referrer",
    signal,
  });
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
