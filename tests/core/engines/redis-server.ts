/** A separate Redis server for a test, on a free port, alone or as a Cluster of one node. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
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
  const keep = options.keep ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
  let child: ChildProcess | null = null;

  async function start(port: number, busPort: number) {
    const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(busPort)];
    const more = [...keep, ...(options.cluster ? cluster : []), ...(options.args ?? [])];
    child = await spawnRedis(port, ["--save", "", "--dir", folder, ...more]);
  }
  async function formCluster(port: number) {
    if (!options.cluster) return;
    await askRedis(port, ["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    await askRedis(port, ["CLUSTER", "INFO"], (answer) => answer.includes("cluster_state:ok"));
  }
  async function kill() {
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    if (child?.kill("SIGKILL")) await ended;
  }

  const [port = 0, busPort = 0] = await onFreePorts(2, start);
  await formCluster(port);
  return {
    address: `redis://127.0.0.1:${port}`,
    pause: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    kill,
    async restart() {
      await start(port, busPort);
      await formCluster(port);
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a process of Redis, and resolves when that process answers on its port.
 *
 * @throws if it ends before, with what it printed: something else may have taken the port
 */
export async function spawnRedis(port: number, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(REDIS_SERVER, [...args, "--port", String(port), "--bind", "127.0.0.1"]);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      printed = `${printed}${data}`.slice(-1000);
    });
  }
  const ended = new Promise<never>((_, reject) => {
    const fail = (how: unknown) =>
      reject(
        new Error(`[tests] ${REDIS_SERVER} on port ${port} has ended (${how}). It printed:\n${printed}`),
      );
    child.once("error", fail).once("close", fail);
  });
  // another test's server may answer on this port: then this one is about to end
  const isOwn = (answer: string) => answer.includes(`process_id:${child.pid}\r`);
  await Promise.race([ended, askRedis(port, ["INFO", "server"], isOwn)]).catch((error) => {
    child.kill("SIGKILL");
    throw error;
  });
  ended.catch(() => {}); // from now on it may
  return child;
}

/**
 * Repeats a command to a server, which may not listen yet, until the answer is the expected one.
 *
 * @throws after half a minute, with the last answer
 */
export async function askRedis(
  port: number,
  command: readonly string[],
  isExpected: (answer: string) => boolean = () => true,
): Promise<string> {
  let answer = "none";
  for (const endMs = performance.now() + 30_000; performance.now() < endMs; await pause(20)) {
    const socket = {
      host: "127.0.0.1",
      port,
      reconnectStrategy: false as const,
      connectTimeout: 5000,
      socketTimeout: 10_000,
    };
    const client = createClient({ socket }).on("error", () => {}); // until it listens
    try {
      await client.connect();
      answer = String(await client.sendCommand(command));
      if (isExpected(answer)) return answer;
    } catch (error) {
      answer = String(error);
    } finally {
      if (client.isOpen) client.destroy();
    }
  }
  throw new Error(
    `[tests] Redis on port ${port}: ${command.join(" ")} is not answered as expected: ${answer}`,
  );
}

/**
 * Calls `start` with free ports, and again with others if it fails: between looking for a port and listening on it, something
 * else may take it. Returns the ports.
 */
export async function onFreePorts(
  count: number,
  start: (...ports: number[]) => Promise<void>,
): Promise<number[]> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await findPorts(count);
    try {
      await start(...ports);
      return ports;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** A port of this machine on which nothing listens now. */
export async function findPort(): Promise<number> {
  const [port = 0] = await findPorts(1);
  return port;
}

async function findPorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
  });
}
