/**
 * `openBridge`: the opt-in line that lets the Sessions tab see and edit this server's sessions. Puts the bridge's parts
 * together; every decision is in the parts.
 */
import { randomBytes } from "node:crypto";
import { describeError } from "../core/errors.ts";
import type { Sessions } from "../core/sessions.ts";
import { ownSource } from "../sources/own/own.ts";
import type { Source } from "../sources/source.ts";
import { type FetchBridge, fetchBridge } from "./fetch.ts";
import { createHandler } from "./handler.ts";
import {
  type FastifyHook,
  fastifyHook,
  type KoaMiddleware,
  koaMiddleware,
  type NodeMiddleware,
  nodeMiddleware,
} from "./node.ts";
import { type BridgeOptions, readOptions, startLine } from "./options.ts";
import { createDigests } from "./redaction/digests.ts";
import { createKeyLineage } from "./traces/key-lineage.ts";
import { createIdMaker } from "./traces/random-ids.ts";
import { createRecorder } from "./traces/recorder.ts";
import { type KeptTraces, memoryLog } from "./traces/trace-log.ts";
import { createWriterSampler } from "./traces/writer-sampler.ts";

export type { Capability, ExpiryChange } from "../protocol/messages.ts";
export type {
  Proof,
  ProvenKey,
  ProvenView,
  ReadResult,
  Source,
  StoredView,
  WriteResult,
} from "../sources/source.ts";
export type { FetchBridge, FetchContext } from "./fetch.ts";
export type { FastifyHook, KoaMiddleware, NodeMiddleware } from "./node.ts";
export type { BridgeOptions } from "./options.ts";
export type { RedisConnection } from "./traces/redis-links.ts";
export { type RedisLogOptions, redisLog } from "./traces/redis-log.ts";
export {
  type KeptTraces,
  type LogEntry,
  MAX_AGE_MS,
  MAX_BYTES,
  MAX_TRACES,
  memoryLog,
  type NewEntry,
  type TraceLog,
} from "./traces/trace-log.ts";

/** @deprecated Renamed to `KeptTraces`; this name goes with the next version. */
export type Kept = KeptTraces;

/** The bridge: middleware for node:http, Connect and Express, and the same for other frameworks. */
export interface Bridge extends NodeMiddleware {
  /** `app.use(bridge.koa)`, before the session middleware. */
  readonly koa: KoaMiddleware;
  /** `fastify.addHook('onRequest', bridge.fastify)`, before the session plugin. */
  readonly fastify: FastifyHook;
  /** `bridge.fetch(request, { peerAddress }, next)`, for Hono, h3 and their like. */
  readonly fetch: FetchBridge;
  /** Ends the streams and watches no more; requests then go on to the app. */
  close(): void;
}

/**
 * Opens the bridge over `createSessions`' result, or over a source for another library. Place it before the session
 * middleware.
 *
 * It opens when `NODE_ENV` is exactly `development` or with `enabled: true`, answers extensions on this machine only,
 * and prints one line.
 *
 * @throws where it may not open, with what to do; in production always, unless told otherwise with a reason and a token;
 * and for what is neither of both
 */
export function openBridge<Data>(target: Source | Sessions<Data>, options: BridgeOptions = {}): Bridge {
  const settings = readOptions(options);
  if (settings === null) return shutBridge();
  const source = toSource(target);
  const process = randomBytes(12).toString("base64url");
  const now = () => performance.now();
  const digests = createDigests(source.secret);
  const log = options.traceLog ?? memoryLog({ id: process, clock: settings.clock });
  const cookiesRepeat = source.cookiesRepeat === true;
  const lineage = createKeyLineage({ joins: !cookiesRepeat });
  const recorder = createRecorder({
    log,
    digests,
    process,
    cookiesRepeat,
    clock: settings.clock,
    now,
    newId: createIdMaker(),
    ...(settings.samplesWriters ? { sampleWriter: createWriterSampler(now) } : {}),
    failed: (error) =>
      settings.log(`[session-bridge] a request could not be traced: ${describeError(error)}`),
  });
  const stopObserving = source.proof.by === "nothing" ? undefined : source.observe?.(recorder.observer);
  let closed: string | null = null;
  const handler = createHandler({
    source,
    settings,
    log,
    lineage,
    digests,
    recorder,
    now,
    closing: () => closed,
  });
  settings.log(startLine(settings, source.engine));

  const middleware = nodeMiddleware({
    handler,
    recorder,
    follow: source.follow?.bind(source),
    isOpen: () => closed === null,
  });
  return Object.assign(middleware, {
    koa: koaMiddleware(middleware),
    fastify: fastifyHook(middleware),
    fetch: fetchBridge({ handler, recorder, isOpen: () => closed === null }),
    close() {
      closed = "the bridge was closed";
      stopObserving?.();
      recorder.flush();
      void log.close();
    },
  });
}

const WITHOUT_PROOF =
  "[session-bridge] this source has no proof: the bridge could not tell whose a cookie is. Give it proof: { by: 'signature', keyOf }, or another form of the type Proof.";

function toSource<Data>(target: Source | Sessions<Data>): Source {
  if (typeof target === "object" && target !== null) {
    if ("library" in target && target.proof === undefined) throw new TypeError(WITHOUT_PROOF);
    if ("library" in target) return target;
    if ("engine" in target) return ownSource(target);
  }
  // an app in JavaScript passes anything
  throw new TypeError(
    "[session-bridge] openBridge(…) takes what createSessions(…) gives, or a source of session-bridge/sources, such as expressSession({ secret }), and was given something else.",
  );
}

/** A bridge that is not there: everything goes on to the app. */
function shutBridge(): Bridge {
  const middleware: NodeMiddleware = (_request, _response, next) => next();
  return Object.assign(middleware, {
    koa: koaMiddleware(middleware),
    fastify: fastifyHook(middleware),
    fetch: async (_request: Request, _context: object, next: () => Response | Promise<Response>) => next(),
    close() {},
  });
}
