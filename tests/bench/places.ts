/** The stores of one run: a directory for files and SQLite, a separate Redis, a PostgreSQL database. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Places } from "./servers/contestant.ts";

/** Core of the stores; the servers and the load have the other. */
const OTHER_CORE = 1;

const POSTGRES_URL = process.env["BENCH_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
/** Everything is created in this schema and dropped with it. */
const SCHEMA = "sessions_bench";

export interface OpenPlaces {
  places: Omit<Places, "id">;
  /** Stores that are not available here, with the reason. */
  missing: Map<"redis" | "postgres", string>;
  close(): Promise<void>;
}

export async function openPlaces(pinned: boolean): Promise<OpenPlaces> {
  const directory = await mkdtemp(join(tmpdir(), "sessions-bench-"));
  const missing: OpenPlaces["missing"] = new Map();
  const redis = await startRedis(directory, pinned).catch((error: unknown) => {
    missing.set("redis", String(error));
    return undefined;
  });
  await makeSchema().catch((error: unknown) => missing.set("postgres", String(error)));
  return {
    places: {
      directory,
      redisUrl: redis?.url ?? "",
      postgresUrl: `${POSTGRES_URL}?options=${encodeURIComponent(`-c search_path=${SCHEMA}`)}`,
    },
    missing,
    close: async () => {
      redis?.stop();
      if (!missing.has("postgres")) await query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A Redis that keeps nothing on disk. `BENCH_REDIS_URL` names another to use instead. */
async function startRedis(directory: string, pinned: boolean): Promise<{ url: string; stop(): void }> {
  const given = process.env["BENCH_REDIS_URL"];
  if (given !== undefined) return { url: given, stop: () => {} };
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const args = [
    "redis-server",
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--dir",
    directory,
  ];
  const [command = "redis-server", ...rest] = pinned ? ["taskset", "-c", String(OTHER_CORE), ...args] : args;
  const child = spawn(command, rest, { stdio: "ignore" });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  await Promise.race([failed, waitForPort(port)]);
  return { url: `redis://127.0.0.1:${port}`, stop: () => void child.kill() };
}

async function waitForPort(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`bench: redis-server did not answer on port ${port} within five seconds.`);
}

async function makeSchema(): Promise<void> {
  await query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA}`);
}

async function query(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
