/** Fastify as a host: the pages in its own words, with `reply.send`; events go around it, as they do in its users' apps. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { sessionPlugin } from "session-bridge/fastify";
import {
  answerRaw,
  FILE,
  FILE_TYPE,
  LARGE,
  LARGE_ETAG,
  openEndless,
  openStream,
  readRange,
  SMALL,
  STREAM_TYPE,
} from "../pages.ts";
import { signalsOf } from "../signals.ts";
import { type Bag, createServerOf, listenBy, readVisits, type Serve, VISITS_PATH, visit } from "./host.ts";

/** Serves an app by Fastify. */
export const serveFastify: Serve = async (app) => {
  const { before, after, protocol } = app;
  const server = createServerOf(protocol);
  before?.attach?.(server);
  const fastify: FastifyInstance = Fastify({
    forceCloseConnections: true,
    ...(protocol === "HTTP/2" ? { http2: true } : {}), // Fastify then knows what its requests look like
    serverFactory: (handler: (...args: never[]) => void) => server.on("request", handler as () => void),
  } as object);
  after?.attach?.(server);
  await before?.fastify?.(fastify);
  await useSession(fastify, app.sessions);
  await after?.fastify?.(fastify);
  fastify.get(VISITS_PATH, async (request) => readVisits(bagOf(request)));
  for (const [path, page] of Object.entries(FASTIFY_PAGES)) {
    fastify.get(path, (request, reply) => {
      visit(bagOf(request));
      page(request, reply);
    });
  }
  return listenBy(server, {
    open: () => fastify.listen({ port: 0, host: "127.0.0.1" }),
    close: () => fastify.close(),
  });
};

async function useSession(
  fastify: FastifyInstance,
  sessions: Parameters<Serve>[0]["sessions"],
): Promise<void> {
  if (sessions !== null) {
    await fastify.register(sessionPlugin(sessions));
    return;
  }
  fastify.decorateRequest("session");
  fastify.addHook("onRequest", (request, _reply, done) => {
    Object.assign(request, { session: {} });
    done();
  });
}

function bagOf(request: FastifyRequest): Bag {
  return request.session as unknown as Bag; // index access, as in any app
}

const FASTIFY_PAGES: Record<string, (request: FastifyRequest, reply: FastifyReply) => void> = {
  "/small": (_request, reply) => void reply.send(SMALL),
  "/large": (request, reply) => {
    reply.header("etag", LARGE_ETAG);
    if (request.headers["if-none-match"] === LARGE_ETAG) reply.code(304).send();
    else reply.send(LARGE);
  },
  "/file": (request, reply) => {
    const range = readRange(request.headers.range);
    reply.header("accept-ranges", "bytes").type(FILE_TYPE);
    if (range === null) reply.send(FILE);
    else
      reply
        .code(206)
        .header("content-range", `bytes ${range.from}-${range.to}/${FILE.length}`)
        .send(FILE.slice(range.from, range.to + 1));
  },
  "/events": (request, reply) => {
    reply.hijack();
    answerRaw(request.raw, reply.raw, "writeHead");
  },
  "/stream": (_request, reply) => void reply.type(STREAM_TYPE).send(openStream()),
  "/endless": (request, reply) => void reply.type(STREAM_TYPE).send(openEndless(signalsOf(request.headers))),
};
