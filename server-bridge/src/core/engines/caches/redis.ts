/**
 * Texts in Redis or Valkey, through `redis`: one server, a Cluster, or a client that the user passes (also a Sentinel or
 * a pool of that package). Compare-and-swap is a script that the server runs as one step.
 */

import { messageOf, SessionError } from "../../errors.ts";
import type { EngineContext, UpdateResult } from "../engine.ts";
import type { Cache, Entry } from "./cache.ts";
import { type OwnClient, openCluster, openServer } from "./redis-client.ts";
import { INSPECT, PUT, type Script, SWAP } from "./redis-scripts.ts";

/** What is used of a client of the package `redis`, connected, so that the user's own fits. */
export interface RedisClient {
  get(name: string): Promise<unknown>;
  del(name: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

const UPDATED: readonly UpdateResult[] = ["gone", "conflict", "saved"];
// A century: what Redis counts in milliseconds without overflow, and longer than any session.
const LONGEST_MS = 100 * 366 * 86_400_000;

/**
 * A cache in Redis.
 *
 * @param target `redis://user:password@host:6379/0`, a list of such addresses for a Cluster, or a client that stays the
 *   user's to connect and to end
 */
export function redis(target: string | readonly string[] | RedisClient): Cache {
  let client: RedisClient | null = null;
  let own: OwnClient | null = null;

  async function ask<Answer>(question: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    if (client === null) throw new SessionError("engine", "Redis was asked before the engine was started.");
    try {
      await own?.ready();
      return await question(client);
    } catch (cause) {
      const remedy =
        "Check that the server runs, that the address is right, and that a client of your own is connected.";
      throw new SessionError("engine", `Redis did not answer; \`cause\` says why. ${remedy}`, { cause });
    }
  }

  function run(script: Script, name: string, ...values: string[]): Promise<unknown> {
    const options = { keys: [name], arguments: values };
    return ask(async (client) => {
      try {
        return await client.evalSha(script.sha, options);
      } catch (error) {
        // The server was restarted, or is another node of the Cluster: it learns the script by this.
        if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
        return await client.eval(script.text, options);
      }
    });
  }

  return {
    vendor: "redis",
    start(context: EngineContext) {
      own = typeof target === "string" ? openServer(target, context.log) : null;
      if (isList(target)) own = openCluster(target, context.log);
      client = own === null ? readClient(target) : own.client;
    },
    async get(name): Promise<Entry | null> {
      const text = await ask((client) => client.get(name));
      return text === null || text === undefined ? null : { text: String(text), expiresAtMs: null };
    },
    async inspect(name) {
      const answer = await run(INSPECT, name);
      if (!Array.isArray(answer)) return null;
      const [text, ends] = answer;
      return { text: String(text), expiresAtMs: Number(ends) < 0 ? null : Number(ends) };
    },
    async add(name, text, timeoutSeconds) {
      return Number(await run(PUT, name, text, toMilliseconds(timeoutSeconds), "add")) === 1;
    },
    async swap(name, text, timeoutSeconds, expected) {
      const compare = expected === null ? ["any", ""] : ["exactly", expected];
      const answer = Number(await run(SWAP, name, text, toMilliseconds(timeoutSeconds), ...compare));
      return UPDATED[answer] ?? "gone";
    },
    async set(name, text, timeoutSeconds) {
      await run(PUT, name, text, toMilliseconds(timeoutSeconds), "set");
    },
    async delete(name) {
      await ask((client) => client.del(name));
    },
    async close() {
      const closing = own;
      own = null;
      client = null;
      await closing?.end();
    },
  };
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
  if (fits) return target as RedisClient; // its methods were checked just now
  throw new SessionError(
    "settings",
    "redis() takes an address, a list of addresses, or a client of the package redis. Pass createClient(…) or createCluster(…).",
  );
}

/** Whole milliseconds, rounded up so that a fraction of one still lives; `0` for what must not be stored. */
function toMilliseconds(seconds: number): string {
  if (!(seconds > 0)) return "0";
  return String(Math.min(Math.ceil(seconds * 1000), LONGEST_MS));
}
