/**
 * The bridge as middleware for node:http, http2, Connect and Express. It translates, and adds `Session-Trace` to
 * responses.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { PREFIX } from "../core/errors.ts";
import { TRACE_HEADER } from "../protocol/address.ts";
import { joinTraceHeader } from "../protocol/trace-header.ts";
import { bodyGone } from "./answers.ts";
import type { Connection, Handler } from "./handler.ts";
import { type BodyMeter, type HttpAnswer, type HttpFacts, pathOf } from "./http.ts";
import type { Recorder } from "./traces/recorder.ts";
import type { Exchange } from "./traces/tracked-request.ts";

/** `(request, response, next)`, as in Connect. */
export type NodeMiddleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Thrown at the first request if the argument is another framework's object instead of Node's request. */
const MISPLACED = `${PREFIX}the bridge was not given Node's request. Pass openBridge(…).koa to Koa, openBridge(…).fastify to Fastify's addHook, and call openBridge(…).fetch in Hono and similar frameworks; the bridge itself is for node:http, Connect and Express.`;

/** Fields that Express and body parsers add to Node's request. */
type MaybeParsed = IncomingMessage & { originalUrl?: string; body?: unknown };

interface NodeParts {
  handler: Handler;
  recorder: Recorder;
  /** Lets the source watch a request itself, for libraries that notify no observer. */
  follow: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  isOpen(): boolean;
  /** Called when another bridge comes before this one, and names the trace in its place. */
  isSecond?: () => void;
}

/** The bridge as middleware for node:http and Connect. */
export function nodeMiddleware({ handler, recorder, follow, isOpen, isSecond }: NodeParts): NodeMiddleware {
  /** A bridge that is the first for some requests answers the tab's calls, too. */
  let isFirst = false;
  return (request, response, next) => {
    if (!isOpen()) {
      next();
      return;
    }
    const facts = toFacts(request);
    const verdict = handler.judge(facts);
    if (verdict.kind === "pass") {
      const exchange = recorder.begin(facts.method, pathOf(facts.target), request);
      const place = traceHead(response, exchange, verdict.mark);
      if (place !== null) follow?.(request, response);
      if (place === "first") isFirst = true;
      else if (place === "second" && !isFirst) isSecond?.();
      next();
      return;
    }
    const connection = connectionOf(request, response);
    const readBody = (meter: BodyMeter) => readText(request, meter);
    void handler.answer(verdict, facts, { readBody, connection }).then((answer) => send(response, answer));
  };
}

/** `app.use(bridge.koa)`. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/** The part of Koa's context that is needed. */
interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  respond?: boolean;
}

/** The same for Koa, using the Node request and response below its context. */
export function koaMiddleware(middleware: NodeMiddleware): KoaMiddleware {
  return (context, next) =>
    new Promise((resolve, reject) => {
      let isOurs = true;
      middleware(context.req, context.res, () => {
        isOurs = false;
        next().then(() => resolve(), reject);
      });
      if (!isOurs) return;
      context.respond = false;
      context.res.once("close", resolve);
    });
}

/** `fastify.addHook('onRequest', bridge.fastify)`. */
export type FastifyHook = (
  request: { raw: IncomingMessage },
  reply: { raw: ServerResponse; hijack(): unknown },
  done: () => void,
) => void;

/** The same for Fastify, which is told when the bridge answers in its place. */
export function fastifyHook(middleware: NodeMiddleware): FastifyHook {
  return (request, reply, done) => {
    let isOurs = true;
    middleware(request.raw, reply.raw, () => {
      isOurs = false;
      done();
    });
    if (isOurs) reply.hijack();
  };
}

function toFacts(request: MaybeParsed): HttpFacts {
  if (request.rawHeaders === undefined) throw new TypeError(MISPLACED);
  return {
    method: request.method ?? "",
    target: request.originalUrl ?? request.url ?? "",
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    peerAddress: request.socket.remoteAddress,
    localPort: request.socket.localPort,
    encrypted: Reflect.get(request.socket, "encrypted") === true,
  };
}

/** A response whose head will name its trace. */
interface Traced {
  /** The exchange of the first bridge, which is the one that answers calls. */
  exchange: Exchange;
  /** What the header says behind the id. */
  mark: string;
  /** Those of other bridges in the same app. */
  others: Exchange[];
  /** The method that was there before: Node's, or other middleware's. */
  writeHead: (...parts: unknown[]) => ServerResponse;
}

type TracedResponse = ServerResponse & { [TRACED]?: Traced };

/** The status that is assumed for a stand-in, which reports none: the WebSocket handshake succeeded. */
const SWITCHING = 101;

const TRACED = Symbol("session-bridge.traced");

/**
 * Adds `Session-Trace` when the head goes out, however the app sends it, and reports the status to the exchange, even
 * if the connection ends without a head. The header names the first bridge's trace. Null if the response does so
 * already (the same bridge is in the app twice), and for a stand-in that has no head.
 */
