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
import { PING_NAMES, pingCluster, pingServer, runOn } from "./redis-calls.ts";
import { type OwnClient, openCluster, openServer, type RedisClient } from "./redis-client.ts";
import { createRedisCopies } from "./redis-copies.ts";
import { mastersOf } from "./redis-masters.ts";
import { indexNeeds, type Needs, readRefusal, sessionNeeds } from "./redis-permissions.ts";
import { INSPECT, PUT, type Script, SWAP, TRY } from "./redis-scripts.ts";
import { TRY_USERS } from "./redis-user-scripts.ts";
import { indexPrefix, type Master, type RedisAccess, RedisUsers } from "./redis-users.ts";

/** Replies of a server that loads its data, has lost its master, is a replica now, or runs a script that does not end. */
const OUTAGES = new Set(["LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "TRYAGAIN", "BUSY"]);
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
  readonly #needs = sessionNeeds();
  readonly #indexNeeds = indexNeeds();
  #log: Log = () => {};
  #clock: Clock = Date.now;
  #touchAfterMs = 0;
  #isShared = false;

  constructor(target: RedisTarget) {
    this.#target = target;
  }

  get isDown(): boolean {
    return this.#guard?.isDown === true;
  }

  start({ clock, log, settings, users }: EngineContext, isCopy = false): void {
    const [target, limitMs] = [this.#target, settings.storeTimeout * 1000];
    this.#log = log;
    this.#clock = clock;
    this.#touchAfterMs = settings.touchAfter * 1000;
    this.#isShared = users?.isExclusive === false;
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

  createUsers(nameOf: (key: string) => string): RedisUsers {
    this.#indexNeeds.start = indexPrefix(nameOf);
    return new RedisUsers(this.#access(), nameOf);
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
    await this.#tryIndexAgain();
    const refusal = this.#needs.refusal ?? this.#indexNeeds.refusal;
    return refusal ? { ...health, ok: false, reason: refusal.reason } : health;
  }

  /** The user may have been allowed more since a refusal, and then no request may come that notices. */
  async #askAgain(): Promise<void> {
    const { refusal } = this.#needs;
    const name = refusal === undefined ? PING_NAMES[0] : refusal?.name;
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
      if (isName && name === PING_NAMES[0]) this.#needs.refusal = null;
    }
  }

  async #tryIndexAgain(): Promise<void> {
    const { refusal } = this.#indexNeeds;
    if (!refusal) return;
    const tries = this.#runFor(this.#indexNeeds, TRY_USERS, `${refusal.name}:probe`);
    await tries.catch(() => {}); // the refusal is still known
  }

  async close(): Promise<void> {
    const own = this.#lease;
    this.#lease = null;
    await this.#guard?.close();
    await own?.release();
  }

  async #ask<Answer>(
    name: string,
    question: (client: RedisClient) => Promise<Answer>,
    needs = this.#needs,
  ): Promise<Answer> {
    try {
      return await this.#use().run((call) => this.#askNow(call, question));
    } catch (cause) {
      if (cause instanceof SessionError) throw cause;
      const refusal = readRefusal(cause, needs);
      if (refusal !== null) throw this.#refuse(needs, refusal, name);
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
  #refuse(needs: Needs, reason: string, name: string): SessionError {
    if (needs.refusal?.reason !== reason) this.#log(reason);
    needs.refusal = { reason, name };
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
    return this.#runFor(this.#needs, script, name, ...values);
  }

  #runFor(needs: Needs, script: Script, name: string, ...values: string[]): Promise<unknown> {
    const options = { keys: [name], arguments: values };
    const run = async (client: RedisClient) => {
      const answer = await runOn(client, script, options);
      needs.refusal = null;
      return answer;
    };
    return this.#ask(name, run, needs);
  }

  /** What the index of users may use. */
  #access(): RedisAccess {
    const needs = this.#indexNeeds;
    return {
      clock: () => this.#clock(),
      touchAfterMs: () => this.#touchAfterMs,
      isShared: () => this.#isShared,
      inspect: (name) => this.inspect(name),
      run: (script, name, ...values) => this.#runFor(needs, script, name, ...values),
      masters: () => this.#masters(needs),
    };
  }

  async #masters(needs: Needs): Promise<{ masters: readonly Master[]; isCluster: boolean }> {
    const name = needs.start ?? "";
    const { clients, isCluster } = await this.#ask(name, mastersOf, needs);
    const masters = clients.map((client): Master => {
      const run = (script: Script, values: string[]) =>
        runOn(client, script, { keys: [], arguments: values });
      return (script, ...values) => this.#ask(name, () => run(script, values), needs);
    });
    return { masters, isCluster };
  }
}

/** The server's own errors begin with a word in capitals. Those named here say that it cannot serve anyone now. */
function isOutage(error: unknown): boolean {
  if (error instanceof TypeError) return false;
  const word = /^[A-Z][A-Z0-9_]{2,} /.exec(messageOf(error))?.[0].trim();
  return word === undefined || OUTAGES.has(word);
}

function isClusterClient(target: unknown): boolean {
  if (isList(target)) return true;
  return typeof target === "object" && target !== null && ("masters" in target || isIoredisCluster(target));
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
