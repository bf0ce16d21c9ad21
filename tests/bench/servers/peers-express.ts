/** express-session with five stores, and cookie-session, on Express 5. */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import Database from "better-sqlite3";
import createSqliteStore from "better-sqlite3-session-store";
import connectPgSimple from "connect-pg-simple";
import { RedisStore } from "connect-redis";
import cookieSession from "cookie-session";
import express from "express";
import session from "express-session";
import pg from "pg";
import { createClient } from "redis";
import createFileStore from "session-file-store";
import { AGE_SECONDS, entriesOf, FILLS, type Fill, SECRET } from "../data.ts";
import { listen, type Places, type Start } from "./contestant.ts";

type MakeStore = (places: Places) => Promise<session.Store | undefined>;

function startWith(makeStore: MakeStore) {
  return async (places: Places): Promise<Server> => {
    const store = await makeStore(places);
    const app = express();
    app.use(
      session({
        secret: SECRET,
        resave: false,
        saveUninitialized: false,
        cookie: { maxAge: AGE_SECONDS * 1000 },
        ...(store ? { store } : {}),
      }),
    );
    addPages(app);
    return listen(createServer(app));
  };
}

function addPages(app: express.Express): void {
  app.get("/untouched", (_request, response) => void response.json({ ok: true }));
  app.get("/read", (request, response) => {
    const data = dataOf(request);
    response.json({ user_id: data["user_id"], n: data["n"] });
  });
  app.post("/write", (request, response) => {
    const data = dataOf(request);
    data["n"] = Number(data["n"]) + 1;
    response.json({ n: data["n"] });
  });
  const fill = (what: Fill) => (request: express.Request, response: express.Response) => {
    request.session.regenerate((error) => {
      if (error) throw error;
      for (const [key, value] of entriesOf(what)) dataOf(request)[key] = value;
      response.json({ user_id: 123 });
    });
  };
  for (const [path, data] of FILLS) app.post(path, fill(data));
}

/** The session as express-session's, with keys of any name. */
function dataOf(request: express.Request): Record<string, unknown> {
  return request.session as unknown as Record<string, unknown>; // the pages' keys are not declared
}

async function startCookieSession(): Promise<Server> {
  const app = express();
  app.use(cookieSession({ name: "session", secret: SECRET, maxAge: AGE_SECONDS * 1000 }));
  app.get("/untouched", (_request, response) => void response.json({ ok: true }));
  app.get("/read", (request, response) => {
    const { session } = carrying(request);
    response.json({ user_id: session["user_id"], n: session["n"] });
  });
  app.post("/write", (request, response) => {
    const { session } = carrying(request);
    session["n"] = Number(session["n"]) + 1;
    response.json({ n: session["n"] });
  });
  for (const [path, data] of FILLS) {
    app.post(path, (request, response) => {
      carrying(request).session = Object.fromEntries(entriesOf(data));
      response.json({ user_id: 123 });
    });
  }
  return listen(createServer(app));
}

/** cookie-session's and express-session's types both declare `request.session`; here it is cookie-session's. */
function carrying(request: express.Request): { session: Record<string, unknown> } {
  return request as unknown as { session: Record<string, unknown> }; // as above
}

const stores: Record<string, MakeStore> = {
  memory: async () => undefined,
  redis: async ({ redisUrl, id }) => {
    const client = createClient({ url: redisUrl });
    await client.connect();
    return new RedisStore({ client, prefix: `${id}:` });
  },
  sqlite: async ({ directory, id }) => {
    const client = new Database(join(directory, `${id}.db`));
    client.pragma("journal_mode = WAL");
    client.pragma("synchronous = NORMAL");
    const SqliteStore = createSqliteStore(session);
    return new SqliteStore({ client, expired: { clear: false, intervalMs: 900_000 } });
  },
  postgres: async ({ postgresUrl }) => {
    const PgStore = connectPgSimple(session);
    return new PgStore({
      pool: new pg.Pool({ connectionString: postgresUrl }),
      createTableIfMissing: true,
      pruneSessionInterval: false,
    });
  },
  file: async ({ directory, id }) => {
    const FileStore = createFileStore(session);
    return new FileStore({ path: join(directory, id), ttl: AGE_SECONDS, reapInterval: -1, logFn: () => {} });
  },
};

export const START: Record<string, Start> = {
  ...Object.fromEntries(
    Object.entries(stores).map(([store, makeStore]) => [`express-session-${store}`, startWith(makeStore)]),
  ),
  "cookie-session": startCookieSession,
};
