/** The bridge for `Request` and `Response`: Hono, h3 and similar frameworks. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { TRACE_HEADER } from "../protocol/address.ts";
import { joinTraceHeader } from "../protocol/trace-header.ts";
import { bodyGone } from "./answers.ts";
import { createFetchFace } from "./fetch-face.ts";
import type { Handler } from "./handler.ts";
import { type BodyMeter, type HttpAnswer, type HttpFacts, pathOf } from "./http.ts";
import type { Recorder } from "./traces/recorder.ts";

/** Facts that a `Request` does not contain. */
export interface FetchContext {
  /**
   * Address of the client's end of the socket, from the server (`getConnInfo(c).remote.address` in Hono, `requestIP` in
   * Bun). Without it no caller is known to be on this machine, and the bridge answers only callers with the token.
   */
  peerAddress?: string | undefined;
  /**
   * HTTP version of the request, such as `1.1`, if the server reports it (`c.env.incoming.httpVersion` in Hono on Node,
   * `event.runtime?.node?.req.httpVersion` in h3 2). It serves to recognise old proxies, which speak `1.0`.
   */
  httpVersion?: string | undefined;
  /**
   * Port that the server listens on (`context.env.incoming.socket.localPort` in Hono on Node,
   * `event.runtime?.node?.req.socket.localPort` in h3 2). Behind a development server on another port, the tab finds
   * the bridge by it.
   */
  localPort?: number | undefined;
}

/** Answers the bridge's calls; calls `next` for everything else and adds `Session-Trace` to its response. */
export type FetchBridge = (
  request: Request,
  context: FetchContext,
  next: () => Response | Promise<Response>,
) => Promise<Response>;

interface FetchParts {
  handler: Handler;
  recorder: Recorder;
  /** Lets the source watch a request itself, for libraries that notify no observer. */
  follow: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  isOpen(): boolean;
}

/** The bridge as a function from `Request` to `Response`. */
export function fetchBridge({ handler, recorder, follow, isOpen }: FetchParts): FetchBridge {
  return async (request, context, next) => {
    if (!isOpen()) return next();
    const facts = toFacts(request, context);
    const verdict = handler.judge(facts);
    if (verdict.kind !== "pass") {
      const cancelled = new AbortController();
      const connection = { gone: AbortSignal.any([request.signal, cancelled.signal]), closing: () => null };
      const readBody = (meter: BodyMeter) => readText(request, meter);
      const answer = await handler.answer(verdict, facts, { readBody, connection });
      return toResponse(answer, () => cancelled.abort());
    }
    const face = follow && createFetchFace(request, facts.target);
    const exchange = recorder.begin(facts.method, pathOf(facts.target), face?.request ?? request);
    if (face !== undefined) follow?.(face.request, face.response);
    try {
      const response = await next();
      face?.settled(response);
      exchange.headSent(response.status);
      return withTrace(response, joinTraceHeader(exchange.id, verdict.mark));
    } catch (error) {
      face?.failed();
      exchange.headSent(500);
      throw error;
    }
  };
}

function toFacts(request: Request, { peerAddress, httpVersion, localPort }: FetchContext): HttpFacts {
  const url = new URL(request.url);
  const rawHeaders = Array.from(request.headers).flat();
  // a Request has no pseudo-headers; over HTTP/2 its URL was made from :authority
  const isHttp2 = httpVersion?.startsWith("2") === true;
  if (!request.headers.has("host")) rawHeaders.push(isHttp2 ? ":authority" : "host", url.host);
  return {
    method: request.method,
    target: url.pathname + url.search,
    httpVersion,
    rawHeaders,
    peerAddress,
    localPort,
    encrypted: url.protocol === "https:",
  };
}

function withTrace(response: Response, value: string): Response {
  try {
    response.headers.set(TRACE_HEADER, value);
    return response;
  } catch {
    // responses from fetch() have immutable headers
    if (response.status < 200) return response; // an upgrade, or Response.error(): these cannot be copied
    const copy = new Response(response.body, response);
    copy.headers.set(TRACE_HEADER, value);
    // Hono sends the response that its handler returned, and ignores what middleware returns after that
    Object.defineProperty(response, "headers", { value: copy.headers, configurable: true });
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
      await iterator.return?.(); // if the reader left before taking this chunk, no one will ask for more
    },
  });
}

async function readText(request: Request, meter: BodyMeter): Promise<string | null> {
  if (request.bodyUsed) throw bodyGone();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const stopped = new Promise<null>((resolve) => {
    meter.stopped.addEventListener("abort", () => resolve(null), { once: true });
  });
  const chunks: Uint8Array[] = [];
  try {
    while (!meter.stopped.aborted) {
      const next = await Promise.race([reader.read(), stopped]);
      if (next === null) break;
      if (next.done) return Buffer.concat(chunks).toString();
      meter.take(next.value.length);
      chunks.push(next.value);
    }
  } catch (error) {
    if (!request.signal.aborted) throw error;
    return ""; // the client left with half a body sent: that is no failure, and no one receives the answer
  }
  reader.cancel().catch(() => {}); // a closed connection has nothing to cancel
  return null;
}
