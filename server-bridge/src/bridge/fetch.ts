/** The bridge over `Request` and `Response`: Hono, h3 and others of that kind. */
import { TRACE_HEADER } from "../protocol/address.ts";
import { bodyGone, refusalAnswer } from "./answers.ts";
import type { Handler } from "./handler.ts";
import { type HttpAnswer, type HttpFacts, pathOf } from "./http.ts";
import type { Recorder } from "./traces/recorder.ts";

/** What a `Request` does not tell. */
export interface FetchContext {
  /**
   * Address of the socket's other end, from the server (`getConnInfo(c).remote.address` in Hono, `requestIP` in Bun).
   * Without it no caller is known to be on this machine, and the bridge answers only callers with the token.
   */
  peerAddress?: string | undefined;
}

/** Answers the bridge's calls; runs `next` for all else and puts `Session-Trace` on what it gives. */
export type FetchBridge = (
  request: Request,
  context: FetchContext,
  next: () => Response | Promise<Response>,
) => Promise<Response>;

interface FetchParts {
  handler: Handler;
  recorder: Recorder;
  isOpen(): boolean;
}

/** The bridge as a function from `Request` to `Response`. */
export function fetchBridge({ handler, recorder, isOpen }: FetchParts): FetchBridge {
  return async (request, context, next) => {
    if (!isOpen()) return next();
    const facts = toFacts(request, context);
    const verdict = handler.judge(facts);
    if (verdict.kind === "refuse")
      return toResponse(refusalAnswer({ ...verdict, session: undefined }), () => {});
    if (verdict.kind === "admit") {
      const cancelled = new AbortController();
      const connection = { gone: AbortSignal.any([request.signal, cancelled.signal]), closing: () => null };
      const answer = await handler.answer(verdict.call, (limit) => readText(request, limit), connection);
      return toResponse(answer, () => cancelled.abort());
    }
    const exchange = recorder.begin(facts.method, pathOf(facts.target), request);
    try {
      const response = await next();
      exchange.headSent(response.status);
      return withTrace(response, `v=1;id=${exchange.id}`);
    } catch (error) {
      exchange.headSent(500);
      throw error;
    }
  };
}

function toFacts(request: Request, { peerAddress }: FetchContext): HttpFacts {
  const url = new URL(request.url);
  const rawHeaders = Array.from(request.headers).flat();
  if (!request.headers.has("host")) rawHeaders.push("host", url.host);
  return {
    method: request.method,
    target: url.pathname + url.search,
    httpVersion: undefined,
    rawHeaders,
    peerAddress,
  };
}

function withTrace(response: Response, value: string): Response {
  try {
    response.headers.set(TRACE_HEADER, value);
    return response;
  } catch {
    // a response that came from fetch() has headers that cannot be changed
    if (response.status < 200) return response; // an upgrade, or Response.error(): there is no copy of such
    const copy = new Response(response.body, response);
    copy.headers.set(TRACE_HEADER, value);
    return copy;
  }
}

function toResponse({ status, headers, body }: HttpAnswer, cancelled: () => void): Response {
  const init = { status, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  return new Response(typeof body === "string" ? body : toStream(body, cancelled), init);
}

function toStream(lines: AsyncIterable<string>, cancelled: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = lines[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      cancelled();
      await iterator.return?.(); // where the reader left before it took what was there, no one asks for more
    },
  });
}

async function readText(request: Request, limit: number): Promise<string | null> {
  if (request.bodyUsed) throw bodyGone();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.length;
      if (bytes > limit) return null;
      chunks.push(chunk);
    }
  } catch (error) {
    if (!request.signal.aborted) throw error;
    return ""; // gone with half a body sent: that is no failure, and no one gets the answer
  }
  return Buffer.concat(chunks).toString();
}
