/**
 * One line where an app configures Auth.js: it lets the bridge see which line of the app writes a claim, and what the
 * library does to sessions in a database. Whether there is a bridge is asked with each call, so that it may be opened
 * after the app has configured Auth.js.
 */
import { isWatched, publishCall } from "../foreign/app-calls.ts";
import { quietly } from "../foreign/follow-request.ts";
import { LIBRARY } from "./names.ts";
import { watchAdapter } from "./watched-adapter.ts";
import { watchToken } from "./watched-token.ts";

/** Configurations whose callbacks and adapter are watched already. */
const traced = new WeakSet<object>();

/**
 * Lets the bridge of this process follow Auth.js: `NextAuth(traceAuthJs({ … }))`, or `authOptions = traceAuthJs({ … })`
 * for version 4. Returns what it was given, with `callbacks.jwt` and the adapter's methods wrapped. Without a bridge these
 * do what they did before. In production, without a bridge, nothing is wrapped.
 *
 * @param config the library's configuration, or a function that returns it
 */
export function traceAuthJs<Config extends object>(config: Config): Config {
  if (isProduction() && !isWatched(LIBRARY)) return config;
  if (typeof config !== "function") return watchConfig(config);
  const lazy = function (this: unknown, ...args: unknown[]): unknown {
    const made: unknown = Reflect.apply(config, this, args);
    return made instanceof Promise ? made.then(watchMade) : watchMade(made);
  };
  return lazy as unknown as Config; // a function with the same parameters and result
}

function isProduction(): boolean {
  try {
    return process.env["NODE_ENV"] === "production";
  } catch {
    return true; // there is no process, so there is no bridge either
  }
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
    if (isFunction(jwt)) Reflect.set(config, "callbacks", { ...Object(callbacks), jwt: watchJwt(jwt) });
    if (typeof adapter === "object" && adapter !== null) watchAdapter(adapter);
  });
  return config;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The app's callback. While it runs, its token reports what is written to it. */
function watchJwt(jwt: AnyFunction): AnyFunction {
  return function (this: unknown, ...args) {
    const token: unknown = Reflect.get(Object(args[0]), "token");
    if (typeof token !== "object" || token === null || !isWatched(LIBRARY))
      return Reflect.apply(jwt, this, args);
    let release = () => {};
    quietly(() => {
      release = watchToken(token, (key) => publishCall(LIBRARY, { name: "write", key }));
    });
    const end = () => quietly(release);
    let result: unknown;
    try {
      result = Reflect.apply(jwt, this, args);
    } finally {
      if (!(result instanceof Promise)) end();
    }
    // before the library continues, which waits for the same promise from now on
    if (result instanceof Promise) result.then(end, end);
    return result;
  };
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}
