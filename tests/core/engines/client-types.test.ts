/** The user's own pools and clients have the right types. The test is that this file compiles; it connects to nothing. */
import { Cluster, Redis } from "ioredis";
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { describe, expect, it } from "vitest";
import { redisLog } from "../../../server-bridge/src/bridge/index.ts";
import { cache, createSessions, database, mysql, postgres, redis } from "../../../server-bridge/src/index.ts";

const url = "redis://127.0.0.1:1";

describe("what a user may pass", () => {
  it("is a client, a pool, a Cluster or a Sentinel of the package redis", () => {
    const sentinel = { name: "main", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] };
    const caches = [
      redis(createClient({ url })),
      redis(createClient({ url, RESP: 2 })),
      redis(createClientPool({ url })),
      redis(createCluster({ rootNodes: [{ url }] })),
      redis(createSentinel(sentinel)),
    ];
    for (const each of caches) {
      expect(() => createSessions({ secretKey: "a secret", engine: cache(each) })).not.toThrow();
    }
  });

  it("is a client or a Cluster of ioredis, whatever form its replies have", () => {
    const later = { lazyConnect: true } as const;
    const targets = [
      new Redis(url, later),
      new Redis({ sentinels: [{ host: "127.0.0.1", port: 1 }], name: "main", ...later }),
      new Redis({ ...later, replyMapping: "resp3" }),
      new Cluster([url], later),
    ];
    for (const target of targets) {
      expect(() => createSessions({ secretKey: "a secret", engine: cache(redis(target)) })).not.toThrow();
      expect(() => redisLog(target)).not.toThrow();
    }
  });

  it("is a pool or a client of pg, or a pool of mysql2 with promises or with callbacks", () => {
    const address = "mysql://user@127.0.0.1:1/nothing";
    const databases = [
      postgres(new pg.Pool()),
      postgres(new pg.Client()),
      mysql(createPool(address)),
      mysql(createCallbackPool(address)),
    ];
    for (const each of databases) {
      expect(() => createSessions({ secretKey: "a secret", engine: database(each) })).not.toThrow();
    }
  });
});
