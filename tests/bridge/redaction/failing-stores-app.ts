/**
 * Apps whose stores all fail with a secret in the error, on every engine and with every library that stores sessions. It prints
 * what the library prints; the bridge's responses go to the parent process.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fastifyCookie from "@fastify/cookie";
import fastifySessionPlugin from "@fastify/session";
import express from "express";
import expressSessionMiddleware from "express-session";
import Fastify from "fastify";
import Koa from "koa";
import koaSessionMiddleware from "koa-session";
import {
  cache,
  cachedDatabase,
  createSessions,
  database,
  type Engine,
  file,
  fromExpressStore,
  memory,
  mysql,
  postgres,
  redis,
  sqlite,
} from "session-bridge";
import { openBridge, redisLog } from "session-bridge/bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { withSessions } from "session-bridge/node";
import { expressSession, fastifySession, koaSession } from "session-bridge/sources";
import { signConnectId, signFastifyId } from "../../../server-bridge/src/sources/foreign/connect-cookie.ts";
import { call } from "../site.ts";
import { throwing } from "./thrown.ts";

const secrets: string[] = JSON.parse(process.env["SECRETS"] ?? "[]");
const secret = "a secret of these tests, longer than thirty-two characters";
const key = "k".repeat(32);
const env = { NODE_ENV: "development" };

/** Each kind of error with each secret, in turn. */
let turn = 0;
const fail = (): never => {
  turn += 1;
  return throwing(secrets[turn % secrets.length] ?? "", turn);
};
const rejects = async () => fail();
/** A store's answer by callback, as express-session has it. */
const failing = (...given: unknown[]) => {
  const answer = given.at(-1) as (error?: unknown) => void; // the last of a store's parameters
  try {
    fail();
  } catch (error) {
    answer(error);
  }
};
const store = { get: failing, set: failing, destroy: failing, on: () => {}, createSession: () => {} };

/** A table that refuses every row, as an application's own trigger may. */
function refusingTable(): DatabaseSync {
  const table = new DatabaseSync(":memory:");
  const columns =
    "session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL";
  table.exec(`CREATE TABLE django_session (${columns})`);
  const text = secrets[0]?.replaceAll("'", "''") ?? "";
  table.exec(
    `CREATE TRIGGER refuse BEFORE INSERT ON django_session BEGIN SELECT RAISE(ABORT, '${text}'); END`,
  );
  return table;
}

/** Removed once the engine has started: file system errors name the file, and so the key. */
const goneDirectory = mkdtempSync(join(tmpdir(), "sessions-test-"));

const client = { get: rejects, del: rejects, eval: rejects, evalSha: rejects };
const engines: Record<string, () => Engine> = {
  sqlite: () => database(sqlite(refusingTable())),
  postgres: () => database(postgres({ query: rejects } as never)), // the part of a pool that is used
  mysql: () => database(mysql({ execute: rejects } as never)), // as above
  redis: () => cache(redis(client)),
  "cached database": () => cachedDatabase(redis(client), sqlite(refusingTable())),
  "store of express-session": () => fromExpressStore(store),
  files: () => file(goneDirectory),
  "engine of one's own": () => failingEngine(),
};

/** An engine that fails in these methods; by default in all. */
function failingEngine(names: readonly string[] | null = null): Engine {
  const works = cache(memory());
  return new Proxy(works, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const fails = names === null ? name !== "start" : names.includes(String(name));
      return fails ? fail : value.bind(target);
    },
  });
}

const servers: Server[] = [];
async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** Uses an app, and sends every response to the parent. */
async function use(what: string, origin: string, cookie: string): Promise<void> {
  const headers = { cookie };
  const app = ["/read", "/set", "/logout", "/throw"].map((path) => fetch(origin + path, { headers }));
  const answers = await Promise.all(app.map(async (response) => (await response).text()));
  const value = decodeURIComponent(cookie.slice(cookie.indexOf("=") + 1));
  const ifVersion = "v".repeat(22);
  for (const [name, body] of Object.entries({
    session: {},
    edit: { ifVersion, operations: [{ op: "set", path: ["a"], valueJson: "1" }] },
    expiry: { ifVersion, change: { kind: "seconds", seconds: 9 } },
    cycle: { ifVersion },
    flush: { ifVersion },
  })) {
    answers.push((await call({ origin }, name, { cookie: value, ...body })).text);
    answers.push((await call({ origin }, name, { cookie: encodeURIComponent(value), ...body })).text);
  }
  process.send?.({ what, answers });
}

