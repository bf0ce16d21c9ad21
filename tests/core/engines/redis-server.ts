/** A separate Redis server for a test, on a free port, alone or as a Cluster of one node. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";

export interface RedisServer {
  readonly address: string;
  /** Stops the process where it is (SIGSTOP): its port still accepts connections, and nothing is answered. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /** Kills the process. */
  kill(): Promise<void>;
  /** Starts it again on the same port: empty, or with `keep` as it was. */
  restart(): Promise<void>;
  /** Kills the process and removes its folder. */
  stop(): Promise<void>;
}

/** The server's program: `SESSIONS_TEST_REDIS_SERVER=valkey-server` runs the same tests on Valkey. */
export const REDIS_SERVER = process.env["SESSIONS_TEST_REDIS_SERVER"] ?? "redis-server";

/** Whether the program is installed. Without it its tests are skipped with a loud line, or fail with `CI=true`. */
export const hasRedis = isInstalled();

function isInstalled(): boolean {
  try {
    execFileSync(REDIS_SERVER, ["--version"]);
    return true;
  } catch {
    const line = `${REDIS_SERVER} is not installed`;
    if (process.env["CI"] === "true") throw new Error(`[tests] ${line}. With CI=true nothing is skipped.`);
    console.warn(`\n!!! SKIPPED: ${line}. Its tests do not run. !!!\n`);
    return false;
  }
}

/**
 * Starts a server and resolves when it responds.
 *
 * @param options cluster: it is a Cluster of one node. keep: it writes every change to disk before it answers, and has
 * its data again after `restart`. args: more of the program's options
 */
export async function startRedis(
  options: { cluster?: boolean; keep?: boolean; args?: readonly string[] } = {},
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-redis-"));
  const port = await findPort();
  const address = `redis://127.0.0.1:${port}`;
  const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(await findPort())];
  const keep = options.keep ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, ...keep];
  let child: ChildProcess | null = null;

  async function start() {
    const more = [...(options.cluster ? cluster : []), ...(options.args ?? [])];
    child = spawn(REDIS_SERVER, [...args, ...more], { stdio: "ignore" });
    const socket = { reconnectStrategy: 20 };
    const client = createClient({ url: address, socket }).on("error", () => {}); // until it listens
    await client.connect();
    if (options.cluster) await client.clusterAddSlotsRange({ start: 0, end: 16_383 });
    while (options.cluster && !(await client.clusterInfo()).includes("cluster_state:ok"));
    client.destroy();
  }
  async function kill() {
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    if (child?.kill("SIGKILL")) await ended;
  }

  await start();
  return {
    address,
    pause: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    kill,
    restart: start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port of this machine on which nothing listens now. */
export function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object" ? resolve(address.port) : reject(),
      );
    });
  });
}
