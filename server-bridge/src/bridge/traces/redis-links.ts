/**
 * The two connections of a trace log in Redis: one for writing and one that waits for news. They are our own, or the
 * user's client, of the package `redis` or `ioredis`, and a duplicate of it.
 */
import { duplicateIoredis, type IoredisClient, isIoredis } from "../../core/engines/caches/ioredis-client.ts";
import { SessionError } from "../../core/errors.ts";
import { type Link, openNode } from "./redis-node.ts";
import { readRefusal } from "./redis-refusals.ts";
import { within } from "./time-limit.ts";

/** The part of a connected client of the package `redis` that is needed: what `createClient` returns. */
export interface RedisConnection {
  sendCommand(command: string[]): Promise<unknown>;
  duplicate(): RedisConnection & Duplicate;
}

/** The part of a connected Cluster client of the package `redis` that is needed: what `createCluster` returns. */
export interface RedisClusterConnection {
  /** The masters that it knows. */
  readonly masters: readonly unknown[];
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    command: string[],
  ): Promise<unknown>;
  duplicate(options?: { minimizeConnections?: boolean }): RedisClusterConnection & Duplicate;
}

/** What a duplicate has in addition, because it is ours to open and to close. */
interface Duplicate {
  connect(): Promise<unknown>;
  destroy(): void;
}

/** Where a trace log may be. */
export type RedisTarget =
  | string
  | readonly string[]
  | RedisConnection
  | RedisClusterConnection
  | IoredisClient;

/** How long a duplicate of a client of ioredis may take to connect, milliseconds. */
const CONNECT_MS = 2000;

type Client = RedisConnection | RedisClusterConnection;

/**
 * A connection for writing and one for waiting.
 *
 * @param key the name of the first key, whose slot decides about the Cluster's node
 * @throws SessionError("settings") if the target is neither an address, nor a list of them, nor a client
 */
export function openLinks(target: RedisTarget, key: string): [writer: Link, reader: Link] {
  if (typeof target === "string") return [openNode([target]), openNode([target])];
  if (isList(target)) return [openNode(target), openNode(target)];
  if (typeof target === "object" && target !== null && isIoredis(target)) {
    const client = fromIoredis(target);
    return [writeBy(client, key), waitBy(client, key)];
  }
  if (typeof target?.sendCommand !== "function" || typeof target.duplicate !== "function") {
    throw new SessionError(
      "settings",
      "redisLog() takes an address, a list of addresses, or a client of the package redis or ioredis. Pass createClient(…), createCluster(…) or new Redis(…).",
    );
  }
  return [writeBy(target, key), waitBy(target, key)];
}

/** A client of ioredis, which finds the Cluster's node by itself, in the form of the package redis. */
function fromIoredis(client: IoredisClient): RedisConnection {
  return {
    sendCommand: ([name = "", ...values]) => client.call(name, ...values),
    duplicate() {
      const copy = duplicateIoredis(client, CONNECT_MS);
      copy.on("error", () => {}); // otherwise it prints them
      return {
        ...fromIoredis(copy),
        connect: () => copy.connect(),
        destroy: () => copy.disconnect(),
      };
    },
  };
}

function isList(target: RedisTarget): target is readonly string[] {
  return Array.isArray(target);
}

function isCluster(client: Client): client is RedisClusterConnection {
  return "masters" in client;
}

function send(client: Client, key: string, command: string[]): Promise<unknown> {
  return isCluster(client) ? client.sendCommand(key, false, command) : client.sendCommand(command);
}

/**
 * The user's client. A command that it has accepted cannot be taken back: while one is overdue, no other is sent, so
 * that they do not pile up in it.
 */
function writeBy(client: Client, key: string): Link {
  let silence: SessionError | null = null;
  return {
    async ask(command, limitMs) {
      if (silence !== null) throw silence;
      const answer = send(client, key, command);
      const hear = () => {
        silence = null;
      };
      answer.then(hear, hear);
      return within(limitMs, answer, (error) => {
        silence = error;
      });
    },
    end() {},
  };
}

/** A duplicate of the user's client, replaced by another one if it does not answer. */
function waitBy(client: Client, key: string): Link {
  let opened: { client: Client & Duplicate; ready: Promise<unknown>; isReady: boolean } | null = null;
  let isEnded = false;

  const open = () => {
    if (isEnded) throw new SessionError("engine", "The trace log was closed.");
    const copy = isCluster(client) ? client.duplicate({ minimizeConnections: true }) : client.duplicate();
    listenToErrors(copy);
    const next = { client: copy, ready: Promise.resolve<unknown>(null), isReady: false };
    next.ready = copy.connect().then(
      () => {
        next.isReady = true;
      },
      (error: unknown) => {
        if (opened === next) opened = null;
        throw error;
      },
    );
    next.ready.catch(() => {}); // the command that waits for it receives the error
    return next;
  };

  const follow = async (command: string[]) => {
    opened ??= open();
    const mine = opened;
    await mine.ready;
    try {
      return await send(mine.client, key, command);
    } catch (error) {
      if (readRefusal(error) === null && opened === mine) drop(mine); // that of ioredis does not connect again
      throw error;
    }
  };

  const drop = (failed: { client: Duplicate }) => {
    opened = null;
    failed.client.destroy();
  };

  return {
    ask: (command, limitMs) =>
      within(limitMs, follow(command), () => {
        if (opened?.isReady === true) drop(opened); // while it is being connected, another would not be faster
      }),
    end() {
      isEnded = true;
      opened?.client.destroy();
      opened = null;
    },
  };
}

/** A client without a listener ends the process when its connection fails; a duplicate has none of the original's. */
function listenToErrors(client: Client): void {
  if ("on" in client && typeof client.on === "function") client.on("error", () => {});
}
