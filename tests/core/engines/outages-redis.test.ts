/** Redis that is stopped: requests, `health()` and `close()` on a server of this test. */
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { cache } from "../../../server-bridge/src/core/engines/cache.ts";
import { redis } from "../../../server-bridge/src/core/engines/caches/redis.ts";
import { expectCloseEnds, expectRestart, expectShortOutage } from "./outages.ts";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.ts";

describe.skipIf(!hasRedis)("Redis that does not answer", { timeout: 120_000 }, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => server.resume());
  afterAll(() => server.stop());

  it("fails requests in time, says so once, and loses nothing", () =>
    expectShortOutage(cache(server.address), server));

  it("does the same with the user's own client", async () => {
    const client = createClient({ url: server.address }).on("error", () => {});
    await client.connect();
    await expectShortOutage(cache(redis(client)), server);
    client.destroy();
  });

  it("may be killed under load and started again", async () => {
    const keeping = await startRedis({ keep: true });
    await expectRestart(cache(keeping.address), keeping);
    await keeping.stop();
  });

  it("lets close() end, and leaves no connection", () =>
    expectCloseEnds(cache(server.address), server, async () => (await listClients(server)) - 1));
});

/** How many connections the server has, this one included. */
async function listClients(server: RedisServer): Promise<number> {
  const client = await createClient({ url: server.address }).connect();
  const list = await client.clientList();
  client.destroy();
  return list.length;
}
