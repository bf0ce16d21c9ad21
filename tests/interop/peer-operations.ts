/** The operations of the pipe, by name: sessions, the middleware around a request, keys, cookies and the cache. */
import { formatCookie, parseCookies } from "../../server-bridge/src/core/django/cookie.ts";
import { isSessionError, openSession } from "../../server-bridge/src/index.ts";
import type { PeerLibrary } from "./peer-library.ts";
import { METHODS, stateBehind } from "./peer-methods.ts";
import { dumpCache } from "./peer-stores.ts";
import { KeyMissing, type PeerRequest } from "./peer-wire.ts";

type Operation = (request: PeerRequest) => unknown;

/** The session was deleted while the request ran. */
export class Interrupted extends KeyMissing {}

/** Every operation on this library. */
export function createOperations(library: PeerLibrary): Readonly<Record<string, Operation>> {
  const { stores, keys } = library;
  return {
    "session.new"(request) {
      const sessions = library.on(String(request["engine"]));
      const key = request["key"];
      return library.keep({ sessions, session: sessions.open(typeof key === "string" ? key : null) });
    },
    "session.state": () => null,
    "session.call": (request) => callMethod(library, request),
    "class.clear_expired": async (request) => {
      await library.on(String(request["engine"])).clearExpired();
      return null;
    },
    "mw.begin": (request) => beginRequest(library, request),
    "mw.end": (request) => endRequest(library, request),
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
    "cache.dump": () => dumpCache(stores, library.on("db").codec),
  };
}

async function callMethod(library: PeerLibrary, request: PeerRequest): Promise<unknown> {
  const { session, sessions } = library.handle(request);
  const name = String(request["method"]);
  const method = METHODS[name];
  if (method === undefined) throw new RangeError(`no method ${name}`);
  const args = (request["args"] as unknown[] | undefined) ?? [];
  const run = async () => method(session, args, sessions);
  const value = await run().catch(async (error: unknown) => {
    if (!isSessionError(error, "not-loaded")) throw error;
    await session.load(); // an engine that must be awaited, while Django's only blocks
    return run();
  });
  await stateBehind(session).queue.drain();
  return value;
}

async function beginRequest(library: PeerLibrary, request: PeerRequest): Promise<number> {
  const sessions = library.on(String(request["engine"]));
  const cookies = Object.entries((request["cookies"] ?? {}) as Record<string, string>);
  const header = cookies.map(([name, value]) => formatCookie(name, value, {})).join("; ");
  const facts = { method: "GET", path: "/", identity: {} };
  const opened = await openSession(sessions, {
    ...facts,
    cookieHeader: header === "" ? undefined : header,
  });
  return library.keep({ opened, sessions, session: opened.session });
}

async function endRequest(library: PeerLibrary, request: PeerRequest): Promise<object> {
  const { opened } = library.handle(request);
  if (opened === undefined) throw new RangeError("mw.end without mw.begin");
  const vary = (request["vary"] ?? null) as string | null;
  const closed = await opened.close({ status: Number(request["status"]), vary, setCookie: [] });
  if (closed.instead !== null) throw new Interrupted(closed.instead.body);
  const lines = closed.setCookie ?? [];
  return { cookies: lines.map(toCookie), lines, vary: closed.vary ?? vary };
}

/** A parsed Set-Cookie line. */
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
