/**
 * A Redis master is killed under visitors, and a replica takes its place: after how many seconds requests succeed again,
 * which fail until then, and what is lost. With Sentinel, and in a Cluster.
 */
import { createServer } from "node:http";
import { createSentinel } from "redis";
import { cache, createSessions, type Engine, redis } from "session-bridge";
import { withSessions } from "session-bridge/node";
import { afterAll, describe, expect, it } from "vitest";
import { startRedisCluster } from "../core/engines/redis-cluster.ts";
import { hasRedis } from "../core/engines/redis-server.ts";
import { startSentinels } from "./sentinel.ts";

const VISITORS = 24;
const PAUSE_MS = 50;
const STEADY_MS = 3_000;
const FIVE_MINUTES = 300_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One response, as its visitor saw it. */
interface Seen {
  readonly visitor: number;
  /** When it was asked for, and how long that took. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly status: number;
  /** The session's count of visits that the response reports. */
  readonly visits: number;
}

/** A site that counts each visitor's visits in their session, and stores every one. */
async function openSite(engine: Engine, storeTimeout: number) {
  const sessions = createSessions({ secretKey: "a secret", engine, storeTimeout, log: () => {} });
  const server = createServer(
    withSessions(sessions, ({ session }, response) => {
      session["visits"] = Number(session["visits"] ?? 0) + 1;
      response.end(String(session["visits"]));
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await sessions.close();
    },
  };
}

/** Visits the site again and again with one cookie, until it is stopped. */
async function visit(address: string, visitor: number, all: Seen[], signal: AbortSignal): Promise<void> {
  let cookie = "";
  while (!signal.aborted) {
    const atMs = performance.now();
    const response = await fetch(address, cookie === "" ? {} : { headers: { cookie } });
    const visits = Number(await response.text());
    all.push({ visitor, atMs, tookMs: performance.now() - atMs, status: response.status, visits });
    if (response.ok) cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    await wait(PAUSE_MS);
  }
}

/** How long each side waits for a master that is silent. */
interface Limits {
  /** Sentinels, or the other nodes of a Cluster. */
  readonly waitMs: number;
  /** The site, in seconds. */
  readonly storeTimeout: number;
}

/** Kills the master under visitors, and reports what they saw. */
async function measure(engine: Engine, { waitMs, storeTimeout }: Limits, kill: () => unknown) {
  const site = await openSite(engine, storeTimeout);
  const seen: Seen[] = [];
  const stop = new AbortController();
  const visits = Array.from({ length: VISITORS }, (_, visitor) =>
    visit(site.address, visitor, seen, stop.signal),
  );
  try {
    await wait(STEADY_MS);
    const killedMs = performance.now();
    await kill();
    await wait(waitMs);
    const isOver = () => {
      const recent = seen.filter(
        ({ atMs }) => atMs > Math.max(killedMs + waitMs, performance.now() - STEADY_MS),
      );
      const served = recent.filter(({ status }) => status === 200);
      return (
        served.length === recent.length && new Set(served.map(({ visitor }) => visitor)).size === VISITORS
      );
    };
    await expect.poll(isOver, { timeout: 120_000 }).toBe(true);
    stop.abort();
    await Promise.all(visits);
    return summarise(seen, killedMs);
  } finally {
    stop.abort();
    await site.close();
  }
}

function summarise(seen: readonly Seen[], killedMs: number) {
  const endOf = ({ atMs, tookMs }: Seen) => atMs + tookMs;
  const failed = seen.filter(({ status }) => status !== 200);
  let [worstMs, sessions, visits] = [0, 0, 0];
  for (let visitor = 0; visitor < VISITORS; visitor++) {
    const served = seen.filter((one) => one.visitor === visitor && one.status === 200);
    for (const [at, one] of served.entries()) {
      const before = served[at - 1];
      if (before === undefined) continue;
      worstMs = Math.max(worstMs, endOf(one) - endOf(before));
      if (one.visits === 1) sessions++;
      else visits += Math.max(0, before.visits + 1 - one.visits);
    }
  }
  const toSeconds = (ms: number) => Number((ms / 1000).toFixed(1));
  return {
    "longest time without a 200 (s)": toSeconds(worstMs),
    "last failure after (s)":
      failed.length === 0 ? null : toSeconds(Math.max(...failed.map(endOf)) - killedMs),
    "longest response (s)": toSeconds(Math.max(...seen.map(({ tookMs }) => tookMs))),
    failures: Object.entries(Object.groupBy(failed, ({ status }) => status))
      .map(([status, list]) => `${list?.length} × ${status}`)
      .join(", "),
    "visitors with failures": new Set(failed.map(({ visitor }) => visitor)).size,
    "sessions lost": sessions,
    "stored visits lost": visits,
  };
}

describe.skipIf(!hasRedis)("a Redis master that is killed", () => {
  const report: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  afterAll(() => console.table(report));

  it.each([
    { waitMs: 1_000, storeTimeout: 5 },
    { waitMs: 1_000, storeTimeout: 1 },
    { waitMs: 5_000, storeTimeout: 5 },
  ])(
    "is replaced by Sentinels that wait $waitMs ms; requests wait $storeTimeout s",
    { timeout: FIVE_MINUTES },
    async (limits) => {
      const { waitMs, storeTimeout } = limits;
      const setup = await startSentinels(waitMs);
      const client = await createSentinel({ name: setup.name, sentinelRootNodes: setup.sentinels })
        .on("error", () => {})
        .connect();
      try {
        const found = await measure(cache(redis(client)), limits, setup.killMaster);
        report[`Sentinel, down-after-milliseconds ${waitMs}, storeTimeout ${storeTimeout}`] = found;
        expect(found.failures).toMatch(/^(?:\d+ × 503)?$/);
      } finally {
        client.destroy();
        await setup.stop();
      }
    },
  );

  it.each([1_000, 5_000, 15_000])(
    "is replaced in a Cluster that waits %i ms",
    { timeout: FIVE_MINUTES },
    async (waitMs) => {
      const cluster = await startRedisCluster({ replicas: true, nodeTimeoutMs: waitMs });
      try {
        const found = await measure(cache(redis(cluster.addresses)), { waitMs, storeTimeout: 5 }, () =>
          cluster.kill(0),
        );
        report[`Cluster, cluster-node-timeout ${waitMs}`] = found;
        expect(found.failures).toMatch(/^(?:\d+ × 503)?$/);
      } finally {
        await cluster.stop();
      }
    },
  );
});
