/**
 * Strings in Redis or Valkey, through `redis`: one server, a Cluster, or a client that the user passes (also a Sentinel
 * or a pool of that package), or through a duplicate of the user's client of `ioredis`. Compare-and-swap is a script
 * that the server runs as one step.
 */

import { messageOf, SessionError } from "../../errors.ts";
import type { Clock, Log } from "../../runtime.ts";
import type { EngineContext, StoreHealth, UpdateResult } from "../engine.ts";
import { type Lease, lease, numberOf } from "../shared-connections.ts";
import { type GuardedCall, givenUp, StoreGuard } from "../store-guard.ts";
import type { Cache, Entry } from "./cache.ts";
import { type IoredisClient, isIoredis, isIoredisCluster, openIoredis } from "./ioredis-client.ts";
import { type OwnClient, openCluster, openServer, type RedisClient } from "./redis-client.ts";
import { createRedisCopies } from "./redis-copies.ts";
import { readRefusal } from "./redis-permissions.ts";
import { INSPECT, PUT, type Script, SWAP, TRY } from "./redis-scripts.ts";

/** Replies of a server that loads its data, has lost its master, is a replica now, or runs a script that does not end. */
const OUTAGES = new Set(["LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "TRYAGAIN", "BUSY"]);
/** Names in the first, second and last third of a Cluster's slots. */
const PING_NAMES = ["session-bridge:ping:d", "session-bridge:ping:a", "session-bridge:ping:b"] as const;

const UPDATED: readonly UpdateResult[] = ["gone", "conflict", "saved"];
/** What a division by a thousand, and its reverse, may add to whole milliseconds. */
const ROUNDING_MS = 1e-4;
// A century: as many milliseconds as Redis can count without overflow, and longer than any session.
const LONGEST_MS = 100 * 366 * 86_400_000;

type RedisTarget = string | readonly string[] | RedisClient | IoredisClient;

/**
 * A cache in Redis.
 *
 * @param target `redis://user:password@host:6379/0`, a list of such addresses for a Cluster, or your own client of the
 * package `redis`, which you connect and close yourself. Of a client of `ioredis` only the options are used: this
 * library opens a separate connection with them, and closes it with `sessions.close()`
 */
export function redis(target: RedisTarget): Cache {
  return new RedisCache(target);
}

class RedisCache implements Cache {
  readonly vendor = "redis";
  /** The steps of a cached database. */
  readonly copies = createRedisCopies((script, name, ...values) => this.#run(script, name, ...values));
  readonly #target: RedisTarget;
  #client: RedisClient | null = null;
  #lease: Lease<OwnClient> | null = null;
  #guard: StoreGuard | null = null;
  /** In a Cluster a single node may be silent: its client is replaced, because the others' answers hide the outage. */
  #drop: (() => void) | null = null;
  /**
   * What the user of this connection may not do, and the entry of which that was said; null: scripts work. Undefined: no
   * script has run yet.
   */
  #refusal: { readonly reason: string; readonly name: string } | null | undefined;
  #log: Log = () => {};
  #clock: Clock = Date.now;

  constructor(target: RedisTarget) {
    this.#target = target;
  }

  get isDown(): boolean {
    return this.#guard?.isDown === true;
  }

  start({ clock, log, settings }: EngineContext, isCopy = false): void {
    const [target, limitMs] = [this.#target, settings.storeTimeout * 1000];
    this.#log = log;
    this.#clock = clock;
    if (typeof target === "string") {
      this.#lease = lease(["redis", target, limitMs], this, openServer(target, limitMs));
    } else if (isList(target)) {
      this.#lease = lease(["redis-cluster", target, limitMs], this, openCluster(target, limitMs));
      const { resource } = this.#lease;
      this.#drop = () => resource.renew();
    } else if (typeof target === "object" && target !== null && isIoredis(target)) {
      this.#lease = lease(["ioredis", numberOf(target), limitMs], this, openIoredis(target, limitMs));
      const { resource } = this.#lease;
      if (isIoredisCluster(target)) this.#drop = () => resource.renew();
    } else {
      this.#client = readClient(target);
    }
    this.#guard = new StoreGuard({
      name: "Redis",
      limitMs,
      log,
      ping: (call) => this.#ping(call),
      waitsForPing: !isCopy,
      isOutage,
    });
  }

  /** Called by the shared client when its connection fails. */
  onTrouble(error: unknown): void {
    this.#guard?.suspect(error);
  }

  async get(name: string): Promise<Entry | null> {
    const text = await this.#ask(name, (client) => client.get(name));
    return text === null || text === undefined ? null : { text: String(text), expiresAtMs: null };
  }

  async inspect(name: string): Promise<Entry | null> {
    const askedAtMs = this.#clock(); // and not answered: an end that is stored again must not move with each answer's way
    const answer = await this.#run(INSPECT, name);
    if (!Array.isArray(answer)) return null;
    const [text, left] = answer;
    // by this process's clock, because it is compared with that: the server's may show another time
    return { text: String(text), expiresAtMs: Number(left) < 0 ? null : askedAtMs + Number(left) };
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
    await this.#ask(name, (client) => client.del(name));
  }

  async health(): Promise<StoreHealth> {
    const health = await this.#use().check();
    if (!health.ok) return health;
    await this.#askAgain();
    return this.#refusal ? { ...health, ok: false, reason: this.#refusal.reason } : health;
  }

  /** The user may have been allowed more since a refusal, and then no request may come that notices. */
  async #askAgain(): Promise<void> {
    const name = this.#refusal === undefined ? PING_NAMES[0] : this.#refusal?.name;
    if (name === undefined) return;
    try {
      if (name === PING_NAMES[0]) {
        await this.#run(INSPECT, name);
        return;
      }
      const probe = name.replace(/(:probe)?$/, ":probe");
      await this.get(probe);
      await this.delete(probe);
      await this.#run(TRY, probe);
    } catch (error) {
      // the name may be outside the user's keys; then the command itself is allowed
      const isName = messageOf(Reflect.get(Object(error), "cause")).startsWith("NOPERM ");
      if (isName && name === PING_NAMES[0]) this.#refusal = null;
    }
  }

  async close(): Promise<void> {
    const own = this.#lease;
    this.#lease = null;
    await this.#guard?.close();
    await own?.release();
  }

  async #ask<Answer>(name: string, question: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#use().run((call) => this.#askNow(call, question));
    } catch (cause) {
      if (cause instanceof SessionError) throw cause;
      const refusal = readRefusal(cause);
      if (refusal !== null) throw this.#refuse(refusal, name);
      if (messageOf(cause).startsWith("READONLY")) this.#lease?.resource.renew(); // the name may stand for another server now
      const remedy =
        "Check that the server is running, that the address is right, and that your own client, if you pass one, is connected.";
      throw new SessionError(
        isOutage(cause) ? "unavailable" : "engine",
        `Redis did not answer; \`cause\` says why. ${remedy}`,
        { cause },
      );
    }
  }

  /** Logged once. The driver's error is left out, because it may quote a session's key. */
  #refuse(reason: string, name: string): SessionError {
    if (this.#refusal?.reason !== reason) this.#log(reason);
    this.#refusal = { reason, name };
    return new SessionError("engine", reason);
  }

  #askNow<Answer>(call: GuardedCall, question: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    call.drop = this.#drop;
    const client = this.#client ?? this.#lease?.resource.connected ?? null;
    return client === null ? this.#connectAndAsk(call, question) : question(client);
  }

  async #connectAndAsk<Answer>(
    call: GuardedCall,
    question: (client: RedisClient) => Promise<Answer>,
  ): Promise<Answer> {
    const own = this.#lease;
    if (own === null) throw new SessionError("engine", "Redis was closed.");
    const client = await own.resource.ready();
    if (call.over) throw givenUp();
    return question(client);
  }

  #ping(call: GuardedCall): Promise<unknown> {
    const answer = this.#askNow(call, isClusterClient(this.#target) ? pingCluster : pingServer);
    call.drop = () => this.#lease?.resource.renew();
    return answer;
  }

  #use(): StoreGuard {
    if (this.#guard === null)
      throw new SessionError("engine", "Redis was used before the engine was started.");
    return this.#guard;
  }

  #run(script: Script, name: string, ...values: string[]): Promise<unknown> {
    const options = { keys: [name], arguments: values };
    return this.#ask(name, async (client) => {
      const answer = await runOn(client, script, options);
      this.#refusal = null;
      return answer;
    });
  }
}