async function useEngine(name: string, engine: Engine): Promise<void> {
  const sessions = createSessions({ secretKey: secret, engine });
  rmSync(goneDirectory, { recursive: true, force: true });
  sessions.observe({ opened: fail });
  const bridge = openBridge(sessions, { env });
  const app = withSessions(sessions, (request, response) => {
    if (request.url === "/read") request.session.get("a");
    if (request.url === "/set") request.session.set("a", 1);
    if (request.url === "/logout") request.session.clear();
    if (request.url === "/throw") fail();
    response.end("done");
  });
  const origin = await listen(
    createServer((request, response) => bridge(request, response, () => app(request, response))),
  );
  await use(name, origin, `sessionid=${key}`);

  const plugin = Fastify({ logger: { level: "error" }, forceCloseConnections: true });
  await plugin.register(
    sessionPlugin(createSessions({ secretKey: secret, engine: failingEngine(["create"]) })),
  );
  plugin.get("/set", (request, reply) => {
    request.session.set("a", 1);
    reply.raw.end("done"); // bypasses Fastify's error responses, because the library itself reports
  });
  plugin.setErrorHandler((_error, _request, reply) => reply.code(500).send("an error"));
  const base = await plugin.listen({ port: 0, host: "127.0.0.1" });
  await fetch(`${base}/set`).catch(() => {});
  await plugin.close();
}

/** For every error, the app says only that there was one. */
const quietly = (
  _error: unknown,
  _request: unknown,
  response: { statusCode: number; end(text: string): void },
  _next: unknown,
) => {
  response.statusCode = 500;
  response.end("an error");
};

async function useLibraries(): Promise<void> {
  const signed = encodeURIComponent(signConnectId(key, secret));

  const app = express();
  const expressStore = Object.assign(new expressSessionMiddleware.MemoryStore(), {
    get: failing,
    set: failing,
    destroy: failing,
  });
  app.use(openBridge(expressSession({ secret, store: expressStore }), { env }));
  app.use(expressSessionMiddleware({ secret, store: expressStore, resave: true, saveUninitialized: true }));
  app.use((_request, response) => response.send("done"));
  app.use(quietly as never); // Express recognises it by its four parameters
  await use("express-session", await listen(createServer(app)), `connect.sid=${signed}`);

  const koa = new Koa();
  koa.keys = [secret];
  koa.silent = true;
  const koaStore = { get: rejects, set: rejects, destroy: rejects };
  koa.use(openBridge(koaSession({ store: koaStore }), { env }).koa);
  koa.use((context, next) =>
    next().catch(() => {
      context.body = "an error";
    }),
  );
  koa.use(koaSessionMiddleware({ store: koaStore, signed: false }, koa));
  koa.use((context) => {
    if (context.session) context.session["a"] = 1;
    context.body = "done";
  });
  await use("koa-session", await listen(createServer(koa.callback())), `koa.sess=${key}`);

  const fastify = Fastify({ forceCloseConnections: true });
  fastify.setErrorHandler((_error, _request, reply) => reply.code(500).send("an error"));
  fastify.addHook(
    "onRequest",
    openBridge(fastifySession({ secret, store: store as never }), { env }).fastify,
  );
  await fastify.register(fastifyCookie);
  await fastify.register(fastifySessionPlugin, { secret, store: store as never, cookie: { secure: false } });
  fastify.get("/*", async () => "done");
  await fastify.ready();
  const fastifyOrigin = await fastify.listen({ port: 0, host: "127.0.0.1" });
  await use("@fastify/session", fastifyOrigin, `sessionId=${encodeURIComponent(signFastifyId(key, secret))}`);
  await fastify.close();
}

/** A trace log whose Redis fails. */
async function useTraceLog(): Promise<void> {
  const connection = {
    sendCommand: rejects,
    duplicate: () => ({ ...connection, connect: rejects, destroy: () => {} }),
  };
  const log = redisLog(connection);
  await log.read(0);
  await log.close();
}

process.once("disconnect", () => process.exit()); // even if the test has already ended
process.on("uncaughtException", (error: Error & { request?: IncomingMessage }) => {
  process.send?.({ what: "uncaught", answers: [error.name] }); // a store's late error, which the libraries themselves throw
});
for (const [name, make] of Object.entries(engines)) {
  mkdirSync(goneDirectory, { recursive: true });
  await useEngine(name, make());
}
await useLibraries();
await useTraceLog();
for (const server of servers) {
  server.closeAllConnections();
  server.close();
}
process.send?.({ what: "thrown", answers: [String(turn)] });
process.disconnect?.();
