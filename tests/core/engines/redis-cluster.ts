/**
 * A real Redis Cluster for a test: three masters on free ports, with their data in a temporary folder. Each node can be
 * stopped, so that it says nothing while its connections stay open, or killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { REDIS_SERVER } from "./redis-server.ts";

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
  readonly child: ChildProcess;
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
  const ports = await findPorts(2 * count);
  const nodes: Node[] = [];
  for (let index = 0; index < count; index += 1) {
    const place = join(folder, String(index));
    await mkdir(place);
    const [port = 0, busPort = 0] = ports.slice(2 * index);
    nodes.push({ port, busPort, child: startNode(place, port, busPort, options.nodeTimeoutMs ?? 15_000) });
  }
  await Promise.all(
    nodes.map((node, index) => ask(node.port, index < MASTERS ? toAddSlots(index) : ["PING"])),
  );
  const first = nodes[0]?.port ?? 0;
  for (const { port, busPort } of nodes.slice(1)) {
    await ask(first, ["CLUSTER", "MEET", "127.0.0.1", String(port), String(busPort)]);
  }
  await Promise.all(nodes.map(({ port }) => untilInfo(port, `cluster_known_nodes:${count}`)));
  for (const [index, node] of nodes.slice(MASTERS).entries()) {
    const master = String(await ask(nodes[index]?.port ?? 0, ["CLUSTER", "MYID"]));
    await ask(node.port, ["CLUSTER", "REPLICATE", master]);
  }
  await Promise.all(nodes.map(({ port }) => untilInfo(port, "cluster_state:ok")));
  return {
    addresses: nodes.map(({ port }) => `redis://127.0.0.1:${port}`),
    async masterOf(name) {
      const slot = Number(await ask(first, ["CLUSTER", "KEYSLOT", name]));
      return Math.floor((slot * MASTERS) / SLOTS);
    },
    pause: (node) => void nodes[node]?.child.kill("SIGSTOP"),
    resume: (node) => void nodes[node]?.child.kill("SIGCONT"),
    kill: (node) => end(nodes[node]?.child),
    async stop() {
      await Promise.all(nodes.map(({ child }) => end(child)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startNode(folder: string, port: number, busPort: number, nodeTimeoutMs: number): ChildProcess {
  const settings = {
    port,
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    "cluster-enabled": "yes",
    "cluster-port": busPort,
    "cluster-node-timeout": nodeTimeoutMs,
    "cluster-require-full-coverage": "no",
    "repl-diskless-sync-delay": 0,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn(REDIS_SERVER, args, { stdio: "ignore" });
}

/** The third of all slots that this master has. */
function toAddSlots(master: number): string[] {
  const start = Math.ceil((master * SLOTS) / MASTERS);
  const end = Math.ceil(((master + 1) * SLOTS) / MASTERS) - 1;
  return ["CLUSTER", "ADDSLOTSRANGE", String(start), String(end)];
}

/** One command to one node, which may not listen yet. */
async function ask(port: number, command: string[]): Promise<unknown> {
  const socket = { host: "127.0.0.1", port, reconnectStrategy: 20 };
  const client = createClient({ socket }).on("error", () => {}); // until it listens
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

async function untilInfo(port: number, line: string): Promise<void> {
  while (!String(await ask(port, ["CLUSTER", "INFO"])).includes(line));
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL"); // also ends a stopped process
  await ended;
}

/** Ports that nothing listens on; they are free again when this resolves. */
async function findPorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen()));
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
