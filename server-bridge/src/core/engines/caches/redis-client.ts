/**
 * Opens clients of the package `redis`, and replaces them when a server does not answer.
 *
 * A client of one server never reconnects by itself: the next call that needs it connects again, within the time limit.
 * So no commands pile up for a server that accepts connections and then says nothing.
 */

import { SessionError } from "../../errors.ts";
import { loadDriver, parseAddress } from "../driver.ts";
import type { Shared } from "../shared-connections.ts";

/** The part of a connected client of the package `redis` that is used, so that a user's own client fits. */
export interface RedisClient {
  get(name: string): Promise<unknown>;
  del(name: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The part of the driver's clients that is used, according to its documentation. */
export interface DriverClient extends RedisClient {
  readonly isOpen: boolean;
  /** Older Clusters do not report this. */
  readonly isReady?: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Clusters have none. */
  unref?(): void;
}

interface Driver {
  createClient(options: object): DriverClient;
  createCluster(options: object): DriverClient;
}

/** Reports that a connection failed while no call waits for it. */
export type Tell = (error: unknown) => void;

const EXAMPLE = "redis://user:password@host:6379/0";
const PROTOCOLS = ["redis:", "rediss:"];
// the guard of each call has the time limit; the driver's own costs an AbortSignal per command
const NO_TIMER = { timeout: undefined };

/** A client of one server. */
export function openServer(address: string, limitMs: number): (tell: Tell) => OwnClient {
  const url = parseNode(address).href;
  const driver = loadRedis();
  const socket = { connectTimeout: limitMs, reconnectStrategy: false };
  const options = { url, disableOfflineQueue: true, socket, commandOptions: NO_TIMER };
  return openClient({ make: () => driver.createClient(options), limitMs, isCluster: false });
}

/** A client of a Cluster. User, password and encryption of the first address apply to every node. */
export function openCluster(addresses: readonly string[], limitMs: number): (tell: Tell) => OwnClient {
  const nodes = addresses.map(parseNode);
  const [first] = nodes;
  if (first === undefined) {
    throw new SessionError(
      "settings",
      `The list of the Cluster's addresses is empty. Pass at least one, such as ${EXAMPLE}.`,
    );
  }
  const driver = loadRedis();
  const encrypted = first.protocol === "rediss:" ? { tls: true } : {};
  const defaults = {
    ...(first.username === "" ? {} : { username: decodeURIComponent(first.username) }),
    ...(first.password === "" ? {} : { password: decodeURIComponent(first.password) }),
    socket: { connectTimeout: limitMs, ...encrypted },
    disableOfflineQueue: true,
  };
  const options = {
    // these clients ask one question each: a node that is silent is passed over
    rootNodes: nodes.map((url) => ({
      url: url.href,
      socket: { socketTimeout: shareOf(limitMs), ...encrypted },
    })),
    defaults,
    minimizeConnections: true, // a node that does not answer keeps no one from the others
    commandOptions: NO_TIMER,
  };
  return openClient({ make: () => driver.createCluster(options), limitMs, isCluster: true });
}

/** A client of any kind. */
export function openClient(options: Omit<OwnClientOptions, "tell">): (tell: Tell) => OwnClient {
  return (tell) => new OwnClient({ ...options, tell });
}

interface OwnClientOptions {
  readonly make: () => DriverClient;
  readonly limitMs: number;
  readonly isCluster: boolean;
  readonly tell: Tell;
}

/** A client that this library opened, and opens again when needed. Its connection does not keep the process alive. */
export class OwnClient implements Shared {
  readonly #options: OwnClientOptions;
  #client: DriverClient | null = null;
  #connecting: Promise<RedisClient> | null = null;
  /** Clients that still connect, or that have been replaced: they are no longer, or not yet, used for new calls. */
  readonly #others = new Set<DriverClient>();
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: OwnClientOptions) {
    this.#options = options;
  }

  /** The client, if it is connected now. */
  get connected(): RedisClient | null {
    const client = this.#client;
    return client !== null && (client.isReady ?? client.isOpen) ? client : null;
  }

  /** Connects, if that is not happening already. Rejects if it fails, or takes longer than the limit. */
  ready(): Promise<RedisClient> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  /**
   * Drops a connection that does not answer; the next call connects again. What waits on a single server rejects.
   * In a Cluster, other nodes may be answering calls, so the old client ends after the limit, and this happens at most
   * once within it.
   */
  renew(): void {
    const { isCluster, limitMs } = this.#options;
    const client = this.#client;
    if (client === null) return;
    if (!isCluster) {
      this.#client = null;
      destroy(client);
      return;
    }
    if (performance.now() - this.#renewedAtMs < limitMs) return;
    this.#renewedAtMs = performance.now();
    this.#client = null;
    this.#others.add(client);
    setTimeout(() => this.#end(client), limitMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#client !== null) destroy(this.#client);
    this.#client = null;
    for (const client of this.#others) this.#end(client); // what connects now finds out, and rejects
  }

  #end(client: DriverClient): void {
    this.#others.delete(client);
    destroy(client);
  }

  async #connect(): Promise<RedisClient> {
    const { make, limitMs, isCluster, tell } = this.#options;
    if (this.#client !== null) destroy(this.#client);
    this.#client = null;
    const client = make();
    // Without a listener the driver's errors would end the process.
    client.on("error", (error) => {
      if (this.#client !== client) return;
      if (!isCluster) {
        this.#client = null;
        destroy(client);
      }
      tell(error);
    });
    this.#others.add(client);
    try {
      await within(limitMs, client.connect());
      if (this.#closed) throw new SessionError("engine", "Redis was closed.");
    } catch (error) {
      this.#end(client);
      throw error;
    }
    this.#others.delete(client);
    client.unref?.();
    this.#client = client;
    return client;
  }
}

/** The driver's own timeout stops counting once the connection is made, and then it would wait forever. */
async function within(limitMs: number, connected: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const failure = new Error("Connection timeout: the server accepted the connection and said nothing.");
    timer = setTimeout(() => reject(failure), limitMs);
  });
  try {
    await Promise.race([connected, silence]);
  } finally {
    clearTimeout(timer);
    connected.catch(() => {}); // it may fail later, when no one waits
  }
}

function destroy(client: DriverClient): void {
  try {
    client.destroy();
  } catch {} // the driver throws if it is closed already
}

/** A third of the limit, at most a second: then the next node is asked. */
function shareOf(limitMs: number): number {
  return Math.min(1000, Math.ceil(limitMs / 3));
}

/** Valkey's own schemes are Redis's under another name. */
function parseNode(address: string): URL {
  return parseAddress(
    address.replace(/^valkey(s?):/i, (_, s) => `redis${s}:`),
    PROTOCOLS,
    EXAMPLE,
  );
}

function loadRedis(): Driver {
  return loadDriver("redis", "cache('redis://…')") as Driver; // the documentation describes its shape
}