async function runOn(
  client: RedisClient,
  script: Script,
  options: { keys: string[]; arguments: string[] },
): Promise<unknown> {
  try {
    return await client.evalSha(script.sha, options);
  } catch (error) {
    // The server was restarted, or is another node of the Cluster: this makes it cache the script.
    if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
    return await client.eval(script.text, options);
  }
}

/** A user who may not PING gets a refusal, which is an answer too. */
async function pingServer(client: RedisClient): Promise<unknown> {
  const ping: unknown = Reflect.get(client, "ping");
  try {
    return await (typeof ping === "function" ? ping.call(client) : client.get(PING_NAMES[0]));
  } catch (error) {
    if (!messageOf(error).startsWith("NOPERM")) throw error;
    return null;
  }
}

/** A Cluster is up if any of its nodes answers: these names belong to different parts of it. */
async function pingCluster(client: RedisClient): Promise<unknown> {
  try {
    return await Promise.any(PING_NAMES.map((name) => client.get(name)));
  } catch (error) {
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    if (!messageOf(first).startsWith("NOPERM")) throw first;
    return null;
  }
}

function isClusterClient(target: unknown): boolean {
  if (isList(target)) return true;
  return typeof target === "object" && target !== null && ("masters" in target || isIoredisCluster(target));
}

/** The server's own errors begin with a word in capitals. Those named here say that it cannot serve anyone now. */
function isOutage(error: unknown): boolean {
  if (error instanceof TypeError) return false;
  const word = /^[A-Z][A-Z0-9_]{2,} /.exec(messageOf(error))?.[0].trim();
  return word === undefined || OUTAGES.has(word);
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
    "redis() takes an address, a list of addresses, or a client of the package redis or ioredis. Pass createClient(…), createCluster(…) or new Redis(…).",
  );
}

/** Whole milliseconds, rounded up so that a fraction of one still counts; `0` for what must not be stored. */
function toMilliseconds(seconds: number): string {
  if (!(seconds > 0)) return "0";
  const ms = Math.ceil(seconds * 1000 - ROUNDING_MS);
  return String(Math.min(Math.max(1, ms), LONGEST_MS));
}
