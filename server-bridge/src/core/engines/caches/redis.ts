/**
 * Strings in Redis or Valkey, through `redis`: one server, a Cluster, or a client that the user passes (also a Sentinel
 * or a pool of that package). Compare-and-swap is a script that the server runs as one step.
 */

import { messageOf, SessionError } from "../../errors.ts";
import type { EngineContext, UpdateResult } from "../engine.ts";
import type { Cache, Entry } from "./cache.ts";
import { type OwnClient, openCluster, openServer, type RedisClient } from "./redis-client.ts";
import { INSPECT, PUT, type Script, SWAP } from "./redis-scripts.ts";

const UPDATED: readonly UpdateResult[] = ["gone", "conflict", "saved"];
// A century: as many milliseconds as Redis can count without overflow, and longer than any session.
const LONGEST_MS = 100 * 366 * 86_400_000;

/**
 * A cache in Redis.
 *
 * @param target `redis://user:password@host:6379/0`, a list of such addresses for a Cluster, or your own client, which
 * you connect and close yourself
 */
export function redis(target: string | readonly string[] | RedisClient): Cache {
  return new RedisCache(target);
}

class RedisCache implements Cache {
  readonly vendor = "redis";
  readonly #target: string | readonly string[] | RedisClient;
  #client: RedisClient | null = null;
  #own: OwnClient | null = null;

  constructor(target: string | readonly string[] | RedisClient) {
    this.#target = target;
  }

  start({ log }: EngineContext): void {
    const target = this.#target;
    this.#own = typeof target === "string" ? openServer(target, log) : null;
    if (isList(target)) this.#own = openCluster(target, log);
    this.#client = this.#own === null ? readClient(target) : this.#own.client;
  }

  async get(name: string): Promise<Entry | null> {
    const text = await this.#ask((client) => client.get(name));
    return text === null || text === undefined ? null : { text: String(text), expiresAtMs: null };
  }

  async inspect(name: string): Promise<Entry | null> {
    const answer = await this.#run(INSPECT, name);
    if (!Array.isArray(answer)) return null;
    const [text, ends] = answer;
    return { text: String(text), expiresAtMs: Number(ends) < 0 ? null : Number(ends) };
  }

  async add(name: string, text: string, timeoutSeconds: number): Promise<boolean> {
    return Number(await this.#run(PUT, name, text, toMilliseconds(timeoutSeconds), "add")) === 1;
  }

  async swap(
    name: string,
    text: string,
    timeoutSeconds: number,
    expected: string | null,
  ): Promise<UpdateResult> {
    const compare = expected === null ? ["any", ""] : ["exactly", expected];
    const answer = Number(await this.#run(SWAP, name, text, toMilliseconds(timeoutSeconds), ...compare));
    return UPDATED[answer] ?? "gone";
  }

  async set(name: string, text: string, timeoutSeconds: number): Promise<void> {
    await this.#run(PUT, name, text, toMilliseconds(timeoutSeconds), "set");
  }

  async delete(name: string): Promise<void> {
    await this.#ask((client) => client.del(name));
  }

  async close(): Promise<void> {
    const own = this.#own;
    this.#own = null;
    this.#client = null;
    await own?.end();
  }

  async #ask<Answer>(question: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    const client = this.#client;
    if (client === null) throw new SessionError("engine", "Redis was used before the engine was started.");
    try {
      await this.#own?.ready();
      return await question(client);
    } catch (cause) {
      const remedy =
        "Check that the server is running, that the address is right, and that your own client, if you pass one, is connected.";
      throw new SessionError("engine", `Redis did not answer; \`cause\` says why. ${remedy}`, { cause });
    }
  }

  #run(script: Script, name: string, ...values: string[]): Promise<unknown> {
    const options = { keys: [name], arguments: values };
    return this.#ask(async (client) => {
      try {
        return await client.evalSha(script.sha, options);
      } catch (error) {
        // The server was restarted, or is another node of the Cluster: this makes it cache the script.
        if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
        return await client.eval(script.text, options);
      }
    });
  }
}

function isList(target: unknown): target is readonly string[] {
  return Array.isArray(target);
}

function readClient(target: unknown): RedisClient {
  const methods = ["get", "del", "eval", "evalSha"];
  const fits =
    typeof target === "object" &&
    target !== null &&
    methods.every((method) => typeof Reflect.get(target, method) === "function");
  if (fits) return target as RedisClient; // its methods were just checked
  throw new SessionError(
    "settings",
    "redis() takes an address, a list of addresses, or a client of the package redis. Pass createClient(…) or createCluster(…).",
  );
}

/** Whole milliseconds, rounded up so that a fraction of one still counts; `0` for what must not be stored. */
function toMilliseconds(seconds: number): string {
  if (!(seconds > 0)) return "0";
  return String(Math.min(Math.ceil(seconds * 1000), LONGEST_MS));
}
