/** session-bridge on bare node:http and on Express, with every store that a peer has; and with its bridge open. */

import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import express from "express";
import {
  cache,
  createSessions,
  database,
  type Engine,
  file,
  type Session,
  type Sessions,
  type SessionsOptions,
  signedCookies,
} from "session-bridge";
import { type NodeMiddleware, openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { AGE_SECONDS, type BenchData, entriesOf, FILLS, type Fill, SECRET } from "../data.ts";
import { sendJson } from "./bare.ts";
import { CROWD_PATH, listen, type Places, type Start, type Store } from "./contestant.ts";

/** The engine that stores sessions in the same place as that store's peers. */
export function engineFor(store: Store, { directory, redisUrl, postgresUrl, id }: Places): Engine {
  if (store === "memory") return cache("memory:");
  if (store === "redis") return cache(redisUrl);
  if (store === "sqlite") return database(`sqlite:${join(directory, `${id}.db`)}`);
  if (store === "postgres") return database(postgresUrl);
  if (store === "file") {
    mkdirSync(join(directory, id));
    return file(join(directory, id));
  }
  return signedCookies();
}

export async function openSessions(
  store: Store,
  places: Places,
  options: Partial<SessionsOptions> = {},
): Promise<Sessions<BenchData>> {
  const engine = engineFor(store, places);
  const sessions = createSessions<BenchData>({
    secretKey: SECRET,
    engine,
    cookieAge: AGE_SECONDS,
    ...options,
  });
  await sessions.migrate();
  return sessions;
}

/** What a login does, the same in every framework. */
export function logIn(session: Session<BenchData>, fill: Fill): { user_id: number } {
  for (const [key, value] of entriesOf(fill)) session.set(key, value);
  session.cycleKey();
  return { user_id: 123 };
}

/** What a page responds after it used the session. */
export function answer(session: Session<BenchData>, path: string): unknown {
  if (path === "/read") return { user_id: session.user_id, n: session.n };
  if (path === "/write") {
    session.n = Number(session.n) + 1;
    return { n: session.n };
  }
  return logIn(session, FILLS.get(path) ?? "login");
}

type Prepare = (sessions: Sessions<BenchData>) => NodeMiddleware;

function startNode(store: Store, options: Partial<SessionsOptions> = {}, prepare?: Prepare) {
  return async (places: Places): Promise<Server> => {
    const sessions = await openSessions(store, places, options);
    const respond = options.load === "lazy" ? respondLazily : respondNow;
    const middleware = sessionMiddleware(sessions);
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      middleware(request, response, (error) => {
        if (error !== undefined) throw error;
        respond(request, response);
      });
    const before = prepare?.(sessions);
    if (before === undefined) {
      return listen(
        createServer((request, response) => {
          if (request.url?.startsWith(CROWD_PATH)) void makeCrowd(sessions, request, response);
          else handle(request, response);
        }),
      );
    }
    return listen(
      createServer((request, response) => before(request, response, () => handle(request, response))),
    );
  };
}

const CROWD_AT_ONCE = 1_000;

/** Stores sessions of as many other visitors as the path says. */
async function makeCrowd(
  sessions: Sessions<BenchData>,
  { url = "" }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const makeOne = () => {
    const session = sessions.open();
    for (const [key, value] of entriesOf("small")) session.set(key, value);
    return session.save();
  };
  for (let left = Number(url.slice(CROWD_PATH.length)); left > 0; left -= CROWD_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(left, CROWD_AT_ONCE) }, makeOne));
  }
  sendJson(response, { ok: true });
}

function respondNow(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  sendJson(response, path === "/untouched" ? { ok: true } : answer(sessionOf(request), path));
}

function respondLazily(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/untouched") respondNow(request, response);
  else
    void sessionOf(request)
      .load()
      .then(() => respondNow(request, response));
}

function sessionOf(request: IncomingMessage): Session<BenchData> {
  return (request as unknown as { session: Session<BenchData> }).session; // the middleware's, typed by what is stored
}

function startExpress(store: Store) {
  return async (places: Places): Promise<Server> => {
    const app = express();
    app.use(sessionMiddleware(await openSessions(store, places)));
    app.get("/untouched", (_request, response) => void response.json({ ok: true }));
    for (const path of ["/read", "/write", ...FILLS.keys()]) {
      app[path === "/read" ? "get" : "post"](path, (request, response) => {
        response.json(answer(sessionOf(request), path));
      });
    }
    return listen(createServer(app));
  };
}

const openTheBridge: Prepare = (sessions) => openBridge(sessions);

export const START: Record<string, Start> = {
  ...Object.fromEntries(
    (["memory", "sqlite", "redis", "cookie"] as const).map((store) => [
      `ours-node-${store}`,
      startNode(store),
    ]),
  ),
  "ours-node-redis-lazy": startNode("redis", { load: "lazy" }),
  "ours-bridge-off": startNode("sqlite"),
  "ours-bridge-on": startNode("sqlite", {}, openTheBridge),
  "ours-bridge-panel": startNode("sqlite", {}, openTheBridge),
  ...Object.fromEntries(
    (["memory", "sqlite", "redis", "postgres", "file", "cookie"] as const).map((store) => [
      `ours-express-${store}`,
      startExpress(store),
    ]),
  ),
};
