/** One app before and after its move from express-session, over one store, and visitors with a browser's cookie jar. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import session, { type Store } from "express-session";
import { createSessions, fromExpressStore } from "session-bridge";
import { sessionMiddleware } from "session-bridge/node";
import { CookieJar } from "tough-cookie";

/** express-session's own store, in full. */
export const MemoryStore = session.MemoryStore as new () => Store & { sessions: Record<string, string> };

/** What both apps use of `request.session`: express-session's types cannot be declared next to ours. */
interface Shared {
  user?: string;
  items?: string[];
  regenerate(done: (error?: unknown) => void): void;
  save(done: (error?: unknown) => void): void;
}

/** An app that listens. */
export interface MovingApp {
  readonly origin: string;
  stop(): Promise<void>;
}

type Secret = string | string[];
type OldOptions = Omit<Parameters<typeof session>[0], "secret" | "store" | "resave" | "saveUninitialized">;
type NewOptions = Omit<Parameters<typeof createSessions>[0], "secretKey" | "engine">;

/** What the old app still has of express-session where the new one has another name. */
interface Renamed {
  id(request: object): unknown;
  setAge(request: object, seconds: number | null): void;
  readAge(request: object): number | null;
  logOut(request: object, done: (error?: unknown) => void): void;
}

interface OldSession {
  cookie: { maxAge: number | null; originalMaxAge: number | null };
  destroy(done: (error?: unknown) => void): void;
}
const oldSession = (request: object): OldSession => Reflect.get(request, "session");

const RENAMED_OLD: Renamed = {
  id: (request) => Reflect.get(request, "sessionID"),
  setAge: (request, seconds) => {
    oldSession(request).cookie.maxAge = seconds === null ? null : seconds * 1000;
  },
  readAge: (request) => {
    const { originalMaxAge } = oldSession(request).cookie;
    return originalMaxAge === null ? null : originalMaxAge / 1000;
  },
  logOut: (request, done) => oldSession(request).destroy(done),
};

const newSession = (request: object): import("session-bridge").Session => Reflect.get(request, "session");

const RENAMED_NEW: Renamed = {
  id: (request) => newSession(request).sessionKey,
  setAge: (request, seconds) => newSession(request).setExpiry(seconds ?? 0),
  readAge: (request) =>
    newSession(request).getExpireAtBrowserClose() ? null : newSession(request).getExpiryAge(),
  logOut: (request, done) => void newSession(request).flush().then(done, done),
};

/** The app on express-session. */
export function startOld(store: object, secret: Secret, options: OldOptions = {}): Promise<MovingApp> {
  const middleware = session({ secret, store, resave: false, saveUninitialized: false, ...options });
  return startApp(middleware, RENAMED_OLD);
}

/** The same app on session-bridge. */
export function startNew(store: Store, secret: Secret, options: NewOptions = {}): Promise<MovingApp> {
  const engine = fromExpressStore(store, { secret });
  const sessions = createSessions({ secretKey: "any", cookieName: "connect.sid", engine, ...options });
  return startApp(sessionMiddleware(sessions) as express.RequestHandler, RENAMED_NEW);
}

async function startApp(middleware: express.RequestHandler, renamed: Renamed): Promise<MovingApp> {
  const app = express();
  app.use(middleware);
  app.use((request, response, next) => {
    const shared = (): Shared => Reflect.get(request, "session");
    const { user, item, age } = request.query;
    const done = (error?: unknown) => (error ? next(error) : response.send("done"));
    if (request.path === "/login")
      shared().regenerate((error) => {
        shared().user = String(user);
        if (age !== undefined) renamed.setAge(request, age === "" ? null : Number(age));
        done(error);
      });
    else if (request.path === "/add") {
      shared().items ??= [];
      shared().items?.push(String(item));
      response.send(shared().user ?? "guest");
    } else if (request.path === "/logout") renamed.logOut(request, done);
    else {
      const { user, items } = shared();
      response.json({ user, items, id: renamed.id(request), age: renamed.readAge(request) });
    }
  });
  return listen(app);
}

/** Starts a server on a free port. */
export async function listen(listener: RequestListener): Promise<MovingApp> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What `/` says about the session. */
export interface Seen {
  user?: string;
  items?: string[];
  id: string | null;
  /** Seconds; null: until the browser closes. */
  age: number | null;
}

/** A visitor. Cookies are kept by host, whatever the port, as in a browser. */
export class Visitor {
  readonly jar = new CookieJar();
  /** The Set-Cookie lines of the last response. */
  lines: string[] = [];

  /** The session as the app sees it. */
  async see(app: MovingApp): Promise<Seen> {
    return JSON.parse(await this.get(app, "/"));
  }

  async get({ origin }: MovingApp, path: string): Promise<string> {
    const url = origin + path;
    const cookie = await this.jar.getCookieString(url);
    const response = await fetch(url, cookie === "" ? {} : { headers: { cookie } });
    this.lines = response.headers.getSetCookie();
    for (const line of this.lines) await this.jar.setCookie(line, url);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  }

  /** Replaces the cookie's value. */
  async forge(app: MovingApp, value: string): Promise<void> {
    await this.jar.setCookie(`connect.sid=${value}; Path=/`, app.origin);
  }

  /** The cookie as it is sent, without its name. */
  async cookie(app: MovingApp): Promise<string> {
    const text = await this.jar.getCookieString(app.origin);
    return text.slice(text.indexOf("=") + 1);
  }
}
