/** The operations of the pipe, by name: sessions, the middleware around a request, keys, cookies and the cache. */
import { formatCookie, parseCookies } from "../../server-bridge/src/core/django/cookie.ts";
import { isSessionError, openSession } from "../../server-bridge/src/index.ts";
import type { Driven, Handle, PeerLibrary } from "./peer-library.ts";
import { METHODS } from "./peer-methods.ts";
import { stateBehind } from "./peer-session.ts";
import { type PeerRequest, PythonError } from "./peer-wire.ts";

type Operation = (request: PeerRequest) => unknown;

/** Django's error for a session that was deleted while the request ran. */
const INTERRUPTED =
  "The request's session was deleted before the request completed. The user may have logged out in a concurrent request, for example.";

/** Every operation on this library. */
export function createOperations(library: PeerLibrary): Readonly<Record<string, Operation>> {
  const { stores, keys } = library;
  return {
    "session.new"({ engine, key }) {
      return library.keep(library.open(String(engine), typeof key === "string" ? key : null));
    },
    "session.state": () => null,
    "session.call": (request) => callMethod(library, request),
    "class.clear_expired": async ({ engine }) => {
      await library.on(String(engine)).clearExpired();
      return null;
    },
    "mw.begin": (request) => beginRequest(library, request),
    "mw.end": (request) => endRequest(library, request),
    "control.keys": ({ keys: given }) => {
      keys.splice(0, keys.length, ...((given ?? []) as string[]));
      return null;
    },
    "cookie.parse": ({ header }) => Object.fromEntries(parseCookies(String(header ?? ""))),
    "cache.clear": () => {
      stores.clearCaches();
      return {};
    },
    "cache.dump": ({ alias }) => stores.dumpCache(String(alias ?? library.cacheAlias), library.codec),
  };
}

async function callMethod(library: PeerLibrary, request: PeerRequest): Promise<unknown> {
  const { session, sessions } = library.handle(request);
  const name = String(request["method"]);
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method === undefined) throw new PythonError("ValueError", `no method ${name}`);
  const args = (request["args"] as unknown[] | undefined) ?? [];
  const context = { sessions, codec: library.codec, firstArgument: request.firstArgument };
  const run = async () => method(session, args, context);
  const value = await run().catch(async (error: unknown) => {
    if (!isSessionError(error, "not-loaded")) throw error;
    await session.load(); // an engine that must be awaited, while Django's only blocks
    return run();
  });
  await stateBehind(session).queue.drain();
  return value;
}

async function beginRequest(library: PeerLibrary, request: PeerRequest): Promise<number> {
  const handle = await openRequest(library.on(String(request["engine"])), toHeader(request["cookies"]));
  return library.keep(handle);
}

async function endRequest(library: PeerLibrary, request: PeerRequest): Promise<object> {
  const opened = await requestOf(library.handle(request), request["cookies"]);
  const vary = (request["vary"] ?? null) as string | null;
  const closed = await opened.close({ status: Number(request["status"] ?? 200), vary, setCookie: [] });
  if (closed.instead !== null) throw new PythonError("SessionInterrupted", INTERRUPTED);
  const lines = closed.setCookie ?? [];
  return { cookies: lines.map(toCookie), lines, vary: closed.vary ?? vary };
}

async function openRequest(sessions: Driven, cookieHeader: string | undefined) {
  const facts = { method: "GET", path: "/", identity: {}, cookieHeader };
  const opened = await openSession(sessions, facts);
  return { opened, sessions, cookieHeader, session: opened.session };
}

/**
 * The request that ends with this session. A view may have put another session in the place of the request's own, or
 * changed the request's cookies, which Django reads again at the end: then a new request takes the session over.
 */
async function requestOf(handle: Handle, cookies: unknown): Promise<NonNullable<Handle["opened"]>> {
  const header = cookies === undefined ? handle.cookieHeader : toHeader(cookies);
  if (handle.opened !== undefined && header === handle.cookieHeader) return handle.opened;
  const state = stateBehind(handle.session);
  await state.queue.drain();
  const { key, data, accessed, modified, text, end, fetched } = state;
  const taken = await openRequest(handle.sessions, header);
  Object.assign(stateBehind(taken.session), { key, data, accessed, modified, text, end, fetched });
  Object.assign(handle, taken);
  return taken.opened;
}

/** Cookies as a browser sends them. Undefined: there are none. */
function toHeader(cookies: unknown): string | undefined {
  const pairs = Object.entries((cookies ?? {}) as Record<string, string>);
  if (pairs.length === 0) return undefined;
  return pairs.map(([name, value]) => formatCookie(name, value, {})).join("; ");
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
    value: parseCookies(`${name}=${value}`).get(name) ?? value,
    max_age: maxAge === null ? null : Number(maxAge),
    expires: of("expires"),
    ...place,
    secure: attributes.includes("Secure"),
    httponly: attributes.includes("HttpOnly"),
  };
}
