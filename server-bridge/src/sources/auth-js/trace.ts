/**
 * One line where an app configures Auth.js: it lets the bridge see which line of the app writes a claim, and what the
 * library does to sessions in a database. Without a bridge it does nothing.
 */
import { type AppCall, isWatched, publishCall } from "../foreign/app-calls.ts";
import { type ForeignData, quietly } from "../foreign/follow-request.ts";
import { toSession } from "./session-table.ts";
import { watchToken } from "./watched-token.ts";

/** The library's name: its calls are published under it. */
export const LIBRARY = "Auth.js";

/** Configurations whose callbacks and adapter are watched already. */
const traced = new WeakSet<object>();

/**
 * Lets the bridge of this process follow Auth.js: `NextAuth(traceAuthJs({ … }))`, or `authOptions = traceAuthJs({ … })`
 * for version 4. Returns what it was given: if a bridge is open, then with `callbacks.jwt` and `adapter` wrapped.
 *
 * @param config the library's configuration, or a function that returns it
 */
export function traceAuthJs<Config extends object>(config: Config): Config {
  if (!isWatched(LIBRARY) && typeof config !== "function") return config;
  if (typeof config !== "function") return watchConfig(config);
  const lazy = function (this: unknown, ...args: unknown[]): unknown {
    const made: unknown = Reflect.apply(config, this, args);
    if (!isWatched(LIBRARY)) return made;
    return made instanceof Promise ? made.then(watchMade) : watchMade(made);
  };
  return lazy as unknown as Config; // a function with the same parameters and result
}

function watchMade(made: unknown): unknown {
  return typeof made === "object" && made !== null ? watchConfig(made) : made;
}

/** Wraps in place: the library itself writes its defaults into the app's object, where the app may read them. */
function watchConfig<Config extends object>(config: Config): Config {
  if (traced.has(config) || Object.isFrozen(config)) return config;
  traced.add(config);
  quietly(() => {
    const { callbacks, adapter }: { callbacks?: unknown; adapter?: unknown } = config;
    const jwt: unknown = Reflect.get(Object(callbacks), "jwt");
    if (isFunction(jwt)) Object.assign(config, { callbacks: { ...Object(callbacks), jwt: watchJwt(jwt) } });
    if (typeof adapter === "object" && adapter !== null)
      Object.assign(config, { adapter: watchAdapter(adapter) });
  });
  return config;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The app's callback, called with a token that reports what is written to it. */
function watchJwt(jwt: AnyFunction): AnyFunction {
  return function (this: unknown, ...args) {
    const [given, ...rest] = args;
    const token: unknown = Reflect.get(Object(given), "token");
    if (typeof token !== "object" || token === null || !isWatched(LIBRARY))
      return Reflect.apply(jwt, this, args);
    const watched = watchToken(token, (key) => publishCall(LIBRARY, { name: "write", key }));
    const settle = (result: unknown) => watched.release(result);
    try {
      const result = Reflect.apply(jwt, this, [{ ...Object(given), token: watched.token }, ...rest]);
      if (!(result instanceof Promise)) return settle(result);
      return result.then(settle, (error: unknown) => {
        settle(null);
        throw error;
      });
    } catch (error) {
      settle(null);
      throw error;
    }
  };
}

/** Users that the adapter has returned, by id: a new session is shown with its user, as a loaded one is. */
const MAX_USERS = 100;

/** What a method of the adapter did to a session, from its arguments and its result. */
type Read = (
  args: unknown[],
  result: unknown,
  users: ReadonlyMap<string, unknown>,
) => Omit<AppCall, "durationMs">;

const CALLS: Record<string, Read> = {
  getSessionAndUser: ([key], result) => ({ name: "load", key: String(key), data: dataOf(result) }),
  createSession([session], result, users) {
    const { userId }: { userId?: unknown } = Object(session);
    const user = users.get(String(userId));
    const stored: ForeignData = { ...Object(session), ...Object(result) };
    return { name: "create", key: keyIn(session), data: dataOf({ session: stored, user }) };
  },
  updateSession: ([session]) => ({
    name: "save",
    key: keyIn(session),
    data: dataOf({ session }),
    partial: true,
  }),
  deleteSession: ([key]) => ({ name: "delete", key: String(key), data: null }),
};
const USERS = ["createUser", "getUser", "getUserByEmail", "getUserByAccount", "updateUser"];

/** A copy of the adapter with its own methods, those for sessions and users wrapped. The adapter itself stays as it is. */
function watchAdapter(adapter: object): object {
  const users = new Map<string, unknown>();
  const keep = (user: unknown) => {
    const { id }: { id?: unknown } = Object(user);
    if (id === undefined || id === null) return;
    users.delete(String(id));
    users.set(String(id), user);
    const oldest = users.keys().next();
    if (users.size > MAX_USERS && oldest.done !== true) users.delete(oldest.value);
  };
  const copy: object = Object.assign(Object.create(Object.getPrototypeOf(adapter)), adapter);
  const wrap = (name: string, told: (args: unknown[], result: unknown, durationMs: number) => void) => {
    const method: unknown = Reflect.get(adapter, name);
    if (!isFunction(method)) return;
    Object.assign(copy, {
      [name](this: unknown, ...args: unknown[]) {
        const start = performance.now();
        const result = Reflect.apply(method, this === copy ? adapter : this, args);
        const tell = (value: unknown) => quietly(() => told(args, value, performance.now() - start));
        // the library has the promise too, and handles its failure
        if (result instanceof Promise) result.then(tell, () => {});
        else tell(result);
        return result;
      },
    });
  };
  for (const name of USERS) wrap(name, (_args, user) => keep(user));
  for (const [name, read] of Object.entries(CALLS))
    wrap(name, (args, result, durationMs) => {
      publishCall(LIBRARY, { ...read(args, result, users), durationMs });
    });
  return copy;
}

/** A session without its key. */
function dataOf(found: unknown): ForeignData | null {
  const session = toSession(found);
  if (session === null) return null;
  const { sessionToken: _, ...data } = session;
  return data;
}

function keyIn(session: unknown): string {
  return String(Reflect.get(Object(session), "sessionToken"));
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}
