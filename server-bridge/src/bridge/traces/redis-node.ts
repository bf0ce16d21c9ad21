/**
 * A connection to the Redis node that has the log's keys: the only server, or the master of their slot in a Cluster,
 * wherever that moves. A command that is not answered in time is given up together with its connection, so that nothing
 * keeps waiting.
 */

import { loadDriver, parseAddress } from "../../core/engines/driver.ts";
import { SessionError } from "../../core/errors.ts";
import { readMove, readRefusal } from "./redis-refusals.ts";
import { within } from "./time-limit.ts";

/** One connection to Redis. */
export interface Link {
  /**
   * Sends a command and resolves to its answer; rejects with Redis's error answer, or if there is no answer.
   *
   * @param limitMs milliseconds after which it rejects
   */
  ask(command: string[], limitMs: number): Promise<unknown>;
  /** Closes what this library opened itself. What waits for an answer rejects. */
  end(): void;
}

/** The part of the driver's client that is used, according to its documentation. */
interface NodeClient {
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  sendCommand(command: string[]): Promise<unknown>;
}

/** A node that is connected or being connected. */
interface Node {
  readonly url: URL;
  readonly client: NodeClient;
  /** Resolves once it is connected. */
  readonly ready: Promise<void>;
}

const EXAMPLE = "redis://user:password@host:6379/0";
const MAX_HOPS = 5;
/** Nodes of a Cluster that are remembered. */
const MAX_NODES = 50;
/** After a failure every command fails at once for so long, in milliseconds, instead of trying to connect. */
const REST_MS = 500;
/** How long a connection that was replaced may finish its commands, in milliseconds. */
const RETIRE_MS = 2000;

/**
 * A link over its own connection, which is made at the first command.
 *
 * @param addresses one server, or some nodes of a Cluster; user, password and encryption of the first apply to every
 * node that the Cluster names
 * @throws SessionError("settings") if there is no address, one has another form, or the package redis is missing
 */
export function openNode(addresses: readonly string[]): Link {
  const driver = loadDriver("redis", "redisLog('redis://…')") as {
    createClient(options: object): NodeClient; // the documentation describes its shape
  };
  return new NodeLink(addresses.map(parseNode), (url) =>
    driver.createClient({
      url: url.href,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false },
      commandOptions: { timeout: undefined }, // each command has a limit here; the driver's own costs an AbortSignal for each
    }),
  );
}

/** Valkey's own schemes are Redis's under another name. */
function parseNode(address: string): URL {
  const url = String(address).replace(/^valkey(s?):/i, (_, s) => `redis${s}:`);
  return parseAddress(url, ["redis:", "rediss:"], EXAMPLE);
}

class NodeLink implements Link {
  readonly #create: (url: URL) => NodeClient;
  readonly #first: URL;
  /** The one to connect to next comes first. */
  #urls: URL[];
  #node: Node | null = null;
  #failure: { error: unknown; untilMs: number } | null = null;
  #ended = false;

  constructor(urls: URL[], create: (url: URL) => NodeClient) {
    const [first] = urls;
    if (first === undefined) {
      throw new SessionError(
        "settings",
        `redisLog was given an empty list. Pass an address, such as ${EXAMPLE}.`,
      );
    }
    this.#first = first;
    this.#urls = urls;
    this.#create = create;
  }

  ask(command: string[], limitMs: number): Promise<unknown> {
    return within(limitMs, this.#follow(command), (error) => {
      if (this.#node !== null) this.#giveUp(this.#node, error);
    });
  }

  end(): void {
    this.#ended = true;
    this.#node?.client.destroy();
    this.#node = null;
  }

  /** Sends the command to the node that has the keys, as the Cluster's answers say. */
  async #follow(command: string[]): Promise<unknown> {
    for (let tries = 0; ; tries += 1) {
      if (this.#ended) throw new SessionError("engine", "The trace log was closed.");
      if (this.#failure !== null && performance.now() < this.#failure.untilMs) throw this.#failure.error;
      const node = this.#open();
      let isSent = false;
      try {
        await node.ready;
        isSent = true;
        return await node.client.sendCommand(command);
      } catch (error) {
        const move = readMove(error);
        if (move !== null && tries < MAX_HOPS) {
          this.#move(node, this.#urlOf(move.host === "" ? node.url.hostname : move.host, move.port));
          continue;
        }
        if (readRefusal(error) !== null && isSent) throw error;
        this.#giveUp(node, error);
        if (isSent || tries >= this.#urls.length - 1) throw error;
        this.#failure = null; // the next node may be there
      }
    }
  }

  #open(): Node {
    if (this.#node !== null) return this.#node;
    const url = this.#urls[0] ?? this.#first;
    const client = this.#create(url);
    const ready = client.connect().then(() => this.#learnNodes(client));
    const node: Node = { url, client, ready };
    ready.catch(() => {}); // the commands that wait for it receive the error
    client.on("error", (error) => this.#giveUp(node, error)); // without a listener it would end the process
    this.#node = node;
    return node;
  }

  /** A Cluster names all its nodes, in case the one that has the keys goes away. Any other server refuses. */
  async #learnNodes(client: NodeClient): Promise<void> {
    const slots: unknown = await client.sendCommand(["CLUSTER", "SLOTS"]).catch((error: unknown) => {
      if (readRefusal(error) === null) throw error;
      return [];
    });
    if (!Array.isArray(slots)) return;
    for (const [, , ...nodes] of slots.filter(Array.isArray)) {
      for (const [host, port] of nodes.filter(Array.isArray)) {
        if (typeof host === "string" && host !== "") this.#add(this.#urlOf(host, String(port)));
      }
    }
  }

  #add(url: URL): void {
    const isKnown = this.#urls.some(({ host }) => host === url.host);
    if (!isKnown && this.#urls.length < MAX_NODES) this.#urls.push(url);
  }

  /** The next commands go to this node. What was sent to the previous one may still be answered. */
  #move(from: Node, url: URL): void {
    if (this.#node !== from) return; // another command has moved it already
    this.#node = null;
    this.#urls = [url, ...this.#urls.filter(({ host }) => host !== url.host)].slice(0, MAX_NODES);
    const { client } = from;
    within(RETIRE_MS, client.close()).catch(() => client.destroy());
  }

  /** The next command tries the next node. */
  #giveUp(node: Node, error: unknown): void {
    if (this.#node !== node) return;
    this.#node = null;
    node.client.destroy();
    this.#urls.push(...this.#urls.splice(0, 1));
    this.#failure = { error, untilMs: performance.now() + REST_MS };
  }

  /** A node of the same Cluster, with the same user, password and encryption. */
  #urlOf(host: string, port: string): URL {
    const url = new URL(this.#first);
    url.hostname = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
    url.port = port;
    url.pathname = ""; // a Cluster has one database
    return url;
  }
}
