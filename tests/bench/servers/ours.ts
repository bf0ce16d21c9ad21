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
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { AGE_SECONDS, type BenchData, entriesOf, SECRET } from "../data.ts";
import { sendJson } from "./bare.ts";
import { listen, type Places, type Start, type Store } from "./contestant.ts";

/** The engine that keeps sessions where the peers of that store do. */
export function engineFor(store: Store, { directory, redisUrl, postgresUrl, id }: Places): Engine {
  if (store === "memory") return cache("memory:", { max: 2_000_000 });
  if (store === "redis") return cache(redisUrl, { keyPrefix: id });
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

/** What a login does, in every framework alike. */
export function logIn(session: Session<BenchData>, size: "small" | "big"): { user_id: number } {
  for (const [key, value] of entriesOf(size)) session.set(key, value);
  session.cycleKey();
  return { user_id: 123 };
}

/** What a page answers after its use of the session. */
export function answer(session: Session<BenchData>, path: string): unknown {
  if (path === "/read") return { user_id: session.user_id, n: session.n };
  if (path === "/write") {
    session.n = (session.n ?? 0) + 1;
    return { n: session.n };
  }
  return logIn(session, path === "/login" ? "small" : "big");
}

type Prepare = (
  sessions: Sessions<BenchData>,
) => ((request: IncomingMessage, response: ServerResponse, next: () => void) => void) | undefined;

function startNode(store: Store, options: Partial<SessionsOptions> = {}, prepare?: Prepare) {
  return async (places: Places): Promise<Server> => {
    const sessions = await openSessions(store, places, options);
    const before = prepare?.(sessions);
    const middleware = sessionMiddleware(sessions);
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      middleware(request, response, () => {
        const path = request.url ?? "/";
        if (path === "/untouched") sendJson(response, { ok: true });
        else
          sendJson(
            response,
            answer((request as { session: Session<BenchData> } & IncomingMessage).session, path),
          ); // set by the middleware
      });
    return listen(
      createServer(
        before ? (request, response) => before(request, response, () => handle(request, response)) : handle,
      ),
    );
  };
}

function startExpress(store: Store) {
  return async (places: Places): Promise<Server> => {
    const app = express();
    app.use(sessionMiddleware(await openSessions(store, places)));
    app.get("/untouched", (_request, response) => void response.json({ ok: true }));
    for (const path of ["/read", "/write", "/login", "/login-big"]) {
      app[path === "/read" ? "get" : "post"](path, (request, response) => {
        response.json(answer((request as unknown as { session: Session<BenchData> }).session, path)); // set by the middleware
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
