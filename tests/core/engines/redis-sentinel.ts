/**
 * A real master with one replica, and a Sentinel that makes the replica the master when the master is silent for a
 * second, on free ports.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { findPort, REDIS_SERVER } from "./redis-server.ts";

/** What the Sentinel calls the master. */
export const MASTER = "sessions";

export interface SentinelSetup {
  readonly sentinelPort: number;
  /** Waits until the replica has everything that the master has acknowledged by now. */
  replicated(): Promise<void>;
  /** Stops the master where it is (SIGSTOP): its port still accepts connections, and nothing is answered. */
  pauseMaster(): void;
  killMaster(): void;
  /** The port of what the Sentinel takes for the master now. */
  masterPort(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the three, and resolves when the Sentinel knows both servers. */
export async function startSentinel(): Promise<SentinelSetup> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-redis-sentinel-"));
  const [masterPort, replicaPort, sentinelPort] = [await findPort(), await findPort(), await findPort()];
  const children: ChildProcess[] = [];
  const start = (...args: string[]) => {
    const child = spawn(REDIS_SERVER, args, { stdio: "ignore" });
    children.push(child);
    return child;
  };
  const serve = async (port: number, ...args: string[]) => {
    const dir = join(folder, String(port));
    await mkdir(dir);
    const own = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", dir];
    return start(...own, "--repl-diskless-sync-delay", "0", ...args);
  };
  const master = await serve(masterPort);
  await serve(replicaPort, "--replicaof", `127.0.0.1 ${masterPort}`);
  await ask(masterPort, (answer) => answer.includes("state=online"), "INFO", "replication");
  const config = join(folder, "sentinel.conf");
  await writeFile(
    config,
    [
      `port ${sentinelPort}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} 1`,
      `sentinel down-after-milliseconds ${MASTER} 1000`,
      `sentinel failover-timeout ${MASTER} 5000`,
    ].join("\n"),
  );
  start(config, "--sentinel");
  const knowsReplica = (answer: string) => answer.includes("slaves=1,");
  await ask(sentinelPort, knowsReplica, "INFO", "sentinel");
  return {
    sentinelPort,
    async replicated() {
      await ask(masterPort, (answer) => answer !== "0", "WAIT", "1", "5000");
    },
    pauseMaster: () => void master.kill("SIGSTOP"),
    killMaster: () => void master.kill("SIGKILL"),
    async masterPort() {
      const found = await ask(sentinelPort, () => true, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER);
      return Number(found.split(",")[1]);
    },
    async stop() {
      for (const child of children) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Repeats a command to a server, which may not listen yet, until the answer is the expected one. */
async function ask(
  port: number,
  isExpected: (answer: string) => boolean,
  ...command: string[]
): Promise<string> {
  const socket = { host: "127.0.0.1", port, reconnectStrategy: 20 };
  const client = createClient({ socket }).on("error", () => {}); // until it listens
  await client.connect();
  try {
    for (;;) {
      const answer = String(await client.sendCommand(command));
      if (isExpected(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    client.destroy();
  }
}
