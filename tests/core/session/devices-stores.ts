/** Stores that several processes share, and what each holds, read from the store itself: rows, keys, files. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { cache, type Engine, redis } from "session-bridge";
import { startRedisCluster } from "../engines/redis-cluster.ts";
import { hasRedis, startRedis } from "../engines/redis-server.ts";
import {
  makeDirectory,
  makeMariadbDatabase,
  makePostgresDatabase,
  type Place,
  servers,
} from "../engines/servers.ts";
import { makeEngine, type StoreTarget } from "./devices-engine.ts";
import type { DevicesProcess, DevicesStore, FoundRow } from "./devices-model.ts";

const COLUMNS = 'session_key AS "key", session_data AS "text", expire_date AS "end"';
const PREFIX = ":1:django.contrib.sessions.cache";
const CACHE_STEPS = ["add", "swap", "delete"];

/** A store that processes elsewhere can use, too. */
export interface SharedStore extends DevicesStore {
  readonly target: StoreTarget;
}

/** SQLite, in a file. */
export function sqliteStore(): Promise<SharedStore> {
  return inSqlite("database");
}

/** SQLite behind a cache in each process's memory, which must never show what has ended. */
export function cachedStore(): Promise<SharedStore> {
  return inSqlite("cachedDatabase");
}

async function inSqlite(kind: "database" | "cachedDatabase"): Promise<SharedStore> {
  const place = await makeDirectory();
  const path = join(place.address, "sessions.db");
  const target: StoreTarget = { kind, at: `sqlite:${path}` };
  return {
    target,
    open: () => ({ engine: makeEngine(target) }),
    async rows() {
      const opened = new DatabaseSync(path, { readOnly: true });
      const rows = opened.prepare(`SELECT ${COLUMNS} FROM django_session`).all();
      opened.close();
      return rows.map(toRow);
    },
    close: () => place.remove(),
  };
}

/** PostgreSQL. */
export async function postgresStore(): Promise<SharedStore> {
  const place = await makePostgresDatabase();
  const target: StoreTarget = { kind: "database", at: place.address };
  const client = new pg.Client(place.address);
  await client.connect();
  return {
    target,
    open: () => ({ engine: makeEngine(target) }),
    async rows() {
      const { rows } = await client.query(`SELECT ${COLUMNS} FROM django_session`);
      return rows.map(({ key, text, end }) => ({ key, text, expiresAtMs: end.getTime() }));
    },
    async close() {
      await client.end();
      await place.remove();
    },
  };
}

/** MariaDB. */
export async function mariadbStore(): Promise<SharedStore> {
  const place: Place = await makeMariadbDatabase();
  const target: StoreTarget = { kind: "database", at: place.address };
  const client = await createConnection({ uri: place.address, dateStrings: true });
  return {
    target,
    open: () => ({ engine: makeEngine(target) }),
    async rows() {
      const [rows] = await client.query(`SELECT ${COLUMNS.replaceAll('"', "`")} FROM django_session`);
      return (rows as Record<string, unknown>[]).map(toRow); // a SELECT returns rows
    },
    async close() {
      await client.end();
      await place.remove();
    },
  };
}

/** One Redis server. */
export async function redisStore(): Promise<SharedStore> {
  const server = await startRedis();
  return inRedis([server.address], server.address, () => server.stop());
}

/** A Redis Cluster of three nodes. */
export async function clusterStore(): Promise<SharedStore> {
  const cluster = await startRedisCluster();
  return inRedis(cluster.addresses, cluster.addresses, () => cluster.stop());
}

async function inRedis(
  addresses: readonly string[],
  at: string | readonly string[],
  stop: () => Promise<void>,
): Promise<SharedStore> {
  const clients = await Promise.all(addresses.map((url) => createClient({ url }).connect()));
  return {
    target: { kind: "redis", at },
    ownClock: true,
    open(): DevicesProcess {
      const store = redis(at);
      return { engine: cache(store), steps: [[store, CACHE_STEPS]] };
    },
    async rows() {
      const found = clients.map(async (client) => {
        const names = await client.keys(`${PREFIX}*`);
        const rows = names.map(async (name): Promise<FoundRow[]> => {
          const text = await client.get(name);
          return text === null ? [] : [{ key: name.slice(PREFIX.length), text, expiresAtMs: null }];
        });
        return (await Promise.all(rows)).flat();
      });
      return (await Promise.all(found)).flat();
    },
    async close() {
      for (const client of clients) client.destroy();
      await stop();
    },
  };
}

/** Files in a directory. When one expires follows from its data and the time of its last write. */
export async function fileStore(): Promise<SharedStore> {
  const place = await makeDirectory();
  const target: StoreTarget = { kind: "file", at: place.address };
  let reader: Engine | undefined;
  return {
    target,
    open() {
      const engine = makeEngine(target);
      reader ??= engine;
      return { engine };
    },
    async rows() {
      const names = (await readdir(place.address)).filter((name) => /^sessionid[a-z0-9]{32}$/.test(name));
      const rows = names.map(async (name): Promise<FoundRow[]> => {
        const key = name.slice("sessionid".length);
        if (reader === undefined)
          return [{ key, text: await readText(join(place.address, name)), expiresAtMs: null }];
        const found = await reader.inspect?.(key);
        return found == null ? [] : [{ key, ...found }];
      });
      return (await Promise.all(rows)).flat();
    },
    close: () => place.remove(),
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, "latin1").catch(() => ""); // it was removed just now
}

/** A row whose time is Django's text in UTC. */
function toRow({ key, text, end }: Record<string, unknown>): FoundRow {
  return {
    key: String(key),
    text: String(text),
    expiresAtMs: Date.parse(`${String(end).replace(" ", "T")}Z`),
  };
}

/** Each kind of store that processes share, and whether its server is there. */
export const SHARED_STORES: readonly [name: string, isThere: boolean, open: () => Promise<SharedStore>][] = [
  ["SQLite", true, sqliteStore],
  ["files", true, fileStore],
  ["PostgreSQL", servers.postgres, postgresStore],
  ["MariaDB", servers.mariadb, mariadbStore],
  ["Redis", hasRedis, redisStore],
  ["a Redis Cluster", hasRedis, clusterStore],
];
