/** Opens clients of the package `redis`. During an outage, requests fail at once instead of hanging. */

import { describeError, SessionError } from "../../errors.ts";
import type { Log } from "../../runtime.ts";
import { loadDriver, parseAddress } from "../driver.ts";

/** The part of a connected client of the package `redis` that is used, so that a user's own client fits. */
export interface RedisClient {
  get(name: string): Promise<unknown>;
  del(name: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client that this library opened. */
export interface OwnClient {
  readonly client: RedisClient;
  /** Connects at the first call; rejects if there is no connection now. */
  ready(): Promise<void>;
  end(): Promise<void>;
}

/** The part of the driver's clients that is used, according to its documentation. */
interface DriverClient extends RedisClient {
  readonly isOpen: boolean;
  /** Older Clusters do not report this. */
  readonly isReady?: boolean;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  on(event: "error" | "ready", listener: (error: Error) => void): unknown;
  off(event: "error" | "ready", listener: (error: Error) => void): unknown;
}

interface Driver {
  createClient(options: object): DriverClient;
  createCluster(options: object): DriverClient;
}

const CONNECT_TIMEOUT_MS = 5000;
const EXAMPLE = "redis://user:password@host:6379/0";
const PROTOCOLS = ["redis:", "rediss:"];

/** A client of one server. */
export function openServer(address: string, log: Log): OwnClient {
  const url = parseNode(address).href;
  const socket = { connectTimeout: CONNECT_TIMEOUT_MS };
  return follow(loadRedis().createClient({ url, disableOfflineQueue: true, socket }), log);
}

/** A client of a Cluster. User, password and encryption of the first address apply to every node. */
export function openCluster(addresses: readonly string[], log: Log): OwnClient {
  const nodes = addresses.map(parseNode);
  const [first] = nodes;
  if (first === undefined) {
    throw new SessionError(
      "settings",
      `The list of the Cluster's addresses is empty. Pass at least one, such as ${EXAMPLE}.`,
    );
  }
  const encrypted = first.protocol === "rediss:" ? { tls: true } : {};
  const defaults = {
    ...(first.username === "" ? {} : { username: decodeURIComponent(first.username) }),
    ...(first.password === "" ? {} : { password: decodeURIComponent(first.password) }),
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, ...encrypted },
    disableOfflineQueue: true,
  };
  const rootNodes = nodes.map((url) => ({ url: url.href }));
  return follow(loadRedis().createCluster({ rootNodes, defaults }), log);
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

function follow(client: DriverClient, log: Log): OwnClient {
  let connecting: Promise<void> | null = null;
  let broken = false;
  // Without a listener the driver's errors would end the process. Logs one line per outage, not one per attempt.
  client.on("error", (error) => {
    if (!broken)
      log(`Redis: the connection failed (${describeError(error)}). The connection is retried automatically.`);
    broken = true;
  });

  return {
    client,
    async ready() {
      if (connecting === null && (client.isReady ?? client.isOpen)) return;
      connecting ??= connect(client).finally(() => {
        connecting = null;
      });
      await connecting;
      broken = false;
    },
    async end() {
      if (!client.isOpen) return;
      if (client.isReady ?? true) await client.close();
      else client.destroy();
    },
  };
}

/**
 * The driver retries forever; a request waits only for the next attempt, and fails if that fails. The driver's own
 * timeout stops counting once the connection is made: it would wait forever for a server that accepts the connection
 * and then says nothing.
 */
async function connect(client: DriverClient): Promise<void> {
  let settle = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const onReady = () => resolve();
      const silence = setTimeout(
        () =>
          reject(
            new SessionError("engine", `Redis did not answer for ${CONNECT_TIMEOUT_MS / 1000} seconds.`),
          ),
        CONNECT_TIMEOUT_MS,
      );
      client.on("ready", onReady);
      client.on("error", reject);
      settle = () => {
        clearTimeout(silence);
        client.off("ready", onReady);
        client.off("error", reject);
      };
      if (!client.isOpen) client.connect().then(onReady, reject);
    });
  } finally {
    settle();
  }
}
