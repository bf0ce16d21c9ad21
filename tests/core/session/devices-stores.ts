/** Stores that several processes share, and what each holds, read from the store itself: rows, keys, files. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { cache, cachedDatabase, database, type Engine, file, memory, redis } from "session-bridge";
import { startRedisCluster } from "../engines/redis-cluster.ts";
import { startRedis } from "../engines/redis-server.ts";
import { makeDirectory, makeMariadbDatabase, makePostgresDatabase, type Place } from "../engines/servers.ts";
import type { DevicesProcess, DevicesStore, FoundRow } from "./devices-model.ts";

const COLUMNS = 'session_key AS "key", session_data AS "text", expire_date AS "end"';
const PREFIX = ":1:django.contrib.sessions.cache";
const CACHE_STEPS = ["add", "swap", "delete"];

/** @param wrap makes an engine of the file's address; default: the database itself */
export async function sqliteStore(
  wrap: (address: string) => Engine = (address) => database(address),
): Promise<DevicesStore> {
  const place = await makeDirectory();
  const path = join(place.address, "sessions.db");
  return {
    open: () => ({ engine: wrap(`sqlite:${path}`) }),
    async rows() {
      const opened = new DatabaseSync(path, { readOnly: true });
      const rows = opened.prepare(`SELECT ${COLUMNS} FROM django_session`).all();
      opened.close();
      return rows.map(toRow);
    },
    close: () => place.remove(),
  };
}

/** SQLite behind a cache in each process's memory, which must never show what has ended. */
export function cachedStore(): Promise<DevicesStore> {
  return sqliteStore((address) => cachedDatabase(memory(), address));
}

/** PostgreSQL. */
export async function postgresStore(): Promise<DevicesStore> {
  const place = await makePostgresDatabase();
  const client = new pg.Client(place.address);
  await client.connect();
  return {
    open: () => ({ engine: database(place.address) }),
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
export async function mariadbStore(): Promise<DevicesStore> {
  const place: Place = await makeMariadbDatabase();
  const client = await createConnection({ uri: place.address, dateStrings: true });
  return {
    open: () => ({ engine: database(place.address) }),
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
export async function redisStore(): Promise<DevicesStore> {
  const server = await startRedis();
  return inRedis([server.address], server.address, () => server.stop());
}

/** A Redis Cluster of three nodes. */
export async function clusterStore(): Promise<DevicesStore> {
  const cluster = await startRedisCluster();
  return inRedis(cluster.addresses, cluster.addresses, () => cluster.stop());
}

async function inRedis(
  addresses: readonly string[],
  target: Parameters<typeof redis>[0],
  stop: () => Promise<void>,
): Promise<DevicesStore> {
  const clients = await Promise.all(addresses.map((url) => createClient({ url }).connect()));
  return {
    ownClock: true,
    open(): DevicesProcess {
      const store = redis(target);
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
export async function fileStore(): Promise<DevicesStore> {
  const place = await makeDirectory();
  let reader: Engine | undefined;
  return {
    open() {
      const engine = file(place.address);
      reader ??= engine;
      return { engine };
    },
    async rows() {
      const names = (await readdir(place.address)).filter((name) => /^sessionid[a-z0-9]{32}$/.test(name));
      const rows = names.map(async (name): Promise<FoundRow[]> => {
        const key = name.slice("sessionid".length);
        const found = await reader?.inspect?.(key);
        return found == null ? [] : [{ key, ...found }];
      });
      return (await Promise.all(rows)).flat();
    },
    close: () => place.remove(),
  };
}

/** A row whose time is Django's text in UTC. */
function toRow({ key, text, end }: Record<string, unknown>): FoundRow {
  return {
    key: String(key),
    text: String(text),
    expiresAtMs: Date.parse(`${String(end).replace(" ", "T")}Z`),
  };
}
