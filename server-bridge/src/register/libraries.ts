/** The libraries that `register` knows: which of their exports make sessions, and what a call of those tells. */
import { describeError } from "../core/errors.ts";
import {
  type ConnectStore,
  type CookieKeys,
  cookieSession,
  expressSession,
  fastifySession,
  ironSession,
  type KoaStore,
  koaSession,
  secureSession,
} from "../sources/index.ts";
import type { Source } from "../sources/source.ts";

/** What a call tells: a source, or a sentence why there can be none. */
interface Reading {
  source?: Source;
  reason?: string;
  /** The arguments to go on with, where they differ from the app's. */
  args?: unknown[];
}

interface Library {
  /** Names of the exports that make sessions. */
  exports: readonly string[];
  /** @param major major version of the library, null where it is not known: defaults changed */
  read(args: readonly unknown[], major: number | null): Reading;
}

/** By the name that apps load them under. */
export const LIBRARIES: Readonly<Record<string, Library>> = {
  "express-session": library(["default"], ([given]) => {
    const options = toObject(given);
    const secret = toSecrets(options["secret"]);
    if (secret === null) return { reason: "it has no secret. Give session() the option secret." };
    const name = toText(options["name"]) ?? toText(options["key"]);
    const store = options["store"] as ConnectStore | undefined; // the app's own, as the library takes it
    return { source: expressSession({ secret, ...(name ? { name } : {}), ...(store ? { store } : {}) }) };
  }),
  "@fastify/session": library(["default", "fastifySession"], ([app, given, ...rest]) => {
    const options = toObject(given);
    const secret = toSecrets(options["secret"]);
    if (secret === null) return { reason: "its secret is no text. Use the line with fastifySession()." };
    if (options["cookiePrefix"])
      return { reason: "its option cookiePrefix is not understood. Leave it out." };
    const store = (options["store"] ?? createStore()) as ConnectStore; // as above
    const cookieName = toText(options["cookieName"]);
    return {
      source: fastifySession({ secret, store, ...(cookieName ? { cookieName } : {}) }),
      args: [app, { ...options, store }, ...rest],
    };
  }),
  "koa-session": library(["default", "createSession"], ([first, second], major) => {
    const isApp = typeof first === "object" && first !== null && "use" in first;
    const options = toObject(isApp ? second : first);
    const app: unknown = isApp ? first : second;
    const keys = () => toKeys(Reflect.get(Object(app), "keys")); // the app may set them later
    const signed = options["signed"] !== false;
    const key = toText(options["key"]) ?? (isBefore(6, major) ? "koa:sess" : "koa.sess");
    if (options["ContextStore"] || options["externalKey"])
      return { reason: "ContextStore and externalKey are not understood. Use the option store." };
    const store = options["store"] as KoaStore | undefined; // as above
    return {
      source: store ? koaSession({ store, key, keys, signed }) : cookieSession({ name: key, keys, signed }),
    };
  }),
  "cookie-session": library(["default"], ([given], major) => {
    const options = toObject(given);
    const isOld = isBefore(2, major);
    const name = toText(options["name"]) ?? (isOld ? (toText(options["key"]) ?? "express:sess") : null);
    const keys = toKeys(options["keys"] ?? [options["secret"]]);
    const signed = options["signed"] !== false;
    return { source: cookieSession({ signed, ...(name ? { name } : {}), ...(keys ? { keys } : {}) }) };
  }),
  "iron-session": library(["getIronSession"], (args) => {
    const options = toObject(args.at(-1));
    const cookieName = toText(options["cookieName"]);
    const password = options["password"];
    if (!cookieName || !password)
      return { reason: "getIronSession() was called without password and cookieName." };
    // One password, or several by number, as the library takes it.
    return { source: ironSession({ cookieName, password: password as string | Record<string, string> }) };
  }),
  "@fastify/secure-session": library(["default", "fastifySecureSession"], ([, given]) => {
    const options = toObject(Array.isArray(given) ? given[0] : given);
    if (!options["key"])
      return { reason: "its key is derived from a secret. Make the key once, and give it as key." };
    const cookieName = toText(options["cookieName"]) ?? toText(options["sessionName"]) ?? "session";
    const expiry = options["expiry"];
    return {
      source: secureSession({
        key: options["key"] as Buffer | string | Buffer[], // as above
        cookieName,
        ...(typeof expiry === "number" ? { expirySeconds: expiry } : {}),
      }),
    };
  }),
};

/** Nothing that goes wrong in reading an app's options may disturb the app. */
function library(exports: readonly string[], read: Library["read"]): Library {
  return {
    exports,
    read(args, major) {
      try {
        return read(args, major);
      } catch (error) {
        return { reason: describeError(error) };
      }
    },
  };
}

/** True for a version that is known and older. */
function isBefore(version: number, major: number | null): boolean {
  return major !== null && major < version;
}

/** A store in memory, as the plugin makes one for itself where it is given none. */
function createStore(): ConnectStore {
  const kept = new Map<string, unknown>();
  return {
    get: (id, answer) => answer(null, kept.get(id)),
    set(id, session, answer) {
      kept.set(id, session);
      answer?.();
    },
    destroy(id, answer) {
      kept.delete(id);
      answer?.();
    },
  };
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function toText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Keys that sign cookies: a list, or a Keygrip. */
function toKeys(value: unknown): CookieKeys | undefined {
  if (Array.isArray(value)) {
    const isKey = (key: unknown): boolean => typeof key === "string" || Buffer.isBuffer(key);
    return value.length > 0 && value.every(isKey) ? value : undefined;
  }
  const verify: unknown = Reflect.get(Object(value), "verify");
  return typeof verify === "function" ? (value as CookieKeys) : undefined; // a Keygrip, as the library takes it
}

function toSecrets(value: unknown): string[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.flatMap((one) => toText(one) ?? []);
  return texts.length > 0 && texts.length === list.length ? texts : null;
}
