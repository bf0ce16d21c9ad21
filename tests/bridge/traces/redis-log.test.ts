/** Traces of several processes come through one Redis Stream: each once, in order for each session. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "redis";
import { redisLog } from "session-bridge/bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trace } from "../../protocol/samples.ts";
import { readCookie, readTraces } from "../../sources/panel-client.ts";

const SESSIONS = 10;
const REQUESTS = 100;
const name = `sessions-test:${crypto.randomUUID()}`;
let app: ChildProcess;
let base = "";

beforeAll(async () => {
  const script = join(import.meta.dirname, "redis-log-app.ts");
  app = spawn(process.execPath, ["--conditions=sessions-source", script, name, "4"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [port] = await once(createInterface({ input: app.stdout ?? process.stdin }), "line");
  base = `http://127.0.0.1:${port}`;
}, 60_000);

afterAll(async () => {
  app?.stdin?.end();
  const redis = await createClient().connect();
  await redis.del([name, `{${name}}:newest`]);
  await redis.close();
});

/** A request on its own connection, so that the workers take turns. */
async function visit(cookie: string): Promise<Response> {
  const headers = { connection: "close", ...(cookie === "" ? {} : { cookie: `sessionid=${cookie}` }) };
  return fetch(base, { headers });
}

describe("four cluster workers", () => {
  it("report 1,000 requests to a panel at one of them, each once, in order for each session", async () => {
    const cookies = await Promise.all(
      Array.from({ length: SESSIONS }, async () => readCookie(await visit(""), "sessionid")),
    );
    const seen = readTraces(base, cookies, (traces) => traces.length >= SESSIONS * (REQUESTS + 1));
    const workers = new Set<string>();
    await Promise.all(
      cookies.map(async (cookie) => {
        for (let count = 0; count < REQUESTS; count += 1) workers.add(await (await visit(cookie)).text());
      }),
    );
    // As the panel does: by the time of the request, because a worker may report late.
    const traces = (await seen).sort((one, other) => one.at - other.at || one.sequence - other.sequence);
    expect(workers.size).toBe(4);
    expect(new Set(traces.map(({ process }) => process)).size).toBe(4);
    const bySession = Map.groupBy(traces, ({ after }) => after?.keyId ?? "");
    expect(
      [...bySession.values()].map((list) =>
        list.map(({ after }) => JSON.parse(after?.dataJson ?? "{}").visits),
      ),
    ).toEqual(
      Array.from({ length: SESSIONS }, () => Array.from({ length: REQUESTS + 1 }, (_, index) => index + 1)),
    );
  }, 60_000);
});

describe("a log that Redis has forgotten after a quiet time", () => {
  it("says up to which trace it is lost", async () => {
    const stream = `${name}:quiet`;
    const log = redisLog("redis://127.0.0.1:6379", { name: stream });
    for (const id of ["A", "B"]) log.append({ trace: { ...trace, id: id.repeat(22) }, owners: ["k"] });
    await expect.poll(async () => (await log.read(0)).entries).toHaveLength(2);
    const { newest } = await log.read(0);
    const redis = await createClient().connect();
    await redis.del(stream); // as its PEXPIRE does
    expect(await log.read(newest - 1)).toEqual({ entries: [], evictedThrough: newest, newest });
    await redis.del(`{${stream}}:newest`);
    await redis.close();
    await log.close();
  });
});

describe("a Redis server that does not answer", () => {
  it("is reported in one line, and the app continues", async () => {
    const lines: string[] = [];
    const log = redisLog("redis://127.0.0.1:1", { log: (line) => lines.push(line) });
    log.watch(() => {});
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]).toContain("Redis does not answer");
    expect(await log.read(0)).toMatchObject({ entries: [] });
    expect(lines).toHaveLength(1);
    await log.close();
  });
});
