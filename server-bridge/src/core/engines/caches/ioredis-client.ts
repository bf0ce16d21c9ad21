/**
 * Opens connections with the options of a user's client of the package `ioredis`, and gives them the form of the package
 * `redis`.
 *
 * The user's own client is not used. By default it repeats a write whose answer was lost, and a session takes what it
 * wrote the first time for another request's write. It queues commands while there is no server, keeps a connection that
 * has fallen silent, and may read from replicas. See `docs/decisions/029-ioredis.md`.
 */
import { SessionError } from "../../errors.ts";
import {
  type DriverClient,
  type OwnClient,
  openClient,
  type RedisClient,
  type Tell,
} from "./redis-client.ts";

/** The part of a client of the package `ioredis` that is needed: what `new Redis(…)` or `new Cluster(…)` returns. */
export interface IoredisClient {
  readonly status: string;
  call(command: string, ...args: string[]): Promise<unknown>;
  evalsha(sha: string, keyCount: number, ...args: string[]): Promise<unknown>;
  duplicate(...options: never[]): unknown;
}

/** A client of a Cluster. */
interface IoredisCluster {
  nodes(role: "master"): IoredisDuplicate[];
}

/** The part of a duplicate that is used. */
interface IoredisDuplicate extends IoredisClient {
  /** Absent in a Cluster, and before it connects. */
  readonly stream?: { unref(): unknown };
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: "error" | "end", listener: (error?: Error) => void): unknown;
  get(name: string): Promise<unknown>;
  del(name: string): Promise<unknown>;
  eval(script: string, keyCount: number, ...args: string[]): Promise<unknown>;
}

/** True for a client of `ioredis`: that of `redis` has `evalSha`. */
export function isIoredis(client: object): client is IoredisClient {
  return ["evalsha", "call", "duplicate"].every((name) => typeof Reflect.get(client, name) === "function");
}

/** True for what `new Cluster(…)` returns. */
export function isIoredisCluster(client: object): boolean {
  return isIoredis(client) && isCluster(client);
}

/** A client with the user's options that is ours: it connects when told, once, and repeats nothing. */
export function duplicateIoredis(client: IoredisClient, limitMs: number): IoredisDuplicate {
  const shareMs = Math.min(1000, Math.ceil(limitMs / 3)); // then the next Sentinel or node of a Cluster is asked
  const { sentinels, redisOptions } = optionsOf(client);
  const one = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    retryStrategy: null,
    reconnectOnError: null,
    sentinelRetryStrategy: null,
    sentinelCommandTimeout: shareMs,
    connectTimeout: Array.isArray(sentinels) ? shareMs : limitMs,
    disconnectTimeout: 0,
    commandTimeout: undefined, // the guard of each call has the time limit
  };
  if (!isIoredisCluster(client)) return call(client, one);
  return call(client, [], {
    lazyConnect: true,
    clusterRetryStrategy: null,
    clusterNodeRetryStrategy: null,
    enableReadyCheck: false, // it asks any node, which may be the one that is silent
    enableAutoPipelining: false,
    retryDelayOnFailover: 0, // otherwise it repeats what a lost connection has not answered
    scaleReads: "master",
    slotsRefreshTimeout: shareMs,
    // nodes are connected by their first command
    redisOptions: { ...Object(redisOptions), ...one, enableOfflineQueue: true },
  });
}

function isCluster(client: IoredisClient): client is IoredisClient & IoredisCluster {
  return typeof Reflect.get(client, "nodes") === "function";
}

function optionsOf(client: IoredisClient): { sentinels?: unknown; redisOptions?: unknown } {
  return Object(Reflect.get(client, "options")); // both classes have this, with everything that was passed
}

function call(client: IoredisClient, ...args: unknown[]): IoredisDuplicate {
  const copy = client.duplicate(...(args as never[])); // both classes describe their options in their own types
  return copy as IoredisDuplicate; // of the same class
}

/** A connection with the options of the user's client, opened and replaced like those to an address. */
export function openIoredis(client: IoredisClient, limitMs: number): (tell: Tell) => OwnClient {
  const make = () => new Connection(duplicateIoredis(client, limitMs));
  return openClient({ make, limitMs, isCluster: isIoredisCluster(client) });
}

class Connection implements DriverClient {
  readonly #client: IoredisDuplicate;
  /** Why it failed: what `connect` rejects with only says that it is closed. */
  #failure: Error | undefined;

  /** A client for each master. Absent: it is no Cluster. */
  readonly masters?: () => RedisClient[];

  constructor(client: IoredisDuplicate) {
    this.#client = client;
    if (isCluster(client)) this.masters = () => client.nodes("master").map((node) => new Connection(node));
  }

  get isOpen(): boolean {
    return this.#client.status !== "end";
  }

  get isReady(): boolean {
    return this.#client.status === "ready";
  }

  async connect(): Promise<unknown> {
    try {
      return await this.#client.connect();
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  destroy(): void {
    this.#client.disconnect();
  }

  on(_event: "error", listener: (error: Error) => void): void {
    this.#client.on("error", (error) => {
      this.#failure = error;
      if (error !== undefined) listener(error);
    });
    // a server that says goodbye is no error there
    this.#client.on("end", () =>
      listener(this.#failure ?? new SessionError("engine", "The server closed the connection.")),
    );
  }

  unref(): void {
    this.#client.stream?.unref();
  }

  get(name: string): Promise<unknown> {
    return this.#client.get(name);
  }

  del(name: string): Promise<unknown> {
    return this.#client.del(name);
  }

  ping(): Promise<unknown> {
    return this.#client.call("PING");
  }

  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    return this.#client.eval(script, options.keys.length, ...options.keys, ...options.arguments);
  }

  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown> {
    return this.#client.evalsha(sha, options.keys.length, ...options.keys, ...options.arguments);
  }
}
