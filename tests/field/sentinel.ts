/** A Redis master with a replica, and three Sentinels that put the replica in its place when it is gone. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { findPort } from "../core/engines/redis-server.ts";

/** The servers, with their data in a temporary folder. */
export interface SentinelSetup {
  /** The name under which the Sentinels know the master. */
  readonly name: string;
  /** Where the Sentinels listen. */
  readonly sentinels: { host: string; port: number }[];
  /** Kills the master's process, without any goodbye. */
  killMaster(): void;
  /** Ends all processes and removes their data. */
  stop(): Promise<void>;
}

const NAME = "main";
const SENTINELS = 3;

/**
 * Starts them, and resolves when every Sentinel knows the replica and the other Sentinels.
 *
 * @param downAfterMs how long a master is silent before a Sentinel takes it for dead; Redis's own default is 30 000
 */
export async function startSentinels(downAfterMs: number): Promise<SentinelSetup> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-sentinel-"));
  const children: ChildProcess[] = [];
  /** Starts a server with these lines of configuration; returns its port. */
  async function start(lines: readonly string[], ...more: string[]): Promise<number> {
    const port = await findPort();
    const place = join(folder, String(port));
    await mkdir(place);
    const file = join(place, "redis.conf"); // Sentinels write into it
    await writeFile(file, ["bind 127.0.0.1", `port ${port}`, `dir ${place}`, ...lines, ""].join("\n"));
    children.push(spawn("redis-server", [file, ...more], { stdio: "ignore" }));
    await untilAnswer(port, ["PING"], /PONG/);
    return port;
  }

  const server = ['save ""', "repl-diskless-sync-delay 0"];
  const master = await start(server);
  const replica = await start([...server, `replicaof 127.0.0.1 ${master}`]);
  await untilAnswer(replica, ["INFO", "replication"], /master_link_status:up/);
  const watch = [
    `sentinel monitor ${NAME} 127.0.0.1 ${master} 2`,
    `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
  ];
  const ports: number[] = [];
  for (let count = 0; count < SENTINELS; count++) ports.push(await start(watch, "--sentinel"));
  const isKnown = new RegExp(`name=${NAME},status=ok,.*slaves=1,sentinels=${SENTINELS}`);
  await Promise.all(ports.map((port) => untilAnswer(port, ["INFO", "sentinel"], isKnown)));
  return {
    name: NAME,
    sentinels: ports.map((port) => ({ host: "127.0.0.1", port })),
    killMaster: () => void children[0]?.kill("SIGKILL"),
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Asks a server, which may not listen yet, until it answers like this. */
async function untilAnswer(port: number, command: string[], answer: RegExp): Promise<void> {
  const socket = { host: "127.0.0.1", port, reconnectStrategy: 20 };
  const client = createClient({ socket }).on("error", () => {}); // until it listens
  await client.connect();
  try {
    while (!answer.test(String(await client.sendCommand(command)))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    client.destroy();
  }
}
