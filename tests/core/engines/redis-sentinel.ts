/**
 * A real master with one replica, and a Sentinel that makes the replica the master when the master is silent for a
 * second, on free ports.
 */
import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askRedis, onFreePorts, spawnRedis } from "./redis-server.ts";

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
  const children: ChildProcess[] = [];
  const start = async (port: number, ...args: string[]) => {
    children.push(await spawnRedis(port, args));
  };
  const serve = async (port: number, ...args: string[]) => {
    const dir = join(folder, String(port));
    await mkdir(dir);
    await start(port, "--save", "", "--dir", dir, "--repl-diskless-sync-delay", "0", ...args);
  };
  const [masterPort = 0] = await onFreePorts(1, (port) => serve(port));
  await onFreePorts(1, (port) => serve(port, "--replicaof", `127.0.0.1 ${masterPort}`));
  await askRedis(masterPort, ["INFO", "replication"], (answer) => answer.includes("state=online"));
  const [sentinelPort = 0] = await onFreePorts(1, async (port) => {
    const config = join(folder, `${port}.conf`);
    await writeFile(
      config,
      [
        `dir ${folder}`,
        `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} 1`,
        `sentinel down-after-milliseconds ${MASTER} 1000`,
        `sentinel failover-timeout ${MASTER} 5000`,
      ].join("\n"),
    );
    await start(port, config, "--sentinel");
  });
  await askRedis(sentinelPort, ["INFO", "sentinel"], (answer) => answer.includes("slaves=1,"));
  const [master] = children;
  return {
    sentinelPort,
    async replicated() {
      await askRedis(masterPort, ["WAIT", "1", "5000"], (answer) => answer !== "0");
    },
    pauseMaster: () => void master?.kill("SIGSTOP"),
    killMaster: () => void master?.kill("SIGKILL"),
    async masterPort() {
      const found = await askRedis(sentinelPort, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]);
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
