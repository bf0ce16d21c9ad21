/**
 * A real Redis Cluster for a test: three masters on free ports, with their data in a temporary folder. Each node can be
 * stopped, so that it says nothing while its connections stay open, or killed.
 */
import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sessions } from "../../../server-bridge/src/core/sessions.ts";
import { askRedis, onFreePorts, spawnRedis } from "./redis-server.ts";

/** A running Cluster. Nodes are counted from 0, in the order of `addresses`: the masters, then their replicas. */
export interface RedisCluster {
  readonly addresses: readonly string[];
  /** The master that has the slot of this name. */
  masterOf(name: string): Promise<number>;
  /** Stops a node without ending it (SIGSTOP). */
  pause(node: number): void;
  /** Lets it continue. */
  resume(node: number): void;
  kill(node: number): Promise<void>;
  /** Ends all nodes and removes their data. */
  stop(): Promise<void>;
}

/** What differs from a Cluster of three masters that waits fifteen seconds before it gives one up. */
export interface ClusterOptions {
  /** Also starts a replica for each master. Default: false. */
  replicas?: boolean;
  /** Milliseconds after which the nodes take a silent one for dead. Default: 15 000, as in Redis. */
  nodeTimeoutMs?: number;
}

interface Node {
  readonly port: number;
  readonly busPort: number;
  readonly child: ChildProcess | undefined;
}

const MASTERS = 3;
const SLOTS = 16_384;

/**
 * Starts the nodes, joins them, and resolves when all of them accept commands: after about three seconds, because a
 * master waits for two. The other masters continue to serve their slots while one is away.
 */
export async function startRedisCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const count = options.replicas ? 2 * MASTERS : MASTERS;
  const folder = await mkdtemp(join(tmpdir(), "sessions-redis-cluster-"));
  const nodes = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startNode(join(folder, String(index)), options.nodeTimeoutMs ?? 15_000),
    ),
  );
  await Promise.all(nodes.slice(0, MASTERS).map(({ port }, master) => askRedis(port, toAddSlots(master))));
  const first = nodes[0]?.port ?? 0;
  for (const { port, busPort } of nodes.slice(1)) {
    await askRedis(first, ["CLUSTER", "MEET", "127.0.0.1", String(port), String(busPort)]);
  }
  await Promise.all(nodes.map(({ port }) => untilInfo(port, `cluster_known_nodes:${count}`)));
  for (const [index, node] of nodes.slice(MASTERS).entries()) {
    const master = await askRedis(nodes[index]?.port ?? 0, ["CLUSTER", "MYID"]);
    await askRedis(node.port, ["CLUSTER", "REPLICATE", master]);
  }
  await Promise.all(nodes.map(({ port }) => untilInfo(port, "cluster_state:ok")));
  return {
    addresses: nodes.map(({ port }) => `redis://127.0.0.1:${port}`),
    async masterOf(name) {
      const slot = Number(await askRedis(first, ["CLUSTER", "KEYSLOT", name]));
      return Math.floor((slot * MASTERS) / SLOTS);
    },
    pause: (node) => void nodes[node]?.child?.kill("SIGSTOP"),
    resume: (node) => void nodes[node]?.child?.kill("SIGCONT"),
    kill: (node) => end(nodes[node]?.child),
    async stop() {
      await Promise.all(nodes.map(({ child }) => end(child)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startNode(folder: string, nodeTimeoutMs: number): Promise<Node> {
  let child: ChildProcess | undefined;
  await mkdir(folder);
  const [port = 0, busPort = 0] = await onFreePorts(2, async (onPort, onBusPort) => {
    const settings = {
      dir: folder,
      save: "",
      "cluster-enabled": "yes",
      "cluster-port": onBusPort,
      "cluster-node-timeout": nodeTimeoutMs,
      "cluster-require-full-coverage": "no",
      "repl-diskless-sync-delay": 0,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    child = await spawnRedis(onPort, args);
  });
  return { port, busPort, child };
}

/** The third of all slots that this master has. */
function toAddSlots(master: number): string[] {
  const start = Math.ceil((master * SLOTS) / MASTERS);
  const end = Math.ceil(((master + 1) * SLOTS) / MASTERS) - 1;
  return ["CLUSTER", "ADDSLOTSRANGE", String(start), String(end)];
}

async function untilInfo(port: number, line: string): Promise<void> {
  await askRedis(port, ["CLUSTER", "INFO"], (answer) => answer.includes(line));
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL"); // also ends a stopped process
  await ended;
}

/** Stores a session without visits on each master, and returns their keys, in the order of the masters. */
export async function storeOnEach(cluster: RedisCluster, sessions: Sessions): Promise<string[]> {
  const keys: string[] = [];
  while (keys.filter(Boolean).length < 3) {
    const session = sessions.open();
    session.set("visits", 0);
    await session.save();
    const key = session.sessionKey ?? "";
    keys[await cluster.masterOf(`:1:django.contrib.sessions.cache${key}`)] ??= key;
  }
  return keys;
}