function traceHead(response: TracedResponse, exchange: Exchange, mark: string): "first" | "second" | null {
  // some WebSocket servers give middleware a stand-in, which may be an empty object, or nothing at all
  if (typeof response?.writeHead !== "function" || typeof response.setHeader !== "function") return null;
  const traced = response[TRACED];
  if (traced !== undefined) {
    if (traced.exchange === exchange || traced.others.includes(exchange)) return null;
    traced.others.push(exchange);
    return "second";
  }
  const writeHead = response.writeHead as Traced["writeHead"]; // one signature for both overloads
  response[TRACED] = { exchange, mark, others: [], writeHead };
  response.writeHead = writeTracedHead as ServerResponse["writeHead"]; // takes and returns what the original does
  if (typeof response.on === "function") response.on("close", endTraced);
  return "first";
}

function endTraced(this: TracedResponse): void {
  tellHead(this[TRACED], 0);
}

function tellHead(traced: Traced | undefined, status: number): void {
  traced?.exchange.headSent(status);
  for (const other of traced?.others ?? []) other.headSent(status);
}

/**
 * If the app passed its headers only to `writeHead`, the header is added to those: a `setHeader` would make Node take
 * another path. The app's own `Session-Trace` is dropped: it is another server's, whose response the app passes on.
 */
function writeTracedHead(this: TracedResponse, ...parts: unknown[]): ServerResponse {
  const traced = this[TRACED];
  if (traced === undefined) return this;
  const { exchange, mark, writeHead } = traced;
  if (this.headersSent) return Reflect.apply(writeHead, this, parts);
  const at = isObject(parts[2]) ? 2 : 1; // Node takes the headers from the second argument only if there is no third
  const given = parts[at];
  const value = joinTraceHeader(exchange.id, mark);
  const isAlone = typeof this.getHeaderNames === "function" && this.getHeaderNames().length === 0;
  if (isObject(given)) parts[at] = withoutTrace(given, isAlone ? [[TRACE_HEADER, value]] : []);
  if (!isObject(given) || !isAlone) {
    this.setHeader(TRACE_HEADER, value);
  }
  const result = Reflect.apply(writeHead, this, parts);
  tellHead(traced, typeof parts[0] === "number" ? parts[0] : (this.statusCode ?? SWITCHING));
  return result;
}

type Header = [name: string, value: string];

/** Headers in a form that `writeHead` takes, without any `Session-Trace` but the one in `more`. */
function withoutTrace(given: object, more: Header[]): object {
  if (!Array.isArray(given)) {
    const own = Object.keys(given).some(isTrace)
      ? Object.fromEntries(Object.entries(given).filter(([name]) => !isTrace(name)))
      : given;
    return more.length === 0 ? own : { ...own, ...Object.fromEntries(more) };
  }
  const headers: unknown[] = given;
  if (Array.isArray(headers[0])) {
    return [...headers.filter((header) => !(Array.isArray(header) && isTrace(header[0]))), ...more];
  }
  const kept = headers.filter((_, index) => !isTrace(headers[index - (index % 2)])); // name, value, name, value, …
  return [...kept, ...more.flat()];
}

/** http2 ignores spaces around a name. Most names are shorter than this one, and need no copy to be told from it. */
function isTrace(name: unknown): boolean {
  return (
    typeof name === "string" && name.length >= TRACE_NAME.length && name.trim().toLowerCase() === TRACE_NAME
  );
}

const TRACE_NAME = TRACE_HEADER.toLowerCase();

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/**
 * Sends the bridge's answer with its own headers only: none that other middleware set, above all no `Access-Control-*`.
 */
async function send(response: ServerResponse, { status, headers, body }: HttpAnswer): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  for (const [name, value] of headers) response.setHeader(name, value);
  response.statusCode = status;
  if (typeof body === "string") {
    response.end(body);
    return;
  }
  response.flushHeaders();
  try {
    for await (const part of body) {
      if (response.destroyed) break;
      if (!response.write(part)) await drained(response);
    }
    response.end();
  } catch {
    response.destroy(); // if the log fails, the stream ends; the panel connects again
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}

/** A closing server waits for its connections: the stream must not be the one that keeps it waiting. */
function connectionOf(request: IncomingMessage, response: ServerResponse): Connection {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  if (response.destroyed) gone.abort(); // it was closed before the bridge saw it
  const server: unknown = Reflect.get(request.socket, "server");
  const isClosing = () =>
    typeof server === "object" && server !== null && Reflect.get(server, "listening") === false;
  return { gone: gone.signal, closing: () => (isClosing() ? "the server is closing" : null) };
}

/** The body as a string. A body that a parser has already read is taken from where the parser stored it. */
function readText(request: MaybeParsed, meter: BodyMeter): Promise<string | null> {
  const { body } = request;
  if (request.readableDidRead) {
    if (body === undefined) return Promise.reject(bodyGone());
    const isText = typeof body === "string" || Buffer.isBuffer(body);
    const text = isText ? body.toString() : JSON.stringify(body);
    meter.take(Buffer.byteLength(text));
    return Promise.resolve(meter.stopped.aborted ? null : text);
  }
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    const drop = () => {
      chunks = [];
      resolve(null);
    };
    if (meter.stopped.aborted) drop();
    meter.stopped.addEventListener("abort", drop, { once: true });
    request.on("data", (chunk: Buffer) => {
      meter.take(chunk.length);
      if (!meter.stopped.aborted) chunks.push(chunk); // otherwise it is read and dropped, so that the answer can be sent
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString()));
    // the client left with half a body sent: that is no failure, and no one receives the answer
    request.once("error", () => resolve(""));
    request.once("close", () => resolve(""));
  });
}
