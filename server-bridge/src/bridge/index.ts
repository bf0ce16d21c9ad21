/**
 * `openBridge`: the opt-in line that lets the Sessions tab see and edit this server's sessions. It connects the
 * bridge's parts; every decision is made in the parts.
 */
import { randomBytes } from "node:crypto";
import { describeError, PREFIX } from "../core/errors.ts";
import { once } from "../core/runtime.ts";
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
import { type BridgeOptions, readOptions, secondLine, startLine } from "./options.ts";
import { createDigests } from "./redaction/digests.ts";
import { createKeyLineage } from "./traces/key-lineage.ts";
import { createIdMaker } from "./traces/random-ids.ts";
import { createRecentIds } from "./traces/recent-ids.ts";
import { createRecorder } from "./traces/recorder.ts";
import { type KeptTraces, memoryLog } from "./traces/trace-log.ts";
import { createWriterSampler } from "./traces/writer-sampler.ts";

export type { Capability, ExpiryChange } from "../protocol/messages.ts";
export type {
  Proof,
  ProvenKey,
  ProvenView,
  ReadResult,
  ReportedRequest,
  RequestReports,
  Source,
  StoredView,
  WriteResult,
} from "../sources/source.ts";
export type { FetchBridge, FetchContext } from "./fetch.ts";
export type { FastifyHook, KoaMiddleware, NodeMiddleware } from "./node.ts";
export type { BridgeOptions } from "./options.ts";
export type { RedisClusterConnection, RedisConnection, RedisTarget } from "./traces/redis-links.ts";
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

/** @deprecated Renamed to `KeptTraces`; this name will be removed in the next version. */
export type Kept = KeptTraces;

/** The bridge: middleware for node:http, Connect and Express, with variants for other frameworks. */
export interface Bridge extends NodeMiddleware {
  /** `app.use(bridge.koa)`, before the session middleware. */
  readonly koa: KoaMiddleware;
  /** `fastify.addHook('onRequest', bridge.fastify)`, before the session plugin. */
  readonly fastify: FastifyHook;
  /** `bridge.fetch(request, { peerAddress }, next)`, for Hono, h3 and similar frameworks. */
  readonly fetch: FetchBridge;
  /** Ends the streams and stops watching; from then on every request continues to the app. */
  close(): void;
}

/**
 * Opens the bridge for the result of `createSessions`, or for a source for another library. Put it before the session
 * middleware.
 *
 * It opens if `NODE_ENV` is exactly `development` or with `enabled: true`, answers only extensions on this machine, and
 * prints one line.
 *
 * @throws if it may not open, saying what to do (in production always, unless a reason and a token are given); and if
 * the argument is neither sessions nor a source
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
  const recent = createRecentIds();
  const recorder = createRecorder({
    log,
    digests,
    process,
    cookiesRepeat,
    clock: settings.clock,
    now,
    newId: createIdMaker(recent.note),
    noteId: recent.noteShared,
    ...(settings.samplesWriters ? { sampleWriter: createWriterSampler(now) } : {}),
    failed: (error) => settings.log(`a request could not be traced: ${describeError(error)}`),
  });
  const isProven = source.proof.by !== "nothing";
  const stopObserving = isProven ? source.observe?.(recorder.observer) : undefined;
  const stopReceiving = isProven ? source.receive?.(recorder.reports) : undefined;
  let closed: string | null = null;
  const handler = createHandler({
    source,
    settings,
    log,
    lineage,
    digests,
    recorder,
    recent,
    now,
    closing: () => closed,
  });
  settings.log(startLine(settings, source.engine));

  const follow = source.follow?.bind(source);
  const middleware = nodeMiddleware({
    handler,
    recorder,
    follow,
    isOpen: () => closed === null,
    isSecond: once(() => settings.log(secondLine(source.library.name))),
  });
  return Object.assign(middleware, {
    koa: koaMiddleware(middleware),
    fastify: fastifyHook(middleware),
    fetch: fetchBridge({ handler, recorder, follow, isOpen: () => closed === null }),
    close() {
      closed = "the bridge was closed";
      stopObserving?.();
      stopReceiving?.();
      recorder.flush();
      void log.close();
    },
  });
}

const WITHOUT_PROOF = `${PREFIX}this source has no proof, so the bridge cannot tell who owns a cookie. Give it proof: { by: 'signature', keyOf }, or another form of the type Proof.`;

function toSource<Data>(target: Source | Sessions<Data>): Source {
  if (typeof target === "object" && target !== null) {
    if ("library" in target && target.proof === undefined) throw new TypeError(WITHOUT_PROOF);
    if ("library" in target) return target;
    if ("engine" in target) return ownSource(target);
  }
  // an app in JavaScript may pass anything
  throw new TypeError(
    `${PREFIX}openBridge(…) takes the result of createSessions(…), or a source from session-bridge/sources, such as expressSession({ secret }), but was given something else.`,
  );
}

/** A bridge that does nothing: every request continues to the app. */
function shutBridge(): Bridge {
  const middleware: NodeMiddleware = (_request, _response, next) => next();
  return Object.assign(middleware, {
    koa: koaMiddleware(middleware),
    fastify: fastifyHook(middleware),
    fetch: async (_request: Request, _context: object, next: () => Response | Promise<Response>) => next(),
    close() {},
  });
}
