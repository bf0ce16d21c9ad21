/** Two servers with one cached database, and a Redis that can come back older, for tests of outages. */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "redis";
import { expect } from "vitest";
import { cachedDatabase } from "../../../server-bridge/src/core/engines/cached-database.ts";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createSessions, type Sessions } from "../../../server-bridge/src/core/sessions.ts";
import type { RedisServer } from "./redis-server.ts";

const secretKey = "a secret";
/** The expiry of a session that outlives its test. */
export const LATER = { ageSeconds: 3600, expiresAtMs: Date.now() + 3_600_000 };
const PATIENT = { timeout: 30_000, interval: 100 };

let count = 0;
/** A key that no test has used. */
export const newKey = () =>
  `outage${String(++count).padStart(6, "0")}${Math.random().toString(36).slice(2, 10)}`;

/** A Redis whose data can be put back to an earlier state. */
export class OldRedis {
  readonly server: RedisServer;
  #folder = "";

  constructor(server: RedisServer) {
    this.server = server;
  }

  /** Remembers what is on its disk now. */
  async remember(): Promise<void> {
    const client = await createClient({ url: this.server.address }).connect();
    this.#folder = String((await client.configGet("dir"))["dir"]);
    client.destroy();
    await rm(join(this.#folder, "remembered"), { recursive: true, force: true });
    await cp(join(this.#folder, "appendonlydir"), join(this.#folder, "remembered"), { recursive: true });
  }

  /** Kills it and starts it with what it had then. */
  async comeBackOld(): Promise<void> {
    await this.server.kill();
    await rm(join(this.#folder, "appendonlydir"), { recursive: true });
    await cp(join(this.#folder, "remembered"), join(this.#folder, "appendonlydir"), { recursive: true });
    await this.server.restart();
  }
}

/** Two servers with the same stores. */
export class Pair {
  readonly lines: string[] = [];
  readonly sessions: readonly [Sessions, Sessions];

  constructor(cache: string, rows: string) {
    const open = () =>
      createSessions({
        secretKey,
        engine: cachedDatabase(cache, rows),
        log: (line) => this.lines.push(line),
      });
    this.sessions = [open(), open()];
  }

  get engines(): readonly [Engine, Engine] {
    return [this.sessions[0].engine, this.sessions[1].engine];
  }

  /** What each server reads; retried while a store does not answer. */
  async read(key: string): Promise<(string | null)[]> {
    const texts: (string | null)[] = [];
    for (const engine of this.engines) {
      await expect
        .poll(async () => {
          const found = await engine.load(key).catch(() => undefined);
          if (found !== undefined) texts.push(found === null || found === "expired" ? null : found.text);
          return found !== undefined;
        }, PATIENT)
        .toBe(true);
    }
    return texts;
  }

  /** Resolves when both servers read copies. */
  async trusted(): Promise<void> {
    const key = newKey();
    await this.engines[0].create(key, "copied", LATER);
    for (const engine of this.engines) {
      await expect.poll(() => engine.load(key), PATIENT).toEqual({ text: "copied", expiresAtMs: null });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map((each) => each.close()));
  }
}
