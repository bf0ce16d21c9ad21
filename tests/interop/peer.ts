/**
 * Drives the library through a pipe, for tools in other languages: JSON lines on standard input and output, one answer to
 * each request. The database engines use the SQLite file that the environment variable CONFORMANCE_DB names.
 *
 *     CONFORMANCE_DB=sessions.db node tests/interop/peer.ts
 */
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { formatCookie, parseCookies } from "../../server-bridge/src/core/django/cookie.ts";
import { createSessions, type Sessions } from "../../server-bridge/src/core/sessions.ts";
import { isSessionError, type Opened, openSession } from "../../server-bridge/src/index.ts";
import { type AnySession, METHODS, stateBehind } from "./peer-methods.ts";
import { toSettings } from "./peer-settings.ts";
import { dumpCache, openStores, toEngine } from "./peer-stores.ts";
import { KeyMissing, type PeerRequest, parseRequest, toError, writeAnswer } from "./peer-wire.ts";

type AnyData = Record<string, unknown>;

interface Handle {
  session: AnySession;
  sessions: Sessions<AnyData>;
  opened?: Opened<AnyData>;
}

/** One driven library. @param databaseFile SQLite file with Django's table in it */
export function createPeer(databaseFile: string) {
  const stores = openStores(databaseFile);
  const libraries = new Map<string, Sessions<AnyData>>();
  const handles: Handle[] = [];
  const keys: string[] = [];
  let settings: Record<string, unknown> = {};
  let now = 0;
  let logs: object[] = [];

  function log(line: string): void {
    const corrupted = line.includes("Session data corrupted");
    logs.push({
      logger: corrupted ? "django.security.SuspiciousSession" : "sessions",
      level: "WARNING",
      message: corrupted ? "Session data corrupted" : line,
    });
  }

  function library(engine: string): Sessions<AnyData> {
    let sessions = libraries.get(engine);
    if (sessions === undefined) {
      const { checked, unchecked } = toSettings(settings);
      const options = {
        ...checked,
        engine: toEngine(engine, stores, settings),
        clock: () => now * 1000,
        log,
      };
      sessions = createSessions<AnyData>(options);
      const draw = sessions.newKey;
      const newKey = () => keys.shift() ?? draw();
      sessions = Object.assign(sessions, { newKey, settings: Object.assign(sessions.settings, unchecked) });
      libraries.set(engine, sessions);
    }
    return sessions;
  }

  function handle({ h }: PeerRequest): Handle {
    const found = handles[Number(h)];
    if (found === undefined) throw new RangeError(`no handle ${String(h)}`);
    return found;
  }

  function stateOf({ session }: Handle): object {
    const core = stateBehind(session);
    const { accessed, modified, key } = core;
    return { accessed, modified, session_key: key, empty: core.isEmpty, loaded: core.data !== null };
  }

  function keep(kept: Handle): number {
    return handles.push(kept) - 1;
  }

  async function call(request: PeerRequest): Promise<unknown> {
    const { session, sessions } = handle(request);
    const name = String(request["method"]);
    const method = METHODS[name];
    if (method === undefined) throw new RangeError(`no method ${name}`);
    const args = (request["args"] as unknown[] | undefined) ?? [];
    const run = async () => method(session, args, sessions);
    const value = await run().catch(async (error: unknown) => {
      if (!isSessionError(error, "not-loaded")) throw error;
      await session.load(); // an engine that must be awaited, where Django's only blocks
      return run();
    });
    await stateBehind(session).queue.drain();
    return value;
  }

  async function begin(request: PeerRequest): Promise<number> {
    const sessions = library(String(request["engine"]));
    const cookies = Object.entries((request["cookies"] ?? {}) as Record<string, string>);
    const header = cookies.map(([name, value]) => formatCookie(name, value, {})).join("; ");
    const facts = { method: "GET", path: "/", identity: {} };
    const opened = await openSession(sessions, {
      ...facts,
      cookieHeader: header === "" ? undefined : header,
    });
    return keep({ opened, sessions, session: opened.session });
  }

  async function end(request: PeerRequest): Promise<object> {
    const { opened } = handle(request);
    if (opened === undefined) throw new RangeError("mw.end without mw.begin");
    const vary = (request["vary"] ?? null) as string | null;
    const closed = await opened.close({ status: Number(request["status"]), vary, setCookie: [] });
    if (closed.instead !== null) throw new Interrupted(closed.instead.body);
    const lines = closed.setCookie ?? [];
    return { cookies: lines.map(toCookie), lines, vary: closed.vary ?? vary };
  }

  const OPERATIONS: Record<string, (request: PeerRequest) => unknown> = {
    "session.new"(request) {
      const sessions = library(String(request["engine"]));
      const key = request["key"];
      return keep({ sessions, session: sessions.open(typeof key === "string" ? key : null) });
    },
    "session.state": () => null,
    "session.call": call,
    "class.clear_expired": async (request) => {
      await library(String(request["engine"])).clearExpired();
      return null;
    },
    "mw.begin": begin,
    "mw.end": end,
    "control.keys": ({ keys: given }) => {
      keys.splice(0, keys.length, ...(given as string[]));
      return null;
    },
    "cookie.parse": ({ header }) => Object.fromEntries(parseCookies(String(header))),
    "cache.clear": () => {
      for (const name of stores.cache.names) void stores.cache.delete(name);
      stores.cache.names.clear();
      return {};
    },
    "cache.dump": () => dumpCache(stores, library("db").codec),
  };

  /** Answers one request. */
  async function answer(request: PeerRequest): Promise<object> {
    const { id, op } = request;
    now = request.now;
    logs = [];
    if (request.settings !== undefined) {
      settings = { ...settings, ...request.settings };
      libraries.clear();
    }
    try {
      const operation = OPERATIONS[op];
      if (operation === undefined) throw new RangeError(`no operation ${op}`);
      const value = (await operation(request)) ?? null;
      const h = op.endsWith(".new") || op === "mw.begin" ? value : request["h"];
      const state = handles[Number(h ?? Number.NaN)];
      return { id, value, ...(state === undefined ? {} : { state: stateOf(state) }), logs };
    } catch (error) {
      return { id, error: error instanceof Interrupted ? INTERRUPTED : toError(error), logs };
    }
  }

  return { answer, close: () => stores.database.close() };
}

class Interrupted extends KeyMissing {}
const INTERRUPTED = {
  type: "SessionInterrupted",
  message: "The session was deleted before the request was done.",
};

/** A Set-Cookie line taken apart. */
function toCookie(line: string): object {
  const [pair = "", ...attributes] = line.split("; ");
  const of = (name: string) =>
    attributes.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  const name = pair.slice(0, pair.indexOf("="));
  const value = pair.slice(name.length + 1);
  const place = { path: of("Path"), domain: of("Domain"), samesite: of("SameSite") };
  if (value === '""') return { name, delete: true, ...place };
  const maxAge = of("Max-Age");
  return {
    name,
    value,
    max_age: maxAge === null ? null : Number(maxAge),
    expires: of("expires"),
    ...place,
    secure: attributes.includes("Secure"),
    httponly: attributes.includes("HttpOnly"),
  };
}

async function main(): Promise<void> {
  const peer = createPeer(process.env["CONFORMANCE_DB"] ?? ":memory:");
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${writeAnswer(await peer.answer(parseRequest(line)))}\n`);
  }
  await peer.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
