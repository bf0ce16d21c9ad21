/**
 * A Passport login over a store and a table of users that call back from outside the request's asynchronous context. The app
 * itself records what each request does to its session.
 */
import { createServer, type Server } from "node:http";
import express from "express";
import session, { type Store } from "express-session";
import passport from "passport";
import { openBridge } from "session-bridge/bridge";
import type { Trace } from "session-bridge/protocol";
import { expressSession } from "session-bridge/sources";
import { listen, readCookie, readTraceId, readTraces } from "../panel-client.ts";

/** Finds a user's name, and calls back as the store's driver does. */
export type FindUser = (name: string, answer: (error: unknown, name?: string) => void) => void;

interface Parts {
  store: Store;
  findUser: FindUser;
}

/** What one request did to its session: the data before and after, and the calls to the store in order. */
interface Deed {
  path: string;
  before: string | null;
  after: string | null;
  calls: string[];
}

/** An app that listens. */
export interface PassportApp {
  base: string;
  server: Server;
  /** What the app recorded about a request, by the id of its trace. */
  deeds: Map<string, Deed>;
}

interface Data {
  n?: number;
  regenerate(done: (error?: unknown) => void): void;
  reload(done: (error?: unknown) => void): void;
  destroy(done: (error?: unknown) => void): void;
}

const dataOf = (request: object): Data => Reflect.get(request, "session");

/** A stored session without what the library keeps about it. */
function withoutCookie(session: unknown): string {
  return JSON.stringify(session, (key, value) => (key === "cookie" ? undefined : value));
}

/** Starts it. */
export async function startPassportApp({ store, findUser }: Parts): Promise<PassportApp> {
  const secret = "a secret of these tests, longer than thirty-two characters";
  const deeds = new Map<string, Deed>();
  /** The request that has a key now: each client waits for its answers, so there is one. */
  const ofKey = new Map<string, Deed>();
  noteCalls(store, ofKey);
  const users = new passport.Passport();
  users.serializeUser((user: unknown, done) => done(null, user));
  users.deserializeUser((name: string, done) => findUser(name, done));
  const app = express();
  app.use((request, response, next) => {
    const deed: Deed = { path: request.path, before: null, after: null, calls: [] };
    Reflect.set(request, "deed", deed);
    const key = /connect\.sid=s%3A([^.]*)\./.exec(request.headers.cookie ?? "")?.[1];
    if (key !== undefined) ofKey.set(decodeURIComponent(key), deed);
    response.once("finish", () => {
      deeds.set(/id=([^;]*)/.exec(String(response.getHeader("session-trace")))?.[1] ?? "", deed);
    });
    next();
  });
  app.use(openBridge(expressSession({ secret }), { enabled: true, log: () => {} }));
  const genid = (request: object) => {
    const key = crypto.randomUUID();
    ofKey.set(key, Reflect.get(request, "deed"));
    return key;
  };
  app.use(session({ secret, store, genid, resave: false, saveUninitialized: false }));
  app.use(users.session());
  app.use((request, response, next) => {
    const done = (error?: unknown) => (error ? next(error) : response.send("done"));
    findUser(String(request.query["user"]), (error, name) => {
      if (error) next(error);
      else if (request.path === "/login") request.logIn(String(name), done);
      else if (request.path === "/logout") request.logout(done);
      else if (request.path === "/end") dataOf(request).destroy(done);
      else if (request.path === "/reload") dataOf(request).reload(done);
      else {
        dataOf(request).n = (dataOf(request).n ?? 0) + 1;
        done();
      }
    });
  });
  const server = createServer(app);
  return { base: await listen(server), server, deeds };
}

/** Records the store's calls, under the request that has the key. */
function noteCalls(store: Store, ofKey: ReadonlyMap<string, Deed>): void {
  const { get, set, destroy } = store;
  store.get = (key, answer) => {
    const deed = ofKey.get(key);
    deed?.calls.push("get");
    get.call(store, key, (error, found) => {
      if (deed?.calls.length === 1) deed.before = found ? withoutCookie(found) : null;
      if (deed?.calls.length === 1) deed.after = deed.before;
      answer(error, found);
    });
  };
  store.set = (key, data, answer) => {
    const deed = ofKey.get(key);
    deed?.calls.push("set");
    if (deed) deed.after = withoutCookie(data);
    set.call(store, key, data, answer);
  };
  store.destroy = (key, answer) => {
    const deed = ofKey.get(key);
    deed?.calls.push("destroy");
    if (deed) deed.after = null;
    destroy.call(store, key, answer);
  };
}

/** A client who logs in and out and counts, each request after the one before. */
export function createClient(base: string, user: string) {
  let cookie = "";
  const cookies = new Set<string>();
  const ids: string[] = [];
  let step = 0;
  const visit = async (path: string) => {
    const headers = cookie === "" ? {} : { cookie: `connect.sid=${cookie}` };
    const response = await fetch(base + path, { headers });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    await response.text();
    ids.push(readTraceId(response));
    const set = readCookie(response, "connect.sid");
    if (set !== "") cookie = set;
    if (cookie !== "") cookies.add(cookie);
    if (path === "/logout" || path === "/end") cookie = "";
  };
  return {
    /** Sends the next few requests. */
    async go(count: number) {
      for (let left = count; left > 0; left -= 1) {
        const paths = [`/login?user=${user}`, "/count", "/reload", "/count", `/login?user=${user}`, "/count"];
        const path = [...paths, step % 14 < 7 ? "/logout" : "/end"][step % 7] ?? "/count";
        step += 1;
        await visit(path);
      }
    },
    /** Returns the ids of the requests since the last call, and every cookie so far. */
    take: () => ({ ids: ids.splice(0), cookies: [...cookies].slice(-32) }),
  };
}

/** The store's names for the operations in a trace. */
const CALLS = new Map<string, string>([
  ["load", "get"],
  ["create", "set"],
  ["save", "set"],
  ["cycle", "set"],
  ["flush", "destroy"],
]);

/** What the bridge says about these requests, in the form that the app records. */
export async function readDeeds(base: string, ids: string[], cookies: string[]): Promise<Map<string, Deed>> {
  const isAll = (found: Trace[]) => {
    const there = new Set(found.filter(({ touched }) => touched).map(({ id }) => id));
    return ids.every((id) => there.has(id));
  };
  const traces = await readTraces(base, cookies, isAll, ids);
  return new Map(
    traces
      .filter(({ id }) => ids.includes(id))
      .map(({ id, request, before, after, operations }) => [
        id,
        {
          path: request.path,
          before: before?.dataJson ?? null,
          after: after?.dataJson ?? null,
          calls: operations.map(({ name, reason = "" }) =>
            reason.startsWith("another") ? reason : (CALLS.get(name) ?? name),
          ),
        },
      ]),
  );
}
