/**
 * Compare-and-swap for connect-redis from version 9 on: the one store of express-session whose public members allow it. So
 * this library overwrites nothing that the other one, on the same Redis, has stored meanwhile.
 */

import { once } from "../runtime.ts";
import { readRefusal } from "./caches/redis-permissions.ts";
import type { EngineContext } from "./engine.ts";

/** The public members of a store of connect-redis that are used. */
interface RedisStore {
  client: {
    get(name: string): Promise<unknown>;
    eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  };
  prefix: string;
  serializer: { parse(text: string): unknown; stringify(session: object): string };
  ttl: unknown;
  disableTTL: boolean;
}

/** A record as it is in Redis. */
interface RedisRecord {
  /** The exact string; empty: there is none. */
  text: string;
  /** Undefined: there is none. */
  session: unknown;
}

/** Reads and replaces records. */
export interface RedisRecords {
  read(id: string): Promise<RedisRecord>;
  /**
   * Stores a record in place of this exact string; null deletes.
   *
   * @returns false, and changes nothing, if another string is there now; null, and changes nothing, if Redis does not let
   * this user compare
   */
  swap(id: string, text: string, session: object | null, expiresAtMs: number): Promise<boolean | null>;
}

/** Returns 1 if it swapped. An empty string stands for a record that is not there; 0 seconds for no end. */
const SWAP = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
elseif ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return 1`;

/** What follows from it, for the log. */
const UNCOMPARED =
  "Until then fromExpressStore() stores as express-session does, without a comparison: changes that another process makes at the same time may be overwritten. This is said once.";

/** The records of a store of connect-redis; null for any other store, or a client without scripts. */
export function findRedisRecords(store: object, { clock, log }: EngineContext): RedisRecords | null {
  if (!isRedisStore(store)) return null;
  const { client, prefix, serializer } = store;
  const tellOnce = once(log);
  return {
    async read(id) {
      const text = (await client.get(prefix + id)) ?? "";
      return text === ""
        ? { text: "", session: undefined }
        : { text: String(text), session: await serializer.parse(String(text)) };
    },
    async swap(id, text, session, expiresAtMs) {
      const seconds = session === null ? 0 : secondsLeft(store, session, expiresAtMs - clock());
      const next = session === null || seconds < 0 ? "" : serializer.stringify(session);
      const given = { keys: [prefix + id], arguments: [text, next, String(seconds)] };
      try {
        return Number(await client.eval(SWAP, given)) === 1;
      } catch (error) {
        const refusal = readRefusal(error);
        if (refusal === null) throw error;
        tellOnce(`${refusal} ${UNCOMPARED}`);
        return null;
      }
    },
  };
}

/** How long Redis keeps it, as connect-redis counts; 0: for ever; negative: no longer. */
function secondsLeft({ ttl, disableTTL }: RedisStore, session: object, leftMs: number): number {
  const seconds: unknown = typeof ttl === "function" ? ttl(session) : Math.ceil(leftMs / 1000);
  if (typeof seconds !== "number" || !(seconds > 0)) return -1;
  return disableTTL ? 0 : seconds;
}

function isRedisStore(store: object): store is RedisStore {
  const client: unknown = Reflect.get(store, "client");
  const serializer: unknown = Reflect.get(store, "serializer");
  const has = (object: unknown, ...names: string[]) =>
    names.every((name) => typeof Reflect.get(Object(object), name) === "function");
  // `isOpen`: a client of the package redis; others take the arguments of a script in another form
  const isClient = has(client, "get", "eval") && "isOpen" in Object(client);
  return (
    isClient &&
    has(serializer, "parse", "stringify") &&
    typeof Reflect.get(store, "prefix") === "string" &&
    isUnchanged(store)
  );
}

/** What is done here in place of these methods of connect-redis, which all are in one class of it. */
const REPLACED = ["get", "set", "destroy", "getTTL"];

/** False if a subclass or the application has its own of these methods, for instance to encrypt: they must be called. */
function isUnchanged(store: object): boolean {
  const owners: object[] = [];
  for (let at: object | null = store; at !== null; at = Object.getPrototypeOf(at))
    if (REPLACED.some((name) => Object.hasOwn(Object(at), name))) owners.push(at);
  const [owner] = owners;
  if (owner === undefined || owners.length > 1 || owner === store) return false;
  return REPLACED.every((name) => Object.hasOwn(owner, name));
}
